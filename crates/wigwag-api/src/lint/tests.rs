//! A flag for each finding, and one without any.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wigwag_model::doc::{Flag, FlagConfig};

use super::{Other, Severity, lint};

fn flag(more: Value) -> Flag {
    let mut flag = json!({"key": "f", "name": "F", "kind": "boolean", "temporary": true, "createdAt": 0,
        "variations": [{"id": "a", "value": true}, {"id": "b", "value": false}],
        "defaults": {"onVariation": 0, "offVariation": 1},
        "clientSideAvailability": {"usingMobileKey": false, "usingEnvironmentId": false}});
    flag.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(flag).unwrap()
}

fn config(more: Value) -> FlagConfig {
    let mut config = json!({"on": true, "salt": "s", "sel": "s", "lastModified": 0, "fallthrough": {"variation": 0}, "offVariation": 1});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(config).unwrap()
}

fn clause(kind: &str, attribute: &str, op: &str, values: Value, negate: bool) -> Value {
    json!({"id": "c", "contextKind": kind, "attribute": attribute, "op": op, "values": values, "negate": negate})
}

fn is(attribute: &str, values: Value) -> Value {
    clause("user", attribute, "in", values, false)
}

fn rules(rules: &[Vec<Value>]) -> Value {
    let rule = |(at, clauses): (usize, &Vec<Value>)| json!({"id": format!("r{at}"), "clauses": clauses, "serve": {"variation": 1}});
    json!({"rules": rules.iter().enumerate().map(rule).collect::<Vec<_>>()})
}

/// Codes and paths below the environment.
fn found(more: Value) -> Vec<(&'static str, String)> {
    with(&flag(json!({})), more, &BTreeMap::new())
}

fn with(flag: &Flag, more: Value, others: &BTreeMap<String, Other>) -> Vec<(&'static str, String)> {
    let configs = BTreeMap::from([("e".to_owned(), config(more))]);
    let findings = lint(flag, &configs, others);
    assert!(findings.iter().all(|f| f.environment == "e" && !f.message.is_empty()));
    assert!(findings.is_sorted_by_key(|f| f.severity));
    let path = |path: &str| path.strip_prefix("/environments/e/").unwrap().to_owned();
    findings.iter().map(|f| (f.code, path(&f.path))).collect()
}

fn one(code: &'static str, path: &str) -> Vec<(&'static str, String)> {
    vec![(code, path.to_owned())]
}

#[test]
fn nothing_to_say() {
    let plain = rules(&[
        vec![is("plan", json!(["gold"])), clause("user", "email", "endsWith", json!(["@a.org"]), true)],
        vec![is("plan", json!(["silver", "gold"]))],
        vec![clause("org", "plan", "in", json!(["gold"]), false)],
        vec![
            clause("user", "v", "semVerGreaterThan", json!(["2.1"]), false),
            clause("user", "v", "semVerLessThan", json!(["3"]), false),
        ],
        vec![
            clause("user", "age", "greaterThan", json!([18]), false),
            clause("user", "age", "lessThan", json!([10, 65]), false),
        ],
        vec![clause("user", "page", "matches", json!(["^/shop/.*", "^2\\.\\d+$"]), false)],
    ]);
    assert_eq!(found(plain), []);
    assert_eq!(
        found(
            json!({"targets": [{"contextKind": "user", "variation": 0, "values": ["k"]}, {"contextKind": "org", "variation": 1, "values": ["k"]}]})
        ),
        []
    );
}

#[test]
fn unreachable_rules() {
    for (earlier, later) in [
        (vec![is("plan", json!(["gold", "silver"]))], vec![is("plan", json!(["gold"]))]),
        (vec![is("plan", json!(["gold"]))], vec![is("plan", json!(["gold"])), is("country", json!(["de"]))]),
        (
            vec![clause("user", "plan", "in", json!(["gold"]), true)],
            vec![clause("user", "/plan", "in", json!(["gold", "silver"]), true)],
        ),
        (
            vec![clause("", "", "segmentMatch", json!(["a", "b"]), false)],
            vec![clause("", "", "segmentMatch", json!(["b"]), false)],
        ),
        (vec![], vec![is("plan", json!(["gold"]))]),
    ] {
        assert_eq!(
            found(rules(&[earlier.clone(), later.clone()])),
            one("unreachable-rule", "rules/1"),
            "{earlier:?} {later:?}"
        );
        assert_eq!(found(rules(&[later, vec![is("x", json!([1]))]])), []);
    }
    // Everybody has a key, but not of every kind.
    let all = clause("user", "key", "startsWith", json!([""]), false);
    let codes = found(rules(&[
        vec![all.clone()],
        vec![is("plan", json!(["gold"]))],
        vec![clause("org", "a", "in", json!([1]), false)],
    ]));
    assert_eq!(
        codes,
        [("unreachable-rule", "rules/1".to_owned()), ("always-true-clause", "rules/0/clauses/0".to_owned())]
    );
}

#[test]
fn shadowed_targets() {
    let targets = json!({"targets": [
        {"contextKind": "org", "variation": 0, "values": ["x"]},
        {"contextKind": "user", "variation": 0, "values": ["a", "b"]},
        {"contextKind": "user", "variation": 1, "values": ["c", "b"]},
        {"contextKind": "org", "variation": 1, "values": ["x", "a"]},
    ]});
    let expected = [
        ("shadowed-target", "targets/1/values/1".to_owned()),
        ("shadowed-target", "contextTargets/3/values/0".to_owned()),
    ];
    assert_eq!(found(targets.clone()), expected);
    let mut off = targets;
    off["on"] = false.into();
    assert_eq!(found(off).last().unwrap().0, "targeting-while-off");
}

#[test]
fn contradictions() {
    let number = |op, value: Value| clause("user", "n", op, json!([value]), false);
    let version = |op, value| clause("user", "v", op, json!([value]), false);
    for (a, b, severity) in [
        (is("key", json!(["a"])), is("key", json!(["b"])), Severity::Error),
        (is("plan", json!(["a"])), is("plan", json!(["b"])), Severity::Warning),
        (is("plan", json!(["a"])), clause("user", "plan", "in", json!(["a", "b"]), true), Severity::Error),
        (number("greaterThan", json!(5)), number("lessThan", json!(5)), Severity::Warning),
        (number("lessThanOrEqual", json!(4)), number("greaterThanOrEqual", json!(5)), Severity::Warning),
        (version("semVerLessThan", "2.0.0"), version("semVerGreaterThan", "2"), Severity::Warning),
        (
            clause("user", "t", "after", json!(["2024-01-01T00:00:00Z"]), false),
            clause("user", "t", "before", json!([1_600_000_000_000_i64]), false),
            Severity::Warning,
        ),
    ] {
        let configs = BTreeMap::from([("e".to_owned(), config(rules(&[vec![a.clone(), b.clone()]])))]);
        let findings = lint(&flag(json!({})), &configs, &BTreeMap::new());
        assert_eq!(findings.len(), 1, "{a} {b}: {findings:?}");
        assert_eq!((findings[0].code, findings[0].severity), ("contradiction", severity), "{a} {b}");
        assert!(findings[0].path.ends_with("rules/0/clauses/1"));
    }
    let touching = vec![number("lessThanOrEqual", json!(5)), number("greaterThanOrEqual", json!(5))];
    assert_eq!(found(rules(&[touching])), []);
}

#[test]
fn clauses_that_say_nothing() {
    for always in [
        clause("user", "x", "contains", json!(["a", ""]), false),
        clause("user", "x", "matches", json!([".*"]), false),
        is("x", json!([true, false])),
        clause("user", "x", "in", json!([]), true),
    ] {
        assert_eq!(found(rules(&[vec![always.clone()]])), one("always-true-clause", "rules/0/clauses/0"), "{always}");
    }
    for never in [
        is("x", json!([])),
        clause("user", "x", "contains", json!([""]), true),
        clause("user", "x", "like", json!([1]), false),
    ] {
        assert_eq!(found(rules(&[vec![never.clone()]])), one("never-true-clause", "rules/0/clauses/0"), "{never}");
    }
}

#[test]
fn weights() {
    let rollout = |weights: &[(usize, u32)]| {
        let variations: Vec<_> =
            weights.iter().map(|(variation, weight)| json!({"variation": variation, "weight": weight})).collect();
        json!({"fallthrough": {"rollout": {"variations": variations}}})
    };
    assert_eq!(found(rollout(&[(0, 50_000), (1, 50_000)])), []);
    let at = |n: usize| format!("fallthrough/rollout/variations/{n}");
    assert_eq!(found(rollout(&[(0, 100_000), (1, 0)])), [("whole-weight", at(0)), ("zero-weight", at(1))]);
    assert_eq!(found(rollout(&[(0, 50_000), (1, 49_999)])), one("weight-total", "fallthrough/rollout"));
    assert_eq!(found(rollout(&[(0, 50_000), (0, 50_000)])), one("repeated-variation", &at(1)));
}

#[test]
fn patterns_and_versions() {
    let values = |op: &str, values: Value| found(rules(&[vec![clause("user", "v", op, values, false)]]));
    let at = |n: usize| format!("rules/0/clauses/0/values/{n}");
    assert_eq!(values("matches", json!(["ok", "("])), one("invalid-pattern", &at(1)));
    assert_eq!(values("matches", json!(["^2.3$"])), one("unescaped-dot", &at(0)));
    assert_eq!(values("matches", json!(["2\\.3\\.1"])), one("unanchored-version", &at(0)));
    assert_eq!(values("matches", json!(["2.3"])), [("unescaped-dot", at(0)), ("unanchored-version", at(0))]);
    assert_eq!(values("semVerLessThan", json!(["2.3.4", "v2"])), one("invalid-version", &at(1)));
    assert_eq!(values("lessThan", json!([1, "2"])), one("wrong-type", &at(1)));
    assert_eq!(values("startsWith", json!(["a", 2])), one("wrong-type", &at(1)));
    assert_eq!(values("before", json!([1, "tomorrow"])), one("invalid-date", &at(1)));
}

#[test]
fn prerequisites() {
    let other = |more: Value, config_more: Value| Other {
        flag: flag(more),
        configs: BTreeMap::from([("e".to_owned(), config(config_more))]),
    };
    let wants = |variation: usize| json!({"prerequisites": [{"key": "p", "variation": variation}]});
    let at = |others: &[Other], variation| {
        let others: BTreeMap<_, _> = others.iter().map(|other| ("p".to_owned(), other.clone())).collect();
        with(&flag(json!({})), wants(variation), &others).len()
    };
    assert_eq!(at(&[other(json!({}), json!({}))], 0), 0);
    assert_eq!(at(&[other(json!({}), json!({}))], 1), 1, "its off variation does not count");
    assert_eq!(at(&[other(json!({}), json!({"on": false}))], 0), 1);
    assert_eq!(at(&[other(json!({"archivedAt": 1}), json!({}))], 0), 1);
    assert_eq!(at(&[], 0), 1);
    let split = json!({"fallthrough": {"rollout": {"variations": [{"variation": 0, "weight": 100_000}, {"variation": 1, "weight": 0}]}}});
    assert_eq!(at(&[other(json!({}), split)], 1), 1);
    assert_eq!(at(&[other(json!({}), rules(&[vec![is("a", json!([1]))]]))], 1), 0);
}

#[test]
fn exposure() {
    let seen = flag(json!({"clientSideAvailability": {"usingMobileKey": true, "usingEnvironmentId": false}}));
    for (attribute, private) in [
        ("email", true),
        ("/contact/emailAddress", true),
        ("home_phone", true),
        ("firstName", true),
        ("plan", false),
        ("shipping", false),
    ] {
        let more = || rules(&[vec![is(attribute, json!(["x"]))]]);
        assert_eq!(with(&seen, more(), &BTreeMap::new()).len(), usize::from(private), "{attribute}");
        assert_eq!(found(more()), []);
    }
}
