//! Flags to test with.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wigwag_kit::{ApiVersion, Result};
use wigwag_model::doc::{Environment, Flag, FlagConfig, Rule, Serve};
use wigwag_model::id::Ids;

use crate::flags::answer::{Versions, view};
use crate::flags::config_for_new_environment;
use crate::flags::facts::Facts;
use crate::flags::instructions::{self, Effect};
use crate::flags::load::Found;
use crate::flags::rep::{Detail, Maintainers, Shape};
use crate::flags::state::FlagState;
use crate::flags::{patch_json, validate};
use crate::read::{Loaded, environment_key, environment_spec, project_key, project_spec};

pub(super) const NOW: i64 = 1_700_000_000_000;

pub(super) fn environment(key: &str) -> Environment {
    serde_json::from_value(json!({
        "id": format!("id-{key}"), "key": key, "name": key.to_uppercase(), "color": "417505",
        "sdkKeys": [{"value": "sdk-1"}], "mobileKeys": [{"value": "mob-1"}], "createdAt": 0,
    }))
    .unwrap()
}

pub(super) fn flag(key: &str, values: &[Value]) -> Flag {
    let boolean = matches!(values, [Value::Bool(_), Value::Bool(_)]);
    let variation = |(i, value): (usize, &Value)| json!({"id": format!("v{i}"), "value": value});
    serde_json::from_value(json!({
        "key": key, "name": format!("Flag {key}"), "description": "for tests",
        "kind": if boolean { "boolean" } else { "multivariate" },
        "variations": values.iter().enumerate().map(variation).collect::<Vec<_>>(),
        "defaults": {"onVariation": 0, "offVariation": values.len() - 1},
        "temporary": true, "tags": ["one"], "createdAt": NOW,
        "clientSideAvailability": {"usingMobileKey": true, "usingEnvironmentId": false},
    }))
    .unwrap()
}

/// Three texts in two environments, without targeting.
pub(super) fn plain() -> FlagState {
    with(flag("f", &[json!("a"), json!("b"), json!("c")]))
}

pub(super) fn boolean() -> FlagState {
    with(flag("f", &[json!(true), json!(false)]))
}

fn with(flag: Flag) -> FlagState {
    let ids = Ids::seeded(9);
    let config = |env: &str| (env.to_owned(), config_for_new_environment(&flag, &environment(env), None, &ids, NOW));
    let configs: BTreeMap<String, FlagConfig> = ["production", "test"].into_iter().map(config).collect();
    FlagState { flag, configs }
}

/// `plain` with a bit of everything in `test`: two rules, targets of two kinds, a prerequisite.
pub(super) fn busy() -> FlagState {
    let clause = |id: &str, attribute: &str, op: &str, values: Value| json!({"id": id, "contextKind": "user", "attribute": attribute, "op": op, "values": values, "negate": false});
    let rollout = json!({"rollout": {"contextKind": "user", "variations": [
        {"variation": 0, "weight": 60000}, {"variation": 1, "weight": 40000}, {"variation": 2, "weight": 0}]}});
    let mut state = plain();
    let config = state.configs.get_mut("test").unwrap();
    let rules = json!([
        {"id": "r0", "clauses": [clause("c0", "email", "endsWith", json!([".edu"])),
                                 clause("c1", "country", "in", json!(["NO", "SE"]))],
         "serve": {"variation": 0}, "trackEvents": false, "description": "first"},
        {"id": "r1", "clauses": [], "serve": rollout, "trackEvents": true, "ref": "second"},
    ]);
    config.rules = serde_json::from_value(rules).unwrap();
    config.targets = serde_json::from_value(json!([
        {"contextKind": "user", "variation": 0, "values": ["ann", "bob"]},
        {"contextKind": "device", "variation": 1, "values": ["d1"]},
        {"contextKind": "user", "variation": 1, "values": ["cy"]},
    ]))
    .unwrap();
    config.prerequisites = serde_json::from_value(json!([{"key": "other", "variation": 1}])).unwrap();
    config.on = true;
    state
}

/// Knows the flag `other` (true, false), the member `m1` and the team `t1`.
pub(super) fn facts(ids: &Ids) -> Facts<'_> {
    let flags = ["other", "another"].map(|key| (key.to_owned(), flag(key, &[json!(true), json!(false)])));
    Facts {
        now: NOW + 1,
        ids,
        flags: flags.into_iter().collect(),
        requires: Vec::new(),
        members: ["m1".to_owned()].into(),
        teams: ["t1".to_owned()].into(),
    }
}

/// Applies instructions in `test` and checks the outcome.
pub(super) fn apply(before: &FlagState, instructions: &Value) -> Result<FlagState> {
    let ids = Ids::seeded(77);
    let facts = facts(&ids);
    let mut after = before.clone();
    let effect = instructions::apply(&mut after, Some("test"), instructions.as_array().unwrap(), &facts)?;
    assert_eq!(effect, Effect::Changed);
    validate::state(before, &after, &facts)?;
    Ok(after)
}

/// The representation of a single flag.
pub(super) fn shown(state: &FlagState, version: ApiVersion) -> Value {
    shown_as(state, Shape { version, detail: Detail::Full, migration_settings: true })
}

pub(super) fn shown_as(state: &FlagState, shape: Shape) -> Value {
    let found = found(state);
    let versions = Versions { flag: found.version, configs: &found.versions };
    serde_json::to_value(view(&found, state, &versions, &Maintainers::default(), shape).rep()).unwrap()
}

pub(super) fn found(state: &FlagState) -> Found {
    let project: wigwag_model::doc::Project = serde_json::from_value(json!({
        "id": "p", "key": "p", "name": "P", "createdAt": 0,
        "defaultClientSideAvailability": {"usingMobileKey": true, "usingEnvironmentId": false},
    }))
    .unwrap();
    let spec = project_spec(&project);
    let loaded = |key: &String| {
        let value = environment(key);
        let spec = environment_spec(&spec, &value);
        Loaded { spec, version: 1, key: environment_key("p", key), value }
    };
    Found {
        environments: state.configs.keys().map(loaded).collect(),
        project: Loaded { spec: spec.clone(), version: 1, key: project_key("p"), value: project },
        state: state.clone(),
        version: 3,
        versions: state.configs.keys().map(|key| (key.clone(), 5)).collect(),
    }
}

/// Applies JSON patch operations to the representation and reads it back.
pub(super) fn json_patch(before: &FlagState, operations: Value) -> Result<FlagState> {
    patch_as(before, operations, ApiVersion::NEWEST)
}

pub(super) fn patch_as(before: &FlagState, operations: Value, version: ApiVersion) -> Result<FlagState> {
    let shown = shown(before, version);
    let Value::Array(operations) = operations else { panic!("operations are an array") };
    let patched = wigwag_kit::patch::json::applied(&shown, &wigwag_kit::patch::json::read(operations)?)?;
    read_back(before, &shown, &patched)
}

pub(super) fn merge_patch(before: &FlagState, patch: &Value) -> Result<FlagState> {
    let shown = shown(before, ApiVersion::NEWEST);
    let mut patched = shown.clone();
    wigwag_kit::patch::merge::apply(&mut patched, patch);
    read_back(before, &shown, &patched)
}

fn read_back(before: &FlagState, shown: &Value, patched: &Value) -> Result<FlagState> {
    let ids = Ids::seeded(78);
    let facts = facts(&ids);
    let after = patch_json::read(before, shown, patched, &facts)?;
    validate::state(before, &after, &facts)?;
    Ok(after)
}

pub(super) fn test_config(state: &FlagState) -> &FlagConfig {
    &state.configs["test"]
}

/// What a rule serves, in short: `1` or `60000/40000/0`.
pub(super) fn serves(serve: &Serve) -> String {
    match serve {
        Serve::Variation(index) => index.to_string(),
        Serve::Rollout(rollout) => {
            rollout.variations.iter().map(|w| w.weight.to_string()).collect::<Vec<_>>().join("/")
        }
    }
}

pub(super) fn rule_ids(rules: &[Rule]) -> Vec<&str> {
    rules.iter().map(|rule| rule.id.as_str()).collect()
}
