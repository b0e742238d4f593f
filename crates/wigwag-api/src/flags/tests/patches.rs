//! JSON patch and merge patch on the representation: behaviour.md 7.3 and its quirks.

use serde_json::{Value, json};
use wigwag_kit::ApiVersion;
use wigwag_model::doc::Maintainer;

use super::build::{busy, json_patch, merge_patch, patch_as, plain, rule_ids, serves, test_config};
use crate::flags::state::FlagState;

fn set(before: &FlagState, path: &str, value: Value) -> FlagState {
    json_patch(before, json!([{"op": "replace", "path": path, "value": value}])).unwrap()
}

#[test]
fn nothing_changes_when_what_was_read_is_sent_back() {
    for state in [plain(), busy()] {
        for version in ApiVersion::ALL {
            let shown = super::build::shown(&state, version);
            let operations = shown.as_object().unwrap().iter();
            let operations =
                operations.map(|(name, value)| json!({"op": "replace", "path": format!("/{name}"), "value": value}));
            assert_eq!(patch_as(&state, operations.collect(), version).unwrap(), state);
        }
    }
}

#[test]
fn read_only_and_unknown_members_are_ignored() {
    for path in [
        "/key",
        "/_version",
        "/creationDate",
        "/_links",
        "/kind",
        "/nonsense",
        "/environments/test/version",
        "/environments/test/fallthough",
        "/environments/test/archived",
        "/environments/test/lastModified",
        "/environments/test/_summary",
        "/archivedDate",
        "/_purpose",
        "/goalIds",
    ] {
        assert_eq!(set(&busy(), path, json!("x")), busy(), "{path}");
    }
}

#[test]
fn include_in_snippet_is_the_older_name() {
    let after = set(&plain(), "/includeInSnippet", json!(true));
    assert!(after.flag.client_side_availability.using_environment_id);
    assert!(after.flag.client_side_availability.using_mobile_key);
    let after = set(&after, "/clientSideAvailability", json!({"usingEnvironmentId": false, "usingMobileKey": false}));
    assert!(!after.flag.client_side_availability.using_environment_id);
    let after = set(&after, "/clientSideAvailability/usingMobileKey", json!(true));
    assert!(after.flag.client_side_availability.using_mobile_key);
}

#[test]
fn one_maintainer_displaces_the_other() {
    let member = set(&plain(), "/maintainerId", json!("m1"));
    assert_eq!(member.flag.maintainer, Some(Maintainer::Member("m1".into())));
    let team = set(&member, "/maintainerTeamKey", json!("t1"));
    assert_eq!(team.flag.maintainer, Some(Maintainer::Team("t1".into())));
    let back =
        json!([{"op": "remove", "path": "/maintainerTeamKey"}, {"op": "add", "path": "/maintainerId", "value": "m1"}]);
    assert_eq!(json_patch(&team, back).unwrap(), member);
    assert_eq!(json_patch(&member, json!([{"op": "remove", "path": "/maintainerId"}])).unwrap(), plain());
    assert_eq!(set(&member, "/maintainerId", json!("")), plain());
    let both = json!([{"op": "add", "path": "/maintainerId", "value": "m1"},
                      {"op": "add", "path": "/maintainerTeamKey", "value": "t1"}]);
    assert!(json_patch(&plain(), both).is_err());
}

#[test]
fn tags_and_texts() {
    let after = json_patch(
        &plain(),
        json!([{"op": "add", "path": "/tags/-", "value": "two"},
        {"op": "add", "path": "/tags/0", "value": "two"}]),
    )
    .unwrap();
    assert_eq!(after.flag.tags, ["two", "one"]);
    assert_eq!(set(&plain(), "/description", json!(null)).flag.description, "");
    let named = set(&plain(), "/variations/0/name", json!("A"));
    assert_eq!(named.flag.variations[0].name.as_deref(), Some("A"));
    assert_eq!(set(&named, "/variations/0/name", json!(null)), plain());
}

#[test]
fn variations_keep_their_ids() {
    let appended =
        json_patch(&busy(), json!([{"op": "add", "path": "/variations/3", "value": {"value": "d"}}])).unwrap();
    assert_eq!(appended.flag.variations[3].value, json!("d"));
    assert_eq!(appended.configs, busy().configs);
    let removed = json_patch(&appended, json!([{"op": "remove", "path": "/variations/3"}])).unwrap();
    assert_eq!(removed, busy());
    let used = json_patch(&busy(), json!([{"op": "remove", "path": "/variations/2"}])).unwrap_err().to_string();
    assert!(used.contains("still in use"), "{used}");
    let same = set(&busy(), "/variations", json!([{"value": "a"}, {"value": "b"}, {"value": "c"}]));
    assert_eq!(same, busy(), "equal values are the same variations");
    let renamed = set(&busy(), "/variations", json!([{"value": "a"}, {"value": "new"}, {"value": "c"}]));
    assert_eq!(renamed.flag.variations[1].id, "v1", "what stays in its place is the same variation");
}

#[test]
fn indexes_follow_a_variation_that_is_put_in_front() {
    let front = json!([{"op": "add", "path": "/variations/0", "value": {"value": "z"}}]);
    let after = json_patch(&busy(), front).unwrap();
    let config = test_config(&after);
    assert_eq!(serves(&config.rules[0].serve), "1");
    assert_eq!((serves(&config.fallthrough), config.off_variation), ("1".to_owned(), Some(3)));
    assert_eq!((after.flag.defaults.on_variation, after.flag.defaults.off_variation), (1, 3));
    let mixed = json!([{"op": "add", "path": "/variations/0", "value": {"value": "z"}},
                       {"op": "replace", "path": "/environments/test/offVariation", "value": 1}]);
    let message = json_patch(&busy(), mixed).unwrap_err().to_string();
    assert!(message.contains("cannot change places"), "{message}");
}

#[test]
fn a_variation_can_go_with_its_last_use() {
    let mut state = plain();
    state.configs.remove("production");
    let patch = json!([
        {"op": "remove", "path": "/variations/2"},
        {"op": "replace", "path": "/defaults", "value": {"onVariation": 0, "offVariation": 1}},
        {"op": "replace", "path": "/environments/test/offVariation", "value": 1},
    ]);
    let after = json_patch(&state, patch).unwrap();
    assert_eq!((after.flag.variations.len(), test_config(&after).off_variation), (2, Some(1)));
}

#[test]
fn individual_targets_as_documented() {
    let first =
        json!([{"op": "add", "path": "/environments/test/targets/-", "value": {"variation": 0, "values": ["x"]}}]);
    let one = json_patch(&plain(), first).unwrap();
    let second = json!([{"op": "add", "path": "/environments/test/targets/0/values/-", "value": "y"}]);
    let two = json_patch(&one, second).unwrap();
    assert_eq!(test_config(&two).targets[0].values, ["x", "y"]);
    let empty = set(&two, "/environments/test/targets", json!([{"variation": 0, "values": []}]));
    assert_eq!(empty, plain(), "lists without keys are not kept");
    let twice = set(
        &plain(),
        "/environments/test/targets",
        json!([
        {"variation": 0, "values": ["x"]}, {"variation": 0, "values": ["y", "x"]}]),
    );
    assert_eq!(test_config(&twice).targets, test_config(&two).targets);
}

#[test]
fn the_two_lists_of_targets_are_one() {
    let state = busy();
    let order = |state: &FlagState| {
        let targets = test_config(state).targets.iter();
        targets.map(|t| format!("{}{}", t.context_kind, t.variation)).collect::<Vec<_>>()
    };
    assert_eq!(order(&state), ["user0", "device1", "user1"]);
    let added =
        json!([{"op": "add", "path": "/environments/test/targets/-", "value": {"variation": 2, "values": ["z"]}}]);
    assert_eq!(order(&json_patch(&state, added).unwrap()), ["user0", "device1", "user1", "user2"]);
    let whole = set(
        &state,
        "/environments/test/contextTargets",
        json!([
        {"contextKind": "org", "variation": 2, "values": ["o"]}]),
    );
    assert_eq!(order(&whole), ["user0", "user1", "org2"]);
    let none = set(&state, "/environments/test/contextTargets", json!([]));
    assert_eq!(order(&none), ["user0", "user1"]);
    let moved = set(
        &state,
        "/environments/test/targets",
        json!([
        {"contextKind": "org", "variation": 0, "values": ["o"]}]),
    );
    assert_eq!(order(&moved), ["device1", "org0"], "the places of user targets that are gone are gone");
}

#[test]
fn the_oldest_version_has_a_list_for_every_variation() {
    let patch = json!([{"op": "add", "path": "/environments/test/targets/2/values/-", "value": "x"}]);
    let after = patch_as(&plain(), patch, ApiVersion::V20160426).unwrap();
    let targets = &test_config(&after).targets;
    assert_eq!((targets.len(), targets[0].variation, targets[0].values.len()), (1, 2, 1));
}

#[test]
fn rules_by_path() {
    let path = |rest: &str| format!("/environments/test/rules{rest}");
    let described = set(&busy(), &path("/0/description"), json!("other"));
    assert_eq!(test_config(&described).rules[0].description.as_deref(), Some("other"));
    let valued =
        json_patch(&busy(), json!([{"op": "add", "path": path("/0/clauses/1/values/-"), "value": "DK"}])).unwrap();
    assert_eq!(test_config(&valued).rules[0].clauses[1].values.len(), 3);
    assert_eq!(test_config(&valued).rules[0].clauses[1].id, "c1");
    let added = json_patch(
        &busy(),
        json!([{"op": "add", "path": path("/0"), "value": {
        "variation": 2, "clauses": [{"attribute": "a", "op": "in", "values": []}]}}]),
    )
    .unwrap();
    let rules = &test_config(&added).rules;
    assert_eq!(rule_ids(rules)[1..], ["r0", "r1"]);
    assert_eq!((rules[0].id.len(), rules[0].clauses[0].id.len()), (36, 36), "new ids where none were sent");
    assert_eq!(rules[0].clauses[0].context_kind.as_deref(), Some("user"));
    let removed = json_patch(&busy(), json!([{"op": "remove", "path": path("/0")}])).unwrap();
    assert_eq!(rule_ids(&test_config(&removed).rules), ["r1"]);
}

#[test]
fn a_rollout_set_beside_a_variation_takes_its_place() {
    let rollout = json!({"variations": [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]});
    let rolled = set(&plain(), "/environments/test/fallthrough/rollout", rollout);
    assert_eq!(serves(&test_config(&rolled).fallthrough), "50000/50000");
    let fixed = set(&rolled, "/environments/test/fallthrough/variation", json!(2));
    assert_eq!(serves(&test_config(&fixed).fallthrough), "2");
    let rule = set(&busy(), "/environments/test/rules/1/variation", json!(1));
    assert_eq!(serves(&test_config(&rule).rules[1].serve), "1");
    let merged = json!({"environments": {"test": {"fallthrough": {"variation": 1}}}});
    assert_eq!(serves(&test_config(&merge_patch(&rolled, &merged).unwrap()).fallthrough), "1");
}

#[test]
fn off_variations_can_be_cleared() {
    let none = json_patch(&plain(), json!([{"op": "remove", "path": "/environments/test/offVariation"}])).unwrap();
    assert_eq!(test_config(&none).off_variation, None);
    assert_eq!(set(&plain(), "/environments/test/offVariation", json!(null)), none);
    assert_eq!(set(&none, "/environments/test/offVariation", json!(2)), plain());
}

#[test]
fn merge_patches() {
    let patch = json!({"name": "N", "environments": {"test": {"on": true, "rules": null}}});
    let after = merge_patch(&busy(), &patch).unwrap();
    assert_eq!((&*after.flag.name, test_config(&after).rules.len()), ("N", 0));
    assert_eq!(after.configs["production"], busy().configs["production"]);
    let unknown = merge_patch(&busy(), &json!({"environments": {"nope": {"on": true}}})).unwrap_err();
    assert_eq!(unknown.to_string(), "Unknown environment key nope");
    assert!(merge_patch(&busy(), &json!({"environments": {"test": null}})).is_err());
}

#[test]
fn archiving_and_deprecating() {
    let archived = set(&plain(), "/archived", json!(true));
    assert!(archived.flag.archived_at.is_some());
    assert_eq!(set(&archived, "/archived", json!(false)), plain());
    let deprecated = set(&plain(), "/deprecated", json!(true));
    assert_eq!(set(&deprecated, "/deprecated", json!(false)), plain());
}
