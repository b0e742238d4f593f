#![allow(clippy::unwrap_used)]
use super::*;
use crate::Environment;
use serde_json::json;
use std::sync::Arc;

fn environment(flags: Value) -> Environment {
    let mut environment = Environment::default();
    for flag in flags.as_array().unwrap() {
        let mut flag = flag.clone();
        flag["version"] = json!(1);
        flag["variations"] = json!(["dark", "steady", "flashing"]);
        flag["salt"] = json!("brine");
        let flag = serde_json::from_value(flag).unwrap();
        environment.put_flag(Arc::new(CompiledFlag::new(Arc::new(flag))));
    }
    environment
}

fn sample() -> Environment {
    environment(json!([
        {"key": "child", "on": true, "fallthrough": {"variation": 0},
         "prerequisites": [{"key": "plain", "variation": 1}]},
        {"key": "plain", "on": true, "fallthrough": {"variation": 1}, "clientSide": true},
        {"key": "parent", "on": true, "fallthrough": {"variation": 1},
         "prerequisites": [{"key": "child", "variation": 0}, {"key": "plain", "variation": 1}]},
        {"key": "exp", "on": true, "fallthrough": {"rollout": {"kind": "experiment",
         "variations": [{"variation": 2, "weight": 100000}]}}},
        {"key": "broken", "on": true, "fallthrough": {"variation": 9}},
        {"key": "debugged", "on": true, "fallthrough": {"variation": 1}, "debugEventsUntilDate": 1000},
        {"key": "gone", "deleted": true, "on": true, "fallthrough": {"variation": 1}},
        {"key": "missing-first", "on": true, "fallthrough": {"variation": 1}, "offVariation": 0,
         "prerequisites": [{"key": "gone", "variation": 1}, {"key": "plain", "variation": 1}]},
    ]))
}

fn state(options: AllFlagsOptions) -> Value {
    let environment = sample();
    let context = Context::user("signal-7").unwrap();
    all_flags_state(&environment, environment.flags().map(|flag| &**flag), &context, options)
}

#[test]
fn the_documented_example_comes_out() {
    let state = state(AllFlagsOptions::default());
    assert_eq!(state["parent"], "steady");
    assert_eq!(
        state["$flagsState"]["parent"],
        json!({"prerequisites": ["child", "plain"], "variation": 1, "version": 1})
    );
    assert_eq!(state["exp"], "flashing");
    assert_eq!(
        state["$flagsState"]["exp"],
        json!({"reason": {"inExperiment": true, "kind": "FALLTHROUGH"}, "trackEvents": true, "trackReason": true,
               "variation": 2, "version": 1})
    );
    assert_eq!(state["broken"], Value::Null);
    assert_eq!(state["$flagsState"]["broken"], json!({"version": 1}));
    assert_eq!(state["$flagsState"]["missing-first"], json!({"variation": 0, "version": 1}));
    assert!(state.get("gone").is_none());
    assert_eq!(state["$valid"], true);
}

#[test]
fn details_can_be_kept_for_tracked_flags() {
    let at = |now| {
        let options = AllFlagsOptions { details_only_for_tracked: Some(now), with_reasons: true, ..Default::default() };
        state(options)["$flagsState"].clone()
    };
    assert_eq!(at(999)["plain"], json!({"variation": 1}));
    assert_eq!(at(999)["exp"]["version"], 1);
    assert_eq!(at(999)["debugged"]["version"], 1);
    assert_eq!(at(1000)["debugged"], json!({"variation": 1, "debugEventsUntilDate": 1000}));
}

#[test]
fn clients_see_only_what_they_may() {
    let keys = |audience| {
        let state = state(AllFlagsOptions { audience, ..Default::default() });
        state["$flagsState"].as_object().unwrap().len()
    };
    assert_eq!(keys(Audience::EnvironmentId), 1);
    // Data without `clientSideAvailability` is visible to mobile SDKs.
    assert_eq!(keys(Audience::Mobile), 7);
}

#[test]
fn payload_entries_have_the_clients_fields() {
    let environment = sample();
    let context = Context::user("signal-7").unwrap();
    let entry = |key| {
        let flag = environment.flag(key).unwrap();
        serde_json::to_value(ClientFlag::evaluate(&environment, flag, &context, true)).unwrap()
    };
    assert_eq!(
        entry("parent"),
        json!({"value": "steady", "variation": 1, "version": 1, "flagVersion": 1, "reason": {"kind": "FALLTHROUGH"},
               "prerequisites": ["child", "plain"]})
    );
    assert_eq!(entry("broken")["reason"], json!({"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}));
}

/// Rollouts of prefixes and of texts to be hashed that take less than a block, just one, and more.
#[test]
fn rollouts_that_are_hashed_together_come_out_as_alone() {
    let halves = json!([{"variation": 0, "weight": 33333}, {"variation": 1, "weight": 33333}, {"variation": 2}]);
    let rollout = |n: usize| {
        let mut rollout = json!({"variations": halves});
        match n % 7 {
            1 => rollout["seed"] = json!(n),
            2 => rollout["bucketBy"] = json!("name"),
            3 => rollout["bucketBy"] = json!("age"),
            4 => rollout["contextKind"] = json!("team"),
            _ => {}
        }
        rollout
    };
    let flag = |n: usize| {
        let rule = json!({"clauses": [{"attribute": "age", "op": "lessThan", "values": [n]}],
                          "rollout": rollout(n + 3)});
        json!({"key": format!("{n}-{}", "k".repeat(n * 7 % 71)), "on": true, "rules": [rule],
               "fallthrough": {"rollout": rollout(n)}})
    };
    let environment = environment((0..120).map(flag).collect());
    let flags: Vec<_> = environment.flags().map(|flag| &**flag).collect();
    let plan = Plan::new(flags.iter().copied());
    let mut served = [0; 3];
    for n in 0..130 {
        let key = "x".repeat(n + 1);
        let context = json!({"kind": "multi", "user": {"key": key, "name": "y".repeat(n), "age": n},
                             "team": {"key": n.to_string()}});
        let context = Context::from_json(context.to_string().as_bytes()).unwrap();
        let mut facts = plan.facts(&context);
        for (n, flag) in flags.iter().enumerate() {
            let alone = crate::evaluate_flag(&environment, flag, &context).variation;
            assert_eq!(plan.variation(n, || flag, &mut facts), Some(alone), "{} for {key}", flag.key());
            served[alone.unwrap() as usize] += 1;
        }
    }
    assert!(served.iter().all(|count| *count > 3_000), "{served:?}");
}
