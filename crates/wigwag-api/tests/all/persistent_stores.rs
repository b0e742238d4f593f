//! Persistent stores: as resources, and what is written to a real Redis server.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_api::persistent_stores::StoreKeeper;
use wigwag_api::read::revisions::hash;
use wigwag_model::doc::Kind;
use wigwag_outbound::RedisReply;
use wigwag_outbound::testing::{RedisProcess, outbound};
use wigwag_store::{DocKey, Store};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    values_that_do_not_fit;
    a_table_in_dynamodb;
    members_are_written_as_sdks_read_them;
    a_store_that_lost_everything_gets_everything;
    a_store_that_cannot_be_reached_says_so;
    all_processes_tell_the_same;
    private_addresses_are_asked_for_only_if_allowed;
}

const ROOT: &str = "/api/v2/integration-capabilities/big-segment-store";
const REDIS: &str = "/api/v2/integration-capabilities/big-segment-store/default/test/redis";
const DYNAMODB: &str = "/api/v2/integration-capabilities/big-segment-store/default/test/dynamodb";
const SEGMENTS: &str = "/api/v2/segments/default/test";

/// A house whose process keeps stores up to date.
async fn open(store: Store) -> (House, StoreKeeper) {
    let house = House::open(store).await;
    let keeper = StoreKeeper::new(Arc::clone(&house.app), outbound(true));
    (house, keeper)
}

async fn made(house: &House, redis: &RedisProcess, more: Value) -> Value {
    let mut config = json!({"host": redis.server.host, "port": redis.server.port.to_string()});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    house.post(REDIS, json!({"name": "R", "config": config, "on": true})).await.ok()
}

fn path(made: &Value) -> String {
    format!("{REDIS}/{}", made["_id"].as_str().unwrap())
}

async fn targets(house: &House, body: Value) {
    assert_eq!(house.post(&format!("{SEGMENTS}/big/contexts"), body).await.status(), 204);
}

async fn big(house: &House) {
    house.post(SEGMENTS, json!({"key": "big", "name": "Big", "unbounded": true})).await.ok();
}

async fn from_creation_to_deletion(store: Store) {
    let (house, _) = open(store).await;
    assert_eq!(house.get(ROOT).await.ok()["items"], json!([]));
    let config =
        json!({"host": "redis.example.com", "port": 6380, "username": "u", "password": "hunter2", "tlsEnabled": true});
    let answer = house.post(REDIS, json!({"name": "R", "config": config, "tags": ["a"]})).await;
    assert_eq!(answer.status(), 201);
    let made = answer.ok();
    let (id, path) = (made["_id"].as_str().unwrap(), path(&made));
    let link = |href: &str| json!({"href": href, "type": "application/json"});
    let shown = json!({
        "_links": {"self": link(&path), "parent": link(ROOT), "project": link("/api/v2/projects/default"),
                   "environment": link("/api/v2/projects/default/environments/test")},
        "_id": id, "integrationKey": "redis", "projectKey": "default", "environmentKey": "test", "name": "R",
        "config": {"host": "redis.example.com", "port": 6380, "username": "u", "password": "******", "tlsEnabled": true},
        "on": false, "tags": ["a"], "version": 1,
        "_status": {"available": false, "potentiallyStale": true, "errors": []},
    });
    assert_eq!(made, shown);
    assert_eq!(house.get(&path).await.ok(), made);
    assert_eq!(house.get(ROOT).await.ok()["items"], json!([made]));
    let entry = house.newest().await;
    assert_eq!(entry["accesses"], json!([{"action": "createIntegration", "resource": "integration/redis"}]));
    assert!(!entry.to_string().contains("hunter2"), "{entry}");
    let key = DocKey::in_env(Kind::PersistentStore, "default", "test", id);
    assert!(!house.store.get(&key).await.unwrap().unwrap().body.contains("hunter2"));

    // What is read and sent back whole changes nothing.
    let head = house.head().await;
    let config = house.get(&path).await.ok()["config"].clone();
    house.patch(&path, json!([{"op": "replace", "path": "/config", "value": config}])).await.ok();
    assert_eq!(house.head().await, head);
    let patch =
        json!([{"op": "replace", "path": "/on", "value": true}, {"op": "replace", "path": "/name", "value": "S"}]);
    let patched = house.patch(&path, patch).await.ok();
    assert_eq!((&patched["on"], &patched["name"], &patched["version"]), (&json!(true), &json!("S"), &json!(2)));
    let actions: Vec<Value> =
        house.newest().await["accesses"].as_array().unwrap().iter().map(|a| a["action"].clone()).collect();
    assert!(actions.contains(&json!("updateOn")) && actions.contains(&json!("updateName")), "{actions:?}");

    house.get(&path.replace("/redis/", "/dynamodb/")).await.refused(404, "not_found");
    house.get(&format!("{REDIS}/nope")).await.refused(404, "not_found");
    assert_eq!(house.delete(&path).await.status(), 204);
    house.get(&path).await.refused(404, "not_found");
    house.delete(&path).await.refused(404, "not_found");
}

async fn values_that_do_not_fit(store: Store) {
    let (house, _) = open(store).await;
    let head = house.head().await;
    for (config, field) in [
        (json!({}), "config.host"),
        (json!({"host": ""}), "config.host"),
        (json!({"host": "a b"}), "config.host"),
        (json!({"host": "redis://h"}), "config.host"),
        (json!({"host": "h", "port": 0}), "config.port"),
        (json!({"host": "h", "port": "x"}), "config.port"),
        (json!({"host": "h", "tlsEnabled": "yes"}), "config.tlsEnabled"),
        (json!({"host": "h", "tls": "yes"}), "config.tls"),
        (json!({"host": "h", "password": 1}), "config.password"),
        (json!({"host": "h", "hots": "h"}), "config.hots"),
    ] {
        let message = house.post(REDIS, json!({"config": config})).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{message}");
    }
    let table = |more: Value| {
        let mut config = json!({
            "tableName": "big.segments", "region": "eu-west-1", "accessKeyId": "AKID", "secretAccessKey": "s3cret",
        });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        config
    };
    for (config, field) in [
        (json!({}), "config.tableName"),
        (table(json!({"tableName": "t"})), "config.tableName"),
        (table(json!({"tableName": "a table"})), "config.tableName"),
        (table(json!({"region": null})), "config.region"),
        (table(json!({"region": "eu west"})), "config.region"),
        (table(json!({"roleArn": "arn:aws:iam::1:role/x"})), "config.roleArn"),
        (table(json!({"externalId": "00000000-0000-0000-0000-000000000000"})), "config.externalId"),
        (table(json!({"accessKeyId": ""})), "config.accessKeyId"),
        (table(json!({"secretAccessKey": 1})), "config.secretAccessKey"),
        (table(json!({"endpoint": "ftp://h"})), "config.endpoint"),
        (table(json!({"endpoint": "http://h/path"})), "config.endpoint"),
        (table(json!({"endpoint": "http://u@h"})), "config.endpoint"),
        (table(json!({"host": "h"})), "config.host"),
    ] {
        let message = house.post(DYNAMODB, json!({"config": config})).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{message}");
    }
    let body = json!({"config": {"host": "h"}});
    house.post(&REDIS.replace("/redis", "/consul"), body.clone()).await.refused(404, "not_found");
    house.post(&REDIS.replace("/test", "/nope"), body).await.refused(404, "not_found");
    assert_eq!(house.head().await, head);
}

/// How it goes is told in the database: by whoever keeps the store, to whoever asks; not more often than is of interest.
async fn all_processes_tell_the_same(store: Store) {
    let (house, keeper) = open(store.clone()).await;
    let mut redis = RedisProcess::start("").await;
    let made = made(&house, &redis, json!({})).await;
    let beside = House::open(store.clone()).await;
    let status = async || beside.get(&path(&made)).await.ok()["_status"].clone();
    assert_eq!(status().await["potentiallyStale"], true);
    keeper.pass().await.unwrap();
    assert_eq!((&status().await["available"], &status().await["lastSync"]), (&json!(true), &json!(NOW)));
    house.clock.advance(4_000);
    keeper.pass().await.unwrap();
    assert_eq!(status().await["lastSync"], NOW, "nothing new");
    redis.stop();
    keeper.pass().await.unwrap();
    assert_eq!((&status().await["lastError"], &status().await["lastSync"]), (&json!(NOW + 4_000), &json!(NOW)));
    redis.lose_everything().await;
    house.clock.advance(1);
    keeper.pass().await.unwrap();
    assert_eq!(
        (&status().await["potentiallyStale"], &status().await["lastSync"]),
        (&json!(false), &json!(NOW + 4_001))
    );
    // Another that takes over goes on from there.
    let next = StoreKeeper::new(Arc::clone(&house.app), outbound(true));
    house.clock.advance(30_000);
    next.pass().await.unwrap();
    let told = status().await;
    assert_eq!((&told["lastSync"], &told["errors"].as_array().unwrap().len()), (&json!(NOW + 34_001), &1));
    assert_eq!(store.reports("persistent-stores").await.unwrap().len(), 1);
    assert_eq!(house.delete(&path(&made)).await.status(), 204);
    next.pass().await.unwrap();
    assert_eq!(store.reports("persistent-stores").await.unwrap(), [], "nothing is left of it");
}

/// What is written there is looked at by `conformance/stores`, with a real implementation and SDK.
async fn a_table_in_dynamodb(store: Store) {
    let (house, keeper) = open(store).await;
    // Nobody listens there.
    let config = json!({
        "tableName": "big.segments", "region": "eu-west-1", "accessKeyId": "AKID", "secretAccessKey": "s3cret",
        "endpoint": "http://127.0.0.1:1",
    });
    let made = house.post(DYNAMODB, json!({"name": "D", "config": config, "on": true})).await.ok();
    let mut shown = config;
    shown["secretAccessKey"] = "******".into();
    assert_eq!((&made["config"], &made["integrationKey"]), (&shown, &json!("dynamodb")));
    let id = made["_id"].as_str().unwrap();
    let key = DocKey::in_env(Kind::PersistentStore, "default", "test", id);
    assert!(!house.store.get(&key).await.unwrap().unwrap().body.contains("s3cret"));
    let entry = house.newest().await;
    assert_eq!(entry["accesses"], json!([{"action": "createIntegration", "resource": "integration/dynamodb"}]));
    assert!(!entry.to_string().contains("s3cret"), "{entry}");
    keeper.pass().await.unwrap();
    let status = house.get(&format!("{DYNAMODB}/{id}")).await.ok()["_status"].clone();
    assert_eq!((&status["available"], &status["lastError"]), (&json!(false), &json!(NOW)));
    assert!(!status.to_string().contains("s3cret"), "{status}");
}

async fn members_are_written_as_sdks_read_them(store: Store) {
    let (house, keeper) = open(store).await;
    let redis = RedisProcess::start("correct horse").await;
    let made = made(&house, &redis, json!({"password": "correct horse"})).await;
    big(&house).await;
    targets(&house, json!({"included": {"add": ["a", "b"]}, "excluded": {"add": ["a", "c"]}})).await;
    keeper.pass().await.unwrap();
    let set = async |list: &str, key: &str| redis.set(&format!("launchdarkly:big_segment_{list}:{}", hash(key))).await;
    assert_eq!((set("include", "a").await, set("exclude", "a").await), (vec!["big.g1".into()], vec!["big.g1".into()]));
    assert_eq!((set("include", "c").await.len(), set("exclude", "c").await), (0, vec!["big.g1".to_owned()]));
    let synchronised = redis.text("launchdarkly:big_segments_synchronized_on").await;
    assert_eq!(synchronised, RedisReply::Text(NOW.to_string()));
    let status = house.get(&path(&made)).await.ok()["_status"].clone();
    assert_eq!(status, json!({"available": true, "potentiallyStale": false, "lastSync": NOW, "errors": []}));

    // Each change follows, once: another process does the same at the same time.
    house.post(SEGMENTS, json!({"key": "other", "name": "Other", "unbounded": true})).await.ok();
    targets(&house, json!({"included": {"remove": ["a"], "add": ["d"]}})).await;
    house.post(&format!("{SEGMENTS}/other/contexts"), json!({"included": {"add": ["d"]}})).await.ok();
    let beside = StoreKeeper::new(Arc::clone(&house.app), outbound(true));
    let (one, other) = tokio::join!(keeper.pass(), beside.pass());
    one.and(other).unwrap();
    assert_eq!(
        (set("include", "a").await.len(), set("include", "d").await),
        (0, vec!["big.g1".into(), "other.g1".into()])
    );

    // Time goes on without changes.
    house.clock.advance(30_000);
    keeper.pass().await.unwrap();
    let synchronised = redis.text("launchdarkly:big_segments_synchronized_on").await;
    assert_eq!(synchronised, RedisReply::Text((NOW + 30_000).to_string()));
}

async fn a_store_that_lost_everything_gets_everything(store: Store) {
    let (house, keeper) = open(store).await;
    let mut redis = RedisProcess::start("").await;
    made(&house, &redis, json!({"prefix": "mine"})).await;
    big(&house).await;
    for n in 0..3 {
        let keys: Vec<String> = (0..3000).map(|k| format!("user-{n}-{k}")).collect();
        targets(&house, json!({"included": {"add": keys}})).await;
    }
    keeper.pass().await.unwrap();
    let key = format!("mine:big_segment_include:{}", hash("user-2-2999"));
    assert_eq!(redis.set(&key).await, ["big.g1"]);
    redis.lose_everything().await;
    assert_eq!(redis.set(&key).await.len(), 0);
    keeper.pass().await.unwrap();
    assert_eq!(redis.set(&key).await, ["big.g1"]);
    assert_eq!(redis.set(&format!("mine:big_segment_include:{}", hash("user-0-0"))).await, ["big.g1"]);
}

async fn a_store_that_cannot_be_reached_says_so(store: Store) {
    let (house, keeper) = open(store).await;
    let mut redis = RedisProcess::start("right").await;
    let wrong = made(&house, &redis, json!({"password": "wrong"})).await;
    let made = made(&house, &redis, json!({"password": "right"})).await;
    keeper.pass().await.unwrap();
    let status = async |made: &Value| house.get(&path(made)).await.ok()["_status"].clone();
    assert_eq!(status(&made).await["available"], true, "one that is wrong does not keep the others");
    let told = status(&wrong).await;
    assert_eq!((&told["available"], &told["lastError"]), (&json!(false), &json!(NOW)));
    assert!(told["errors"][0]["message"].as_str().unwrap().contains("Redis: "), "{told}");
    redis.stop();
    house.clock.advance(1000);
    keeper.pass().await.unwrap();
    let told = status(&made).await;
    assert_eq!(
        (&told["available"], &told["potentiallyStale"], &told["lastSync"]),
        (&json!(true), &json!(true), &json!(NOW))
    );
    house.clock.advance(5 * 60_000);
    assert_eq!(status(&made).await["available"], false);
    // Switched off, nobody tries.
    house.patch(&path(&made), json!([{"op": "replace", "path": "/on", "value": false}])).await.ok();
    let errors = status(&made).await["errors"].as_array().unwrap().len();
    keeper.pass().await.unwrap();
    assert_eq!(status(&made).await["errors"].as_array().unwrap().len(), errors);
}

async fn private_addresses_are_asked_for_only_if_allowed(store: Store) {
    let (house, _) = open(store).await;
    let keeper = StoreKeeper::new(Arc::clone(&house.app), outbound(false));
    let redis = RedisProcess::start("").await;
    let made = made(&house, &redis, json!({})).await;
    keeper.pass().await.unwrap();
    let told = house.get(&path(&made)).await.ok()["_status"].clone();
    assert!(told["errors"][0]["message"].as_str().unwrap().contains("allow-private-webhooks"), "{told}");
    assert_eq!(redis.text("launchdarkly:big_segments_synchronized_on").await, RedisReply::Nothing);
}
