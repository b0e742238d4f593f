//! Whatever is done in whatever order, the flag stays valid and the dialects agree.

use proptest::prelude::*;
use serde_json::{Value, json};
use wigwag_kit::ApiVersion;
use wigwag_model::id::Ids;

use super::build::{busy, facts, json_patch, patch_as, shown};
use crate::flags::diff::Diff;
use crate::flags::instructions;
use crate::flags::state::FlagState;
use crate::flags::validate;

/// Ids that may or may not exist by the time they are used.
fn variation() -> impl Strategy<Value = String> {
    (0..5).prop_map(|i| format!("v{i}"))
}

fn rule() -> impl Strategy<Value = String> {
    (0..3).prop_map(|i| format!("r{i}"))
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![Just("ann"), Just("bob"), Just("cy"), Just("d1"), Just("new")].prop_map(str::to_owned)
}

fn clause() -> impl Strategy<Value = Value> {
    let op = prop_oneof![Just("in"), Just("startsWith"), Just("segmentMatch"), Just("before"), Just("bad")];
    (op, prop_oneof![Just("email"), Just("/a/b"), Just("/bad//one"), Just("")], prop::bool::ANY, "[a-c]{0,2}")
        .prop_map(|(op, attribute, negate, value)| {
            json!({"attribute": attribute, "op": op, "negate": negate, "values": [value, 1, true]})
        })
}

fn serve() -> impl Strategy<Value = Value> {
    prop_oneof![
        variation().prop_map(|id| json!({"variationId": id})),
        (variation(), variation(), 0..=100_000_u32)
            .prop_map(|(a, b, w)| { json!({"rolloutWeights": {a: w, b: 100_000 - w}, "rolloutContextKind": "org"}) }),
    ]
}

fn with(mut instruction: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        instruction[name] = value.clone();
    }
    instruction
}

fn instruction() -> impl Strategy<Value = Value> {
    let keys = || prop::collection::vec(key(), 0..3);
    let kinds = prop_oneof![Just("user"), Just("device"), Just("org")];
    let switches = [
        "turnFlagOn",
        "turnFlagOff",
        "archiveFlag",
        "restoreFlag",
        "makeFlagPermanent",
        "deprecateFlag",
        "removeMaintainer",
    ];
    prop_oneof![
        prop::sample::select(switches.to_vec()).prop_map(|kind| json!({"kind": kind})),
        (serve(), prop::collection::vec(clause(), 0..2))
            .prop_map(|(serve, clauses)| with(json!({"kind": "addRule", "clauses": clauses}), serve)),
        (serve(), rule())
            .prop_map(|(serve, id)| with(json!({"kind": "updateRuleVariationOrRollout", "ruleId": id}), serve)),
        serve().prop_map(|serve| with(json!({"kind": "updateFallthroughVariationOrRollout"}), serve)),
        rule().prop_map(|id| json!({"kind": "removeRule", "ruleId": id})),
        (rule(), clause()).prop_map(|(id, clause)| json!({"kind": "addClauses", "ruleId": id, "clauses": [clause]})),
        Just(json!({"kind": "reorderRules", "ruleIds": ["r1", "r0"]})),
        (variation(), keys(), kinds.clone()).prop_map(|(id, values, kind)| {
            json!({"kind": "addTargets", "contextKind": kind, "variationId": id, "values": values})
        }),
        (variation(), keys(), kinds).prop_map(|(id, values, kind)| {
            json!({"kind": "removeTargets", "contextKind": kind, "variationId": id, "values": values})
        }),
        variation().prop_map(|id| json!({"kind": "clearTargets", "variationId": id})),
        variation().prop_map(|id| json!({"kind": "removeVariation", "variationId": id})),
        variation().prop_map(|id| json!({"kind": "updateOffVariation", "variationId": id})),
        "[a-e]{1,2}".prop_map(|value| json!({"kind": "addVariation", "value": value})),
        (variation(), "[a-e]{1,2}")
            .prop_map(|(id, value)| json!({"kind": "updateVariation", "variationId": id, "value": value})),
        ("[a-c]", "[a-c]").prop_map(
            |(on, off)| json!({"kind": "updateDefaultVariation", "onVariationValue": on, "offVariationValue": off})
        ),
        prop_oneof![Just("other"), Just("another"), Just("f"), Just("nope")]
            .prop_map(|key| { json!({"kind": "addPrerequisite", "key": key, "variationId": "v1"}) }),
        "[a-c ]{1,3}".prop_map(|tag| json!({"kind": "addTags", "values": [tag]})),
        "[a-c]{0,2}"
            .prop_map(|value| json!({"kind": "addCustomProperties", "key": "k", "name": "K", "values": [value]})),
    ]
}

/// Applies one after the other as requests do: what is refused leaves no trace.
fn run(list: &[Value]) -> FlagState {
    let ids = Ids::seeded(5);
    let facts = facts(&ids);
    let mut state = busy();
    for one in list {
        let mut next = state.clone();
        let outcome = instructions::apply(&mut next, Some("test"), std::slice::from_ref(one), &facts);
        if outcome.and_then(|_| validate::state(&state, &next, &facts)).is_ok() {
            state = next;
        }
    }
    state
}

/// Every rule for stored flags, not only for what changed.
fn valid(state: &FlagState) {
    let ids = Ids::seeded(6);
    validate::new_state(state, Some(state), &facts(&ids)).expect("a valid state");
    for config in state.configs.values() {
        assert!(config.targets.iter().all(|target| !target.values.is_empty()), "empty lists are not kept");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_state_is_always_valid(list in prop::collection::vec(instruction(), 1..25)) {
        let state = run(&list);
        valid(&state);
    }

    #[test]
    fn sending_back_what_was_read_changes_nothing(list in prop::collection::vec(instruction(), 1..20)) {
        let state = run(&list);
        for version in [ApiVersion::V20160426, ApiVersion::NEWEST] {
            let members = shown(&state, version);
            let operations = members.as_object().unwrap().iter().map(|(name, value)| {
                json!({"op": "replace", "path": format!("/{name}"), "value": value})
            });
            prop_assert_eq!(&patch_as(&state, operations.collect(), version).unwrap(), &state);
        }
    }

    /// From any flag, one JSON patch of the editable members leads to any other with the same variations.
    #[test]
    fn a_json_patch_arrives_where_instructions_do(list in prop::collection::vec(instruction(), 1..20)) {
        let mut state = run(&list);
        let before = busy();
        state.flag.variations.clone_from(&before.flag.variations);
        prop_assume!(validate::new_state(&state, Some(&state), &facts(&Ids::seeded(6))).is_ok());
        let wanted = shown(&state, ApiVersion::NEWEST);
        let operations = wanted.as_object().unwrap().iter().map(|(name, value)| {
            json!({"op": "add", "path": format!("/{name}"), "value": value})
        });
        let mut after = json_patch(&before, operations.collect()).unwrap();
        // The times of archiving and deprecating are those of the patch.
        for (mine, theirs) in [(&mut after.flag.archived_at, state.flag.archived_at),
                               (&mut after.flag.deprecated_at, state.flag.deprecated_at)] {
            prop_assert_eq!(mine.is_some(), theirs.is_some());
            *mine = theirs;
        }
        prop_assert_eq!(after, state);
    }

    #[test]
    fn a_difference_is_one_that_clients_can_see(list in prop::collection::vec(instruction(), 0..20)) {
        let state = run(&list);
        let diff = Diff::between(&busy(), &state);
        let none = diff.flag.is_empty() && diff.configs.is_empty();
        prop_assert_eq!(none, shown(&state, ApiVersion::NEWEST) == shown(&busy(), ApiVersion::NEWEST));
    }
}
