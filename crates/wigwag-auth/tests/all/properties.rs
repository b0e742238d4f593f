//! What must hold for any policy.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use serde_json::{Value, json};
use wigwag_auth::Permissions;
use wigwag_auth::policy::Policy;
use wigwag_kit::{Authority, Decision, Spec};

const NAMES: [&str; 5] = ["a", "b", "ab", "ops_a", "ops_b"];
const TAGS: [&str; 3] = ["x", "y", "xy"];
const ACTIONS: [&str; 5] = ["viewProject", "updateOn", "updateTags", "deleteFlag", "createProject"];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&NAMES[..]).prop_map(str::to_owned),
        prop::sample::select(&["*", "ops_*", "*a", "a,b", "a*b", "${roleAttribute/k}"][..]).prop_map(str::to_owned),
    ]
}

fn selector() -> impl Strategy<Value = String> {
    prop::sample::select(&["", "", ";x", ";x,y", ";x*", ";{critical:true}", ";{critical:false}", ";view:v"][..])
        .prop_map(str::to_owned)
}

fn specifier() -> impl Strategy<Value = String> {
    let step = |kind: &'static str| (name(), selector()).prop_map(move |(n, s)| format!("{kind}/{n}{s}"));
    (step("proj"), step("env"), step("flag"), 1..=3_usize).prop_map(|(p, e, f, depth)| [p, e, f][..depth].join(":"))
}

fn action() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&ACTIONS[..]).prop_map(str::to_owned),
        prop::sample::select(&["*", "update*", "*Project"][..]).prop_map(str::to_owned),
    ]
}

fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    let list = |s| prop::collection::vec(s, 1..3);
    (list(specifier().boxed()), list(action().boxed()), any::<bool>(), any::<bool>()).prop_map(
        move |(resources, actions, not_resources, not_actions)| {
            json!({
                "effect": effect,
                (if not_resources { "notResources" } else { "resources" }): resources,
                (if not_actions { "notActions" } else { "actions" }): actions,
            })
        },
    )
}

fn policy() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(prop_oneof![statement("allow").boxed(), statement("deny").boxed()], 0..6)
}

fn resource() -> impl Strategy<Value = Spec> {
    let tags = || prop::sample::subsequence(&TAGS[..], 0..=3).prop_map(|t| t.into_iter().map(str::to_owned).collect());
    let key = || prop::sample::select(&NAMES[..]);
    (key(), tags(), key(), tags(), any::<bool>(), key(), tags(), 1..=3_usize).prop_map(
        |(p, pt, e, et, critical, f, ft, depth): (_, Vec<String>, _, Vec<String>, _, _, Vec<String>, _)| {
            let spec = Spec::project(p, &pt);
            match depth {
                1 => spec,
                2 => spec.env(e, &et, critical),
                _ => spec.env(e, &et, critical).then("flag", f, &ft),
            }
        },
    )
}

fn allowed(statements: &[Value], viewing_all: bool, action: &str, resource: &Spec) -> bool {
    let policy = Policy::parse(statements).unwrap();
    let policy = if viewing_all { policy.viewing_all() } else { policy };
    Permissions::of_policy(policy).decide(action, resource) == Decision::Allow
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn another_deny_never_allows_more(
        base in policy(), more in statement("deny"), at in 0..6_usize, views in any::<bool>(),
        action in prop::sample::select(&ACTIONS[..]), resource in resource(),
    ) {
        let mut wider = base.clone();
        wider.insert(at.min(base.len()), more);
        prop_assert!(allowed(&base, views, action, &resource) || !allowed(&wider, views, action, &resource));
    }

    #[test]
    fn another_allow_never_denies_more(
        base in policy(), more in statement("allow"), at in 0..6_usize, views in any::<bool>(),
        action in prop::sample::select(&ACTIONS[..]), resource in resource(),
    ) {
        let mut wider = base.clone();
        wider.insert(at.min(base.len()), more);
        prop_assert!(!allowed(&base, views, action, &resource) || allowed(&wider, views, action, &resource));
    }

    #[test]
    fn order_means_nothing(
        base in policy(), seed in any::<u64>(),
        action in prop::sample::select(&ACTIONS[..]), resource in resource(),
    ) {
        let mut turned = base.clone();
        if !turned.is_empty() {
            let by = usize::try_from(seed % turned.len() as u64).unwrap();
            turned.rotate_left(by);
        }
        prop_assert_eq!(allowed(&base, false, action, &resource), allowed(&turned, false, action, &resource));
    }
}
