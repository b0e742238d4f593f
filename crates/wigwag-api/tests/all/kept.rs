//! For how long what SDKs tell is kept, how much there is, and erasing a person from it.

use http::Extensions;
use serde_json::{Value, json};
use wigwag_api::kept::UsualDays;
use wigwag_store::Store;
use wigwag_store::volume::{Batch, MetricEvent};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    /// Days are as the server is set until an environment says otherwise.
    days_are_set_for_an_environment;
    /// What is kept of a context goes, and the receipt does not name it.
    a_context_is_erased_with_a_receipt;
    /// Targets are told, and removed if that is wanted.
    targets_are_told_and_removed;
    /// Both ask for their action.
    not_everybody_may;
}

const TEST: &str = "/api/v2/projects/default/environments/test";

fn days(rep: &Value) -> Vec<(&str, i64, bool)> {
    let items = rep["items"].as_array().unwrap().iter();
    items.map(|i| (i["kind"].as_str().unwrap(), i["days"].as_i64().unwrap(), i["own"].as_bool().unwrap())).collect()
}

async fn days_are_set_for_an_environment(store: Store) {
    let mut extensions = Extensions::new();
    extensions.insert(UsualDays { contexts: 20, counts: 300, metric_events: 80 });
    let house = House::extended(store, extensions).await;
    let path = format!("{TEST}/retention");
    let rep = house.get(&path).await.ok();
    assert_eq!(
        days(&rep),
        [("contexts", 20, false), ("contextInstances", 20, false), ("counts", 300, false), ("metricEvents", 80, false)]
    );
    assert!(rep["databaseBytes"].as_u64().unwrap() > 0);
    house.see(&[json!({"kind": "user", "key": "ann"})]).await;
    let body = json!({"contexts": 7, "counts": null});
    let rep = house.send(&format!("PUT {path}"), Some(&body)).await.ok();
    assert_eq!(days(&rep)[0], ("contexts", 7, true));
    assert_eq!(days(&rep)[2], ("counts", 300, false));
    assert_eq!((&rep["items"][0]["rows"], &rep["items"][1]["rows"]), (&json!(1), &json!(1)));
    assert!(rep["items"][0]["approximateBytes"].as_u64().unwrap() > 20, "{rep}");
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "updated the environment");
    assert!(entry["description"].as_str().unwrap().contains("7 days"), "{entry}");
    // The same again is no change, and neither is what is refused.
    let head = house.head().await;
    house.send(&format!("PUT {path}"), Some(&body)).await.ok();
    for (field, bad) in [("contexts", json!(0)), ("counts", json!(3651)), ("metricEvents", json!("many"))] {
        let refused = house.send(&format!("PUT {path}"), Some(&json!({field: bad}))).await;
        let message = refused.refused(400, "invalid_request");
        assert!(message.contains(field), "{message}");
    }
    assert_eq!(house.head().await, head);
    // Other changes of the environment leave it alone; nothing said is as before.
    house.patch(TEST, json!([{"op": "replace", "path": "/name", "value": "T"}])).await.ok();
    assert_eq!(days(&house.get(&path).await.ok())[0], ("contexts", 7, true));
    let rep = house.send(&format!("PUT {path}"), Some(&json!({}))).await.ok();
    assert_eq!(days(&rep)[0], ("contexts", 20, false));
}

async fn a_context_is_erased_with_a_receipt(store: Store) {
    let house = House::open(store).await;
    let eve = json!({"kind": "user", "key": "eve@example.com", "name": "Eve Berg"});
    house
        .see(&[eve.clone(), json!([{"kind": "org", "key": "acme"}, eve]), json!({"kind": "user", "key": "bob"})])
        .await;
    let env = house.env_id().await;
    let contexts = json!({"user": "eve@example.com"}).to_string();
    let metric =
        MetricEvent { env: env.as_str().into(), key: "buy".into(), at: NOW, value: None, contexts: contexts.into() };
    house.store.volume().record(Batch { metrics: vec![metric], ..Batch::default() }).await.unwrap();
    house.clock.advance(3_600_000);
    let body = json!({"kind": "user", "key": "eve@example.com"});
    let receipt = house.post(&format!("{TEST}/erasures"), body.clone()).await.ok();
    let counts = ["contexts", "contextInstances", "metricEvents", "targetsRemoved"].map(|name| receipt[name].clone());
    assert_eq!(counts, [1, 2, 1, 0], "{receipt}");
    assert_eq!((&receipt["at"], &receipt["stillNamed"]), (&json!(NOW + 3_600_000), &json!([])));
    let found = house.post(&format!("{TEST}/contexts/search"), json!({})).await.ok();
    assert!(!found.to_string().contains("eve@example.com") && !found.to_string().contains("Eve Berg"), "{found}");
    assert!(found.to_string().contains("bob"));
    // The entry proves it to who knows the context, and tells nobody else.
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "erased a context of the environment");
    let text = entry.to_string();
    assert!(!text.contains("eve@") && !receipt.to_string().contains("eve@"), "{text}");
    assert!(text.contains(receipt["receipt"].as_str().unwrap()) && text.contains(receipt["digest"].as_str().unwrap()));
    assert_eq!(receipt["digest"].as_str().unwrap(), digest(receipt["receipt"].as_str().unwrap(), &env));
    // Again: nothing is left, and that is a receipt, too.
    let again = house.post(&format!("{TEST}/erasures"), body).await.ok();
    assert_eq!((&again["contexts"], &again["metricEvents"]), (&json!(0), &json!(0)));
    assert_ne!(again["digest"], receipt["digest"]);
    for (field, body) in [
        ("kind", json!({"kind": "no kind", "key": "a"})),
        ("kind", json!({"kind": "multi", "key": "a"})),
        ("key", json!({"kind": "user", "key": ""})),
        ("key", json!({"kind": "user"})),
        ("key", json!({"kind": "user", "key": "x".repeat(1001)})),
    ] {
        let message = house.post(&format!("{TEST}/erasures"), body).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{message}");
    }
}

fn digest(receipt: &str, env: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(receipt.as_bytes()).unwrap();
    mac.update(format!("{env}\0user\0eve@example.com").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

async fn targets_are_told_and_removed(store: Store) {
    let house = House::open(store).await;
    let flag = house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    let variation = &flag["variations"][0]["_id"];
    let clause = json!({"contextKind": "user", "attribute": "key", "op": "in", "values": ["ann"]});
    let instructions = json!([
        {"kind": "addTargets", "contextKind": "user", "variationId": variation, "values": ["ann", "bob"]},
        {"kind": "addRule", "variationId": variation, "clauses": [clause]},
    ]);
    let patch = json!({"environmentKey": "test", "instructions": instructions});
    house.patch("/api/v2/flags/default/lamp", patch).await.ok();
    house.post("/api/v2/segments/default/test", json!({"key": "s", "name": "S"})).await.ok();
    let add = json!([{"op": "add", "path": "/included/-", "value": "ann"}]);
    house.patch("/api/v2/segments/default/test/s", add).await.ok();
    let body = json!({"kind": "user", "key": "ann"});
    let receipt = house.post(&format!("{TEST}/erasures"), body).await.ok();
    let named = json!([
        {"kind": "flag", "key": "lamp", "in": ["targets", "rules"]},
        {"kind": "segment", "key": "s", "in": ["included"]},
    ]);
    assert_eq!((&receipt["stillNamed"], &receipt["targetsRemoved"]), (&named, &json!(0)));
    let head = house.head().await;
    let body = json!({"kind": "user", "key": "ann", "removeTargets": true});
    let receipt = house.post(&format!("{TEST}/erasures"), body.clone()).await.ok();
    // What rules say is for those who wrote them.
    let named = json!([{"kind": "flag", "key": "lamp", "in": ["rules"]}]);
    assert_eq!((&receipt["stillNamed"], &receipt["targetsRemoved"]), (&named, &json!(2)));
    assert_eq!(house.head().await, head + 3, "a change of the flag, of the segment, and the erasure");
    let flag = house.get("/api/v2/flags/default/lamp").await.ok();
    assert_eq!(flag["environments"]["test"]["targets"][0]["values"], json!(["bob"]));
    // Who may not change the flag removes no target and erases nothing.
    let patch = json!({"environmentKey": "test", "instructions": [
        {"kind": "addTargets", "contextKind": "user", "variationId": variation, "values": ["ann"]}]});
    house.patch("/api/v2/flags/default/lamp", patch).await.ok();
    let role = json!([{"effect": "allow", "actions": ["viewProject"], "resources": ["proj/*"]},
        {"effect": "allow", "actions": ["deleteContextInstance"], "resources": ["proj/*:env/*"]}]);
    let made = house.post("/api/v2/tokens", json!({"name": "t", "inlineRole": role})).await.ok();
    let headers = [("authorization", made["token"].as_str().unwrap())];
    let head = house.head().await;
    house.raw(&format!("POST {TEST}/erasures"), &headers, &body.to_string()).await.refused(403, "forbidden");
    assert_eq!(house.head().await, head);
}

async fn not_everybody_may(store: Store) {
    let house = House::open(store).await;
    let reader = house.post("/api/v2/tokens", json!({"name": "r", "role": "reader"})).await.ok();
    let headers = [("authorization", reader["token"].as_str().unwrap())];
    house.raw(&format!("GET {TEST}/retention"), &headers, "").await.ok();
    let head = house.head().await;
    for (line, body) in [("PUT", "retention"), ("POST", "erasures")].map(|(method, name)| {
        (format!("{method} {TEST}/{name}"), if method == "PUT" { "{}" } else { r#"{"kind":"user","key":"a"}"# })
    }) {
        house.raw(&line, &headers, body).await.refused(403, "forbidden");
    }
    assert_eq!(house.head().await, head);
}
