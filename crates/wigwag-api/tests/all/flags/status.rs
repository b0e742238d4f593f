//! Statuses.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    statuses_follow_use;
    statuses_are_told_for_all_flags_and_environments;
    a_page_of_statuses_is_one_request;
    lists_ask_for_use;
}

const DAY: i64 = 24 * 60 * 60 * 1000;
const ONE: &str = "/api/v2/flag-statuses/default/test/lamp";

async fn statuses_follow_use(store: Store) {
    let house = House::open(store).await;
    house.boolean("lamp").await;
    house.instruct("lamp", json!([{"kind": "turnFlagOn"}])).await;
    let status = house.get(ONE).await.ok();
    assert_eq!((&status["name"], &status["lastRequested"]), (&json!("new"), &Value::Null));
    assert_eq!(status["_links"]["parent"]["href"], "/api/v2/flags/default/lamp");
    assert_eq!(status["_links"]["self"]["href"], ONE);
    house.evaluated("lamp", NOW, Some(0)).await;
    let status = house.get(ONE).await.ok();
    assert_eq!((&status["name"], &status["default"]), (&json!("active"), &json!(false)));
    assert_eq!(status["lastRequested"], "2023-11-14T22:13:20Z");
    // Eight days without a change, still asked for, one variation.
    house.clock.advance(8 * DAY);
    assert_eq!(house.get(ONE).await.ok()["name"], "inactive");
    house.evaluated("lamp", NOW + 8 * DAY, Some(0)).await;
    assert_eq!(house.get(ONE).await.ok()["name"], "launched");
    house.evaluated("lamp", NOW + 8 * DAY, Some(1)).await;
    assert_eq!(house.get(ONE).await.ok()["name"], "active");
    house.get("/api/v2/flag-statuses/default/test/none").await.refused(404, "not_found");
    house.get("/api/v2/flag-statuses/default/none/lamp").await.refused(404, "not_found");
}

async fn statuses_are_told_for_all_flags_and_environments(store: Store) {
    let house = House::open(store).await;
    for key in ["lamp", "bell", "gone"] {
        house.boolean(key).await;
    }
    house.instruct("gone", json!([{"kind": "archiveFlag"}])).await;
    house.evaluated("bell", NOW, Some(0)).await;
    let all = house.get("/api/v2/flag-statuses/default/test").await.ok();
    let names: Vec<_> = all["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["active", "new"]);
    let across = house.get("/api/v2/flag-status/default/bell").await.ok();
    assert_eq!(across["key"], "bell");
    assert_eq!(across["environments"]["test"]["name"], "active");
    assert_eq!(across["environments"]["production"], json!({"name": "new", "lastRequested": null}));
    let one = house.get("/api/v2/flag-status/default/bell?env=production").await.ok();
    assert_eq!(one["environments"].as_object().unwrap().len(), 1);
    house.get("/api/v2/flag-status/default/bell?env=none").await.refused(404, "not_found");
    let old = house.in_version("20160426", "/api/v2/flag-statuses/default/test").await;
    assert_eq!(old, all);
}

async fn a_page_of_statuses_is_one_request(store: Store) {
    let house = House::open(store).await;
    for key in ["lamp", "bell", "other"] {
        house.boolean(key).await;
    }
    house.evaluated("bell", NOW, Some(0)).await;
    house.evaluated("other", NOW, Some(0)).await;
    let path = "/api/v2/projects/default/environments/test/flag-statuses";
    let some = house.post(path, json!({"flags": ["lamp", "none", "bell", "no key"]})).await.ok();
    let lamp = house.get(ONE).await.ok();
    let bell = house.get("/api/v2/flag-statuses/default/test/bell").await.ok();
    let told = |key: &str, one: &Value| json!({"key": key, "name": one["name"], "lastRequested": one["lastRequested"]});
    assert_eq!(some["items"][0], told("lamp", &lamp));
    assert_eq!((&some["items"][1]["name"], &some["items"][1]["default"]), (&json!("active"), &bell["default"]));
    assert_eq!(some["items"].as_array().unwrap().len(), 2);
    assert_eq!(house.post(path, json!({"flags": []})).await.ok()["items"], json!([]));
    let many: Vec<_> = (0..101).map(|n| n.to_string()).collect();
    for body in [json!({"flags": many}), json!({})] {
        let message = house.post(path, body).await.refused(400, "invalid_request");
        assert!(message.contains("flags"), "{message}");
    }
    house.post(&path.replace("test", "none"), json!({"flags": []})).await.refused(404, "not_found");
    let powerless = house.powerless().await;
    let headers = [("authorization", powerless.as_str())];
    house.raw(&format!("POST {path}"), &headers, "{\"flags\":[]}").await.refused(403, "forbidden");
}

async fn lists_ask_for_use(store: Store) {
    let house = House::open(store).await;
    for key in ["lamp", "bell", "horn"] {
        house.boolean(key).await;
    }
    house.evaluated("lamp", NOW - 40 * DAY, Some(0)).await;
    house.evaluated("bell", NOW - DAY, Some(0)).await;
    let after = NOW - 2 * DAY;
    for (filter, want) in [
        (format!("evaluated:{{\"after\":{after}}},filterEnv:test"), &["bell"][..]),
        (format!("evaluated:{{\"after\":{}}},filterEnv:test", NOW - 50 * DAY), &["lamp", "bell"]),
        (format!("evaluated:{{\"after\":{after}}},filterEnv:production"), &[]),
        ("contextKindsEvaluated:user".to_owned(), &["bell"]),
        ("contextKindsEvaluated:user+org".to_owned(), &[]),
        ("applicationEvaluated:GoSDK/1.2".to_owned(), &["lamp", "bell"]),
        ("applicationEvaluated:other".to_owned(), &[]),
    ] {
        let list = house
            .get(&format!(
                "{}?filter={}",
                super::FLAGS,
                filter.replace('+', "%2B").replace('"', "%22").replace('{', "%7B").replace('}', "%7D")
            ))
            .await
            .ok();
        assert_eq!(super::keys(&list), want, "{filter}");
    }
    let older = house.in_version("20220603", &format!("{}?filter=status:active,filterEnv:test", super::FLAGS)).await;
    assert_eq!(super::keys(&older), ["bell"]);
    let bad = format!("{}?filter=evaluated:{{\"after\":1}}", super::FLAGS).replace('"', "%22");
    house.get(&bad).await.refused(400, "invalid_request");
}
