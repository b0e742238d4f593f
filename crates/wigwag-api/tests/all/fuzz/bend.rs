//! Bodies, filters and headers as nobody should send them.

use serde_json::{Map, Value, json};

use super::dice::Dice;

/// What filters and other parameters are made of.
const WORDS: &[&str] = &[
    "query:",
    "tags",
    "tag:",
    "state:",
    "type:",
    "kind",
    "env",
    "key",
    "name",
    "lastSeen:",
    "evaluated:",
    "role:",
    "creationDate:",
    "contextKind",
    "segmentMetadata",
    "filterEnv:",
    ":",
    ",",
    "|",
    "+",
    "^",
    "!",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "\\",
    "*",
    "%",
    "=",
    " ",
    "  ",
    "-",
    ".",
    "/",
    "~",
    " eq ",
    " equals ",
    " anyOf ",
    " contains ",
    " exists ",
    " startsWith ",
    " notEquals ",
    " before ",
    " after ",
    " not ",
    " and ",
    " or ",
    "true",
    "false",
    "null",
    "0",
    "-1",
    "99999999999999999999",
    "1e999",
    "{\"before\":1}",
    "{\"never\":true}",
    "a",
    "é🚦",
    "\u{0}",
    "\n",
    "$$",
    "${x}",
    "ffffffffffffffffffffffff",
    "live",
    "archived",
    "userName eq \"a\"",
    "members",
];

/// What JSON pointers are made of.
const STEPS: &[&str] = &[
    "/",
    "//",
    "~",
    "~0",
    "~1",
    "~2",
    "-",
    "0",
    "1",
    "-1",
    "99999999999999999999",
    "name",
    "tags",
    "key",
    "_id",
    "description",
    "environments",
    "test",
    "on",
    "rules",
    "clauses",
    "values",
    "variations",
    "value",
    "fallthrough",
    "rollout",
    "weight",
    "targets",
    "contextTargets",
    "prerequisites",
    "offVariation",
    "clientSideAvailability",
    "customProperties",
    "policy",
    "actions",
    "resources",
    "statements",
    "role",
    "customRoles",
    "inlineRole",
    "config",
    "secret",
    "url",
    "included",
    "excluded",
    "archived",
    "é",
];

/// Instructions and what they take.
const KINDS: &[&str] = &[
    "turnFlagOn",
    "updateFallthroughVariationOrRollout",
    "updateName",
    "updateDescription",
    "addTags",
    "removeTags",
    "addRule",
    "removeRule",
    "reorderRules",
    "replaceRules",
    "addClauses",
    "removeClauses",
    "updateClause",
    "addValuesToClause",
    "updateRuleVariationOrRollout",
    "addTargets",
    "removeTargets",
    "replaceTargets",
    "clearTargets",
    "addUserTargets",
    "addPrerequisite",
    "replacePrerequisites",
    "addVariation",
    "removeVariation",
    "updateVariation",
    "updateDefaultVariation",
    "updateOffVariation",
    "addCustomProperties",
    "replaceCustomProperties",
    "makeFlagTemporary",
    "turnOnClientSideAvailability",
    "archiveFlag",
    "deprecateFlag",
    "changeMaintainerMember",
    "updateTrackEvents",
    "addIncludedTargets",
    "removeExcludedTargets",
    "addRule",
    "addExpiringTarget",
    "updateExpiringTarget",
    "removeExpiringTarget",
    "addExpiringUserTargetDate",
    "addMembers",
    "removeMembers",
    "replaceMembers",
    "addPermissionGrants",
    "addCustomRoles",
    "replaceRoleAttributes",
    "replaceMembersRoles",
    "replaceAllMembersRoles",
    "addAllMembersToTeam",
    "addMembersToTeam",
    "cycleTriggerUrl",
    "enableTrigger",
    "replaceTriggerActionInstructions",
    "updateCriteria",
    "",
];
const PARAMETERS: &[&str] = &[
    "value",
    "values",
    "key",
    "name",
    "variationId",
    "ruleId",
    "ruleIds",
    "clauseId",
    "clauseIds",
    "clauses",
    "rules",
    "contextKind",
    "contextKey",
    "userKey",
    "targets",
    "prerequisites",
    "rolloutWeights",
    "rolloutContextKind",
    "rolloutBucketBy",
    "attribute",
    "op",
    "negate",
    "beforeRuleId",
    "description",
    "memberIDs",
    "teamKey",
    "actions",
    "actionSet",
    "filterRoles",
    "filterLastSeen",
    "filterQuery",
    "ignoredMemberIDs",
    "customRoleKeys",
    "date",
    "environmentKey",
    "trackEvents",
    "onVariationValue",
    "offVariationValue",
];

/// Pieces of SCIM filters.
const SCIM: &[&str] = &[
    "userName",
    "displayName",
    "externalId",
    "emails.value",
    "emails[type",
    "members",
    "active",
    "id",
    "meta.created",
    " ",
    " ",
    " ",
    " eq ",
    " EQ ",
    " ne ",
    " co ",
    " sw ",
    " pr",
    " gt ",
    " and ",
    " or ",
    "not (",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"bob@example.com\"",
    "\"\\\"\"",
    "\"\\u00e9\"",
    "\"\\ud800\"",
    "true",
    "null",
    "1",
    ".",
    ":",
    "\\",
    "é",
    "\u{0}",
];

/// Pieces of cookies.
const CRUMBS: &[&str] = &[
    "__Host-wigwag_session",
    "__Host-wigwag_sso",
    "__Host-wigwag_half",
    "wigwag_session",
    "=",
    ";",
    "; ",
    ",",
    "\"",
    " ",
    "\t",
    "a",
    "%3D",
    "__Host-",
    "é",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "==",
    "Path=/",
];

/// A value that nobody expects.
pub fn odd(dice: &mut Dice) -> Value {
    match dice.below(22) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(0),
        4 => json!(1.5),
        5 => json!(1e308),
        6 => json!(i64::MAX),
        7 => json!(i64::MIN),
        8 => json!(u64::MAX),
        9 => json!(""),
        10 => json!(" "),
        11 => json!("x".repeat(10_000)),
        12 => json!("\u{0}"),
        13 => json!("é🚦\u{202e}\u{feff}"),
        14 => json!([]),
        15 => json!({}),
        16 => json!([[], {}, null, 1, "a"]),
        17 => json!({"": {"": ""}}),
        18 => (0..80).fold(json!(1), |inner, _| json!([inner])),
        19 => json!(vec!["a"; 2_000]),
        20 => json!(dice.text(WORDS, 6)),
        _ => json!(dice.pick(STEPS)),
    }
}

/// Changes a value somewhere.
pub fn bent(dice: &mut Dice, value: &mut Value) {
    let inside = !dice.one_in(4);
    match value {
        Value::Object(members) if inside && !members.is_empty() => {
            let at = dice.below(members.len());
            let Some(name) = members.keys().nth(at).cloned() else { return };
            match dice.below(8) {
                0 => drop(members.shift_remove(&name)),
                1 => drop(members.insert(dice.pick(PARAMETERS).to_owned(), odd(dice))),
                2 => {
                    let moved = members.shift_remove(&name).unwrap_or_default();
                    members.insert(name.to_uppercase(), moved);
                }
                _ => members.get_mut(&name).into_iter().for_each(|inner| bent(dice, inner)),
            }
        }
        Value::Array(items) if inside && !items.is_empty() => {
            let at = dice.below(items.len());
            match dice.below(6) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => items.push(odd(dice)),
                _ => bent(dice, &mut items[at]),
            }
        }
        _ => *value = odd(dice),
    }
}

fn pointer(dice: &mut Dice) -> String {
    let depth = dice.below(6);
    (0..depth).map(|_| format!("/{}", dice.pick(STEPS))).collect::<String>() + if dice.one_in(8) { "/" } else { "" }
}

/// A JSON patch.
pub fn json_patch(dice: &mut Dice) -> Value {
    let ops = &["add", "remove", "replace", "move", "copy", "test", "", "REPLACE"];
    let one = |dice: &mut Dice| {
        let mut op = json!({"op": dice.pick(ops), "path": pointer(dice), "value": odd(dice)});
        if dice.one_in(3) {
            op["from"] = json!(pointer(dice));
        }
        if dice.one_in(10) {
            bent(dice, &mut op);
        }
        op
    };
    let count = 1 + dice.below(4);
    let all: Vec<Value> = (0..count).map(|_| one(dice)).collect();
    if dice.one_in(3) { json!({"patch": all, "comment": odd(dice)}) } else { json!(all) }
}

/// Instructions.
pub fn instructions(dice: &mut Dice) -> Value {
    let one = |dice: &mut Dice| {
        let mut instruction = Map::new();
        instruction.insert("kind".to_owned(), json!(dice.pick(KINDS)));
        for _ in 0..dice.below(5) {
            let name = dice.pick(PARAMETERS);
            instruction.insert(name.to_owned(), odd(dice));
        }
        Value::Object(instruction)
    };
    let count = dice.below(4);
    let all: Vec<Value> = (0..count).map(|_| one(dice)).collect();
    let mut body = json!({"environmentKey": "test", "instructions": all});
    if dice.one_in(5) {
        bent(dice, &mut body);
    }
    body
}

/// A merge patch.
pub fn merge_patch(dice: &mut Dice) -> Value {
    let count = dice.below(4);
    (0..count).map(|_| (dice.pick(STEPS).to_owned(), odd(dice))).collect::<Map<_, _>>().into()
}

/// Text that was JSON before something happened to it.
pub fn broken(dice: &mut Dice, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = dice.below(bytes.len());
    match dice.below(8) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, 0xFF),
        2 => bytes.insert(at, 0),
        3 => bytes = "[".repeat(100_000).into_bytes(),
        4 => bytes = "{\"a\":".repeat(50_000).into_bytes(),
        5 => drop(bytes.splice(0..0, *b"\xEF\xBB\xBF")),
        6 => bytes.extend(b" {}"),
        _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = dice.next() as u8),
    }
    bytes
}

/// A value of a parameter.
pub fn parameter(dice: &mut Dice) -> String {
    dice.text(WORDS, 8)
}

/// A filter of SCIM, mostly nearly right (RFC 7644, 3.4.2.2).
pub fn scim_filter(dice: &mut Dice) -> String {
    dice.text(SCIM, 10)
}

/// A Cookie header, if these bytes can be one.
pub fn cookies(dice: &mut Dice) -> Option<http::HeaderValue> {
    http::HeaderValue::from_bytes(dice.text(CRUMBS, 12).as_bytes()).ok()
}
