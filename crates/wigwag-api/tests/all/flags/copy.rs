//! `copyFeatureFlag`.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{path, variation};
use crate::support::{House, on_both_engines};

on_both_engines! {
    everything_is_copied;
    parts_can_be_chosen;
    versions_can_be_pinned;
    what_cannot_be_copied;
    both_environments_are_asked;
}

fn copy(more: Value) -> Value {
    let mut body = json!({"source": {"key": "test"}, "target": {"key": "production"}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn post(house: &House, body: Value) -> crate::support::Answer {
    house.post(&format!("{}/copy", path("f")), body).await
}

/// A flag `f` with something of everything in `test`.
async fn busy(house: &House) -> Value {
    let base = house.boolean("base").await;
    let flag = house.texts("f").await;
    let id = |index| variation(&flag, index);
    house
        .instruct(
            "f",
            json!([
                {"kind": "turnFlagOn"},
                {"kind": "addRule", "variationId": id(1),
                 "clauses": [{"attribute": "email", "op": "endsWith", "values": [".edu"]}]},
                {"kind": "addTargets", "variationId": id(2), "values": ["ann"]},
                {"kind": "addPrerequisite", "key": "base", "variationId": variation(&base, 1)},
                {"kind": "updateFallthroughVariationOrRollout", "variationId": id(1)},
                {"kind": "updateOffVariation", "variationId": id(0)},
                {"kind": "updateTrackEvents", "trackEvents": true},
            ]),
        )
        .await
}

const PARTS: [(&str, &str); 6] = [
    ("updateOn", "on"),
    ("updateRules", "rules"),
    ("updateFallthrough", "fallthrough"),
    ("updateOffVariation", "offVariation"),
    ("updatePrerequisites", "prerequisites"),
    ("updateTargets", "targets"),
];

async fn everything_is_copied(store: Store) {
    let house = House::open(store).await;
    let before = busy(&house).await;
    let answer = post(&house, copy(json!({"comment": "why"}))).await;
    assert_eq!(answer.status(), 201);
    let after = answer.json();
    let (from, to) = (&after["environments"]["test"], &after["environments"]["production"]);
    for (_, name) in PARTS {
        assert_eq!(from[name], to[name], "{name}");
    }
    assert_eq!(to["trackEvents"], false, "not among what is copied");
    assert_ne!(from["salt"], to["salt"]);
    assert_eq!(from, &before["environments"]["test"]);
    assert_eq!(after, house.get(&path("f")).await.ok());
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["comment"]), (&json!("updated the flag"), &json!("why")));
    let text = entry["description"].as_str().unwrap();
    assert!(text.starts_with("## Copied flag settings from Test to Production ##\n* Turned the flag on\n"), "{text}");
    assert_eq!(
        entry["accesses"],
        json!([
            {"action": "copyFlagConfigTo", "resource": "proj/default:env/production:flag/f"},
            {"action": "copyFlagConfigFrom", "resource": "proj/default:env/test:flag/f"},
        ])
    );
    let head = house.head().await;
    assert_eq!(post(&house, copy(json!({}))).await.ok(), after);
    assert_eq!(house.head().await, head, "nothing was left to copy");
}

async fn parts_can_be_chosen(store: Store) {
    let house = House::open(store).await;
    let before = busy(&house).await;
    for (action, name) in PARTS {
        let after = post(&house, copy(json!({"includedActions": [action]}))).await.ok();
        let changed: Vec<_> = PARTS
            .iter()
            .map(|(_, name)| *name)
            .filter(|name| after["environments"]["production"][name] != before["environments"]["production"][name])
            .collect();
        assert_eq!(changed, [name], "{action}");
        house.patch(&path("f"), reset(&before)).await.ok();
    }
    let others: Vec<_> = PARTS.iter().map(|(action, _)| *action).filter(|action| *action != "updateRules").collect();
    let after = post(&house, copy(json!({"excludedActions": others}))).await.ok();
    let (from, to) = (&after["environments"]["test"], &after["environments"]["production"]);
    assert_eq!((&to["rules"], &to["on"]), (&from["rules"], &json!(false)));
}

/// Makes `production` what it was.
fn reset(before: &Value) -> Value {
    let one = |(_, name): &(&str, &str)| {
        let path = format!("/environments/production/{name}");
        json!({"op": "replace", "path": path, "value": before["environments"]["production"][name]})
    };
    PARTS.iter().map(one).collect()
}

async fn versions_can_be_pinned(store: Store) {
    let house = House::open(store).await;
    let flag = busy(&house).await;
    let version = |env: &str| flag["environments"][env]["version"].as_u64().unwrap();
    let pinned = |source: u64, target: u64| {
        json!({"source": {"key": "test", "currentVersion": source},
               "target": {"key": "production", "currentVersion": target}})
    };
    let (test, production) = (version("test"), version("production"));
    for (source, target, name) in [(test + 1, production, "source"), (test, production + 1, "target")] {
        let message = post(&house, pinned(source, target)).await.refused(409, "optimistic_locking_error");
        assert!(message.starts_with(&format!("{name}.currentVersion: ")), "{message}");
    }
    post(&house, pinned(test, production)).await.ok();
}

async fn what_cannot_be_copied(store: Store) {
    let house = House::open(store).await;
    busy(&house).await;
    let head = house.head().await;
    let env = |source: &str, target: &str| json!({"source": {"key": source}, "target": {"key": target}});
    for (body, named) in [
        (env("test", "test"), "target.key"),
        (copy(json!({"includedActions": ["updateOn"], "excludedActions": ["updateRules"]})), "excludedActions"),
        (copy(json!({"includedActions": ["updateName"]})), "includedActions[0]"),
        (json!({"source": {"key": "test"}}), "target"),
    ] {
        let message = post(&house, body).await.refused(400, "invalid_request");
        assert!(message.contains(named), "{message}");
    }
    for body in [env("nope", "test"), env("test", "nope")] {
        let message = post(&house, body).await.refused(404, "not_found");
        assert_eq!(message, "Unknown environment key nope");
    }
    assert_eq!(house.head().await, head);
    // What cannot be is refused in the target as well.
    let f = house.get(&path("f")).await.ok();
    let back = json!({"environmentKey": "production",
        "instructions": [{"kind": "addPrerequisite", "key": "f", "variationId": variation(&f, 0)}]});
    house.patch(&path("base"), back).await.ok();
    let message = post(&house, copy(json!({}))).await.refused(400, "invalid_request");
    assert!(message.contains("cycle: f → base → f"), "{message}");
    let settings = json!([{"op": "replace", "path": "/requireComments", "value": true}]);
    house.patch("/api/v2/projects/default/environments/production", settings).await.ok();
    let targets = json!({"includedActions": ["updateTargets"]});
    assert!(post(&house, copy(targets)).await.refused(400, "invalid_request").starts_with("comment:"));
}

async fn both_environments_are_asked(store: Store) {
    let house = House::open(store).await;
    busy(&house).await;
    let line = format!("POST {}/copy", path("f"));
    for (action, env) in [("copyFlagConfigFrom", "test"), ("copyFlagConfigTo", "production")] {
        let token = house
            .token(json!([
                {"effect": "allow", "resources": ["proj/*", "proj/*:env/*", "proj/*:env/*:flag/*"], "actions": ["*"]},
                {"effect": "deny", "resources": [format!("proj/*:env/{env}:flag/*")], "actions": [action]},
            ]))
            .await;
        let head = house.head().await;
        let body = house.by(&token, &line, &copy(json!({}))).await;
        body.refused(403, "forbidden");
        assert_eq!(body.json()["access"]["action"], action);
        assert_eq!(house.head().await, head);
    }
}
