//! Relay Proxy configurations.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use wigwag_api::relay_configs::{config_of, environments_of};
use wigwag_store::Store;

use crate::support::{House, NOW, OWNER, on_both_engines};

on_both_engines! {
    the_key_is_shown_once;
    a_reset_gives_a_new_key;
    patches;
    policies_choose_environments;
    bad_ones;
    who_may;
}

const PATH: &str = "/api/v2/account/relay-auto-configs";

fn allow(resources: &[&str]) -> Value {
    json!([{"effect": "allow", "actions": ["*"], "resources": resources}])
}

async fn made(house: &House, policy: Value) -> (String, String) {
    let made = house.post(PATH, json!({"name": "R", "policy": policy})).await.ok();
    (made["_id"].as_str().unwrap().to_owned(), made["fullKey"].as_str().unwrap().to_owned())
}

async fn the_key_is_shown_once(store: Store) {
    let house = House::open(store).await;
    let answer = house.post(PATH, json!({"name": "R", "policy": allow(&["proj/*:env/*"])})).await;
    assert_eq!(answer.status(), 201);
    let made = answer.ok();
    let key = made["fullKey"].as_str().unwrap();
    assert!(key.starts_with("rel-") && key.len() == 40, "{key}");
    assert_eq!((made["displayKey"].as_str().unwrap(), &made["creationDate"]), (&key[36..], &json!(NOW)));
    assert_eq!((&made["policy"], &made["_creator"]["email"]), (&allow(&["proj/*:env/*"]), &json!("ann@example.com")));
    let path = format!("{PATH}/{}", made["_id"].as_str().unwrap());
    let read = house.get(&path).await.ok();
    assert!(read["fullKey"] == "" && read["displayKey"] == made["displayKey"], "{read}");
    assert_eq!(house.get(PATH).await.ok()["items"], json!([read]));
    let entry = house.newest().await;
    assert_eq!(
        (&entry["kind"], &entry["titleVerb"]),
        (&json!("relay-proxy-config"), &json!("created the relay-proxy-config"))
    );
    let stored = entry["currentVersion"].to_string();
    assert!(!entry.to_string().contains(key) && !stored.contains(&wigwag_auth::secret::hash(key)), "{entry}");
    let ctx = house.ctx();
    assert_eq!(config_of(&ctx, key).await.unwrap().unwrap().name, "R");
    assert!(config_of(&ctx, "rel-00000000-0000-4000-8000-000000000000").await.unwrap().is_none());
    assert_eq!(house.delete(&path).await.status(), 204);
    assert!(config_of(&ctx, key).await.unwrap().is_none());
    house.get(&path).await.refused(404, "not_found");
    house.delete(&path).await.refused(404, "not_found");
}

async fn a_reset_gives_a_new_key(store: Store) {
    let house = House::open(store).await;
    let (id, first) = made(&house, allow(&["proj/*:env/*"])).await;
    let ctx = house.ctx();
    let known = async |key: &str| config_of(&ctx, key).await.unwrap().is_some();
    let second = house.post(&format!("{PATH}/{id}/reset?expiry={}", NOW + 1000), Value::Null).await.ok();
    let second = second["fullKey"].as_str().unwrap().to_owned();
    assert_eq!(house.newest().await["accesses"][0]["action"], "resetRelayAutoConfiguration");
    assert!(known(&first).await && known(&second).await, "both for a while");
    house.clock.advance(1000);
    assert!(!known(&first).await && known(&second).await);
    let third = house.post(&format!("{PATH}/{id}/reset"), Value::Null).await.ok();
    assert!(!known(&second).await && known(third["fullKey"].as_str().unwrap()).await, "the old key ends at once");
    let message = house.post(&format!("{PATH}/{id}/reset?expiry=1"), Value::Null).await.refused(400, "invalid_request");
    assert!(message.contains("expiry"), "{message}");
    house.post(&format!("{PATH}/0123456789abcdef01234567/reset"), Value::Null).await.refused(404, "not_found");
}

async fn patches(store: Store) {
    let house = House::open(store).await;
    let (id, key) = made(&house, allow(&["proj/*:env/*"])).await;
    let path = format!("{PATH}/{id}");
    let statement = json!({"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/qa"]});
    for (patch, action) in [
        (
            json!({"patch": [{"op": "replace", "path": "/policy/0", "value": statement}], "comment": "c"}),
            "updateRelayAutoConfigurationPolicy",
        ),
        (json!([{"op": "replace", "path": "/name", "value": "S"}]), "updateRelayAutoConfigurationName"),
        (json!({"name": "T"}), "updateRelayAutoConfigurationName"),
    ] {
        house.patch(&path, patch.clone()).await.ok();
        assert_eq!(house.newest().await["accesses"][0]["action"], action, "{patch}");
    }
    let read = house.get(&path).await.ok();
    assert_eq!((&read["name"], &read["policy"]), (&json!("T"), &json!([statement])));
    assert!(config_of(&house.ctx(), &key).await.unwrap().is_some(), "the key stays");
    let head = house.head().await;
    house.patch(&path, json!([{"op": "remove", "path": "/policy/7"}])).await.refused(422, "patch_failed");
    house.patch(&path, json!({"policy": []})).await.refused(400, "invalid_request");
    house.patch(&path, json!({"name": ""})).await.refused(400, "invalid_request");
    assert_eq!(house.head().await, head);
}

async fn policies_choose_environments(store: Store) {
    let house = House::open(store).await;
    house.post("/api/v2/projects", json!({"key": "mobile", "name": "M", "tags": ["apps"]})).await.ok();
    let environment = json!({"key": "qa", "name": "QA", "color": "000000", "tags": ["slow"]});
    house.post("/api/v2/projects/mobile/environments", environment).await.ok();
    for (policy, expected) in [
        (allow(&["proj/*:env/*"]), "default/production default/test mobile/production mobile/qa mobile/test"),
        (allow(&["proj/mobile:env/q*"]), "mobile/qa"),
        (allow(&["proj/*;apps:env/*;slow"]), "mobile/qa"),
        (
            json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/mobile:env/*"]},
                {"effect": "deny", "actions": ["*"], "resources": ["proj/*:env/production"]}]),
            "mobile/qa mobile/test",
        ),
        (json!([{"effect": "deny", "actions": ["*"], "resources": ["proj/*:env/*"]}]), ""),
    ] {
        let (_, key) = made(&house, policy.clone()).await;
        let ctx = house.ctx();
        let config = config_of(&ctx, &key).await.unwrap().unwrap();
        let found = environments_of(&ctx, &config).await.unwrap();
        let mut found: Vec<_> = found.iter().map(|(project, env)| format!("{}/{}", project.key, env.key)).collect();
        found.sort();
        assert_eq!(found.join(" "), expected, "{policy}");
    }
}

async fn bad_ones(store: Store) {
    let house = House::open(store).await;
    for (body, word) in [
        (json!({"policy": allow(&["proj/*"])}), "name"),
        (json!({"name": "R"}), "policy"),
        (json!({"name": "R", "policy": []}), "policy"),
        (json!({"name": "", "policy": allow(&["proj/*"])}), "name"),
        (json!({"name": "R", "policy": [{"effect": "maybe", "actions": ["*"], "resources": ["proj/*"]}]}), "policy[0]"),
    ] {
        let message = house.post(PATH, body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(word), "{body}: {message}");
    }
}

async fn who_may(store: Store) {
    let house = House::open(store).await;
    let (id, _) = made(&house, allow(&["proj/*:env/*"])).await;
    let reader = house.post("/api/v2/tokens", json!({"role": "reader", "serviceToken": true})).await.ok();
    let reader = [("authorization", reader["token"].as_str().unwrap())];
    house.raw(&format!("GET {PATH}/{id}"), &reader, "").await.ok();
    house.raw(&format!("GET {PATH}"), &reader, "").await.ok();
    let head = house.head().await;
    for (line, body, action) in [
        (
            format!("POST {PATH}"),
            r#"{"name": "R", "policy": [{"effect": "allow", "actions": ["*"], "resources": ["proj/*"]}]}"#,
            "createRelayAutoConfiguration",
        ),
        (format!("PATCH {PATH}/{id}"), r#"{"name": "S"}"#, "updateRelayAutoConfigurationName"),
        (format!("POST {PATH}/{id}/reset"), "", "resetRelayAutoConfiguration"),
        (format!("DELETE {PATH}/{id}"), "", "deleteRelayAutoConfiguration"),
    ] {
        let answer = house.raw(&line, &reader, body).await;
        answer.refused(403, "forbidden");
        assert_eq!(answer.json()["access"]["action"], action, "{line}");
    }
    assert_eq!(house.head().await, head);
    let blind = json!([{"effect": "deny", "resources": ["acct"], "actions": ["*"]}]);
    let blind = house.post("/api/v2/tokens", json!({"serviceToken": true, "inlineRole": blind})).await.ok();
    let blind = [("authorization", blind["token"].as_str().unwrap())];
    house.raw(&format!("GET {PATH}"), &blind, "").await.refused(403, "forbidden");
    house.raw(&format!("GET {PATH}"), &[("authorization", OWNER), ("ld-api-version", "20160426")], "").await.ok();
}
