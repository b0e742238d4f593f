//! What a flag does in one environment.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;

/// A flag's configuration in one environment. The store's version of this document is the
/// `version` SDKs order updates by, so every change they can see must touch it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagConfig {
    /// Targeting is on.
    pub on: bool,
    /// Bucketing salt, 32 hex digits.
    pub salt: String,
    /// 32 hex digits that clients echo.
    pub sel: String,
    /// When it last changed.
    pub last_modified: Millis,
    /// Other flags that must serve a variation first.
    #[serde(default)]
    pub prerequisites: Vec<Prerequisite>,
    /// Individual targets in evaluation order; at most one entry for each context kind and variation.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// First match wins.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Served when nothing matches.
    pub fallthrough: Serve,
    /// Index served when off; absent serves the code's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_variation: Option<usize>,
    /// Send full events for every evaluation.
    #[serde(default)]
    pub track_events: bool,
    /// Send full events when nothing matched.
    #[serde(default)]
    pub track_events_fallthrough: bool,
    /// SDKs send debug events until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debug_events_until: Option<Millis>,
    /// 1-in-N consistency checks of a migration flag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_ratio: Option<u32>,
    /// Individual targets that are removed at a time; each names one that is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expiring_targets: Vec<ExpiringTarget>,
}

/// An individual target that is removed when its time comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpiringTarget {
    /// 24 hex digits.
    pub id: String,
    /// Rises with every change of the time.
    pub version: u64,
    /// Context kind of the target.
    pub context_kind: String,
    /// Context key of the target.
    pub context_key: String,
    /// Index of the variation it is targeted with.
    pub variation: usize,
    /// When it is removed.
    pub expires_at: Millis,
}

/// Another flag of the project that must serve a variation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Prerequisite {
    /// Key of the other flag.
    pub key: String,
    /// Index of its variation.
    pub variation: usize,
}

/// Contexts of one kind that get a variation by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Context kind, `user` for plain targets.
    pub context_kind: String,
    /// Index of the variation.
    pub variation: usize,
    /// Context keys, in the order given.
    pub values: Vec<String>,
}

/// Clauses that must all match, and what is then served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// UUID.
    pub id: String,
    /// Handle chosen by the client.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Human description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All must match.
    pub clauses: Vec<Clause>,
    /// What is served.
    pub serve: Serve,
    /// Send full events.
    #[serde(default)]
    pub track_events: bool,
}

/// One test of a context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clause {
    /// UUID.
    pub id: String,
    /// Context kind read from; absent on `segmentMatch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// Attribute reference.
    pub attribute: String,
    /// Operator (sdk-protocol.md 4.3).
    pub op: String,
    /// Any may match.
    pub values: Vec<Value>,
    /// Invert the outcome.
    #[serde(default)]
    pub negate: bool,
}

/// A variation, or a percentage rollout over several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Serve {
    /// Index of the variation.
    Variation(usize),
    /// Buckets.
    Rollout(Rollout),
}

/// Buckets of contexts by a hash of an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// Kind whose attribute is hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// Attribute that is hashed; absent means the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// Weights in thousandths of a per cent; they add up to 100,000.
    pub variations: Vec<WeightedVariation>,
    /// `experiment` for experiments; absent for plain rollouts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Replaces key and salt in the hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
}

/// One bucket of a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WeightedVariation {
    /// Index of the variation.
    pub variation: usize,
    /// Thousandths of a per cent.
    pub weight: u32,
    /// In the bucket but outside the experiment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untracked: bool,
}
