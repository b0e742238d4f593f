//! Shapes on which SDKs would disagree are never stored (evaluation.md 2.3).

use serde_json::{Value, json};

use super::build::{busy, json_patch, plain};

fn refused(path: &str, value: Value) -> String {
    let patch = json!([{"op": "replace", "path": path, "value": value}]);
    json_patch(&busy(), patch).map(|_| ()).expect_err(path).to_string()
}

#[test]
fn paths_are_named() {
    let clause = |clause: Value| json!([{"clauses": [clause], "variation": 0}]);
    let rules = "/environments/test/rules";
    let good = json!({"attribute": "a", "op": "in", "values": ["x"]});
    let but = |name: &str, value: Value| {
        let mut one = good.clone();
        one[name] = value;
        clause(one)
    };
    let rollout = |variations: Value| json!({"rollout": {"variations": variations}});
    let cases = [
        (rules, but("op", json!("nope")), "/environments/test/rules/0/clauses/0/op"),
        (rules, but("contextKind", json!("multi")), "/environments/test/rules/0/clauses/0/contextKind"),
        (rules, but("attribute", json!("")), "/environments/test/rules/0/clauses/0/attribute"),
        (rules, but("attribute", json!("/a//b")), "/environments/test/rules/0/clauses/0/attribute"),
        (rules, but("attribute", json!("/~0a")), "must not begin with '~'"),
        (rules, but("values", json!([null])), "/environments/test/rules/0/clauses/0/values/0"),
        (rules, but("values", json!([{}])), "/environments/test/rules/0/clauses/0/values/0"),
        (rules, json!([{"clauses": []}]), "/environments/test/rules/0: needs a variation or a rollout"),
        (rules, json!([{"clauses": [], "variation": 7}]), "/environments/test/rules/0/variation"),
        (rules, json!("x"), "/environments/test/rules: must be an array"),
        (rules, json!([7]), "/environments/test/rules/0"),
        ("/environments/test/offVariation", json!(3), "/environments/test/offVariation"),
        ("/environments/test/offVariation", json!(2.0), "/environments/test/offVariation"),
        ("/environments/test/fallthrough", json!({}), "/environments/test/fallthrough"),
        ("/environments/test/fallthrough", rollout(json!([])), "add up to 100000"),
        ("/environments/test/fallthrough", rollout(json!([{"variation": 0, "weight": 99_999}])), "not 99999"),
        ("/environments/test/fallthrough", rollout(json!([{"variation": 5, "weight": 100_000}])), "variations/0"),
        ("/environments/test/fallthrough", rollout(json!([{"variation": 0, "weight": -5}])), "fallthrough"),
        ("/environments/test/on", json!("yes"), "/environments/test/on"),
        ("/environments/test/on", json!(null), "/environments/test/on"),
        ("/environments/test/salt", json!(""), "/environments/test/salt"),
        ("/environments/test/targets", json!([{"values": ["x"]}]), "/environments/test/targets/0"),
        ("/environments/test/targets", json!([{"variation": 9, "values": ["x"]}]), "/environments/test/targets"),
        ("/environments/test/prerequisites", json!([{"key": "f", "variation": 0}]), "its own prerequisite"),
        ("/environments/test/prerequisites", json!([{"key": "nope", "variation": 0}]), "'nope'"),
        ("/environments/test/prerequisites", json!([{"key": "another", "variation": 2}]), "prerequisites/0"),
        ("/environments/test/migrationSettings", json!({"checkRatio": 2}), "migrationSettings/checkRatio"),
        ("/environments/test", json!(7), "/environments/test"),
        ("/name", json!(""), "name"),
        ("/name", json!(null), "/name"),
        ("/tags", json!(["a b"]), "tags[0]"),
        ("/tags", json!([""]), "tags[0]"),
        ("/temporary", json!(1), "/temporary"),
        ("/archived", json!("true"), "/archived"),
        ("/customProperties", json!({"k": {"name": "K"}}), "/customProperties"),
        ("/customProperties", json!({"": {"name": "K", "value": []}}), "customProperties/"),
        ("/customProperties", json!({"k": {"name": "K", "value": ["x".repeat(65)]}}), "customProperties/k/value/0"),
        ("/variations", json!([]), "variations"),
        ("/variations/0/value", json!(1), "variations/"),
        ("/variations/0/value", json!("b"), "variations/1/value"),
        ("/defaults/onVariation", json!(3), "defaults/onVariation"),
        ("/maintainerId", json!("nope"), "/maintainerId"),
        ("/maintainerTeamKey", json!("nope"), "/maintainerTeamKey"),
        ("/clientSideAvailability", json!(true), "/clientSideAvailability"),
        ("/releasePipelineKey", json!("p"), "/releasePipelineKey"),
        ("/viewKeys", json!(["v"]), "/views/{viewKey}/link/flags"),
    ];
    for (path, value, named) in cases {
        let message = refused(path, value.clone());
        assert!(message.contains(named), "{path} = {value}: {message}");
    }
}

#[test]
fn one_key_in_two_variations() {
    let targets = json!([{"variation": 0, "values": ["x"]}, {"variation": 1, "values": ["x"]}]);
    let message = refused("/environments/test/targets", targets);
    assert!(message.contains("'x' would be targeted in more than one variation"), "{message}");
}

#[test]
fn empty_texts_that_mean_nothing_are_dropped() {
    let rollout = json!({"rollout": {"bucketBy": "", "contextKind": "", "variations": [
        {"variation": 1, "weight": 100_000}]}});
    let patch = json!([{"op": "replace", "path": "/environments/test/fallthrough", "value": rollout}]);
    let after = json_patch(&plain(), patch).unwrap();
    let stored = serde_json::to_value(&after.configs["test"].fallthrough).unwrap();
    assert_eq!(stored["rollout"]["contextKind"], "user");
    assert!(stored["rollout"].get("bucketBy").is_none());
}
