//! Servers whose clocks are minutes apart: streams are in order, turns stay where they are, nothing is done twice.

use super::hook::Hook;
use super::load::{Load, until};
use super::nodes::Cluster;
use super::{ALL, SOME, WORKS, done_once, plan};

/// The one whose clock is behind.
const LATE: usize = 2;

async fn holders(cluster: &Cluster) -> Vec<Option<String>> {
    let mut found = Vec::new();
    for work in WORKS {
        found.push(cluster.holder(work).await);
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_are_minutes_apart() {
    let cluster = Cluster::with_clocks(["+0", "+5m", "-5m"]).await;
    let hook = Hook::new();
    let webhook = hook.open(cluster.here(), "*").await;
    cluster.client(0).post("/api/v2/webhooks", &webhook).await.expect(200);
    let skewed = async |node: usize| {
        let text = cluster.client(node).get("/metrics").await.expect(200).text;
        let skew = text.lines().find_map(|line| line.strip_prefix("wigwag_clock_skew_seconds ")).unwrap().to_owned();
        skew.parse::<f64>().unwrap().abs() > 200.0
    };
    until("they know that their clocks are off", async || skewed(1).await && skewed(LATE).await).await;

    let load = Load::begin(&cluster).await;
    until("all turns are taken", async || holders(&cluster).await.iter().all(Option::is_some)).await;
    let before = holders(&cluster).await;
    let ends = async || cluster.leases().await.iter().map(|lease| lease.until).collect::<Vec<_>>();
    let first = ends().await;
    // Twice as long as a turn lasts: whoever went by a clock of its own would have taken it.
    until("turns were renewed for a while", async || {
        ends().await.iter().zip(&first).all(|(now, first)| *now > first + 30_000)
    })
    .await;
    assert_eq!(holders(&cluster).await, before);
    load.goes_on(&ALL, SOME).await;
    load.check().await;

    let seat = cluster.seat().await;
    let deliveries = async || seat.deliveries().await.unwrap();
    until("everything was delivered", async || !deliveries().await.iter().any(|one| one.owed)).await;
    let deliveries = deliveries().await;
    assert!(deliveries.iter().all(|one| one.made && one.tries == 1), "{deliveries:?}");
    let (counts, made) = (hook.counts(), deliveries.len());
    assert!(counts.len() == made && made > SOME && counts.iter().all(|n| *n == 1), "{made}: {counts:?}");

    // By the clock of the late one, what is planned would be due in five minutes: another is to have the turn.
    let streams = "/api/v2/projects/default/environments/test/streams";
    let late = cluster.client(LATE).get(streams).await.expect(200).json()["node"].as_str().unwrap().to_owned();
    cluster.kill(LATE);
    until("the turn has moved", async || cluster.holder("due").await.is_some_and(|holder| holder != late)).await;
    cluster.restart(LATE);
    for n in 0..2 {
        plan(&cluster, n).await;
    }
    for n in 0..2 {
        done_once(&cluster, 0, n).await;
    }
}
