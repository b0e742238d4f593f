//! The full story of an evaluation, as data: what was looked at, in order, and how it came out.

mod build;
#[cfg(test)]
mod tests;

use crate::{Bucketing, ClauseOutcome, CompiledFlag, Evaluation, Lookup, Membership, evaluate_recorded};
use serde::Serialize;
use serde_json::Value;
use wigwag_model::context::Context;

/// Evaluates a flag and tells why it came out as it did.
pub fn explain<'a, L: Lookup>(
    environment: &'a L,
    flag: &'a CompiledFlag,
    context: &Context,
) -> (Evaluation<'a>, FlagTrace) {
    let mut builder = build::Builder::default();
    let result = evaluate_recorded(environment, flag, context, &mut builder);
    // Only a tombstone is refused before anything is recorded.
    let trace = builder.finish().unwrap_or_else(|| FlagTrace::new(flag));
    (result, trace)
}

/// One flag: the top one, or a prerequisite.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagTrace {
    /// The flag's key.
    pub key: String,
    /// The flag's version.
    pub version: u64,
    /// Whether it is on.
    pub on: bool,
    /// Prerequisites that were looked at, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<PrerequisiteTrace>,
    /// The target list that holds the context's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetTrace>,
    /// Rules that were tried, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleTrace>,
    /// The rollout that decided, in the matching rule or the fallthrough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketTrace>,
    /// `{value, variationIndex, reason}`; null while unfinished.
    pub result: Value,
}

/// One prerequisite.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrerequisiteTrace {
    /// Key of the required flag.
    pub key: String,
    /// The index it had to serve; null if its evaluation took the whole evaluation down.
    pub wanted: Option<i64>,
    /// Whether it was on and served that index.
    pub met: bool,
    /// Its own story; absent if there is no such flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<FlagTrace>,
}

/// A hit in the targets.
#[derive(Clone, Debug, Serialize)]
pub struct TargetTrace {
    /// Position among the effective lists, from 0.
    pub position: u32,
    /// Kind of the key that was listed.
    pub kind: String,
}

/// One rule of a flag or segment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleTrace {
    /// Position, from 0.
    pub index: u32,
    /// The rule's id; may be empty.
    pub id: String,
    /// Whether the context passed.
    pub matched: bool,
    /// Clauses that were tried, up to the first that failed.
    pub clauses: Vec<ClauseTrace>,
    /// The share of a weighted segment rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketTrace>,
}

/// One clause.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClauseTrace {
    /// Position, from 0.
    pub index: u32,
    /// Kind that was read; absent means `user`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// Attribute that was read.
    pub attribute: String,
    /// Operator.
    pub op: String,
    /// Whether the result was turned around.
    pub negate: bool,
    /// How it came out, negation applied.
    pub outcome: ClauseOutcome,
    /// Segments that were asked, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentTrace>,
}

/// One segment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentTrace {
    /// The segment's key.
    pub key: String,
    /// Its version; absent if there is no such segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Whether the context is in it.
    pub contained: bool,
    /// Why.
    pub membership: Membership,
    /// Rules that were tried, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleTrace>,
}

/// One placement by hash.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketTrace {
    /// Hash input before the bucketing value.
    pub prefix: String,
    /// Kind whose attribute was read.
    pub kind: String,
    /// Attribute that was hashed.
    pub attribute: String,
    /// Whether the context has that kind.
    pub kind_found: bool,
    /// Whether there was a value that can be hashed; without, the bucket is 0.
    pub hashed: bool,
    /// 0 to 1 inclusive, single precision.
    pub bucket: f32,
}

impl FlagTrace {
    fn new(flag: &CompiledFlag) -> FlagTrace {
        FlagTrace {
            key: flag.key().to_string(),
            version: flag.version(),
            on: flag.source().on,
            prerequisites: Vec::new(),
            target: None,
            rules: Vec::new(),
            bucket: None,
            result: Value::Null,
        }
    }
}

impl From<Bucketing<'_>> for BucketTrace {
    fn from(from: Bucketing<'_>) -> BucketTrace {
        BucketTrace {
            prefix: String::from_utf8_lossy(from.prefix).into_owned(),
            kind: from.kind.to_string(),
            attribute: from.attribute.map_or_else(|| "key".to_string(), ToString::to_string),
            kind_found: from.kind_found,
            hashed: from.hashed,
            bucket: from.bucket,
        }
    }
}
