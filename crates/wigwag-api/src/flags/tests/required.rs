//! Members that generated clients require, and the JSON types they insist on
//! (client-expectations.md 1.2).

use serde_json::Value;

/// Members by name and type.
type Members = &'static [(&'static str, &'static str)];

/// Schema, required members, and for others that may be there: name and type. A type is `s`tring,
/// `b`oolean, `i`nteger, `a`ny, `[T]`, `{T}` or the name of a schema.
const SCHEMAS: &[(&str, Members, Members)] = &[
    (
        "FeatureFlag",
        &[
            ("name", "s"),
            ("kind", "s"),
            ("key", "s"),
            ("_version", "i"),
            ("creationDate", "i"),
            ("variations", "[Variation]"),
            ("temporary", "b"),
            ("tags", "[s]"),
            ("_links", "{Link}"),
            ("experiments", "ExperimentInfoRep"),
            ("customProperties", "{customProperty}"),
            ("archived", "b"),
        ],
        &[
            ("description", "s"),
            ("includeInSnippet", "b"),
            ("clientSideAvailability", "ClientSideAvailability"),
            ("maintainerId", "s"),
            ("_maintainer", "MemberSummary"),
            ("maintainerTeamKey", "s"),
            ("_maintainerTeam", "MaintainerTeam"),
            ("goalIds", "[s]"),
            ("archivedDate", "i"),
            ("deprecated", "b"),
            ("deprecatedDate", "i"),
            ("defaults", "Defaults"),
            ("_purpose", "s"),
            ("migrationSettings", "FlagMigrationSettingsRep"),
            ("environments", "{FeatureFlagConfig}"),
        ],
    ),
    (
        "FeatureFlagConfig",
        &[
            ("on", "b"),
            ("archived", "b"),
            ("salt", "s"),
            ("sel", "s"),
            ("lastModified", "i"),
            ("version", "i"),
            ("_site", "Link"),
            ("_environmentName", "s"),
            ("trackEvents", "b"),
            ("trackEventsFallthrough", "b"),
        ],
        &[
            ("targets", "[Target]"),
            ("contextTargets", "[Target]"),
            ("rules", "[Rule]"),
            ("fallthrough", "VariationOrRolloutRep"),
            ("offVariation", "i"),
            ("prerequisites", "[Prerequisite]"),
            ("_debugEventsUntilDate", "i"),
            ("_summary", "FlagSummary"),
            ("migrationSettings", "FlagConfigMigrationSettingsRep"),
        ],
    ),
    ("Variation", &[("value", "a")], &[("_id", "s"), ("name", "s"), ("description", "s")]),
    ("Link", &[("href", "s"), ("type", "s")], &[]),
    ("ExperimentInfoRep", &[("baselineIdx", "i"), ("items", "[a]")], &[]),
    ("customProperty", &[("name", "s"), ("value", "[s]")], &[]),
    ("ClientSideAvailability", &[], &[("usingMobileKey", "b"), ("usingEnvironmentId", "b")]),
    (
        "MemberSummary",
        &[("_links", "{Link}"), ("_id", "s"), ("role", "s"), ("email", "s")],
        &[("firstName", "s"), ("lastName", "s")],
    ),
    ("MaintainerTeam", &[("key", "s"), ("name", "s")], &[("_links", "{Link}")]),
    ("Defaults", &[("onVariation", "i"), ("offVariation", "i")], &[]),
    ("FlagMigrationSettingsRep", &[], &[("contextKind", "s"), ("stageCount", "i")]),
    ("FlagConfigMigrationSettingsRep", &[], &[("checkRatio", "i")]),
    ("Target", &[("values", "[s]"), ("variation", "i")], &[("contextKind", "s")]),
    (
        "Rule",
        &[("clauses", "[Clause]"), ("trackEvents", "b")],
        &[("_id", "s"), ("variation", "i"), ("rollout", "Rollout"), ("description", "s"), ("ref", "s")],
    ),
    (
        "Clause",
        &[("attribute", "s"), ("op", "s"), ("values", "[a]"), ("negate", "b")],
        &[("_id", "s"), ("contextKind", "s")],
    ),
    ("VariationOrRolloutRep", &[], &[("variation", "i"), ("rollout", "Rollout")]),
    ("Rollout", &[("variations", "[WeightedVariation]")], &[("seed", "i"), ("bucketBy", "s"), ("contextKind", "s")]),
    ("WeightedVariation", &[("variation", "i"), ("weight", "i")], &[("_untracked", "b")]),
    ("Prerequisite", &[("key", "s"), ("variation", "i")], &[]),
    ("FlagSummary", &[("variations", "{VariationSummary}"), ("prerequisites", "i")], &[]),
    (
        "VariationSummary",
        &[("rules", "i"), ("nullRules", "i"), ("targets", "i"), ("contextTargets", "i")],
        &[("isFallthrough", "b"), ("isOff", "b"), ("rollout", "i"), ("bucketBy", "s")],
    ),
];

/// Panics where the value does not fit the schema; members the schema does not have count too.
pub(super) fn check(schema: &str, value: &Value) {
    fits(schema, schema, value);
}

fn fits(path: &str, kind: &str, value: &Value) {
    let wrong = || format!("{path} is no {kind}: {value}");
    if let Some(inner) = kind.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let list = value.as_array().unwrap_or_else(|| panic!("{}", wrong()));
        list.iter().enumerate().for_each(|(i, one)| fits(&format!("{path}/{i}"), inner, one));
    } else if let Some(inner) = kind.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let map = value.as_object().unwrap_or_else(|| panic!("{}", wrong()));
        map.iter().for_each(|(name, one)| fits(&format!("{path}/{name}"), inner, one));
    } else {
        match kind {
            "a" => {}
            "s" if value.is_string() => {}
            "b" if value.is_boolean() => {}
            "i" if value.is_i64() || value.is_u64() => {}
            "s" | "b" | "i" => panic!("{}", wrong()),
            schema => object(path, schema, value),
        }
    }
}

fn object(path: &str, schema: &str, value: &Value) {
    let (_, required, optional) = SCHEMAS.iter().find(|(name, ..)| *name == schema).expect(schema);
    let map = value.as_object().unwrap_or_else(|| panic!("{path} is no object"));
    for (name, _) in *required {
        assert!(map.contains_key(*name), "{path} lacks {name}");
    }
    for (name, one) in map {
        let known = required.iter().chain(*optional).find(|(known, _)| known == name);
        let (_, kind) = known.unwrap_or_else(|| panic!("{path} has {name}, which {schema} does not know"));
        fits(&format!("{path}/{name}"), kind, one);
    }
}
