#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::json;

const DATA: &str = r#"{"flags": {
    "lamp": {"version": 2, "on": true, "variations": ["dark", "steady"], "offVariation": 0,
        "fallthrough": {"variation": 0}, "rules": [{"id": "r", "variation": 1, "clauses": [
            {"attribute": "", "op": "segmentMatch", "values": ["crew"]}]}]},
    "bell": {"key": "bell", "on": false, "variations": [1], "offVariation": 0},
    "gone": {"deleted": true, "version": 9}
}, "segments": {"crew": {"key": "crew", "included": ["signal-7"]}}}"#;
const CONTEXT: &str = r#"{"kind": "user", "key": "signal-7"}"#;

fn run(data: &str, context: &str, request: Request<'_>) -> Result<Value, OfflineError> {
    let mut out = Vec::new();
    evaluate_data(data.as_bytes(), context.as_bytes(), request, &mut out)?;
    Ok(serde_json::from_slice(&out).unwrap())
}

#[test]
fn all_flags_or_one_are_evaluated() {
    let all = run(DATA, CONTEXT, Request::default()).unwrap();
    let lamp = json!({"value": "steady", "variationIndex": 1,
        "reason": {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "r"}});
    assert_eq!(all, json!({"bell": {"value": 1, "variationIndex": 0, "reason": {"kind": "OFF"}}, "lamp": lamp}));
    let put = format!(r#"{{"path": "/", "data": {DATA}}}"#);
    let one = run(&put, CONTEXT, Request { flag: Some("lamp"), explain: true }).unwrap();
    assert_eq!(one["trace"]["rules"][0]["clauses"][0]["segments"][0]["membership"], "included");
    assert_eq!(one["value"], "steady");
}

#[test]
fn bad_input_is_named() {
    let message = |data, context, flag| match run(data, context, Request { flag, explain: false }) {
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    };
    assert!(message("{", CONTEXT, None).starts_with("the data is not SDK data: "));
    assert_eq!(message("[]", CONTEXT, None), "the data is not SDK data: it has no \"flags\"");
    assert!(message(r#"{"flags": {"a": {"on": 5}}}"#, CONTEXT, None).contains("flag \"a\": "));
    assert_eq!(message(DATA, "{}", None), "the context is not valid: context key must be a string");
    assert_eq!(message(DATA, CONTEXT, Some("no")), "there is no flag \"no\" in the data");
    assert!(message(DATA, CONTEXT, Some("gone")).contains("FLAG_NOT_FOUND"));
}

#[test]
fn every_line_of_a_batch_gets_its_line() {
    let flag = r#"{"key": "f", "on": true, "variations": [1], "fallthrough": {"variation": 0}}"#;
    let lines = [
        format!(r#"{{"flag": {flag}, "context": {CONTEXT}}}"#),
        String::new(),
        "{not json".to_string(),
        format!(r#"{{"flag": {flag}}}"#),
        format!(r#"{{"flag": {flag}, "context": {CONTEXT}, "segments": [1]}}"#),
        format!(
            r#"{{"flag": {flag}, "context": {{"kind": "user"}}, "segments": {{}}, "otherFlags": {{}}, "name": 1}}"#
        ),
    ]
    .join("\n");
    let mut out = Vec::new();
    evaluate_batch(&b"\xFF\n"[..], &mut out).unwrap();
    evaluate_batch(lines.as_bytes(), &mut out).unwrap();
    let answers: Vec<Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 7);
    assert_eq!(answers[1], json!({"value": 1, "variationIndex": 0, "reason": {"kind": "FALLTHROUGH"}}));
    for bad in [0, 2, 3, 4, 5] {
        assert!(answers[bad]["error"].is_string(), "{bad}: {}", answers[bad]);
    }
    assert_eq!(answers[6]["reason"]["errorKind"], "USER_NOT_SPECIFIED");
}
