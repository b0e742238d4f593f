//! Random contexts: single, multi, legacy; mostly valid.

use super::draw::Draw;
use super::values::{self, KINDS};
use serde_json::{Map, Value, json};

pub fn context(draw: &mut Draw) -> Value {
    match draw.below(20) {
        0..=2 => legacy(draw),
        3..=7 => multi(draw),
        8 => odd(draw),
        _ => single(draw),
    }
}

fn single(draw: &mut Draw) -> Value {
    let mut part = part(draw);
    part.insert("kind".to_string(), json!(draw.pick(KINDS)));
    Value::Object(part)
}

fn part(draw: &mut Draw) -> Map<String, Value> {
    let mut part = Map::new();
    part.insert("key".to_string(), json!(values::context_key(draw)));
    for name in ["crew", "n", "flag", "when", "ver", "obj", "list", "a/b", "~x", "", "/crew"] {
        if draw.chance(700) {
            part.insert(name.to_string(), attribute(draw, name));
        }
    }
    if draw.chance(300) {
        part.insert("name".to_string(), json!(values::text(draw)));
    }
    if draw.chance(300) {
        part.insert("anonymous".to_string(), draw.pick(&[json!(true), json!(false), Value::Null]));
    }
    if draw.chance(100) {
        part.insert("_meta".to_string(), json!({ "privateAttributes": ["crew", "/obj/x", "/"] }));
    }
    part
}

fn attribute(draw: &mut Draw, name: &str) -> Value {
    match name {
        _ if draw.chance(200) => values::any(draw, 0),
        "n" => values::number(draw),
        "flag" => json!(draw.chance(500)),
        "when" => values::for_operator(draw, "before"),
        "ver" => values::for_operator(draw, "semVerEqual"),
        "obj" => json!({ "x": values::any(draw, 0), "y/z": values::any(draw, 1) }),
        "list" => Value::Array(draw.some(4, |d| values::any(d, 0))),
        _ => json!(values::text(draw)),
    }
}

fn multi(draw: &mut Draw) -> Value {
    let mut context = Map::new();
    context.insert("kind".to_string(), json!("multi"));
    for _ in 0..1 + draw.below(3) {
        context.insert(draw.pick(KINDS).to_string(), Value::Object(part(draw)));
    }
    Value::Object(context)
}

fn legacy(draw: &mut Draw) -> Value {
    let mut user = Map::new();
    let key = if draw.chance(50) { String::new() } else { values::context_key(draw) };
    user.insert("key".to_string(), json!(key));
    for name in ["name", "email", "country", "secondary"] {
        if draw.chance(300) {
            user.insert(name.to_string(), draw.pick(&[json!("a"), json!("ab"), Value::Null]));
        }
    }
    if draw.chance(300) {
        user.insert("anonymous".to_string(), draw.pick(&[json!(true), json!(false), Value::Null]));
    }
    if draw.chance(700) {
        let mut custom = part(draw);
        custom.insert("email".to_string(), json!("c"));
        user.insert("custom".to_string(), Value::Object(custom));
    }
    Value::Object(user)
}

/// Contexts that somebody refuses.
fn odd(draw: &mut Draw) -> Value {
    let mut context = if draw.chance(700) { single(draw) } else { legacy(draw) };
    let name = draw.pick(&["kind", "key", "name", "anonymous", "_meta", "email", "custom"]);
    let value = draw.pick(&[
        Value::Null,
        json!(""),
        json!("multi"),
        json!("kind"),
        json!("has space"),
        json!(5),
        json!([]),
        json!({}),
        json!({ "privateAttributes": 5 }),
    ]);
    if draw.chance(150) {
        // A multi context whose member says its own kind.
        return json!({ "kind": "multi", "org": { "key": "o", "kind": "user" }, "user": { "key": "u" } });
    }
    context[name] = value;
    context
}
