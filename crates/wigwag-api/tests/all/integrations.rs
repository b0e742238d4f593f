//! Audit log subscriptions of integrations.

use serde_json::{Value, json};
use wigwag_model::doc::Kind;
use wigwag_store::{DocKey, Store};

use crate::deliveries::{deliverer, team};
use crate::receiver::{Receiver, Then};
use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    values_that_do_not_fit;
    entries_are_told;
}

fn of(key: &str) -> String {
    format!("/api/v2/integrations/{key}")
}

async fn from_creation_to_deletion(store: Store) {
    let house = House::open(store).await;
    assert_eq!(house.get(&of("slack")).await.ok()["items"], json!([]));
    for line in ["GET", "POST"] {
        let body = json!({"name": "n", "config": {}});
        house.send(&format!("{line} {}", of("pigeon")), Some(&body)).await.refused(404, "not_found");
    }
    let body = json!({"name": "d", "config": {"apiKey": "hunter2", "hostURL": "https://api.datadoghq.eu"},
        "tags": ["a"], "on": true});
    let answer = house.post(&of("datadog"), body).await;
    assert_eq!(answer.status(), 201);
    let made = answer.ok();
    let id = made["_id"].as_str().unwrap();
    let path = format!("{}/{id}", of("datadog"));
    assert_eq!(
        made,
        json!({"_links": {"parent": {"href": of("datadog"), "type": "application/json"},
                          "self": {"href": path, "type": "application/json"}},
            "_id": id, "kind": "datadog", "name": "d", "on": true, "tags": ["a"],
            "config": {"apiKey": "******", "hostURL": "https://api.datadoghq.eu"},
            "_status": {"successCount": 0, "errorCount": 0, "errors": []}})
    );
    let entry = house.newest().await;
    assert_eq!(entry["accesses"], json!([{"action": "createIntegration", "resource": "integration/datadog"}]));
    assert_eq!(entry["currentVersion"]["config"]["apiKey"], "******");
    let stored = async || house.store.get(&DocKey::account(Kind::Integration, id)).await.unwrap().unwrap().body;
    assert!(!stored().await.contains("hunter2"));

    assert_eq!(house.get(&path).await.ok(), made);
    let list = house.get(&of("datadog")).await.ok();
    assert_eq!((&list["items"], &list["key"]), (&json!([made]), &json!("datadog")));
    assert_eq!(house.get(&of("slack")).await.ok()["items"], json!([]));
    house.get(&format!("{}/{id}", of("slack"))).await.refused(404, "not_found");

    let renamed = house.patch(&path, json!([{"op": "replace", "path": "/name", "value": "e"}])).await.ok();
    assert_eq!(renamed["name"], "e");
    let secret = json!([{"op": "replace", "path": "/config/apiKey", "value": "plugh"}]);
    house.patch(&path, secret).await.ok();
    let entry = house.newest().await;
    assert_eq!(entry["accesses"][0]["action"], "updateConfiguration");
    assert!(!entry.to_string().contains("plugh"), "{entry}");
    // What is read and sent back whole changes nothing.
    let head = house.head().await;
    let config = house.get(&path).await.ok()["config"].clone();
    house.patch(&path, json!([{"op": "replace", "path": "/config", "value": config}])).await.ok();
    assert_eq!(house.head().await, head);
    let test = json!([{"op": "test", "path": "/config/apiKey", "value": "plugh"}]);
    house.patch(&path, test).await.refused(409, "optimistic_locking_error");

    assert_eq!(house.delete(&path).await.status(), 204);
    house.get(&path).await.refused(404, "not_found");
}

async fn values_that_do_not_fit(store: Store) {
    let house = House::open(store).await;
    let head = house.head().await;
    for (key, config, field) in [
        ("datadog", json!({}), "Missing field config.apiKey"),
        ("slack", json!({"url": ""}), "Missing field config.url"),
        ("slack", json!({"url": "pigeon"}), "config.url"),
        ("datadog", json!({"apiKey": 7}), "config.apiKey"),
        ("datadog", json!({"apiKey": "k", "hostURL": "https://evil.example"}), "config.hostURL"),
        ("http", json!({"url": "http://x.example", "colour": "red"}), "config.colour"),
        ("http", json!({"url": "http://x.example", "authorization": "a\nb"}), "config.authorization"),
    ] {
        let message =
            house.post(&of(key), json!({"name": "n", "config": config})).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{config}: {message}");
    }
    for (body, field) in [
        (json!({"config": {"url": "http://x.example"}}), "name"),
        (json!({"name": "n"}), "config"),
        (
            json!({"name": "n", "config": {"url": "http://x.example"}, "statements": [{"effect": "no"}]}),
            "statements[0]",
        ),
    ] {
        let message = house.post(&of("http"), body).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{message}");
    }
    assert_eq!(house.head().await, head);
    // Older clients send the address beside the configuration.
    let old = json!({"name": "n", "config": {}, "url": "https://hooks.example/x"});
    assert_eq!(house.post(&of("slack"), old).await.ok()["on"], false);
}

async fn entries_are_told(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let teams = json!([{"effect": "allow", "resources": ["team/*"], "actions": ["*"]}]);
    let mut made = Vec::new();
    for (key, config) in
        [("slack", json!({"url": receiver.url})), ("http", json!({"url": receiver.url, "authorization": "Bearer t"}))]
    {
        let body = json!({"name": key, "config": config, "on": true, "statements": teams});
        made.push(house.post(&of(key), body).await.ok());
    }
    team(&house, "t").await;
    let entry = house.newest().await;
    deliverer(&house).pass().await.unwrap();
    let calls = receiver.calls();
    assert_eq!(calls.len(), 2);
    let plain = calls.iter().find(|c| c.headers.get("authorization").is_some_and(|a| a == "Bearer t")).unwrap();
    assert_eq!(plain.json(), entry);
    let slack = calls.iter().map(|c| c.json()).find(|body| body.get("text").is_some()).unwrap();
    let text = slack["text"].as_str().unwrap();
    assert!(text.contains(" created the team ") && text.contains('t'), "{text}");

    receiver.then([Then::Status(418)]);
    let slack = made[0]["_links"]["self"]["href"].as_str().unwrap();
    house.post(&format!("{slack}/deliveries"), json!({})).await.ok();
    deliverer(&house).pass().await.unwrap();
    let status = house.get(slack).await.ok()["_status"].clone();
    assert_eq!(
        status,
        json!({"successCount": 1, "lastSuccess": NOW, "errorCount": 1, "lastError": NOW,
            "errors": [{"statusCode": 418, "responseBody": "seen", "timestamp": NOW}]})
    );
    let log: Value = house.get(&format!("{slack}/deliveries")).await.ok();
    assert_eq!(log["totalCount"], 2);
}
