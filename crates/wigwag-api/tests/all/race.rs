//! Patches at the same time: none is lost, and one that pins a state loses cleanly.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wigwag_store::testing::Server;
use wigwag_store::{ServerLimits, Store, StoreConfig};

use crate::support::{Answer, House, OWNER, on_both_engines};

on_both_engines! {
    none_is_lost;
    a_pinned_one_loses;
    what_was_changed_since_is_not_overwritten;
    of_those_based_on_the_same_one_wins;
    what_comes_into_use_does_not_go;
    a_segment_that_comes_into_use_does_not_go;
}

async fn webhook(house: &House) -> String {
    let made = house.post("/api/v2/webhooks", json!({"url": "https://example.com", "sign": false, "on": true})).await;
    format!("/api/v2/webhooks/{}", made.ok()["_id"].as_str().unwrap())
}

/// Eight writers: fewer than attempts, so that each must win in the end.
async fn none_is_lost(store: Store) {
    let house = Arc::new(House::open(store).await);
    let path = Arc::new(webhook(&house).await);
    let head = house.head().await;
    let writers: Vec<_> = (0..8)
        .map(|i| {
            let (house, path) = (Arc::clone(&house), Arc::clone(&path));
            tokio::spawn(async move {
                house.patch(&path, json!([{"op": "add", "path": "/tags/-", "value": format!("t{i}")}])).await.ok()
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let mut tags: Vec<String> = serde_json::from_value(house.get(&path).await.ok()["tags"].clone()).unwrap();
    tags.sort();
    assert_eq!(tags, ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"]);
    assert_eq!(house.head().await, head + 8, "one change each");
}

/// The number that an answer tells, as a change sends it back.
async fn seen(house: &House, path: &str) -> String {
    house.get(path).await.header("wigwag-sequence").to_owned()
}

impl House {
    async fn based(&self, line: &str, on: &str, semantic: bool, body: Value) -> Answer {
        let kind = if semantic { "; domain-model=launchdarkly.semanticpatch" } else { "" };
        let kind = format!("application/json{kind}");
        let headers = [("authorization", OWNER), ("content-type", &*kind), ("wigwag-based-on", on)];
        self.raw(line, &headers, &body.to_string()).await
    }
}

/// Whatever the kind of resource and of patch: what the caller has not seen is not overwritten, and nothing else
/// stands in the way.
async fn what_was_changed_since_is_not_overwritten(store: Store) {
    let house = House::open(store).await;
    let hook = webhook(&house).await;
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    house.post("/api/v2/segments/default/test", json!({"key": "s", "name": "S"})).await.ok();
    let name = |value: &str| json!([{"op": "replace", "path": "/name", "value": value}]);
    let in_env = |env: &str, kind: &str| json!({"environmentKey": env, "instructions": [{"kind": kind}]});
    let keys = |values: &[&str]| json!({"instructions": [{"kind": "addIncludedUsers", "values": values}]});
    let on = |env| in_env(env, "turnFlagOn");
    let (flag, segment, project) =
        ("/api/v2/flags/default/lamp", "/api/v2/segments/default/test/s", "/api/v2/projects/default");
    let cases = [
        (hook.as_str(), false, name("mine"), name("theirs")),
        (project, false, name("mine"), name("theirs")),
        (segment, true, keys(&["mine"]), keys(&["theirs"])),
        (
            flag,
            true,
            on("test"),
            json!({"environmentKey": "test", "instructions": [
            {"kind": "updateOffVariation", "variationId": house.get(flag).await.ok()["variations"][0]["_id"]}]}),
        ),
        (flag, false, name("mine"), name("theirs")),
    ];
    for (path, semantic, mine, theirs) in cases {
        let (line, before) = (format!("PATCH {path}"), seen(&house, path).await);
        house.based(&line, &before, semantic, theirs).await.ok();
        let message = house.based(&line, &before, semantic, mine.clone()).await.refused(412, "outdated");
        assert!(message.contains("changed after"), "{message}");
        let now = seen(&house, path).await;
        house.based(&line, &now, semantic, mine).await.ok();
    }
    // What happens elsewhere is in nobody's way: another resource, another environment of the flag.
    let before = seen(&house, flag).await;
    house.based(&format!("PATCH {hook}"), &before, false, name("elsewhere")).await.ok();
    house.based(&format!("PATCH {flag}"), &before, true, on("production")).await.ok();
    house.based(&format!("PATCH {flag}"), &before, true, in_env("test", "turnFlagOff")).await.ok();
    // Deletions look as well; who says nothing is asked nothing.
    house.based(&format!("DELETE {hook}"), &before, false, Value::Null).await.refused(412, "outdated");
    house.patch(&hook, name("at last")).await.ok();
    let wrong = house.based(&format!("PATCH {hook}"), "\"3\"", false, name("x")).await;
    assert!(wrong.refused(400, "invalid_request").contains("Wigwag-Based-On"));
    assert_eq!(house.get(&format!("{flag}?asOf=3")).await.header("wigwag-sequence"), "", "the past is no base");
    let public = house.raw("GET /api/v2", &[], "").await;
    assert_eq!((public.status(), public.header("wigwag-sequence")), (200, ""), "strangers learn nothing");
}

/// Eight who saw the same, at once: one gets through, and the others are told so instead of being tried again.
async fn of_those_based_on_the_same_one_wins(store: Store) {
    let house = Arc::new(House::open(store).await);
    let path = Arc::new(webhook(&house).await);
    let before = seen(&house, &path).await;
    let head = house.head().await;
    let writers: Vec<_> = (0..8)
        .map(|i| {
            let (house, path, before) = (Arc::clone(&house), Arc::clone(&path), before.clone());
            tokio::spawn(async move {
                let patch = json!([{"op": "replace", "path": "/name", "value": format!("n{i}")}]);
                house.based(&format!("PATCH {path}"), &before, false, patch).await.status()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for writer in writers {
        statuses.push(writer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert_eq!(house.head().await, head + 1);
}

/// A replica may be behind what this server knows of: what it answers tells no sequence.
#[tokio::test]
async fn what_a_replica_answers_is_no_base() {
    let mut primary = Server::start(false).unwrap();
    let replica = primary.replica().unwrap();
    let limits = ServerLimits { replicas: vec![replica.url("postgres")], ..ServerLimits::default() };
    let config = StoreConfig::Postgres { url: primary.url("postgres"), pool: 2, limits };
    let house = House::open(Store::open(&config).await.unwrap()).await;
    let path = webhook(&house).await;
    assert_eq!(seen(&house, &path).await, house.head().await.to_string());
    primary.crash().unwrap();
    let since = Instant::now();
    let answer = loop {
        // The last change may still be on its way to the replica.
        let answer = house.get(&path).await;
        if answer.status() == 200 {
            break answer;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "the replica does not answer: {}", answer.status());
    };
    assert_eq!(answer.header("wigwag-sequence"), "");
}

/// Of those who all say "only if the name is still empty", exactly one gets through.
async fn a_pinned_one_loses(store: Store) {
    let house = Arc::new(House::open(store).await);
    let path = Arc::new(webhook(&house).await);
    let head = house.head().await;
    let writers: Vec<_> = (0..8)
        .map(|i| {
            let (house, path) = (Arc::clone(&house), Arc::clone(&path));
            tokio::spawn(async move {
                let patch = json!([
                    {"op": "test", "path": "/on", "value": true},
                    {"op": "replace", "path": "/on", "value": false},
                    {"op": "replace", "path": "/name", "value": format!("n{i}")},
                ]);
                house.patch(&path, patch).await.status()
            })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        match writer.await.unwrap() {
            200 => won += 1,
            status => assert_eq!(status, 409),
        }
    }
    assert_eq!((won, house.head().await), (1, head + 1));
}

/// A flag becomes a prerequisite while it is deleted or archived: one of the two changes is refused.
async fn what_comes_into_use_does_not_go(store: Store) {
    const FLAGS: &str = "/api/v2/flags/default";
    let house = Arc::new(House::open(store).await);
    house.post(FLAGS, json!({"key": "a", "name": "A"})).await.ok();
    for round in 0..6 {
        let b = format!("b{round}");
        house.post(FLAGS, json!({"key": b, "name": "B"})).await.ok();
        let required = house.get(&format!("{FLAGS}/{b}")).await.ok()["variations"][0]["_id"].clone();
        let needs = json!({"environmentKey": "test", "instructions": [
            {"kind": "addPrerequisite", "key": b, "variationId": required}]});
        let patch = async |body: &serde_json::Value| {
            let headers = [
                ("authorization", crate::support::OWNER),
                ("content-type", "application/json; domain-model=launchdarkly.semanticpatch"),
            ];
            house.raw(&format!("PATCH {FLAGS}/a"), &headers, &body.to_string()).await.status()
        };
        let archive = json!({"instructions": [{"kind": "archiveFlag"}]});
        let go = async |path: String, archived: bool| {
            if !archived {
                return house.delete(&path).await.status();
            }
            let headers = [
                ("authorization", crate::support::OWNER),
                ("content-type", "application/json; domain-model=launchdarkly.semanticpatch"),
            ];
            house.raw(&format!("PATCH {path}"), &headers, &archive.to_string()).await.status()
        };
        let (used, gone) = tokio::join!(patch(&needs), go(format!("{FLAGS}/{b}"), round % 2 == 1));
        assert!((used == 200) != (gone < 300), "flag {round}: {used} and {gone}");
    }
}

/// A flag or another segment begins to ask for a segment while it is deleted: one of the two changes is refused.
async fn a_segment_that_comes_into_use_does_not_go(store: Store) {
    const SEGMENTS: &str = "/api/v2/segments/default/test";
    let house = Arc::new(House::open(store).await);
    let flag = house.post("/api/v2/flags/default", json!({"key": "a", "name": "A"})).await.ok();
    let variation = flag["variations"][0]["_id"].clone();
    house.post(SEGMENTS, json!({"key": "nest", "name": "Nest"})).await.ok();
    for round in 0..8 {
        let key = format!("s{round}");
        house.post(SEGMENTS, json!({"key": key, "name": "S"})).await.ok();
        let clauses = json!([{"attribute": "segmentMatch", "op": "segmentMatch", "values": [key]}]);
        let (path, rule) = match round % 2 {
            0 => ("/api/v2/flags/default/a", json!({"kind": "addRule", "variationId": variation, "clauses": clauses})),
            _ => ("/api/v2/segments/default/test/nest", json!({"kind": "addRule", "clauses": clauses})),
        };
        let body = json!({"environmentKey": "test", "instructions": [rule]});
        let gone = format!("{SEGMENTS}/{key}");
        let (used, gone) = tokio::join!(house.patch(path, body), house.delete(&gone));
        let (used, gone) = (used.status(), gone.status());
        // A segment that was gone before the other looked is one that does not exist: it may be named.
        let left = house.get(&format!("{SEGMENTS}/{key}")).await.status();
        match (used, gone) {
            (200, 409) => assert_eq!(left, 200, "segment {round}"),
            (200 | 409, 204) => assert_eq!(left, 404, "segment {round}"),
            other => panic!("segment {round}: {other:?}"),
        }
    }
}
