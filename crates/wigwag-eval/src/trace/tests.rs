#![allow(clippy::unwrap_used)]
use super::*;
use crate::{CompiledSegment, Environment};
use serde_json::json;
use std::sync::Arc;

fn environment() -> Environment {
    let mut environment = Environment::default();
    for flag in [
        json!({"key": "gate", "version": 2, "on": true, "variations": [0, 1], "fallthrough": {"variation": 1}}),
        json!({"key": "loop", "on": true, "variations": [0], "fallthrough": {"variation": 0},
               "prerequisites": [{"key": "back", "variation": 0}]}),
        json!({"key": "back", "on": true, "variations": [0], "fallthrough": {"variation": 0},
               "prerequisites": [{"key": "loop", "variation": 0}]}),
        json!({
            "key": "lamp", "version": 7, "on": true, "salt": "brine", "variations": ["dark", "steady"],
            "prerequisites": [{"key": "gate", "variation": 1}],
            "rules": [
                {"id": "r0", "clauses": [{"attribute": "crew", "op": "in", "values": ["c"]}], "variation": 0},
                {"id": "r1", "clauses": [
                    {"attribute": "", "op": "segmentMatch", "values": ["none", "half"], "negate": true}],
                 "variation": 0},
            ],
            "fallthrough": {"rollout": {"bucketBy": "plan", "contextKind": "user",
                "variations": [{"variation": 1, "weight": 100000}]}},
        }),
    ] {
        let flag = serde_json::from_value(flag).unwrap();
        environment.put_flag(Arc::new(CompiledFlag::new(Arc::new(flag))));
    }
    let segment = json!({"key": "half", "version": 3, "salt": "s", "rules": [
        {"id": "w", "clauses": [{"attribute": "key", "op": "startsWith", "values": ["sig"]}], "weight": 99999}]});
    environment.put_segment(Arc::new(CompiledSegment::new(Arc::new(serde_json::from_value(segment).unwrap()))));
    environment
}

fn trace(key: &str) -> Value {
    let environment = environment();
    let context = Context::user("signal-7").unwrap();
    let (result, trace) = explain(&environment, environment.flag(key).unwrap(), &context);
    let trace = serde_json::to_value(trace).unwrap();
    assert_eq!(trace["result"], serde_json::to_value(result).unwrap());
    trace
}

#[test]
fn the_whole_story_is_told() {
    let trace = trace("lamp");
    assert_eq!(trace["result"]["value"], "steady");
    assert_eq!(trace["prerequisites"][0]["met"], true);
    assert_eq!(trace["prerequisites"][0]["wanted"], 1);
    assert_eq!(trace["prerequisites"][0]["flag"]["result"]["value"], 1);
    assert_eq!(trace["rules"][0]["clauses"][0]["outcome"], "attributeMissing");
    let clause = &trace["rules"][1]["clauses"][0];
    assert_eq!(clause["outcome"], "notMatched");
    assert_eq!(clause["segments"][0], json!({"key": "none", "contained": false, "membership": "noSegment"}));
    assert_eq!(clause["segments"][1]["version"], 3);
    assert_eq!(clause["segments"][1]["membership"], json!({"rule": 0}));
    assert_eq!(clause["segments"][1]["rules"][0]["bucket"]["prefix"], "half.s.");
    assert_eq!(
        trace["bucket"],
        json!({"prefix": "lamp.brine.", "kind": "user", "attribute": "plan", "kindFound": true, "hashed": false,
               "bucket": 0.0})
    );
}

#[test]
fn a_cycle_shows_where_it_broke() {
    let trace = trace("loop");
    assert_eq!(trace["result"]["reason"]["errorKind"], "MALFORMED_FLAG");
    let inner = &trace["prerequisites"][0];
    assert_eq!((&inner["key"], &inner["met"], &inner["wanted"]), (&json!("back"), &json!(false), &Value::Null));
    assert_eq!(inner["flag"]["result"]["reason"]["errorKind"], "MALFORMED_FLAG");
}
