//! Flags that depend on one another.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{path, variation};
use crate::support::{House, on_both_engines};

on_both_engines! {
    a_prerequisite_stays;
    circles_are_refused;
    dependants_follow_variations_that_move;
}

fn requires(key: &str, id: &str) -> Value {
    json!({"kind": "addPrerequisite", "key": key, "variationId": id})
}

async fn a_prerequisite_stays(store: Store) {
    let house = House::open(store).await;
    let base = house.boolean("base").await;
    house.boolean("top").await;
    house.instruct("top", json!([requires("base", variation(&base, 0))])).await;
    let message = house.delete(&path("base")).await.refused(409, "conflict");
    assert_eq!(message, "Flag is still in use as a prerequisite of top");
    let archive = json!([{"op": "replace", "path": "/archived", "value": true}]);
    let message = house.patch(&path("base"), archive.clone()).await.refused(400, "invalid_request");
    assert!(message.contains("prerequisite of top"), "{message}");
    house.patch(&path("top"), archive.clone()).await.ok();
    house.patch(&path("base"), archive).await.ok();
    house.delete(&path("base")).await.refused(409, "conflict");
    house.delete(&path("top")).await.ok();
    house.delete(&path("base")).await.ok();
}

async fn circles_are_refused(store: Store) {
    let house = House::open(store).await;
    let mut flags = Vec::new();
    for key in ["a", "b", "c"] {
        flags.push(house.boolean(key).await);
    }
    house.instruct("a", json!([requires("b", variation(&flags[1], 0))])).await;
    house.instruct("b", json!([requires("c", variation(&flags[2], 0))])).await;
    let circle = json!([requires("a", variation(&flags[0], 0))]);
    let body = |env: &str| json!({"environmentKey": env, "instructions": circle});
    let message = house.patch(&path("c"), body("test")).await.refused(400, "invalid_request");
    assert!(message.contains("cycle: c → a → b → c"), "{message}");
    let patch =
        json!([{"op": "add", "path": "/environments/test/prerequisites/-", "value": {"key": "a", "variation": 0}}]);
    house.patch(&path("c"), patch).await.refused(400, "invalid_request");
    house.patch(&path("c"), body("production")).await.ok();
}

async fn dependants_follow_variations_that_move(store: Store) {
    let house = House::open(store).await;
    let base = house.texts("base").await;
    house.boolean("top").await;
    house.instruct("top", json!([requires("base", variation(&base, 1))])).await;
    let front = json!([{"op": "add", "path": "/variations/0", "value": {"value": "new"}}]);
    let moved = house.patch(&path("base"), front).await.ok();
    let top = house.get(&path("top")).await.ok();
    assert_eq!(top["environments"]["test"]["prerequisites"], json!([{"key": "base", "variation": 2}]));
    assert_eq!((&top["_version"], &top["environments"]["test"]["version"]), (&json!(1), &json!(3)));
    let used = json!({"instructions": [{"kind": "removeVariation", "variationId": variation(&moved, 2)}]});
    let message = house.patch(&path("base"), used).await.refused(400, "invalid_request");
    assert!(message.contains("top"), "{message}");
    let free = json!({"instructions": [{"kind": "removeVariation", "variationId": variation(&moved, 0)}]});
    house.patch(&path("base"), free).await.ok();
    let top = house.get(&path("top")).await.ok();
    assert_eq!(top["environments"]["test"]["prerequisites"][0]["variation"], 1);
}
