//! A server that is cut off from the database, or from its clients, without a word to anybody: half-open connections
//! on all sides.

use std::time::Duration;

use wigwag_testkit::{Client, flag};

use super::load::{Load, until};
use super::nodes::Cluster;
use super::{ALL, SOME, WORKS};

/// One is cut off from the database, then reaches it slowly.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_to_the_database_is_cut() {
    let cluster = Cluster::start().await;
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;
    let found = cluster.client(1).get("/api/v2/projects/default/environments/test").await.expect(200).json();
    let sdk = cluster.client(1).with_token(found["apiKey"].as_str().unwrap());
    cluster.cut_from_database(1);
    load.goes_on(&[0, 2], SOME).await;
    let post = cluster.client(1).request("POST", "/api/v2/flags/default").json(flag("refused").body());
    let refused = Client::try_send(post.timeout(Duration::from_secs(40))).await.unwrap().expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    sdk.get("/sdk/latest-all").await.expect(200);
    cluster.mend(1);
    load.goes_on(&ALL, SOME).await;
    cluster.slow_to_database(2);
    load.goes_on(&ALL, SOME).await;
    cluster.mend(2);
    load.check().await;
}

/// One is cut off from its clients, while it goes on with the database and its work: streams of the others move on, and
/// its own have everything once it can be reached.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_to_clients_is_cut() {
    let cluster = Cluster::start().await;
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;
    let holders = async || {
        let leases = cluster.leases().await;
        leases.into_iter().map(|lease| (lease.work, lease.holder)).collect::<Vec<_>>()
    };
    until("all turns are taken", async || holders().await.len() == WORKS.len()).await;
    let turns = holders().await;
    if !cluster.cut_from_clients(1) {
        crate::not_tested("a server that is cut off from its clients: no network namespaces here");
        return load.check().await;
    }
    load.goes_on(&[0, 2], SOME).await;
    let head = cluster.client(1).request("GET", "/health/live").timeout(Duration::from_secs(1));
    assert!(Client::try_send(head).await.is_err(), "it cannot be reached");
    assert_eq!(holders().await, turns, "whoever has a turn keeps it");
    cluster.mend(1);
    load.goes_on(&ALL, SOME).await;
    load.check().await;
}
