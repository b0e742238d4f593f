//! Flags of one context: what they give, and setting them.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::variation;
use crate::support::{House, on_both_engines};

on_both_engines! {
    settings_tell_value_and_target;
    setting_a_flag_targets_the_context;
    a_setting_must_be_a_value_of_the_flag;
    setting_needs_the_action;
    removals_are_planned_by_user;
}

const USER: &str = "/api/v2/users/default/test/ann";
const CONTEXT: &str = "/api/v2/projects/default/environments/test/contexts";

async fn put(house: &House, path: &str, body: Value) -> u16 {
    let answer = house.send(&format!("PUT {path}"), Some(&body)).await;
    assert_eq!(answer.status(), 204, "{}", answer.text());
    answer.status()
}

/// The values of the individual targets in `test`, by context kind and variation.
async fn targets(house: &House, flag: &str) -> Vec<(String, u64, Vec<String>)> {
    let flag = house.get(&super::path(flag)).await.ok();
    let test = &flag["environments"]["test"];
    let kinds = [("targets", "user"), ("contextTargets", "")];
    let mut all = Vec::new();
    for (list, kind) in kinds {
        for target in test[list].as_array().into_iter().flatten() {
            let values: Vec<String> = serde_json::from_value(target["values"].clone()).unwrap();
            let kind = target["contextKind"].as_str().filter(|kind| !kind.is_empty()).unwrap_or(kind).to_owned();
            if !values.is_empty() {
                all.push((kind, target["variation"].as_u64().unwrap(), values));
            }
        }
    }
    all
}

async fn settings_tell_value_and_target(store: Store) {
    let house = House::open(store).await;
    let lamp = house.texts("lamp").await;
    house.boolean("plain").await;
    let rule = json!({"kind": "addRule", "variationId": variation(&lamp, 1),
        "clauses": [{"contextKind": "user", "attribute": "city", "op": "in", "values": ["Ulm"]}]});
    house.instruct("lamp", json!([{"kind": "turnFlagOn"}, rule])).await;
    let one = format!("{USER}/flags/lamp");
    let setting = house.get(&one).await.ok();
    assert_eq!((&setting["_value"], &setting["setting"]), (&json!("a"), &Value::Null));
    // With what is known of the user.
    house.see(&[json!({"kind": "user", "key": "ann", "city": "Ulm"})]).await;
    let setting = house.get(&one).await.ok();
    assert_eq!((&setting["_value"], &setting["reason"]["kind"]), (&json!("b"), &json!("RULE_MATCH")));
    assert_eq!(put(&house, &one, json!({"setting": "c"})).await, 204);
    let all = house.get(&format!("{USER}/flags")).await.ok();
    let lamp = &all["items"]["lamp"];
    assert_eq!((&lamp["_value"], &lamp["setting"]), (&json!("c"), &json!("c")));
    assert_eq!(lamp["_links"]["self"]["href"], one);
    assert_eq!(all["items"]["plain"]["_value"], json!(false));
    // For a user that is sent along.
    let sent = json!({"key": "eve", "custom": {"city": "Ulm"}});
    let line = "REPORT /api/v2/users/default/test/eve/flags/lamp";
    assert_eq!(house.send(line, Some(&sent)).await.ok()["_value"], "b");
    house.get(&format!("{USER}/flags/none")).await.refused(404, "not_found");
}

async fn setting_a_flag_targets_the_context(store: Store) {
    let house = House::open(store).await;
    house.texts("lamp").await;
    let org = format!("{CONTEXT}/org/acme/flags/lamp");
    assert_eq!(put(&house, &org, json!({"setting": "b", "comment": "why"})).await, 204);
    let entry = house.newest().await;
    assert_eq!((&entry["comment"], &entry["titleVerb"]), (&json!("why"), &json!("updated the flag")));
    assert_eq!(entry["accesses"][0]["action"], "updateTargets");
    assert_eq!(targets(&house, "lamp").await, [("org".to_owned(), 1, vec!["acme".to_owned()])]);
    put(&house, &org, json!({"setting": "c"})).await;
    assert_eq!(targets(&house, "lamp").await, [("org".to_owned(), 2, vec!["acme".to_owned()])]);
    let head = house.head().await;
    put(&house, &org, json!({"setting": "c"})).await;
    assert_eq!(house.head().await, head, "nothing changed");
    put(&house, &org, json!({"setting": null})).await;
    assert_eq!(targets(&house, "lamp").await, []);
    // The path of 2016, for users.
    put(&house, &format!("{USER}/features/lamp"), json!({"setting": "a"})).await;
    assert_eq!(targets(&house, "lamp").await, [("user".to_owned(), 0, vec!["ann".to_owned()])]);
    put(&house, &format!("{USER}/flags/lamp"), json!({})).await;
    assert_eq!(targets(&house, "lamp").await, []);
}

async fn a_setting_must_be_a_value_of_the_flag(store: Store) {
    let house = House::open(store).await;
    house.boolean("lamp").await;
    for (path, body, status, code) in [
        (format!("{CONTEXT}/user/a/flags/lamp"), json!({"setting": "true"}), 400, "invalid_request"),
        (format!("{CONTEXT}/multi/a/flags/lamp"), json!({"setting": true}), 400, "invalid_request"),
        (format!("{CONTEXT}/user/a/flags/none"), json!({"setting": true}), 404, "not_found"),
    ] {
        house.send(&format!("PUT {path}"), Some(&body)).await.refused(status, code);
    }
}

async fn setting_needs_the_action(store: Store) {
    let house = House::open(store).await;
    house.boolean("lamp").await;
    let statements = json!([{"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]}]);
    let token = house.token(statements).await;
    let line = format!("PUT {CONTEXT}/user/a/flags/lamp");
    house.by(&token, &line, &json!({"setting": true})).await.refused(403, "forbidden");
}

async fn removals_are_planned_by_user(store: Store) {
    let house = House::open(store).await;
    let (lamp, bell) = (house.boolean("lamp").await, house.boolean("bell").await);
    for (key, flag) in [("lamp", &lamp), ("bell", &bell)] {
        let add = json!({"kind": "addTargets", "values": ["ann"], "variationId": variation(flag, 0)});
        house.instruct(key, json!([add])).await;
    }
    let path = "/api/v2/users/default/ann/expiring-user-targets/test";
    let plan = |flag: &Value| {
        json!({"kind": "addExpireUserTargetDate", "flagKey": flag["key"], "variationId": variation(flag, 0),
            "value": 1_800_000_000_000_i64})
    };
    let head = house.head().await;
    let done = house.patch(path, json!({"comment": "c", "instructions": [plan(&lamp), plan(&bell)]})).await.ok();
    assert_eq!((house.head().await, &done["successfulInstructions"]), (head + 1, &json!(2)));
    let items = done["items"].as_array().unwrap();
    let flags: Vec<_> = items.iter().map(|item| item["_resourceId"]["flagKey"].as_str().unwrap()).collect();
    assert_eq!((flags, &items[0]["userKey"]), (vec!["bell", "lamp"], &json!("ann")));
    assert_eq!(house.newest().await["accesses"][0]["action"], "updateExpiringTargets");
    assert_eq!(house.get(path).await.ok()["items"], done["items"]);
    let other = house.get("/api/v2/users/default/bob/expiring-user-targets/test").await.ok();
    assert_eq!(other["items"], json!([]));
    // All or nothing: the second instruction is about a flag that there is not.
    let remove = json!({"kind": "removeExpireUserTargetDate", "flagKey": "lamp", "variationId": variation(&lamp, 0)});
    let unknown = json!({"kind": "removeExpireUserTargetDate", "flagKey": "none", "variationId": "x"});
    let body = json!({"instructions": [remove.clone(), unknown]});
    house.patch(path, body).await.refused(404, "not_found");
    assert_eq!(house.get(path).await.ok()["items"], done["items"]);
    let left = house.patch(path, json!({"instructions": [remove]})).await.ok();
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
}
