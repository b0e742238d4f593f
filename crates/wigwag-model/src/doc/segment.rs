//! A segment of contexts in one environment.

use serde::{Deserialize, Serialize};

use super::{Clause, ViewLink};
use crate::clock::Millis;

/// A segment. The store's version of this document is the `version` SDKs order updates by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// Chosen key.
    pub key: String,
    /// Human name.
    pub name: String,
    /// Human description, may be empty.
    #[serde(default)]
    pub description: String,
    /// Tags, in the order given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The views that it is linked to, the first linked first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<ViewLink>,
    /// Bucketing salt, 32 hex digits.
    pub salt: String,
    /// Keys of included users.
    #[serde(default)]
    pub included: Vec<String>,
    /// Keys of excluded users.
    #[serde(default)]
    pub excluded: Vec<String>,
    /// Included contexts of other kinds.
    #[serde(default)]
    pub included_contexts: Vec<SegmentTarget>,
    /// Excluded contexts of other kinds.
    #[serde(default)]
    pub excluded_contexts: Vec<SegmentTarget>,
    /// First match includes.
    #[serde(default)]
    pub rules: Vec<SegmentRule>,
    /// A big segment: members live in a store of their own.
    #[serde(default)]
    pub unbounded: bool,
    /// Context kind of a big segment's members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unbounded_context_kind: Option<String>,
    /// Rises when a big segment is deleted and made anew.
    #[serde(default)]
    pub generation: u32,
    /// Listed contexts that leave their list at a time; each names one that is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expiring_targets: Vec<ExpiringSegmentTarget>,
    /// When it was created.
    pub created_at: Millis,
    /// When it last changed.
    pub last_modified: Millis,
}

/// Context keys of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentTarget {
    /// Context kind, never `user`.
    pub context_kind: String,
    /// Context keys, in the order given.
    pub values: Vec<String>,
}

/// Which list of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SegmentList {
    /// Members whatever the rules say.
    Included,
    /// Members only if they are included as well.
    Excluded,
}

/// A listed context that leaves its list when its time comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpiringSegmentTarget {
    /// 24 hex digits.
    pub id: String,
    /// Rises with every change of the time.
    pub version: u64,
    /// The list it is on.
    pub list: SegmentList,
    /// Its context kind.
    pub context_kind: String,
    /// Its context key.
    pub context_key: String,
    /// When it leaves.
    pub expires_at: Millis,
}

/// Clauses that must all match for a context to be a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentRule {
    /// UUID.
    pub id: String,
    /// Human description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All must match.
    pub clauses: Vec<Clause>,
    /// Thousandths of a per cent of the matches that are members; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// Attribute that is hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// Kind whose attribute is hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout_context_kind: Option<String>,
}
