//! Servers whose clocks are minutes apart: streams are in order, turns stay where they are, nothing is done twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::http::HeaderMap;
use serde_json::json;
use wigwag_store::testing::Server;

use super::load::{Load, until};
use super::nodes::Cluster;
use super::{ALL, SOME, done_once, holder, plan};

const WORKS: [&str; 3] = ["deliveries", "due", "retention"];
/// The one whose clock is behind.
const LATE: usize = 2;

/// The receiver of a webhook: how often each delivery came.
#[derive(Clone, Default)]
struct Hook(Arc<Mutex<HashMap<String, usize>>>);

impl Hook {
    /// Where it is reached.
    async fn open(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let counts = Arc::clone(&self.0);
        let app = axum::Router::new().fallback(move |headers: HeaderMap| {
            let id = headers["x-wigwag-delivery"].to_str().unwrap().to_owned();
            *counts.lock().unwrap().entry(id).or_default() += 1;
            std::future::ready("")
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    fn counts(&self) -> Vec<usize> {
        self.0.lock().unwrap().values().copied().collect()
    }
}

async fn holders(cluster: &Cluster) -> Vec<Option<String>> {
    let mut found = Vec::new();
    for work in WORKS {
        found.push(holder(cluster, work).await);
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_are_minutes_apart() {
    let cluster = Cluster::with_clocks(Server::start(false).unwrap(), ["+0", "+5m", "-5m"]).await;
    let hook = Hook::default();
    let flags = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*:flag/*"]}]);
    let webhook = json!({"url": hook.open().await, "sign": false, "on": true, "statements": flags});
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
    let ends = async || {
        let rows = cluster.sql("SELECT until FROM leases ORDER BY work").await;
        rows.iter().map(|row| row.get::<_, i64>(0)).collect::<Vec<_>>()
    };
    let first = ends().await;
    // Twice as long as a turn lasts: whoever went by a clock of its own would have taken it.
    until("turns were renewed for a while", async || {
        ends().await.iter().zip(&first).all(|(now, first)| *now > first + 30_000)
    })
    .await;
    assert_eq!(holders(&cluster).await, before);
    load.goes_on(&ALL, SOME).await;
    load.check().await;

    let owed = async || cluster.sql("SELECT 1 FROM deliveries WHERE state = 0").await.len();
    until("everything was delivered", async || owed().await == 0).await;
    assert!(cluster.sql("SELECT 1 FROM deliveries WHERE state <> 1 OR tries <> 1").await.is_empty());
    let (counts, made) = (hook.counts(), cluster.sql("SELECT 1 FROM deliveries").await.len());
    assert!(counts.len() == made && made > SOME && counts.iter().all(|n| *n == 1), "{made}: {counts:?}");

    // By the clock of the late one, what is planned would be due in five minutes: another is to have the turn.
    let streams = "/api/v2/projects/default/environments/test/streams";
    let late = cluster.client(LATE).get(streams).await.expect(200).json()["node"].as_str().unwrap().to_owned();
    cluster.kill(LATE);
    until("the turn has moved", async || holder(&cluster, "due").await.is_some_and(|holder| holder != late)).await;
    cluster.restart(LATE);
    for n in 0..2 {
        plan(&cluster, n).await;
    }
    for n in 0..2 {
        done_once(&cluster, 0, n).await;
    }
}
