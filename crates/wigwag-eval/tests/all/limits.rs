//! Data that would overflow the stack or never end comes out malformed instead.

use serde_json::{Value, json};
use std::sync::Arc;
use wigwag_eval::{CompiledFlag, CompiledSegment, Environment, ErrorKind, ReasonKind, evaluate};
use wigwag_model::context::Context;

fn flag(key: &str, requires: &[String], rules: Value) -> Arc<CompiledFlag> {
    let requires: Vec<Value> = requires.iter().map(|key| json!({"key": key, "variation": 0})).collect();
    let flag = json!({"key": key, "on": true, "variations": [true], "fallthrough": {"variation": 0},
        "prerequisites": requires, "rules": rules});
    Arc::new(CompiledFlag::new(Arc::new(serde_json::from_value(flag).unwrap())))
}

fn segment_rules(key: &str) -> Value {
    json!([{"variation": 0, "clauses": [{"attribute": "", "op": "segmentMatch", "values": [key]}]}])
}

fn kind(environment: &Environment, key: &str) -> ReasonKind<'static> {
    match evaluate(environment, key, &Context::user("u").unwrap()).reason.kind {
        ReasonKind::Error(kind) => ReasonKind::Error(kind),
        ReasonKind::Fallthrough { in_experiment } => ReasonKind::Fallthrough { in_experiment },
        other => panic!("{other:?}"),
    }
}

const MALFORMED: ReasonKind<'static> = ReasonKind::Error(ErrorKind::MalformedFlag);
const FALLTHROUGH: ReasonKind<'static> = ReasonKind::Fallthrough { in_experiment: false };

#[test]
fn chains_of_prerequisites_may_be_a_hundred_deep() {
    let mut environment = Environment::default();
    for n in 0..5000 {
        environment.put_flag(flag(&format!("f{n}"), &[format!("f{}", n + 1)], json!([])));
    }
    environment.put_flag(flag("f5000", &[], json!([])));
    assert_eq!(kind(&environment, "f4900"), FALLTHROUGH);
    assert_eq!(kind(&environment, "f4899"), MALFORMED);
    assert_eq!(kind(&environment, "f0"), MALFORMED);
}

#[test]
fn chains_of_segments_may_be_a_hundred_deep() {
    let mut environment = Environment::default();
    for n in 0..5000 {
        let segment = json!({"key": format!("s{n}"), "rules": segment_rules(&format!("s{}", n + 1))});
        let segment = serde_json::from_value(segment).unwrap();
        environment.put_segment(Arc::new(CompiledSegment::new(Arc::new(segment))));
    }
    environment.put_flag(flag("near", &[], segment_rules("s4900")));
    environment.put_flag(flag("far", &[], segment_rules("s4899")));
    assert_eq!(kind(&environment, "near"), FALLTHROUGH);
    assert_eq!(kind(&environment, "far"), MALFORMED);
}

#[test]
fn fanning_out_and_joining_again_ends() {
    let mut environment = Environment::default();
    for n in 0..60 {
        let next = format!("f{}", n + 1);
        environment.put_flag(flag(&format!("f{n}"), &[next.clone(), next], json!([])));
    }
    environment.put_flag(flag("f60", &[], json!([])));
    assert_eq!(kind(&environment, "f50"), FALLTHROUGH);
    // 2^60 visits without a limit.
    assert_eq!(kind(&environment, "f0"), MALFORMED);
}
