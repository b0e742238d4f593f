//! The shapes that are measured, in each engine's own data.

use serde_json::{Value, json};

/// One thing to evaluate.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) flags: Vec<Value>,
    pub(crate) segments: Vec<Value>,
    pub(crate) context: Value,
    /// Keys of the flags to evaluate, one after the other.
    pub(crate) top: Vec<String>,
    /// What the first of them must come out as.
    pub(crate) serves: Value,
    /// Unleash's features and segments.
    pub(crate) unleash: Value,
    pub(crate) unleash_context: Value,
    pub(crate) unleash_serves: bool,
}

const LONG: usize = 10_000;

/// All shapes, in the order of the table.
pub(crate) fn all() -> Vec<Shape> {
    vec![off(), target(true), target(false), rules(), prerequisites(), segment(), patterns(), many()]
}

/// The shape of this name.
pub(crate) fn named(name: &str) -> Option<Shape> {
    all().into_iter().find(|shape| shape.name == name)
}

fn flag(key: &str, more: Value) -> Value {
    let mut flag = json!({
        "key": key, "version": 1, "on": true, "prerequisites": [], "targets": [], "contextTargets": [], "rules": [],
        "fallthrough": {"variation": 0}, "offVariation": 1, "variations": [true, false], "salt": "salt",
        "trackEvents": false,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        flag[name] = value.clone();
    }
    flag
}

/// A user with the attributes that the rules below ask for.
fn user(key: &str) -> Value {
    json!({"kind": "user", "key": key, "name": "Robin", "country": "no", "plan": "gold", "email": "robin@example.com",
           "appVersion": "2.4.1", "age": 41, "beta": false, "team": "signals"})
}

fn unleash_user(key: &str) -> Value {
    json!({"userId": key, "properties": {"name": "Robin", "country": "no", "plan": "gold",
           "email": "robin@example.com", "appVersion": "2.4.1", "age": "41", "beta": "false", "team": "signals"}})
}

fn base(name: &'static str, title: &'static str, flags: Vec<Value>, features: Vec<Value>) -> Shape {
    Shape {
        name,
        title,
        top: vec![flags[0]["key"].as_str().unwrap_or_default().to_string()],
        flags,
        segments: Vec::new(),
        context: user("signal-7"),
        serves: json!(true),
        unleash: json!({"version": 2, "features": features, "segments": []}),
        unleash_context: unleash_user("signal-7"),
        unleash_serves: true,
    }
}

fn feature(name: &str, strategies: Value) -> Value {
    json!({"name": name, "enabled": true, "strategies": strategies})
}

fn default_with(constraints: Value) -> Value {
    json!({"name": "default", "constraints": constraints})
}

fn clause(attribute: &str, op: &str, values: Value) -> Value {
    json!({"contextKind": "user", "attribute": attribute, "op": op, "values": values, "negate": false})
}

fn rule(id: usize, clauses: Vec<Value>, variation: u64) -> Value {
    json!({"id": format!("rule-{id}"), "clauses": clauses, "variation": variation, "trackEvents": false})
}

fn constraint(name: &str, operator: &str, values: Value) -> Value {
    let mut constraint = json!({"contextName": name, "operator": operator});
    let field = if values.is_array() { "values" } else { "value" };
    constraint[field] = values;
    constraint
}

fn off() -> Shape {
    let flags = vec![flag("off", json!({"on": false}))];
    let mut feature = feature("off", json!([]));
    feature["enabled"] = json!(false);
    let shape = base("off", "boolean, off", flags, vec![feature]);
    Shape { serves: json!(false), unleash_serves: false, ..shape }
}

fn keys() -> Vec<String> {
    (0..LONG).map(|n| format!("user-key-{n:05}")).collect()
}

fn target(hit: bool) -> Shape {
    let (name, title) = match hit {
        true => ("target-hit", "target among 10,000 keys, hit"),
        false => ("target-miss", "target among 10,000 keys, miss"),
    };
    let targets = json!({"targets": [{"variation": 1, "values": keys()}]});
    let strategies = json!([default_with(json!([constraint("userId", "IN", json!(keys()))]))]);
    let key = if hit { "user-key-07777" } else { "user-key-none" };
    let shape = base(name, title, vec![flag("target", targets)], vec![feature("target", strategies)]);
    Shape { context: user(key), serves: json!(!hit), unleash_context: unleash_user(key), unleash_serves: hit, ..shape }
}

/// The first two clauses of every rule match and the third does not, so all 60 are evaluated.
fn rules() -> Shape {
    let rules: Vec<Value> = (0..20)
        .map(|n| {
            let last = clause("team", "in", json!([format!("team-{n}"), format!("crew-{n}")]));
            let first = clause("country", "in", json!(["no", "se", "dk"]));
            rule(n, vec![first, clause("plan", "in", json!(["gold", "silver"])), last], 1)
        })
        .collect();
    let rollout = json!({"rollout": {"contextKind": "user", "bucketBy": "key",
        "variations": [{"variation": 0, "weight": 99999}, {"variation": 1, "weight": 1}]}});
    let flags = vec![flag("rules", json!({"rules": rules, "fallthrough": rollout}))];
    let mut strategies: Vec<Value> = (0..20)
        .map(|n| {
            default_with(json!([
                constraint("country", "IN", json!(["no", "se", "dk"])),
                constraint("plan", "IN", json!(["gold", "silver"])),
                constraint("team", "IN", json!([format!("team-{n}"), format!("crew-{n}")])),
            ]))
        })
        .collect();
    strategies.push(json!({"name": "flexibleRollout",
        "parameters": {"rollout": "100", "stickiness": "userId", "groupId": "rules"}}));
    base("rules", "20 rules of 3 clauses missed, then a rollout", flags, vec![feature("rules", json!(strategies))])
}

/// Unleash allows one level of parents only: five beside each other stand for the chain.
fn prerequisites() -> Shape {
    let link = |n: usize| {
        let required = if n < 5 { json!([{"key": format!("link-{}", n + 1), "variation": 0}]) } else { json!([]) };
        flag(&format!("link-{n}"), json!({"prerequisites": required}))
    };
    let parents: Vec<Value> = (1..=5).map(|n| json!({"feature": format!("link-{n}")})).collect();
    let mut features: Vec<Value> =
        (0..=5).map(|n| feature(&format!("link-{n}"), json!([{"name": "default"}]))).collect();
    features[0]["dependencies"] = json!(parents);
    base("prerequisites", "prerequisite chain of 5", (0..=5).map(link).collect(), features)
}

fn segment() -> Shape {
    let rules = vec![rule(0, vec![clause("", "segmentMatch", json!(["crew"]))], 0)];
    let fallthrough = json!({"variation": 1});
    let flags = vec![flag("segment", json!({"rules": rules, "fallthrough": fallthrough}))];
    let feature = feature("segment", json!([{"name": "default", "segments": [1]}]));
    let mut shape = base("segment", "segment of 10,000 keys, hit", flags, vec![feature]);
    shape.segments = vec![json!({"key": "crew", "version": 1, "included": keys(), "excluded": [], "rules": [],
                                 "salt": "salt"})];
    shape.unleash["segments"] = json!([{"id": 1, "constraints": [constraint("userId", "IN", json!(keys()))]}]);
    Shape { context: user("user-key-07777"), unleash_context: unleash_user("user-key-07777"), ..shape }
}

fn patterns() -> Shape {
    let clauses = vec![
        clause("email", "matches", json!(["^[a-z]+@example\\.(com|org)$"])),
        clause("appVersion", "semVerGreaterThan", json!(["2.3.0"])),
    ];
    let fallthrough = json!({"variation": 1});
    let flags = vec![flag("patterns", json!({"rules": [rule(0, clauses, 0)], "fallthrough": fallthrough}))];
    let strategies = json!([default_with(json!([
        constraint("email", "REGEX", json!("^[a-z]+@example\\.(com|org)$")),
        constraint("appVersion", "SEMVER_GT", json!("2.3.0")),
    ]))]);
    base("patterns", "regex and semver rule", flags, vec![feature("patterns", strategies)])
}

/// A mixed environment: of every ten flags two off, two plain, three with a rule of two clauses,
/// two rollouts, one with 20 targets.
fn many() -> Shape {
    let targets: Vec<String> = (0..20).map(|n| format!("user-key-{n}")).collect();
    let rollout = json!({"rollout": {"contextKind": "user",
        "variations": [{"variation": 0, "weight": 40000}, {"variation": 1, "weight": 60000}]}});
    let ours = |n: usize| {
        let clauses = vec![
            clause("country", "in", json!(["no", "se", "dk"])),
            clause("plan", "startsWith", json!([format!("silver-{n}")])),
        ];
        let more = match n % 10 {
            0 | 1 => json!({"on": false}),
            2 | 3 => json!({}),
            4..=6 => json!({"rules": [rule(0, clauses, 1)]}),
            7 | 8 => json!({"fallthrough": rollout}),
            _ => json!({"targets": [{"variation": 1, "values": targets}]}),
        };
        flag(&format!("flag-{n:04}"), more)
    };
    let theirs = |n: usize| {
        let mut feature = feature(&format!("flag-{n:04}"), json!([{"name": "default"}]));
        match n % 10 {
            0 | 1 => feature["enabled"] = json!(false),
            2 | 3 => {}
            4..=6 => {
                feature["strategies"] = json!([default_with(json!([
                    constraint("country", "IN", json!(["no", "se", "dk"])),
                    constraint("plan", "STR_STARTS_WITH", json!([format!("silver-{n}")])),
                ]))]);
            }
            7 | 8 => {
                feature["strategies"] = json!([{"name": "flexibleRollout",
                    "parameters": {"rollout": "40", "stickiness": "userId", "groupId": format!("flag-{n:04}")}}]);
            }
            _ => feature["strategies"] = json!([default_with(json!([constraint("userId", "IN", json!(targets))]))]),
        }
        feature
    };
    let flags: Vec<Value> = (0..1000).map(ours).collect();
    let top = flags.iter().filter_map(|flag| flag["key"].as_str()).map(str::to_string).collect();
    let shape = base("many", "1,000 flags for one context", flags, (0..1000).map(theirs).collect());
    Shape { top, serves: json!(false), unleash_serves: false, ..shape }
}
