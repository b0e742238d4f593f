//! What audit entries say.

use serde_json::{Value, json};

use super::build::{apply, busy, found, json_patch, plain};
use crate::flags::audit::{sentence, target};
use crate::flags::diff::Diff;
use crate::flags::state::FlagState;

fn said(before: &FlagState, after: &FlagState) -> (&'static str, String) {
    sentence(before, after, &Diff::between(before, after))
}

fn after(instructions: Value) -> (&'static str, String) {
    said(&busy(), &apply(&busy(), &instructions).unwrap())
}

#[test]
fn verbs_that_clients_compare() {
    assert_eq!(after(json!([{"kind": "turnFlagOff"}])), ("turned off the flag", String::new()));
    let on = apply(&plain(), &json!([{"kind": "turnFlagOn"}])).unwrap();
    assert_eq!(said(&plain(), &on).0, "turned on the flag");
    let archived = apply(&plain(), &json!([{"kind": "archiveFlag"}])).unwrap();
    assert_eq!(said(&plain(), &archived).0, "archived the flag");
    assert_eq!(said(&archived, &plain()).0, "restored the flag");
    let deprecated = apply(&plain(), &json!([{"kind": "deprecateFlag"}])).unwrap();
    assert_eq!(said(&plain(), &deprecated).0, "deprecated the flag");
    assert_eq!(said(&deprecated, &plain()).0, "restored the flag");
    assert_eq!(after(json!([{"kind": "turnFlagOff"}, {"kind": "archiveFlag"}])).0, "updated the flag");
}

#[test]
fn bullets() {
    let cases = [
        (json!([{"kind": "addTags", "values": ["demo"]}]), "* Added tag `demo`\n"),
        (json!([{"kind": "updateDebugEventsUntilDate", "value": 7}]), "* Asked SDKs for debug events until 7\n"),
        (json!([{"kind": "updateName", "value": "Testing"}]), "* Changed the name from ~~`Flag f`~~ to `Testing`\n"),
        (
            json!([{"kind": "turnFlagOff"}, {"kind": "updateFallthroughVariationOrRollout", "variationId": "v1"}]),
            "* Turned the flag off\n* Changed the default variation from ~~`a`~~ to `b`\n",
        ),
        (
            json!([{"kind": "removeUserTargets", "variationId": "v0", "values": ["ann"]}]),
            "* Removed ~~`ann`~~ from the variation `a`\n",
        ),
        (json!([{"kind": "removePrerequisite", "key": "other"}]), "* Removed the prerequisite ~~`other`~~\n"),
        (
            json!([{"kind": "turnOnClientSideAvailability", "value": "usingEnvironmentId"}]),
            "* Changed the flag to be available to client\\-side SDKs\n",
        ),
        (json!([{"kind": "reorderRules", "ruleIds": ["r1", "r0"]}]), "* Changed the order of the rules\n"),
    ];
    for (instructions, description) in cases {
        assert_eq!(after(instructions), ("updated the flag", description.to_owned()));
    }
    let removed = after(json!([{"kind": "removeRule", "ruleId": "r0"}])).1;
    assert!(
        removed.contains("> **If** `email` **ends with** `.edu` **and** `country` **is one of** `NO`, `SE`"),
        "{removed}"
    );
    assert!(removed.contains("> **serve** `a`"), "{removed}");
    let removed = after(json!([{"kind": "removeRule", "ruleId": "r1"}])).1;
    assert!(removed.contains("> **serve** `60%` `a`, `40%` `b`"), "{removed}");
    let many: Vec<_> = (0..11).map(|i| format!("u{i}")).collect();
    let added = after(json!([{"kind": "addUserTargets", "variationId": "v2", "values": many}])).1;
    assert_eq!(added, "* Added 11 targets to the variation `c`\n");
}

#[test]
fn several_environments_are_told_apart() {
    let patch = json!([
        {"op": "replace", "path": "/environments/test/offVariation", "value": 0},
        {"op": "replace", "path": "/environments/production/on", "value": true},
    ]);
    let (verb, text) = said(&plain(), &json_patch(&plain(), patch).unwrap());
    assert_eq!(verb, "updated the flag");
    assert_eq!(
        text,
        "* Turned the flag on in `production`\n* Changed the off variation from ~~`c`~~ to `a` in `test`\n"
    );
}

#[test]
fn targets_of_entries() {
    let found = found(&plain());
    let all = target(&found.project.value, &found.state, &found.environments());
    assert_eq!(all.resources, ["proj/p:env/production:flag/f", "proj/p:env/test:flag/f"]);
    assert_eq!((&*all.site, all.environment), ("/p/~/features/f", None));
    let one = target(&found.project.value, &found.state, &found.environments()[1..]);
    assert_eq!((&*one.site, one.environment.as_deref()), ("/p/test/features/f", Some("TEST")));
    assert_eq!(one.document.unwrap()[0], "flag-config");
}
