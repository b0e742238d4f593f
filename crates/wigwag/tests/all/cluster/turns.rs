//! Work that one server does for all goes on at another when that one is killed.

use serde_json::{Value, json};
use wigwag_outbound::RedisReply;
use wigwag_outbound::testing::RedisProcess;
use wigwag_testkit::{Client, flag};

use super::hook::Hook;
use super::load::{Load, until};
use super::nodes::{Cluster, NODES};
use super::{ALL, SOME};

/// The flag whose changes are told.
const TOLD: &str = "/api/v2/flags/default/told";

/// Whose turn a work is, by number; waits until it is somebody's.
async fn worker(cluster: &Cluster, work: &str) -> (usize, String) {
    let mut name = None;
    until("somebody has the turn", async || {
        name = cluster.holder(work).await;
        name.is_some()
    })
    .await;
    let name = name.expect("somebody has it");
    (cluster.node_named(&name).await, name)
}

/// Changes a flag at each of these servers so many times; waits until each has taken them.
async fn change(cluster: &Cluster, nodes: &[usize], times: usize) {
    for n in 0..times {
        for node in nodes {
            let patch = json!([{"op": "replace", "path": "/description", "value": format!("{n} at {node}")}]);
            until("it is changed", async || {
                let request = cluster.client(*node).request("PATCH", TOLD).json(&patch);
                Client::try_send(request).await.is_ok_and(|answer| answer.status == 200)
            })
            .await;
        }
    }
}

/// Webhooks: what the one that was killed was telling is told again, and everything else once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_go_on() {
    let cluster = Cluster::start().await;
    let hook = Hook::new();
    // Of a flag of its own, not of those under load: a receiver is told of one change after the other, and of the load
    // there is the more to tell the longer everything takes.
    cluster.client(0).post("/api/v2/flags/default", flag("told").body()).await.expect(201);
    let webhook = hook.open(cluster.here(), "told").await;
    cluster.client(0).post("/api/v2/webhooks", &webhook).await.expect(200);
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;
    change(&cluster, &ALL, SOME).await;
    until("it is delivered", async || hook.counts().len() >= NODES * SOME).await;

    let (killed, first) = worker(&cluster, "deliveries").await;
    let left: Vec<usize> = ALL.into_iter().filter(|node| *node != killed).collect();
    // In the midst of a delivery: it was received, and who made it will never know.
    hook.hold(true);
    let before = hook.counts().len();
    change(&cluster, &left[..1], 1).await;
    until("one is under way", async || hook.counts().len() > before).await;
    cluster.kill(killed);
    hook.hold(false);
    change(&cluster, &left, SOME).await;
    load.goes_on(&left, SOME).await;
    until("the turn has moved", async || cluster.holder("deliveries").await.is_some_and(|now| now != first)).await;
    cluster.restart(killed);
    change(&cluster, &ALL, SOME).await;
    load.goes_on(&ALL, SOME).await;
    load.check().await;

    let seat = cluster.seat().await;
    let deliveries = async || seat.deliveries().await.unwrap();
    until("everything was delivered", async || !deliveries().await.iter().any(|one| one.owed)).await;
    let (counts, made) = (hook.counts(), deliveries().await);
    assert!(made.iter().all(|one| one.made), "{made:?}");
    assert!(made.len() >= (2 * NODES + left.len()) * SOME, "all of it was to be told: {}", made.len());
    assert_eq!(counts.len(), made.len(), "none is lost");
    let twice = counts.iter().filter(|count| **count > 1).count();
    assert!(twice == 1 && counts.iter().all(|count| *count <= 2), "only what was under way came again: {counts:?}");
}

/// Persistent stores: one writes, all tell the same of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn persistent_stores_are_kept_up_to_date() {
    const SEGMENTS: &str = "/api/v2/segments/default/test";
    let cluster = Cluster::start().await;
    let redis = RedisProcess::start_at(cluster.here().into(), "").await;
    let config = json!({"host": redis.server.host, "port": redis.server.port});
    let stores = "/api/v2/integration-capabilities/big-segment-store/default/test/redis";
    let body = json!({"name": "R", "config": config, "on": true});
    let beta = |method: &str, node: usize, path: &str| {
        cluster.client(node).request(method, path).header("ld-api-version", "beta")
    };
    let made = Client::try_send(beta("POST", 0, stores).json(&body)).await.unwrap().expect(201).json();
    let path = made["_links"]["self"]["href"].as_str().unwrap();
    let big = json!({"key": "big", "name": "Big", "unbounded": true});
    cluster.client(1).post(SEGMENTS, &big).await.expect(201);
    let include = async |node: usize, key: &str| {
        let body = json!({"included": {"add": [key]}});
        cluster.client(node).post(&format!("{SEGMENTS}/big/contexts"), &body).await.expect(204);
    };
    let written = async |key: &str| {
        let hash = wigwag_api::read::revisions::hash(key);
        redis.set(&format!("launchdarkly:big_segment_include:{hash}")).await == ["big.g1"]
    };
    let status = async |node: usize| -> Value {
        Client::try_send(beta("GET", node, path)).await.unwrap().expect(200).json()["_status"].clone()
    };

    let (killed, first) = worker(&cluster, "persistent-stores").await;
    include((killed + 1) % NODES, "ann").await;
    until("it is written", async || written("ann").await).await;
    for node in ALL {
        until("all know", async || status(node).await["available"] == true).await;
    }
    assert_eq!(status(0).await["lastSync"], status(2).await["lastSync"]);

    cluster.kill(killed);
    let left = (killed + 1) % NODES;
    let then = status(left).await["lastSync"].clone();
    include(left, "bob").await;
    until("it is written by another", async || written("bob").await).await;
    let now = cluster.holder("persistent-stores").await;
    assert!(now.is_some_and(|now| now != first), "the turn has moved");
    until("it is told", async || status(left).await["lastSync"].as_i64() > then.as_i64()).await;
    let synchronised = redis.text("launchdarkly:big_segments_synchronized_on").await;
    assert!(matches!(synchronised, RedisReply::Text(_)), "{synchronised:?}");
}
