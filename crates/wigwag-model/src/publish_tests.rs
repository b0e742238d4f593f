#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::{flag, segment};
use crate::doc;

fn flag_doc(more: &Value) -> doc::Flag {
    let mut body = json!({
        "key": "lamp", "name": "Lamp", "kind": "multivariate", "temporary": false, "createdAt": 1,
        "variations": [{ "id": "a", "value": 1 }, { "id": "b", "value": 1.0, "name": "one" }, { "id": "c", "value": null }],
        "defaults": { "onVariation": 0, "offVariation": 1 },
        "clientSideAvailability": { "usingMobileKey": false, "usingEnvironmentId": true },
    });
    merge(&mut body, more);
    serde_json::from_value(body).unwrap()
}

fn config_doc(more: &Value) -> doc::FlagConfig {
    let mut body = json!({ "on": true, "salt": "s", "sel": "x", "lastModified": 2, "fallthrough": { "variation": 0 } });
    merge(&mut body, more);
    serde_json::from_value(body).unwrap()
}

fn segment_doc(more: &Value) -> doc::Segment {
    let mut body = json!({ "key": "crew", "name": "Crew", "salt": "s", "createdAt": 1, "lastModified": 2 });
    merge(&mut body, more);
    serde_json::from_value(body).unwrap()
}

fn merge(into: &mut Value, more: &Value) {
    into.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

fn published(config: &Value) -> Value {
    serde_json::to_value(flag(&flag_doc(&json!({})), &config_doc(config), 7).unwrap()).unwrap()
}

fn published_segment(more: &Value) -> Value {
    serde_json::to_value(segment(&segment_doc(more), 3)).unwrap()
}

#[test]
fn a_plain_flag_has_every_field_and_keeps_its_numbers() {
    let text = serde_json::to_string(&flag(&flag_doc(&json!({})), &config_doc(&json!({})), 7).unwrap()).unwrap();
    assert!(text.contains(r#""variations":[1,1.0,null]"#), "{text}");
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!({
            "key": "lamp", "version": 7, "on": true, "prerequisites": [], "targets": [], "contextTargets": [],
            "rules": [], "fallthrough": { "variation": 0 }, "offVariation": null, "variations": [1, 1.0, null],
            "clientSideAvailability": { "usingMobileKey": false, "usingEnvironmentId": true }, "clientSide": true,
            "salt": "s", "trackEvents": false, "trackEventsFallthrough": false, "debugEventsUntilDate": null,
            "deleted": false, "excludeFromSummaries": false,
        })
    );
}

#[test]
fn an_archived_flag_is_not_published() {
    assert!(flag(&flag_doc(&json!({ "archivedAt": 5 })), &config_doc(&json!({})), 7).is_none());
}

#[test]
fn targets_of_users_keep_their_place_among_those_of_other_kinds() {
    let targets = json!([
        { "contextKind": "user", "variation": 1, "values": ["ann"] },
        { "contextKind": "device", "variation": 0, "values": ["d1"] },
        { "contextKind": "user", "variation": 0, "values": ["bob"] },
        { "contextKind": "user", "variation": 2, "values": [] },
    ]);
    let flag = published(&json!({ "targets": targets }));
    assert_eq!(flag["targets"], json!([{ "variation": 1, "values": ["ann"] }, { "variation": 0, "values": ["bob"] }]));
    assert_eq!(
        flag["contextTargets"],
        json!([
            { "contextKind": "user", "variation": 1, "values": [] },
            { "contextKind": "device", "variation": 0, "values": ["d1"] },
            { "contextKind": "user", "variation": 0, "values": [] },
        ])
    );
}

#[test]
fn repeated_targets_become_one() {
    let targets = json!([
        { "contextKind": "user", "variation": 0, "values": ["a"] },
        { "contextKind": "", "variation": 0, "values": ["b"] },
        { "contextKind": "org", "variation": 0, "values": ["x"] },
        { "contextKind": "org", "variation": 0, "values": ["y"] },
    ]);
    let flag = published(&json!({ "targets": targets }));
    assert_eq!(flag["targets"], json!([{ "variation": 0, "values": ["a", "b"] }]));
    assert_eq!(flag["contextTargets"].as_array().unwrap().len(), 2);
    assert_eq!(flag["contextTargets"][1]["values"], json!(["x", "y"]));
}

#[test]
fn rules_say_every_kind_and_leave_out_what_sdks_trip_over() {
    let clauses = json!([
        { "id": "1", "attribute": "email", "op": "in", "values": ["a", 2, true, null, [1], { "b": 1 }] },
        { "id": "2", "contextKind": "org", "attribute": "/a/b", "op": "in", "values": [], "negate": true },
        { "id": "3", "contextKind": "user", "attribute": "ignored", "op": "segmentMatch", "values": ["crew"] },
    ]);
    let rollout = json!({
        "bucketBy": "", "seed": 0, "variations": [{ "variation": 0, "weight": 60000 }, { "variation": 1, "weight": 40000 }],
    });
    let rule =
        json!({ "id": "r", "ref": "x", "description": "d", "clauses": clauses, "serve": { "rollout": rollout } });
    let flag = published(&json!({ "rules": [rule], "offVariation": 2, "debugEventsUntil": -5 }));
    assert_eq!(
        flag["rules"],
        json!([{
            "id": "r", "trackEvents": false,
            "clauses": [
                { "contextKind": "user", "attribute": "email", "op": "in", "values": ["a", 2, true], "negate": false },
                { "contextKind": "org", "attribute": "/a/b", "op": "in", "values": [], "negate": true },
                { "attribute": "", "op": "segmentMatch", "values": ["crew"], "negate": false },
            ],
            "rollout": {
                "kind": "rollout", "contextKind": "user",
                "variations": [
                    { "variation": 0, "weight": 60000, "untracked": false },
                    { "variation": 1, "weight": 40000, "untracked": false },
                ],
            },
        }])
    );
    assert_eq!(flag["offVariation"], 2);
    assert_eq!(flag["debugEventsUntilDate"], Value::Null);
}

#[test]
fn an_experiment_keeps_kind_seed_and_untracked_parts() {
    let rollout = json!({
        "kind": "experiment", "contextKind": "org", "bucketBy": "key", "seed": 61,
        "variations": [{ "variation": 0, "weight": 100_000, "untracked": true }],
    });
    let flag = published(&json!({ "fallthrough": { "rollout": rollout } }));
    assert_eq!(flag["fallthrough"], json!({ "rollout": rollout }));
}

#[test]
fn only_migration_flags_have_migration_settings() {
    let config = config_doc(&json!({ "checkRatio": 10 }));
    let migration = |more: Value| {
        let flag = flag(&flag_doc(&more), &config, 1).unwrap();
        serde_json::to_value(flag).unwrap().get("migration").cloned()
    };
    assert_eq!(migration(json!({})), None);
    assert_eq!(migration(json!({ "purpose": "migration" })), Some(json!({ "checkRatio": 10 })));
    assert_eq!(migration(json!({ "migrationSettings": { "stageCount": 4 } })), Some(json!({ "checkRatio": 10 })));
}

#[test]
fn a_segment_keeps_users_apart_from_other_kinds() {
    let segment = published_segment(&json!({
        "included": ["a"], "excluded": [],
        "includedContexts": [
            { "contextKind": "user", "values": ["b"] }, { "contextKind": "org", "values": ["x"] },
            { "contextKind": "device", "values": [] },
        ],
    }));
    assert_eq!(
        segment,
        json!({
            "key": "crew", "version": 3, "included": ["a", "b"], "excluded": [],
            "includedContexts": [{ "contextKind": "org", "values": ["x"] }], "excludedContexts": [],
            "salt": "s", "rules": [], "unbounded": false, "generation": null, "deleted": false,
        })
    );
}

#[test]
fn weighted_segment_rules_say_whom_they_hash() {
    let clause = json!({ "id": "c", "contextKind": "user", "attribute": "key", "op": "in", "values": ["a"] });
    let segment = published_segment(&json!({
        "unbounded": true, "unboundedContextKind": "org", "generation": 2,
        "rules": [{ "id": "w", "clauses": [clause], "weight": 500, "bucketBy": "" }, { "id": "p", "clauses": [] }],
    }));
    let clause = json!({ "contextKind": "user", "attribute": "key", "op": "in", "values": ["a"], "negate": false });
    assert_eq!(
        segment["rules"],
        json!([
            { "id": "w", "clauses": [clause], "weight": 500, "rolloutContextKind": "user" },
            { "id": "p", "clauses": [] },
        ])
    );
    assert_eq!(segment["generation"], 2);
    assert_eq!(segment["unboundedContextKind"], "org");
}
