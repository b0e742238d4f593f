//! Every case of contract/evaluation-vectors.json.

use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use wigwag_eval::offline::evaluate_batch;
use wigwag_eval::{
    CompiledFlag, CompiledSegment, Environment, Evaluation, Lookup, Recorder, evaluate, evaluate_recorded,
};
use wigwag_model::context::Context;
use wigwag_model::flag::{Flag, Prerequisite};
use wigwag_model::segment::Segment;

pub(crate) fn load() -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contract/evaluation-vectors.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn environment(case: &Value) -> Environment {
    let mut environment = Environment::default();
    for flag in case["otherFlags"].as_object().unwrap().values() {
        environment.put_flag(compiled(flag));
    }
    for segment in case["segments"].as_object().unwrap().values() {
        let segment: Segment = serde_json::from_value(segment.clone()).unwrap();
        environment.put_segment(Arc::new(CompiledSegment::new(Arc::new(segment))));
    }
    environment.put_flag(compiled(&case["flag"]));
    environment
}

fn compiled(flag: &Value) -> Arc<CompiledFlag> {
    let flag: Flag = serde_json::from_value(flag.clone()).unwrap();
    Arc::new(CompiledFlag::new(Arc::new(flag)))
}

#[derive(Default)]
struct PrerequisiteEvents(Vec<Value>);

impl<'a> Recorder<'a> for PrerequisiteEvents {
    fn prerequisite(
        &mut self,
        required_by: &'a CompiledFlag,
        wanted: &'a Prerequisite,
        found: Option<(&'a CompiledFlag, &Evaluation<'a>)>,
        _met: bool,
    ) {
        if let Some((_, result)) = found {
            self.0.push(json!({
                "prereqOf": required_by.key(), "flagKey": wanted.key, "value": result.value,
                "variationIndex": result.variation, "reason": result.reason,
            }));
        }
    }
}

#[test]
fn every_vector_comes_out_as_recommended() {
    let cases = load();
    let mut wrong = Vec::new();
    for case in &cases {
        let expected = case.get("recommended").unwrap_or(&case["expect"]);
        let environment = environment(case);
        let context = Context::from_value(case["context"].clone()).unwrap();
        let flag = environment.flag(case["flag"]["key"].as_str().unwrap()).unwrap();
        let mut events = PrerequisiteEvents::default();
        let result = evaluate_recorded(&environment, flag, &context, &mut events);
        let result = serde_json::to_value(result).unwrap();
        if result != *expected {
            wrong.push(format!("{}\n  expected {expected}\n  got      {result}", case["name"]));
        }
        if let Some(expected) = case.get("prerequisiteEvents")
            && *expected != Value::Array(events.0.clone())
        {
            wrong.push(format!("{}\n  expected events {expected}\n  got {:?}", case["name"], events.0));
        }
        let unrecorded = evaluate(&environment, flag.key(), &context);
        assert_eq!(serde_json::to_value(unrecorded).unwrap(), result, "{}", case["name"]);
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 671, "only {} vectors", cases.len());
}

#[test]
fn the_batch_command_gives_the_same() {
    let cases = load();
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    let mut out = Vec::new();
    evaluate_batch(lines.join("\n").as_bytes(), &mut out).unwrap();
    let answers: Vec<Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    for (case, answer) in cases.iter().zip(&answers) {
        let expected = case.get("recommended").unwrap_or(&case["expect"]);
        assert_eq!(answer, expected, "{}", case["name"]);
    }
}
