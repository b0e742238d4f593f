//! Every kind of instruction: what it does, what it refuses, when it changes nothing.

use serde_json::{Value, json};
use wigwag_model::doc::Maintainer;

use super::build::{apply, boolean, busy, plain, rule_ids, serves, test_config};
use crate::flags::diff::Diff;
use crate::flags::instructions::{Apply, GROUPS, find};
use crate::flags::state::FlagState;

/// An instruction that changes `busy` or `plain`, one that changes nothing more after that.
fn examples() -> Vec<Value> {
    let clause = json!({"contextKind": "org", "attribute": "/a/b", "op": "in", "values": ["x", 2, true]});
    vec![
        json!({"kind": "turnFlagOff"}),
        json!({"kind": "updateTrackEvents", "trackEvents": true}),
        json!({"kind": "updateTrackEventsFallthrough", "trackEvents": true}),
        json!({"kind": "updateDebugEventsUntilDate", "value": 1_700_000_000_000_i64}),
        json!({"kind": "addRule", "variationId": "v1", "clauses": [clause]}),
        json!({"kind": "removeRule", "ruleId": "r0"}),
        json!({"kind": "replaceRules", "rules": [{"variationId": "v2", "clauses": [clause], "trackEvents": true}]}),
        json!({"kind": "reorderRules", "ruleIds": ["r1", "r0"]}),
        json!({"kind": "updateRuleDescription", "ruleId": "r1", "description": "new"}),
        json!({"kind": "updateRuleTrackEvents", "ruleId": "r0", "trackEvents": true}),
        json!({"kind": "updateRuleVariationOrRollout", "ruleId": "r0", "variationId": "v2"}),
        json!({"kind": "addClauses", "ruleId": "r1", "clauses": [clause]}),
        json!({"kind": "removeClauses", "ruleId": "r0", "clauseIds": ["c0", "c9"]}),
        json!({"kind": "updateClause", "ruleId": "r0", "clauseId": "c0", "clause": clause}),
        json!({"kind": "addValuesToClause", "ruleId": "r0", "clauseId": "c1", "values": ["SE", "DK"]}),
        json!({"kind": "removeValuesFromClause", "ruleId": "r0", "clauseId": "c1", "values": ["NO", "none"]}),
        json!({"kind": "addTargets", "contextKind": "device", "variationId": "v0", "values": ["d2", "d2"]}),
        json!({"kind": "addUserTargets", "variationId": "v0", "values": ["dan", "ann"]}),
        json!({"kind": "removeTargets", "contextKind": "device", "variationId": "v1", "values": ["d1"]}),
        json!({"kind": "removeUserTargets", "variationId": "v0", "values": ["ann", "nobody"]}),
        json!({"kind": "replaceTargets", "targets": [{"variationId": "v2", "values": ["z"]}]}),
        json!({"kind": "replaceUserTargets", "targets": [
            {"variationId": "v0", "values": ["z"]}, {"variationId": "v1", "values": []},
            {"variationId": "v2", "values": ["y"]}]}),
        json!({"kind": "clearTargets", "variationId": "v1"}),
        json!({"kind": "clearUserTargets", "variationId": "v1"}),
        json!({"kind": "addPrerequisite", "key": "another", "variationId": "v0"}),
        json!({"kind": "updatePrerequisite", "key": "other", "variationId": "v0"}),
        json!({"kind": "removePrerequisite", "key": "other"}),
        json!({"kind": "replacePrerequisites", "prerequisites": [{"key": "another", "variationId": "v1"}]}),
        json!({"kind": "updateFallthroughVariationOrRollout", "variationId": "v1"}),
        json!({"kind": "updateOffVariation", "variationId": "v1"}),
        json!({"kind": "addVariation", "value": "d", "name": "D"}),
        json!({"kind": "updateVariation", "variationId": "v1", "value": "bb", "name": "B", "description": "bee"}),
        json!({"kind": "updateDefaultVariation", "OnVariationValue": "b"}),
        json!({"kind": "updateName", "value": "New name"}),
        json!({"kind": "updateDescription", "value": ""}),
        json!({"kind": "addTags", "values": ["one", "two"]}),
        json!({"kind": "removeTags", "values": ["one", "nine"]}),
        json!({"kind": "makeFlagPermanent"}),
        json!({"kind": "updateMaintainerMember", "value": "m1"}),
        json!({"kind": "updateMaintainerTeam", "value": "t1"}),
        json!({"kind": "turnOnClientSideAvailability", "value": "usingEnvironmentId"}),
        json!({"kind": "turnOffClientSideAvailability", "value": "usingMobileKey"}),
        json!({"kind": "addCustomProperties", "key": "k", "name": "K", "values": ["1", "2"]}),
        json!({"kind": "replaceCustomProperties", "key": "k", "name": "K", "values": ["3"]}),
        json!({"kind": "archiveFlag"}),
        json!({"kind": "deprecateFlag"}),
    ]
}

/// Kinds that need another state to begin with; each is tested on its own below.
const APART: [&str; 8] = [
    "turnFlagOn",
    "makeFlagTemporary",
    "removeMaintainer",
    "removeCustomProperties",
    "removeVariation",
    "restoreFlag",
    "restoreDeprecatedFlag",
    "deleteFlag",
];

fn actions(before: &FlagState, after: &FlagState) -> Vec<&'static str> {
    let diff = Diff::between(before, after);
    let flag = diff.flag.iter().map(|part| part.actions()[0]);
    flag.chain(diff.configs.values().flatten().map(|part| part.actions()[0])).collect()
}

fn refused(state: &FlagState, instruction: Value) -> String {
    apply(state, &json!([instruction])).unwrap_err().to_string()
}

#[test]
fn every_kind_has_an_example() {
    let examples = examples();
    let tested: Vec<_> = examples.iter().map(|one| one["kind"].as_str().unwrap()).chain(APART).collect();
    for instruction in GROUPS.into_iter().flatten() {
        assert!(tested.contains(&instruction.kind), "{} is not tested", instruction.kind);
    }
    assert_eq!(tested.len(), GROUPS.into_iter().flatten().count());
}

#[test]
fn each_needs_the_action_it_declares_and_nothing_else() {
    for example in examples() {
        let kind = example["kind"].as_str().unwrap();
        let after = apply(&busy(), &json!([example])).unwrap();
        assert_eq!(actions(&busy(), &after), [find(kind).unwrap().action], "{kind}");
    }
}

#[test]
fn environment_instructions_leave_other_environments_alone() {
    for example in examples() {
        let kind = example["kind"].as_str().unwrap();
        if matches!(find(kind).unwrap().apply, Apply::Config(_)) {
            let after = apply(&busy(), &json!([example])).unwrap();
            assert_eq!(after.configs["production"], busy().configs["production"], "{kind}");
            assert_eq!(after.flag, busy().flag, "{kind}");
        }
    }
}

#[test]
fn again_changes_nothing() {
    let adds = ["addRule", "replaceRules", "addClauses", "addVariation"];
    for example in examples() {
        let kind = example["kind"].as_str().unwrap();
        let once = apply(&busy(), &json!([example])).unwrap();
        if !adds.contains(&kind) {
            let twice = apply(&once, &json!([example]));
            assert_eq!(twice.unwrap(), once, "{kind}");
        }
    }
}

#[test]
fn kinds_and_shapes_that_are_refused() {
    let unknown = refused(&plain(), json!({"kind": "startAutomatedRelease"}));
    assert_eq!(unknown, "instructions[0]: instruction kind 'startAutomatedRelease' unsupported");
    for example in examples() {
        let kind = example["kind"].as_str().unwrap();
        let parameters = example.as_object().unwrap().len() > 1;
        if parameters {
            assert!(refused(&busy(), json!({"kind": kind})).contains("Missing field"), "{kind}");
        }
        for name in example.as_object().unwrap().keys().filter(|name| *name != "kind" && *name != "value") {
            let mut wrong = example.clone();
            wrong[name] = json!({"not": "this"});
            let message = refused(&busy(), wrong);
            assert!(message.to_lowercase().contains(&name.to_lowercase()), "{kind}.{name}: {message}");
        }
    }
    let mut state = plain();
    let ids = wigwag_model::id::Ids::seeded(1);
    let facts = super::build::facts(&ids);
    let none = crate::flags::instructions::apply(&mut state, None, &[json!({"kind": "turnFlagOn"})], &facts);
    assert!(none.unwrap_err().to_string().contains("environmentKey"));
}

#[test]
fn ids_that_do_not_exist_are_named() {
    let cases = [
        json!({"kind": "updateRuleDescription", "ruleId": "nope", "description": "x"}),
        json!({"kind": "updateRuleTrackEvents", "ruleId": "nope", "trackEvents": true}),
        json!({"kind": "addClauses", "ruleId": "nope", "clauses": []}),
        json!({"kind": "updateRuleVariationOrRollout", "ruleId": "r0", "variationId": "nope"}),
        json!({"kind": "addRule", "clauses": [], "variationId": "v0", "beforeRuleId": "nope"}),
        json!({"kind": "addValuesToClause", "ruleId": "r0", "clauseId": "nope", "values": []}),
        json!({"kind": "updateOffVariation", "variationId": "nope"}),
        json!({"kind": "addTargets", "variationId": "nope", "values": []}),
        json!({"kind": "addPrerequisite", "key": "nope", "variationId": "v0"}),
        json!({"kind": "addPrerequisite", "key": "another", "variationId": "nope"}),
        json!({"kind": "updatePrerequisite", "key": "nope", "variationId": "v0"}),
        json!({"kind": "reorderRules", "ruleIds": ["r0", "nope"]}),
        json!({"kind": "updateMaintainerMember", "value": "nope"}),
        json!({"kind": "updateMaintainerTeam", "value": "nope"}),
        json!({"kind": "updateDefaultVariation", "onVariationValue": "nope"}),
        json!({"kind": "turnOnClientSideAvailability", "value": "nope"}),
    ];
    for case in cases {
        let message = refused(&busy(), case.clone());
        assert!(message.contains("nope"), "{case}: {message}");
    }
    let text = refused(&busy(), json!({"kind": "updateOffVariation", "variationId": "x"}));
    assert!(text.contains("variationId must be a valid variation id 'x'"), "{text}");
}

#[test]
fn rules_keep_their_place() {
    let added = json!({"kind": "addRule", "clauses": [], "variationId": "v1", "beforeRuleId": "r1", "ref": "mine"});
    let after = apply(&busy(), &json!([added])).unwrap();
    let rules = &test_config(&after).rules;
    assert_eq!((rule_ids(rules)[0], rule_ids(rules)[2]), ("r0", "r1"));
    assert_eq!((rules[1].reference.as_deref(), &*serves(&rules[1].serve)), (Some("mine"), "1"));
    let short = refused(&busy(), json!({"kind": "reorderRules", "ruleIds": ["r1"]}));
    assert!(short.contains("r0"), "{short}");
    let twice = refused(&busy(), json!({"kind": "reorderRules", "ruleIds": ["r1", "r1"]}));
    assert!(twice.contains("r1"), "{twice}");
}

#[test]
fn rollouts_follow_the_order_of_variations_and_add_up() {
    let rollout = |weights: Value| {
        json!([{"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": weights,
        "rolloutContextKind": "org", "rolloutBucketBy": "/team/name"}])
    };
    let after = apply(&plain(), &rollout(json!({"v2": 85000, "v0": 15000}))).unwrap();
    let config = test_config(&after);
    assert_eq!(serves(&config.fallthrough), "15000/0/85000");
    let wigwag_model::doc::Serve::Rollout(rollout_) = &config.fallthrough else { panic!("a rollout") };
    assert_eq!(rollout_.context_kind.as_deref(), Some("org"));
    assert_eq!(rollout_.bucket_by.as_deref(), Some("/team/name"));
    for weights in [json!({"v0": 99_999}), json!({"v0": 100_001}), json!({"v0": -1}), json!({"v0": 1.5}), json!({})] {
        let message = apply(&plain(), &rollout(weights.clone())).unwrap_err().to_string();
        assert!(message.contains("rolloutWeights"), "{weights}: {message}");
    }
    let both = json!({"kind": "updateFallthroughVariationOrRollout", "variationId": "v0", "rolloutWeights": {}});
    assert!(refused(&plain(), both).contains("not both"));
}

#[test]
fn a_key_is_targeted_once_for_each_kind() {
    let message = refused(&busy(), json!({"kind": "addTargets", "variationId": "v1", "values": ["ann"]}));
    assert!(message.contains("'ann' would be targeted in more than one variation"), "{message}");
    let device = json!({"kind": "addTargets", "contextKind": "device", "variationId": "v2", "values": ["ann"]});
    apply(&busy(), &json!([device])).unwrap();
    let moved = json!([
        {"kind": "removeUserTargets", "variationId": "v0", "values": ["ann"]},
        {"kind": "addUserTargets", "variationId": "v1", "values": ["ann"]},
    ]);
    let after = apply(&busy(), &moved).unwrap();
    assert_eq!(test_config(&after).targets[2].values, ["cy", "ann"]);
    let gaps = json!({"kind": "replaceUserTargets", "targets": [{"variationId": "v0", "values": []}]});
    assert!(refused(&busy(), gaps).contains("v1"));
    let bad = json!({"kind": "addTargets", "contextKind": "kind", "variationId": "v0", "values": ["x"]});
    assert!(refused(&busy(), bad).contains("not a context kind"));
}

#[test]
fn removing_a_variation_renumbers_what_is_left() {
    let used = refused(&busy(), json!({"kind": "removeVariation", "variationId": "v2"}));
    assert!(used.contains("still in use: defaults/offVariation"), "{used}");
    let free = json!([
        {"kind": "updateDefaultVariation", "onVariationValue": "c", "offVariationValue": "c"},
        {"kind": "clearTargets", "variationId": "v0"},
        {"kind": "updateRuleVariationOrRollout", "ruleId": "r0", "variationId": "v1"},
        {"kind": "updateRuleVariationOrRollout", "ruleId": "r1", "rolloutWeights": {"v1": 100_000}},
        {"kind": "updateFallthroughVariationOrRollout", "variationId": "v2"},
    ]);
    let mut ready = apply(&busy(), &free).unwrap();
    let production = ready.configs["test"].fallthrough.clone();
    ready.configs.get_mut("production").unwrap().fallthrough = production;
    let after = apply(&ready, &json!([{"kind": "removeVariation", "variationId": "v0"}])).unwrap();
    let config = test_config(&after);
    assert_eq!(serves(&config.rules[0].serve), "0");
    assert_eq!(serves(&config.rules[1].serve), "100000/0");
    assert_eq!((serves(&config.fallthrough), config.off_variation), ("1".to_owned(), Some(1)));
    assert_eq!(config.targets.iter().map(|t| t.variation).collect::<Vec<_>>(), [0, 0]);
    assert_eq!((after.flag.defaults.on_variation, after.flag.defaults.off_variation), (1, 1));
    assert_eq!(actions(&ready, &after), ["updateFlagVariations"], "following indexes is no change of targeting");
}

#[test]
fn boolean_flags_keep_their_two_variations() {
    for instruction in [
        json!({"kind": "addVariation", "value": true}),
        json!({"kind": "removeVariation", "variationId": "v0"}),
        json!({"kind": "updateVariation", "variationId": "v0", "value": "yes"}),
        json!({"kind": "updateVariation", "variationId": "v0", "value": false}),
    ] {
        let message = refused(&boolean(), instruction.clone());
        assert!(message.contains("true and false") || message.contains("same value"), "{instruction}: {message}");
    }
    let named = json!([{"kind": "updateVariation", "variationId": "v0", "name": "Yes"}]);
    let named = apply(&boolean(), &named).unwrap();
    assert_eq!(named.flag.variations[0].name.as_deref(), Some("Yes"));
    let cleared = apply(&named, &json!([{"kind": "updateVariation", "variationId": "v0", "name": null}])).unwrap();
    assert_eq!(cleared, boolean());
}

#[test]
fn variations_have_one_type_and_differ() {
    for (value, problem) in [(json!(1), "string"), (json!("a"), "same value"), (json!(null), "string")] {
        let message = refused(&plain(), json!({"kind": "addVariation", "value": value}));
        assert!(message.contains(problem), "{message}");
    }
}

#[test]
fn a_flag_cannot_require_itself() {
    let message = refused(&busy(), json!({"kind": "addPrerequisite", "key": "f", "variationId": "v0"}));
    assert!(message.contains("its own prerequisite"), "{message}");
    let again = refused(&busy(), json!({"kind": "addPrerequisite", "key": "other", "variationId": "v0"}));
    assert!(again.contains("already a prerequisite"), "{again}");
}

#[test]
fn maintainers_exclude_each_other() {
    let after = |steps: Value| apply(&plain(), &steps).unwrap().flag.maintainer;
    let (member, team) = (
        json!({"kind": "updateMaintainerMember", "value": "m1"}),
        json!({"kind": "updateMaintainerTeam", "value": "t1"}),
    );
    assert_eq!(after(json!([team, member])), Some(Maintainer::Member("m1".into())));
    assert_eq!(after(json!([member, team])), Some(Maintainer::Team("t1".into())));
    assert_eq!(after(json!([member, {"kind": "removeMaintainer"}])), None);
}

#[test]
fn custom_properties_come_and_go() {
    let add = json!({"kind": "addCustomProperties", "key": "k", "name": "K", "values": ["1", "2", "1"]});
    let one = apply(&plain(), &json!([add])).unwrap();
    assert_eq!(one.flag.custom_properties["k"].value, ["1", "2"]);
    let less = json!([{"kind": "removeCustomProperties", "key": "k", "values": ["1"]}]);
    let less = apply(&one, &less).unwrap();
    assert_eq!(less.flag.custom_properties["k"].value, ["2"]);
    let replaced = apply(&one, &json!([{"kind": "replaceCustomProperties", "key": "k", "values": ["9"]}])).unwrap();
    assert_eq!(replaced.flag.custom_properties["k"].name, "K");
    let none = json!([{"kind": "removeCustomProperties", "key": "k", "values": ["1", "2"]}]);
    assert!(apply(&one, &none).unwrap().flag.custom_properties.is_empty());
    let many: Vec<_> = (0..65).map(|i| i.to_string()).collect();
    let message = refused(&plain(), json!({"kind": "addCustomProperties", "key": "k", "name": "K", "values": many}));
    assert!(message.contains("customProperties/k/value"), "{message}");
}

#[test]
fn states_are_undone() {
    for (do_, undo) in [
        ("turnFlagOn", "turnFlagOff"),
        ("makeFlagPermanent", "makeFlagTemporary"),
        ("archiveFlag", "restoreFlag"),
        ("deprecateFlag", "restoreDeprecatedFlag"),
    ] {
        let done = apply(&plain(), &json!([{"kind": do_}])).unwrap();
        assert_eq!(actions(&plain(), &done), [find(do_).unwrap().action]);
        assert_eq!(apply(&done, &json!([{"kind": undo}])).unwrap(), plain(), "{undo}");
    }
}

#[test]
fn an_error_names_the_instruction() {
    let message = apply(&plain(), &json!([{"kind": "turnFlagOn"}, {"kind": "updateName"}])).unwrap_err().to_string();
    assert_eq!(message, "instructions[1]: Missing field value");
}
