//! Random flags and segments that refer to each other.

use super::draw::Draw;
use super::values;
use serde_json::{Map, Value, json};

pub const FLAG_KEYS: &[&str] = &["f0", "f1", "f2", "f3"];
const SEGMENT_KEYS: &[&str] = &["s0", "s1", "s2"];
const OPERATORS: &[&str] = &[
    "in",
    "in",
    "in",
    "startsWith",
    "endsWith",
    "contains",
    "matches",
    "lessThan",
    "lessThanOrEqual",
    "greaterThan",
    "greaterThanOrEqual",
    "before",
    "after",
    "semVerEqual",
    "semVerLessThan",
    "semVerGreaterThan",
    "segmentMatch",
    "segmentMatch",
    "segmentMatch",
    "In",
    "unknown",
];

pub fn flags(draw: &mut Draw) -> Vec<Value> {
    (0..FLAG_KEYS.len()).map(|at| flag(draw, at)).collect()
}

pub fn segments(draw: &mut Draw) -> Vec<Value> {
    (0..SEGMENT_KEYS.len()).map(|at| segment(draw, at)).collect()
}

fn flag(draw: &mut Draw, at: usize) -> Value {
    let count = 1 + draw.below(4);
    // The last flag requires none, or it would mostly require itself.
    let prerequisites =
        if draw.chance(300) && at + 1 < FLAG_KEYS.len() { draw.some(2, |d| prerequisite(d, at)) } else { Vec::new() };
    let mut flag = json!({
        "key": FLAG_KEYS[at],
        "version": draw.below(100),
        "on": draw.chance(950),
        "prerequisites": prerequisites,
        "targets": targets(draw, count, false),
        "rules": draw.some(5, |d| rule(d, count)),
        "fallthrough": serve(draw, count),
        "variations": (0..count).map(|n| draw.pick(&[json!(n), json!(format!("v{n}")), json!({"n": [n, null]}),
            Value::Null, json!(true)])).collect::<Vec<_>>(),
        "salt": draw.pick(&["", "salt", "s.a.l.t", "塩"]),
        "trackEvents": false,
    });
    if draw.chance(800) {
        flag["offVariation"] = json!(index(draw, count));
    }
    if draw.chance(400) {
        flag["contextTargets"] = targets(draw, count, true);
    }
    flag
}

fn prerequisite(draw: &mut Draw, at: usize) -> Value {
    // Mostly downwards, so that cycles are seldom.
    let below = &FLAG_KEYS[at..];
    let key = match draw.below(60) {
        0 => draw.pick(FLAG_KEYS),
        1 => "missing",
        _ => draw.pick(&below[1..]),
    };
    json!({ "key": key, "variation": draw.below(2) })
}

/// An index, seldom out of range.
fn index(draw: &mut Draw, count: usize) -> i64 {
    if draw.chance(10) { draw.pick(&[-1, 9, count as i64]) } else { draw.below(count) as i64 }
}

fn targets(draw: &mut Draw, count: usize, contexts: bool) -> Value {
    let target = |draw: &mut Draw| {
        let mut target = json!({ "variation": index(draw, count), "values": keys(draw) });
        if contexts || draw.chance(30) {
            target["contextKind"] = json!(draw.pick(values::KINDS));
            if target["contextKind"] == "user" && draw.chance(500) {
                target["values"] = json!([]);
            }
        }
        target
    };
    Value::Array(draw.some(3, target))
}

fn keys(draw: &mut Draw) -> Vec<String> {
    draw.some(3, values::context_key)
}

fn rule(draw: &mut Draw, count: usize) -> Value {
    let mut rule = serve(draw, count);
    rule["id"] = json!(draw.pick(&["r0", "r1", ""]));
    rule["clauses"] = Value::Array(draw.some(2, clause));
    rule["trackEvents"] = json!(draw.chance(100));
    rule
}

fn clause(draw: &mut Draw) -> Value {
    let op = draw.pick(OPERATORS);
    let mut clause = json!({ "attribute": attribute(draw, op), "op": op });
    clause["values"] = match op {
        "segmentMatch" => Value::Array(draw.some(2, segment_key)),
        _ => Value::Array(draw.some(3, |d| values::for_operator(d, op))),
    };
    if draw.chance(300) {
        clause["negate"] = json!(true);
    }
    put(&mut clause, "contextKind", values::kind(draw));
    clause
}

/// Mostly an attribute whose values suit the operator.
fn attribute(draw: &mut Draw, op: &str) -> &'static str {
    if draw.chance(400) {
        return values::reference(draw);
    }
    match op {
        "before" | "after" => "when",
        "semVerEqual" | "semVerLessThan" | "semVerGreaterThan" => "ver",
        "lessThan" | "lessThanOrEqual" | "greaterThan" | "greaterThanOrEqual" => "n",
        "in" => draw.pick(&["crew", "n", "flag", "obj", "list", "key"]),
        _ => "crew",
    }
}

fn segment_key(draw: &mut Draw) -> Value {
    match draw.below(50) {
        0 => json!("missing"),
        1 => json!(7),
        _ => json!(draw.pick(SEGMENT_KEYS)),
    }
}

/// A variation or a rollout; seldom neither or both.
fn serve(draw: &mut Draw, count: usize) -> Value {
    let mut serve = Map::new();
    let sort = draw.below(200);
    if sort < 100 || sort == 199 {
        serve.insert("variation".to_string(), json!(index(draw, count)));
    }
    if (100..198).contains(&sort) || sort == 199 {
        serve.insert("rollout".to_string(), rollout(draw, count));
    }
    Value::Object(serve)
}

fn rollout(draw: &mut Draw, count: usize) -> Value {
    let entries = if draw.chance(10) { 0 } else { 1 + draw.below(5) };
    let entry = |draw: &mut Draw| {
        let weight = draw.pick(&[0, 1, 10_000, 33_333, 50_000, 100_000, -1000]);
        json!({ "variation": index(draw, count), "weight": weight, "untracked": draw.chance(200) })
    };
    let mut rollout = json!({ "variations": (0..entries).map(|_| entry(draw)).collect::<Vec<_>>() });
    if draw.chance(400) {
        rollout["kind"] = match draw.below(100) {
            0 => json!("newKind"),
            n if n < 50 => json!("rollout"),
            _ => json!("experiment"),
        };
    }
    if draw.chance(300) {
        rollout["seed"] = json!(draw.pick(&[0, 61, -1, i64::MAX, i64::MIN]));
    }
    bucketing(draw, &mut rollout, "contextKind");
    rollout
}

fn bucketing(draw: &mut Draw, object: &mut Value, kind: &str) {
    if draw.chance(300) {
        object["bucketBy"] = if draw.chance(100) { Value::Null } else { json!(values::reference(draw)) };
    }
    put(object, kind, values::kind(draw));
}

fn put(object: &mut Value, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        object[name] = json!(value);
    }
}

fn segment(draw: &mut Draw, at: usize) -> Value {
    let mut segment = json!({
        "key": SEGMENT_KEYS[at],
        "version": 1,
        "included": keys(draw),
        "excluded": keys(draw),
        "rules": draw.some(2, segment_rule),
        "salt": draw.pick(&["", "pepper"]),
    });
    for name in ["includedContexts", "excludedContexts"] {
        if draw.chance(300) {
            let list = |d: &mut Draw| json!({ "contextKind": d.pick(values::KINDS), "values": keys(d) });
            segment[name] = Value::Array(draw.some(2, list));
        }
    }
    if draw.chance(10) {
        segment["unbounded"] = json!(true);
    }
    segment
}

fn segment_rule(draw: &mut Draw) -> Value {
    let mut rule = json!({ "id": "sr", "clauses": draw.some(2, clause) });
    if draw.chance(400) {
        rule["weight"] = json!(draw.pick(&[0, 1, 30_000, 50_000, 100_000]));
        if draw.chance(10) {
            rule["weight"] = json!(-5);
        }
        bucketing(draw, &mut rule, "rolloutContextKind");
    }
    rule
}
