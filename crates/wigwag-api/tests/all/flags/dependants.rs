//! Flags that depend on one another.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{path, variation};
use crate::support::{House, on_both_engines};

on_both_engines! {
    a_prerequisite_stays;
    circles_are_refused;
    dependants_follow_variations_that_move;
    dependent_flags_are_listed;
    circles_cannot_be_closed_by_two_at_once;
    what_is_required_may_change_meanwhile;
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

async fn dependent_flags_are_listed(store: Store) {
    let house = House::open(store).await;
    let base = house.boolean("base").await;
    house.flag(json!({"name": "The top", "key": "top"})).await;
    house.boolean("another").await;
    let body = |env: &str| json!({"environmentKey": env, "instructions": [requires("base", variation(&base, 0))]});
    house.patch(&path("top"), body("production")).await.ok();
    house.patch(&path("top"), body("test")).await.ok();
    house.patch(&path("another"), body("test")).await.ok();
    let all = house.get(&format!("{}/dependent-flags", path("base"))).await.ok();
    let items: Vec<_> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let environments = one["environments"].as_array().unwrap();
            let keys = environments.iter().map(|env| env["key"].as_str().unwrap()).collect::<Vec<_>>();
            (one["key"].as_str().unwrap(), one["name"].as_str().unwrap(), keys)
        })
        .collect();
    assert_eq!(items, [("another", "another", vec!["test"]), ("top", "The top", vec!["production", "test"])]);
    assert_eq!(
        all["items"][1]["environments"][0],
        json!({"key": "production", "name": "Production",
            "_links": {"self": {"href": "/api/v2/flags/default/top?env=production", "type": "application/json"}},
            "_site": {"href": "/default/production/features/top", "type": "text/html"}})
    );
    assert_eq!(all["_links"]["parent"]["href"], path("base"));
    assert_eq!(all["_site"]["href"], "/default/~/features/base");
    let one = house.get("/api/v2/flags/default/production/base/dependent-flags").await.ok();
    assert_eq!(
        one["items"],
        json!([{"key": "top", "name": "The top",
            "_links": {"self": {"href": path("top"), "type": "application/json"}},
            "_site": {"href": "/default/production/features/top", "type": "text/html"}}])
    );
    assert_eq!(house.get(&format!("{}/dependent-flags", path("top"))).await.ok()["items"], json!([]));
    let before = house.head().await;
    house.instruct("another", json!([{"kind": "removePrerequisite", "key": "base"}])).await;
    let keys = async |query: &str| {
        let list = house.get(&format!("{}/dependent-flags{query}", path("base"))).await.ok();
        list["items"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys("").await, ["top"]);
    assert_eq!(keys(&format!("?asOf={before}")).await, ["another", "top"]);
    house.get("/api/v2/flags/default/nope/base/dependent-flags").await.refused(404, "not_found");
}

/// Both ways at once, again and again: never may both be there.
async fn circles_cannot_be_closed_by_two_at_once(store: Store) {
    let house = Arc::new(House::open(store).await);
    let (a, b) = (house.boolean("a").await, house.boolean("b").await);
    let (mut first, mut second) = (0, 0);
    for _ in 0..12 {
        let add = |from: &'static str, to: &'static str, id: &str| {
            let house = Arc::clone(&house);
            let body = json!({"environmentKey": "test", "instructions": [requires(to, id)]});
            tokio::spawn(async move { house.patch(&path(from), body).await })
        };
        let (one, other) = (add("a", "b", variation(&b, 0)), add("b", "a", variation(&a, 0)));
        let (one, other) = (one.await.unwrap(), other.await.unwrap());
        let refused = match (one.status(), other.status()) {
            (200, _) => other,
            _ => one,
        };
        let message = refused.refused(400, "invalid_request");
        assert!(message.contains("would form a cycle"), "{message}");
        for (key, count) in [("a", &mut first), ("b", &mut second)] {
            let flag = house.get(&path(key)).await.ok();
            *count += flag["environments"]["test"]["prerequisites"].as_array().unwrap().len();
            house.instruct(key, json!([{"kind": "replacePrerequisites", "prerequisites": []}])).await;
        }
    }
    assert_eq!(first + second, 12, "one each time");
}

/// What is required must be as it was checked, but the client does not get to feel it.
async fn what_is_required_may_change_meanwhile(store: Store) {
    let house = Arc::new(House::open(store).await);
    let base = house.boolean("base").await;
    house.boolean("top").await;
    for _ in 0..8 {
        let send = |key: &'static str, body: Value| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.patch(&path(key), body).await.status() })
        };
        let body = json!({"environmentKey": "test", "instructions": [requires("base", variation(&base, 0))]});
        let top = send("top", body);
        let name = send("base", json!([{"op": "replace", "path": "/name", "value": "N"}]));
        assert_eq!((top.await.unwrap(), name.await.unwrap()), (200, 200), "a change of something else is no obstacle");
        house.instruct("top", json!([{"kind": "removePrerequisite", "key": "base"}])).await;
    }
}
