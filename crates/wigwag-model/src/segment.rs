//! Segments as server SDKs receive them (sdk-protocol §4.2).

use crate::clause::Clause;
use crate::lenient;
use serde::{Deserialize, Serialize};

/// A named set of contexts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// Key, unique in the environment.
    pub key: String,
    /// Orders updates; never goes down.
    #[serde(default, deserialize_with = "lenient::unsigned")]
    pub version: u64,
    /// User keys that are in.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub included: Vec<String>,
    /// User keys that the rules are not asked about.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub excluded: Vec<String>,
    /// Keys of other kinds that are in.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub included_contexts: Vec<SegmentTarget>,
    /// Keys of other kinds that the rules are not asked about.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub excluded_contexts: Vec<SegmentTarget>,
    /// Hash input of weighted rules.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub salt: String,
    /// Rules, any of which lets a context in.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub rules: Vec<SegmentRule>,
    /// A big segment: membership comes from a store, not from the lists.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub unbounded: bool,
    /// Kind of a big segment's members, `user` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unbounded_context_kind: Option<String>,
    /// Generation of a big segment; part of its name in the store. Sent as null when absent.
    #[serde(default, deserialize_with = "lenient::optional_int")]
    pub generation: Option<i64>,
    /// Tombstone: to be treated as not there.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub deleted: bool,
}

/// Keys of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentTarget {
    /// The kind; always sent, since some SDKs require it.
    #[serde(default = "user", deserialize_with = "user_or")]
    pub context_kind: String,
    /// Context keys.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub values: Vec<String>,
}

fn user() -> String {
    "user".to_string()
}

fn user_or<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let kind: String = lenient::or_default(from)?;
    Ok(if kind.is_empty() { user() } else { kind })
}

/// Clauses that must all match, and optionally a share of those who match.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentRule {
    /// Identifier, unique within the segment.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub id: String,
    /// Clauses; none means everybody.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub clauses: Vec<Clause>,
    /// Share in thousandths of a percent; absent means all who match the clauses.
    #[serde(default, deserialize_with = "lenient::optional_int", skip_serializing_if = "Option::is_none")]
    pub weight: Option<i64>,
    /// Attribute that is hashed, `key` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// Kind whose attribute is hashed. Absent: `user`, and `bucket_by` is a literal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout_context_kind: Option<String>,
}
