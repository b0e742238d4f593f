//! Segments on the wire: what clients read, and what JSON patches are applied to.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::Links;
use wigwag_kit::links::path;
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Segment, SegmentRule, SegmentTarget};

use super::big::BigRep;
use crate::common::ClauseRep;
use crate::read::FlagListing;

/// A segment as clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UserSegment")]
pub struct SegmentRep<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    tags: &'a [String],
    creation_date: Millis,
    last_modified_date: Millis,
    key: &'a str,
    /// Lists of users and, below, of other contexts; big segments have none here.
    #[serde(flatten)]
    lists: Option<Lists<'a>>,
    #[serde(rename = "_links")]
    links: Links,
    rules: Vec<RuleRep<'a>>,
    version: u64,
    deleted: bool,
    /// Flags that ask for the segment; only when one segment is read.
    #[serde(rename = "_flags", skip_serializing_if = "Option::is_none")]
    flags: Option<Vec<FlagListing>>,
    unbounded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    unbounded_context_kind: Option<&'a str>,
    generation: u32,
    /// A big segment in numbers; only when one segment is read.
    #[serde(flatten)]
    big: Option<BigRep>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Lists<'a> {
    included: &'a [String],
    excluded: &'a [String],
    included_contexts: Vec<TargetRep<'a>>,
    excluded_contexts: Vec<TargetRep<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SegmentTarget")]
struct TargetRep<'a> {
    values: &'a [String],
    context_kind: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UserSegmentRule")]
struct RuleRep<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    clauses: Vec<ClauseRep<'a>>,
    /// Thousandths of a per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollout_context_kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

impl<'a> SegmentRep<'a> {
    /// A segment of an environment, at a version of the store.
    pub(super) fn of(project: &str, environment: &str, segment: &'a Segment, version: u64) -> Self {
        let parent = ["segments", project, environment];
        let links = Links::new()
            .own(path(&["segments", project, environment, &segment.key]))
            .parent(path(&parent))
            .site("site", site(project, environment, &segment.key));
        Self {
            name: &segment.name,
            description: &segment.description,
            tags: &segment.tags,
            creation_date: segment.created_at,
            last_modified_date: segment.last_modified,
            key: &segment.key,
            lists: (!segment.unbounded).then(|| Lists::of(segment)),
            links,
            rules: segment.rules.iter().map(RuleRep::of).collect(),
            version,
            deleted: false,
            flags: None,
            unbounded: segment.unbounded,
            unbounded_context_kind: segment.unbounded_context_kind.as_deref(),
            generation: segment.generation,
            big: None,
        }
    }

    /// With what is shown of a big segment beside its document.
    pub(super) fn with_members(self, big: Option<BigRep>) -> Self {
        Self { big, ..self }
    }

    /// With the flags that ask for it.
    pub(super) fn with_flags(self, flags: Vec<FlagListing>) -> Self {
        Self { flags: Some(flags), ..self }
    }
}

impl<'a> Lists<'a> {
    fn of(segment: &'a Segment) -> Self {
        let target = |one: &'a SegmentTarget| TargetRep { values: &one.values, context_kind: &one.context_kind };
        Self {
            included: &segment.included,
            excluded: &segment.excluded,
            included_contexts: segment.included_contexts.iter().map(target).collect(),
            excluded_contexts: segment.excluded_contexts.iter().map(target).collect(),
        }
    }
}

impl<'a> RuleRep<'a> {
    fn of(rule: &'a SegmentRule) -> Self {
        Self {
            id: &rule.id,
            clauses: rule.clauses.iter().map(ClauseRep::of).collect(),
            weight: rule.weight,
            rollout_context_kind: rule.rollout_context_kind.as_deref(),
            bucket_by: rule.bucket_by.as_deref(),
            description: rule.description.as_deref(),
        }
    }
}

/// The console's page of a segment.
pub(super) fn site(project: &str, environment: &str, segment: &str) -> String {
    format!("/{project}/{environment}/segments/{segment}")
}
