//! What clients decode: every required member, nothing null.

use serde_json::{Value, json};
use wigwag_kit::ApiVersion;

use super::build::{boolean, busy, plain, shown, shown_as};
use super::required::check;
use crate::flags::rep::{Detail, Shape};

#[test]
fn every_required_member_is_there_and_nothing_is_null() {
    for state in [plain(), boolean(), busy()] {
        for version in ApiVersion::ALL {
            for detail in [Detail::Summary, Detail::Full] {
                let value = shown_as(&state, Shape { version, detail, migration_settings: false });
                check("FeatureFlag", &value);
                no_nulls("", &value);
            }
        }
    }
}

fn no_nulls(path: &str, value: &Value) {
    match value {
        Value::Null => panic!("{path} is null"),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, one)| no_nulls(&format!("{path}/{i}"), one)),
        Value::Object(map) => map.iter().for_each(|(name, one)| no_nulls(&format!("{path}/{name}"), one)),
        _ => {}
    }
}

#[test]
fn summaries_leave_the_lists_out() {
    let shape = Shape { version: ApiVersion::NEWEST, detail: Detail::Summary, migration_settings: false };
    let config = shown_as(&busy(), shape)["environments"]["test"].clone();
    for name in ["targets", "contextTargets", "rules", "fallthrough", "offVariation", "prerequisites"] {
        assert!(config.get(name).is_none(), "{name}");
    }
    let zero = json!({"rules": 2, "nullRules": 0, "targets": 2, "contextTargets": 0, "isFallthrough": true});
    assert_eq!(config["_summary"]["variations"]["0"], zero);
    let two = json!({"rules": 0, "nullRules": 1, "targets": 0, "contextTargets": 0, "isOff": true});
    assert_eq!(config["_summary"]["variations"]["2"], two);
    assert_eq!(config["_summary"]["variations"]["1"]["contextTargets"], 1);
    assert_eq!(config["_summary"]["prerequisites"], 1);
}

#[test]
fn full_configurations() {
    let value = shown(&busy(), ApiVersion::NEWEST);
    let config = &value["environments"]["test"];
    assert_eq!(config["_site"], json!({"href": "/p/test/features/f", "type": "text/html"}));
    assert_eq!(
        config["targets"],
        json!([
            {"values": ["ann", "bob"], "variation": 0, "contextKind": "user"},
            {"values": ["cy"], "variation": 1, "contextKind": "user"},
        ])
    );
    assert_eq!(
        config["contextTargets"],
        json!([
            {"values": [], "variation": 0, "contextKind": "user"},
            {"values": ["d1"], "variation": 1, "contextKind": "device"},
            {"values": [], "variation": 1, "contextKind": "user"},
        ])
    );
    assert_eq!(config["fallthrough"], json!({"variation": 0}));
    assert_eq!(config["rules"][1]["rollout"]["variations"][0], json!({"variation": 0, "weight": 60_000}));
    assert_eq!(config["rules"][1]["ref"], "second");
    assert_eq!(config["prerequisites"], json!([{"key": "other", "variation": 1}]));
    assert_eq!((&config["version"], &value["_version"]), (&json!(5), &json!(3)));
    assert_eq!(value["_links"]["self"]["href"], "/api/v2/flags/p/f");
    assert_eq!(value["_links"]["parent"]["href"], "/api/v2/flags/p");
}

#[test]
fn the_oldest_version_lists_a_target_for_every_variation() {
    let config = shown(&busy(), ApiVersion::V20160426)["environments"]["test"].clone();
    let lists: Vec<_> =
        config["targets"].as_array().unwrap().iter().map(|t| t["values"].as_array().unwrap().len()).collect();
    assert_eq!(lists, [2, 1, 0]);
}

#[test]
fn environments_keep_the_projects_order() {
    let value = shown(&plain(), ApiVersion::NEWEST);
    let keys: Vec<_> = value["environments"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["production", "test"]);
}
