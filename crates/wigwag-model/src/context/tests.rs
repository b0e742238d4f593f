#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::json;

/// The Go column of evaluation §3.4, with `anonymous: null` taken as false.
const OUTCOMES: &[(&str, Option<&str>)] = &[
    (r#"{"kind":"org","key":"a:b%c"}"#, Some("org:a%3Ab%25c")),
    (r#"{"kind":"user","key":"a:b%c"}"#, Some("a:b%c")),
    (r#"{"kind":"multi","org":{"key":"a:b"},"user":{"key":"u%1"}}"#, Some("org:a%3Ab:user:u%251")),
    (r#"{"kind":"multi","user":{"key":"u"},"Zed":{"key":"z"},"app":{"key":"p"}}"#, Some("Zed:z:app:p:user:u")),
    (r#"{"kind":"multi","org":{"key":"solo"}}"#, Some("org:solo")),
    (r#"{"kind":"multi"}"#, None),
    (r#"{"kind":"multi","org":{"key":""},"user":{"key":"u"}}"#, None),
    (r#"{"kind":"multi","org":{},"user":{"key":"u"}}"#, None),
    (r#"{"kind":"multi","org":"x","user":{"key":"u"}}"#, None),
    (r#"{"kind":"multi","kind2!":{"key":"u"}}"#, None),
    (r#"{"kind":"multi","multi":{"key":"u"}}"#, None),
    (r#"{"kind":"multi","org":{"key":"o","kind":"user"},"user":{"key":"u"}}"#, None),
    (r#"{"kind":"user"}"#, None),
    (r#"{"kind":"user","key":""}"#, None),
    (r#"{"kind":"user","key":null}"#, None),
    (r#"{"kind":"user","key":12}"#, None),
    (r#"{"kind":"","key":"a"}"#, None),
    (r#"{"kind":null,"key":"a"}"#, None),
    (r#"{"kind":5,"key":"a"}"#, None),
    (r#"{"kind":"kind","key":"a"}"#, None),
    (r#"{"kind":"multi","key":"a"}"#, None),
    (r#"{"kind":"has space","key":"a"}"#, None),
    (r#"{"kind":"größe","key":"a"}"#, None),
    (r#"{"kind":"a.b-c_D9","key":"a"}"#, Some("a.b-c_D9:a")),
    (r#"{"kind":"Multi","key":"a"}"#, Some("Multi:a")),
    (r#"{"kind":"User","key":"a"}"#, Some("User:a")),
    (r#"{"kind":"user","key":"a","name":5}"#, None),
    (r#"{"kind":"user","key":"a","name":null}"#, Some("a")),
    (r#"{"kind":"user","key":"a","anonymous":"yes"}"#, None),
    (r#"{"kind":"user","key":"a","anonymous":null}"#, Some("a")),
    (r#"{"kind":"user","key":"a","_meta":null}"#, Some("a")),
    (r#"{"kind":"user","key":"a","_meta":5}"#, None),
    (r#"{"kind":"user","key":"a","_meta":{"privateAttributes":"x"}}"#, None),
    (r#"{"kind":"user","key":"a","_meta":{"unknown":1}}"#, Some("a")),
    (r#"{"kind":"user","key":"a","":"x"}"#, Some("a")),
    (r#"{"kind":"user","key":"a","key":"b"}"#, Some("b")),
    (r#"{"key":"a"}"#, Some("a")),
    (r#"{"key":""}"#, Some("")),
    (r#"{"key":null}"#, None),
    (r#"{"key":7}"#, None),
    (r#"{}"#, None),
    (r#"{"name":"n"}"#, None),
    (r#"{"key":"a","anonymous":null}"#, Some("a")),
    (r#"{"key":"a","anonymous":"x"}"#, None),
    (r#"{"key":"a","custom":null}"#, Some("a")),
    (r#"{"key":"a","custom":[1]}"#, None),
    (r#"{"key":"a","email":5}"#, None),
    (r#"{"key":"a","privateAttributeNames":["/x"]}"#, Some("a")),
    (r#"{"key":"a","secondary":"s"}"#, Some("a")),
    ("null", None),
];

#[test]
fn every_documented_context_is_accepted_or_refused() {
    for (text, expected) in OUTCOMES {
        let parsed = Context::from_json(text.as_bytes());
        assert_eq!(parsed.as_ref().ok().map(|c| c.canonical_key()).as_deref(), *expected, "{text}: {parsed:?}");
    }
}

fn get(context: &Context, name: &str) -> Option<Value> {
    let reference = AttributeRef::parse(name).unwrap();
    context.parts()[0].get(&reference).map(|value| match value {
        AttributeValue::Text(text) => json!(text),
        AttributeValue::Bool(yes) => json!(yes),
        AttributeValue::Json(value) => value.clone(),
    })
}

#[test]
fn attributes_resolve_by_name_and_path() {
    let context = Context::from_value(json!({
        "kind": "org", "key": "o", "name": "N", "a/b": 1, "nil": null,
        "deep": {"x": {"y": [1]}, "nil": null}, "cars": ["red"], "_meta": {"privateAttributes": ["/deep/x"]},
    }))
    .unwrap();
    assert_eq!(get(&context, "kind"), Some(json!("org")));
    assert_eq!(get(&context, "/key"), Some(json!("o")));
    assert_eq!(get(&context, "anonymous"), Some(json!(false)));
    assert_eq!(get(&context, "a/b"), Some(json!(1)));
    assert_eq!(get(&context, "/deep/x/y"), Some(json!([1])));
    for missing in ["nil", "/deep/nil", "/deep/z", "/cars/0", "/key/x", "_meta", "zzz"] {
        assert_eq!(get(&context, missing), None, "{missing}");
    }
}

#[test]
fn many_attributes_are_found_too() {
    let mut context = Context::user("u").unwrap();
    for n in 0..200 {
        context = context.with(&format!("a{n}"), json!(n));
    }
    let again: Context = serde_json::from_value(serde_json::to_value(&context).unwrap()).unwrap();
    assert_eq!(again, context);
    for n in 0..200 {
        assert_eq!(get(&context, &format!("a{n}")), Some(json!(n)));
    }
    assert_eq!(get(&context, "a200"), None);
}

#[test]
fn legacy_users_become_users() {
    let context = Context::from_value(json!({
        "key": "k", "name": "n", "email": "top", "ip": null, "dropped": 1, "anonymous": true,
        "custom": {"email": "custom", "key": "no", "_meta": 1, "beta": true},
        "privateAttributeNames": ["/x", "email"],
    }))
    .unwrap();
    assert_eq!(
        serde_json::to_value(&context).unwrap(),
        json!({"kind": "user", "key": "k", "name": "n", "anonymous": true, "email": "custom", "beta": true,
               "_meta": {"privateAttributes": ["/~1x", "email"]}})
    );
}

#[test]
fn multi_contexts_round_trip_sorted_by_kind() {
    let value = json!({"kind": "multi", "user": {"key": "u", "a": 1}, "org": {"key": "o", "anonymous": true}});
    let context = Context::from_value(value.clone()).unwrap();
    assert!(context.is_multi());
    assert_eq!(context.parts()[0].kind().as_str(), "org");
    assert_eq!(serde_json::to_value(&context).unwrap(), value);
    let twice = Context::multi([Context::user("a").unwrap(), Context::user("b").unwrap()]);
    assert_eq!(twice, Err(ContextError::DuplicateKind("user".into())));
}
