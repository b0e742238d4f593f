//! Flags as server SDKs receive them (sdk-protocol §4.1). Reading is tolerant, writing exact:
//! every field with a default is sent, optional ones are left out.

use crate::clause::Clause;
use crate::lenient;
use crate::rollout::VariationOrRollout;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A flag with its configuration in one environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "FlagIn")]
pub struct Flag {
    /// Key, unique in the project.
    pub key: String,
    /// Orders updates; never goes down.
    pub version: u64,
    /// Whether targeting is on.
    pub on: bool,
    /// Flags that must be on and serve a given variation.
    pub prerequisites: Vec<Prerequisite>,
    /// Individually targeted users.
    pub targets: Vec<Target>,
    /// Individually targeted contexts of any kind.
    pub context_targets: Vec<Target>,
    /// Rules; the first that matches decides.
    pub rules: Vec<Rule>,
    /// What is served when nothing matched.
    pub fallthrough: VariationOrRollout,
    /// Variation served when the flag is off; null means the code's default. Always sent.
    pub off_variation: Option<i64>,
    /// The values the flag can have.
    pub variations: Vec<Value>,
    /// Which client-side SDKs may see the flag.
    pub client_side_availability: ClientSideAvailability,
    /// Older form of `client_side_availability.using_environment_id`; reading sets them equal, and
    /// whoever builds a flag must too.
    pub client_side: bool,
    /// Hash input of rollouts.
    pub salt: String,
    /// Whether SDKs send a full event for every evaluation.
    pub track_events: bool,
    /// The same, only when nothing matched.
    pub track_events_fallthrough: bool,
    /// SDKs send debug events until then, in ms since 1970. Sent as null when absent.
    pub debug_events_until_date: Option<u64>,
    /// Tombstone: to be treated as not there.
    pub deleted: bool,
    /// Set on migration flags only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<Migration>,
    /// Events are sampled 1 in this many; absent means 1, 0 none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling_ratio: Option<u64>,
    /// Keep evaluations out of summary events.
    pub exclude_from_summaries: bool,
}

/// A flag that must be on and serve this variation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prerequisite {
    /// Key of the required flag.
    pub key: String,
    /// Index it must serve.
    #[serde(default, deserialize_with = "lenient::int")]
    pub variation: i64,
}

/// Context keys of one kind that get one variation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Kind of the keys; absent means `user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// Context keys. Empty in a `user` entry of `contextTargets`: stands for the entry of `targets`
    /// with the same variation.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub values: Vec<String>,
    /// Index that is served.
    #[serde(default, deserialize_with = "lenient::int")]
    pub variation: i64,
}

/// Clauses that must all match, and what is then served.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Identifier, unique within the flag; appears in reasons.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub id: String,
    /// Clauses; none means everybody.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub clauses: Vec<Clause>,
    /// Whether SDKs send a full event when this rule decided.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub track_events: bool,
    /// What is served.
    #[serde(flatten)]
    pub serve: VariationOrRollout,
}

/// Which client-side SDKs may see a flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientSideAvailability {
    /// Those with a mobile key.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub using_mobile_key: bool,
    /// Those with the client-side (environment) ID.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub using_environment_id: bool,
}

/// Settings of a migration flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Migration {
    /// Consistency is checked 1 time in this many; absent means always, 0 never.
    #[serde(default, deserialize_with = "optional_unsigned", skip_serializing_if = "Option::is_none")]
    pub check_ratio: Option<u64>,
}

fn optional_unsigned<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    // Other producers have sent negative ratios; every SDK takes those as 0, "never".
    Ok(lenient::optional_int(from)?.map(|n| u64::try_from(n).unwrap_or(0)))
}

/// What is accepted on reading.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlagIn {
    key: String,
    #[serde(default, deserialize_with = "lenient::unsigned")]
    version: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    on: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    prerequisites: Vec<Prerequisite>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    targets: Vec<Target>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    context_targets: Vec<Target>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    rules: Vec<Rule>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    fallthrough: VariationOrRollout,
    #[serde(default, deserialize_with = "lenient::optional_int")]
    off_variation: Option<i64>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    variations: Vec<Value>,
    #[serde(default)]
    client_side_availability: Option<ClientSideAvailability>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    client_side: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    salt: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    track_events: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    track_events_fallthrough: bool,
    #[serde(default, deserialize_with = "optional_unsigned")]
    debug_events_until_date: Option<u64>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    deleted: bool,
    #[serde(default)]
    migration: Option<Migration>,
    #[serde(default, deserialize_with = "optional_unsigned")]
    sampling_ratio: Option<u64>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    exclude_from_summaries: bool,
}

impl From<FlagIn> for Flag {
    fn from(flag: FlagIn) -> Flag {
        // Data older than client-side availability: mobile yes, others as `clientSide` says.
        let availability = flag
            .client_side_availability
            .unwrap_or(ClientSideAvailability { using_mobile_key: true, using_environment_id: flag.client_side });
        Flag {
            key: flag.key,
            version: flag.version,
            on: flag.on,
            prerequisites: flag.prerequisites,
            targets: flag.targets,
            context_targets: flag.context_targets,
            rules: flag.rules,
            fallthrough: flag.fallthrough,
            off_variation: flag.off_variation,
            variations: flag.variations,
            client_side_availability: availability,
            client_side: availability.using_environment_id,
            salt: flag.salt,
            track_events: flag.track_events,
            track_events_fallthrough: flag.track_events_fallthrough,
            debug_events_until_date: flag.debug_events_until_date,
            deleted: flag.deleted,
            migration: flag.migration,
            sampling_ratio: flag.sampling_ratio,
            exclude_from_summaries: flag.exclude_from_summaries,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::segment::Segment;
    use serde_json::json;

    #[test]
    fn every_default_is_written_and_optional_fields_are_left_out() {
        let flag: Flag = serde_json::from_value(json!({"key": "lamp"})).unwrap();
        assert_eq!(
            serde_json::to_string(&flag).unwrap(),
            concat!(
                r#"{"key":"lamp","version":0,"on":false,"prerequisites":[],"targets":[],"contextTargets":[],"#,
                r#""rules":[],"fallthrough":{},"offVariation":null,"variations":[],"#,
                r#""clientSideAvailability":{"usingMobileKey":true,"usingEnvironmentId":false},"clientSide":false,"#,
                r#""salt":"","trackEvents":false,"trackEventsFallthrough":false,"debugEventsUntilDate":null,"#,
                r#""deleted":false,"excludeFromSummaries":false}"#
            )
        );
        let segment: Segment = serde_json::from_value(json!({"key": "crew"})).unwrap();
        assert_eq!(
            serde_json::to_string(&segment).unwrap(),
            concat!(
                r#"{"key":"crew","version":0,"included":[],"excluded":[],"includedContexts":[],"#,
                r#""excludedContexts":[],"salt":"","rules":[],"unbounded":false,"generation":null,"deleted":false}"#
            )
        );
    }

    #[test]
    fn a_full_flag_round_trips() {
        let full = json!({
            "key": "lamp", "version": 7, "on": true,
            "prerequisites": [{"key": "gate", "variation": 1}],
            "targets": [{"values": ["a"], "variation": 0}],
            "contextTargets": [{"contextKind": "yard", "values": ["y"], "variation": 1}],
            "rules": [
                {"id": "r1", "trackEvents": true, "variation": 2, "clauses": [
                    {"contextKind": "user", "attribute": "n", "op": "in", "values": [1, "x", null], "negate": true}]},
                {"id": "r2", "trackEvents": false, "clauses": [], "rollout": {"kind": "experiment",
                    "contextKind": "yard", "bucketBy": "/a/b", "seed": -61,
                    "variations": [{"variation": 0, "weight": 100000, "untracked": true}]}},
            ],
            "fallthrough": {"variation": 1}, "offVariation": 0, "variations": ["dark", {"b": 1, "a": [1.5]}],
            "clientSideAvailability": {"usingMobileKey": false, "usingEnvironmentId": true}, "clientSide": true,
            "salt": "brine", "trackEvents": true, "trackEventsFallthrough": true, "debugEventsUntilDate": 1000,
            "deleted": false, "migration": {"checkRatio": 10}, "samplingRatio": 5, "excludeFromSummaries": true,
        });
        let flag: Flag = serde_json::from_value(full.clone()).unwrap();
        assert_eq!(serde_json::to_value(&flag).unwrap(), full);
    }

    #[test]
    fn nulls_and_integral_floats_are_read() {
        let flag: Flag = serde_json::from_value(json!({
            "key": "lamp", "version": 2.0, "on": null, "prerequisites": null, "targets": null, "offVariation": 0.0,
            "rules": [{"clauses": null, "variation": null, "rollout": {"kind": "new-kind", "variations": null}}],
            "fallthrough": {"rollout": null, "variation": 1e0}, "clientSideAvailability": null, "clientSide": true,
            "salt": null, "samplingRatio": null, "migration": null, "sel": "unknown",
        }))
        .unwrap();
        assert_eq!((flag.version, flag.off_variation, flag.fallthrough.variation), (2, Some(0), Some(1)));
        assert!(flag.client_side_availability.using_environment_id);
        assert_eq!(flag.rules[0].serve.rollout.as_ref().unwrap().kind, Default::default());
        for broken in [json!({"key": "k", "version": -1}), json!({"key": "k", "offVariation": 0.5}), json!({"key": 1})]
        {
            assert!(serde_json::from_value::<Flag>(broken.clone()).is_err(), "{broken}");
        }
    }
}
