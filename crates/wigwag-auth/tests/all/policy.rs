//! The grammar, case by case.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use wigwag_auth::policy::{Policy, Verdict};
use wigwag_kit::Spec;

/// `flag/ops_kill` tagged `ops` in the critical environment `production` tagged `eu` of the
/// project `shop` tagged `mobile`.
pub(crate) fn flag() -> Spec {
    let tags = |t: &str| vec![t.to_owned()];
    Spec::project("shop", &tags("mobile")).env("production", &tags("eu"), true).then("flag", "ops_kill", &tags("ops"))
}

fn allows(statement: &Value, action: &str, resource: &Spec) -> bool {
    let policy = Policy::parse(std::slice::from_ref(statement)).unwrap();
    policy.verdict(action, resource.segments()) == Verdict::Allow(Some(0))
}

#[test]
fn specifiers_select_resources() {
    let cases = [
        ("proj/shop:env/production:flag/ops_kill", true),
        ("proj/*:env/*:flag/*", true),
        ("proj/*:env/*:flag/ops_*", true),
        ("proj/*:env/*:flag/*_kill", true),
        ("proj/*:env/*:flag/dev_*", false),
        ("proj/a,shop:env/*:flag/*", true),
        ("proj/a,b:env/*:flag/*", false),
        ("proj/Shop:env/*:flag/*", false),
        ("proj/*;mobile:env/*:flag/*", true),
        ("proj/*;web:env/*:flag/*", false),
        ("proj/*:env/*;eu:flag/*;ops", true),
        ("proj/*:env/*:flag/*;ops,beta", false),
        ("proj/*:env/*:flag/*;o*", true),
        ("proj/*:env/*;{critical:true}:flag/*", true),
        ("proj/*:env/*;{critical:false}:flag/*", false),
        ("proj/*:env/*;eu,{critical:true}:flag/*", true),
        ("proj/*:env/*;{colour:red}:flag/*", false),
        ("proj/*:env/*:flag/*;view:mine", false),
        ("proj/${roleAttribute/projects}:env/*:flag/*", false),
        ("proj/*", false),
        ("proj/*:env/*", false),
        ("proj/*:env/*:segment/*", false),
        ("proj/*:env/:flag/*", false),
        ("proj/*:flag/*", false),
    ];
    for (specifier, selected) in cases {
        let statement = json!({"effect": "allow", "actions": ["*"], "resources": [specifier]});
        assert_eq!(allows(&statement, "updateOn", &flag()), selected, "{specifier}");
    }
}

#[test]
fn the_account_has_no_name() {
    let statement = |r: &str| json!({"effect": "allow", "actions": ["*"], "resources": [r]});
    assert!(allows(&statement("acct"), "updateOrganization", &Spec::account()));
    assert!(!allows(&statement("acct/*"), "updateOrganization", &Spec::account()));
    assert!(!allows(&statement("member"), "createMember", &Spec::top("member", "x")));
}

#[test]
fn actions_are_globs() {
    for (action, selected) in
        [("*", true), ("update*", true), ("updateOn", true), ("updateon", false), ("create*", false)]
    {
        let statement = json!({"effect": "allow", "actions": [action], "resources": ["proj/*:env/*:flag/*"]});
        assert_eq!(allows(&statement, "updateOn", &flag()), selected, "{action}");
    }
}

#[test]
fn the_negative_forms() {
    let statement = json!({"effect": "allow", "notActions": ["delete*"], "resources": ["proj/*:env/*:flag/*"]});
    assert!(allows(&statement, "updateOn", &flag()));
    assert!(!allows(&statement, "deleteFlag", &flag()));

    let statement = json!({"effect": "allow", "actions": ["*"], "notResources": ["proj/*:env/*:flag/dev_*"]});
    assert!(allows(&statement, "updateOn", &flag()));
    let dev = Spec::project("shop", &[]).env("production", &[], true).then("flag", "dev_x", &[]);
    assert!(!allows(&statement, "updateOn", &dev));
    // Only resources of the types that are named: projects are not meant.
    assert!(!allows(&statement, "deleteProject", &Spec::project("shop", &[])));
}

#[test]
fn deny_beats_allow_in_any_order() {
    let allow = json!({"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*:flag/*"]});
    let deny = json!({"effect": "deny", "actions": ["updateOn"], "resources": ["proj/*:env/*;{critical:true}:flag/*"]});
    for (at, statements) in [[deny.clone(), allow.clone()], [allow, deny.clone()]].iter().enumerate() {
        let policy = Policy::parse(statements).unwrap();
        assert_eq!(policy.verdict("updateOn", flag().segments()), Verdict::Deny(at));
        assert_eq!(*policy.text(at), deny);
        assert_eq!(policy.verdict("updateRules", flag().segments()), Verdict::Allow(Some(1 - at)));
    }
}

#[test]
fn viewing_all_can_be_denied() {
    let deny = json!({"effect": "deny", "actions": ["viewProject"], "resources": ["proj/secret"]});
    let policy = Policy::parse(&[deny]).unwrap().viewing_all();
    assert_eq!(policy.verdict("viewProject", Spec::project("open", &[]).segments()), Verdict::Allow(None));
    assert!(matches!(policy.verdict("viewProject", Spec::project("secret", &[]).segments()), Verdict::Deny(_)));
    assert_eq!(policy.verdict("updateTags", Spec::project("open", &[]).segments()), Verdict::Silent);
}

#[test]
fn bad_statements_are_refused_by_name() {
    let cases = [
        (json!("allow"), "[0]: must be an object"),
        (json!({"actions": ["*"], "resources": ["proj/*"]}), "[0]: effect must be allow or deny"),
        (json!({"effect": "allow", "actions": ["*"]}), "[0]: needs resources or notResources"),
        (json!({"effect": "allow", "resources": ["proj/*"]}), "[0]: needs actions or notActions"),
        (
            json!({"effect": "allow", "actions": ["*"], "notActions": ["x"], "resources": ["proj/*"]}),
            "[0]: cannot have both actions and notActions",
        ),
        (json!({"effect": "allow", "actions": "*", "resources": ["proj/*"]}), "[0]: actions must be a list of strings"),
        (json!({"effect": "allow", "actions": [1], "resources": ["proj/*"]}), "[0]: actions must hold strings"),
        (
            json!({"effect": "allow", "actions": ["*"], "resources": [""]}),
            "[0].resources[0]: \"\" does not begin with a resource type",
        ),
        (
            json!({"effect": "allow", "actions": ["*"], "resources": ["env/*;{critical:true"]}),
            "[0].resources[0]: \"env/*;{critical:true\" leaves a brace open",
        ),
    ];
    for (statement, message) in cases {
        assert_eq!(Policy::parse(std::slice::from_ref(&statement)).unwrap_err(), message, "{statement}");
    }
}
