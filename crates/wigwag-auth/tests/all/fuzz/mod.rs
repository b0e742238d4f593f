//! Whatever stands in a policy, reading it ends, and whatever was read decides: no panic, no contradiction.
//!
//! `scripts/fuzz policies` runs the same for as long as you like.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, dead_code)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use wigwag_auth::policy::{self, Attributes, Policy};
use wigwag_auth::{Directory, Permissions};
use wigwag_kit::{Authority, Decision, Spec};
use wigwag_model::doc::{Limit, Role, Token};

/// Pieces that specifiers are made of, in any order.
const PIECES: [&str; 26] = [
    "proj",
    "env",
    "flag",
    "acct",
    "/",
    ":",
    ";",
    ",",
    "*",
    "**",
    "{critical:true}",
    "{",
    "}",
    "view:",
    "view",
    "${",
    "${roleAttribute/k}",
    "${roleAttribute/",
    "${roleAttribute/long}",
    "a",
    "ops_",
    "é",
    "\u{0}",
    " ",
    "::",
    "-",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(&PIECES[..]), 0..14).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
        2 => prop::sample::select(&["proj/*:env/*:flag/*", "proj/${roleAttribute/k}:env/${roleAttribute/k}:flag/x*y"][..])
            .prop_map(str::to_owned),
    ]
}

fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(json!([[]])),
        Just(json!({}))
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let list = || {
        prop_oneof![
            6 => prop::collection::vec(text(), 0..4).prop_map(Value::from),
            1 => prop::collection::vec(odd(), 0..3).prop_map(Value::from),
            1 => odd(),
        ]
    };
    let name = |names: [&'static str; 2]| prop::sample::select(names.to_vec());
    let effect = prop_oneof![8 => Just(json!("allow")), 8 => Just(json!("deny")), 1 => odd()];
    let shaped = (effect, name(["resources", "notResources"]), list(), name(["actions", "notActions"]), list(), odd())
        .prop_map(|(effect, on, resources, act, actions, more)| {
            json!({"effect": effect, on: resources, act: actions, "more": more})
        });
    prop_oneof![12 => shaped, 1 => odd()]
}

fn policies() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(statement(), 0..6)
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, Vec<String>>> {
    let values = prop::collection::vec(text(), 0..4);
    let long = Just((0..40).map(|n| format!("v{n}*")).collect::<Vec<_>>());
    (values, long).prop_map(|(k, long)| BTreeMap::from([("k".to_owned(), k), ("long".to_owned(), long)]))
}

fn resource() -> impl Strategy<Value = Spec> {
    let key = || {
        prop_oneof![prop::sample::select(&["a", "ops_a", "", "é*", "a,b"][..]).prop_map(str::to_owned), any::<String>()]
    };
    (key(), key(), key(), 0..4_usize).prop_map(|(p, e, f, depth)| match depth {
        0 => Spec::account(),
        1 => Spec::project(&p, std::slice::from_ref(&e)),
        2 => Spec::project(&p, &[]).env(&e, std::slice::from_ref(&f), true),
        _ => Spec::project(&p, &[]).env(&e, &[], false).then("flag", &f, std::slice::from_ref(&p)).in_views(&[e]),
    })
}

fn action() -> impl Strategy<Value = String> {
    prop_oneof![prop::sample::select(&["viewProject", "updateOn", ""][..]).prop_map(str::to_owned), any::<String>()]
}

fn token(inline: Vec<Value>, limit: Vec<Value>, attributes: BTreeMap<String, Vec<String>>) -> Token {
    let token = json!({"id": "t", "hash": "", "ending": "", "memberId": "m", "serviceToken": true, "inlineRole": inline,
        "defaultApiVersion": 20_240_415, "createdAt": 0, "modifiedAt": 0});
    let limits = vec![Limit::Inline { statements: limit, attributes }, Limit::Role(Role::Admin)];
    Token { limits, ..serde_json::from_value(token).unwrap() }
}

/// Looks at so many policies.
pub fn run(cases: u32) -> Result<(), String> {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let all = (policies(), policies(), attributes(), action(), resource());
    let outcome =
        runner.run(&all, |(one, two, attributes, action, resource)| check(one, two, attributes, &action, &resource));
    outcome.map_err(|failure| failure.to_string())
}

fn check(
    one: Vec<Value>,
    two: Vec<Value>,
    attributes: BTreeMap<String, Vec<String>>,
    action: &str,
    resource: &Spec,
) -> Result<(), TestCaseError> {
    let known = policy::check(&one);
    let parsed = Policy::parse_for(&one, &Attributes::of(&attributes));
    if known.is_ok() {
        prop_assert!(parsed.is_ok(), "what roles may hold can be read: {:?}", parsed.err());
    }
    if let Ok(parsed) = parsed {
        let verdict = parsed.verdict(action, resource.segments());
        prop_assert_eq!(verdict, parsed.verdict(action, resource.segments()));
    }
    let permissions = Permissions::of_token(&token(one, two, attributes), None, &Directory::default());
    let allowed = permissions.decide(action, resource) == Decision::Allow;
    let explained = permissions.explain(action, resource);
    prop_assert_eq!(allowed, explained.allowed);
    prop_assert!(explained.deciding().is_some_and(|check| check.allowed == allowed));
    let read = Spec::parse(&resource.to_string());
    prop_assert!(read.is_none_or(|read| !read.segments().is_empty()));
    Ok(())
}

#[test]
fn no_policy_is_too_odd() {
    run(4_000).unwrap();
}
