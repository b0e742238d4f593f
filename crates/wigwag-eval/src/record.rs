//! Watching an evaluation. Every call has an empty default, so a recorder that does not want an
//! event costs nothing for it; [`Silent`] costs nothing at all.

use crate::{CompiledFlag, CompiledSegment, Evaluation};
use serde::Serialize;
use wigwag_model::clause::Clause;
use wigwag_model::flag::Prerequisite;

/// Receives the steps of an evaluation in order. Started and finished calls nest and balance, also
/// when the evaluation ends in an error.
#[allow(unused_variables)]
pub trait Recorder<'a> {
    /// A flag is being looked at: the top one, or a prerequisite.
    fn flag_started(&mut self, flag: &'a CompiledFlag) {}
    /// A flag has its result. An error that takes the whole evaluation down shows as
    /// `MALFORMED_FLAG` on every flag on the way up.
    fn flag_finished(&mut self, flag: &'a CompiledFlag, result: &Evaluation<'a>) {}
    /// A prerequisite was looked up (`flag` is `None` if it is missing), evaluated and compared.
    /// Not called when evaluating it took the whole evaluation down.
    fn prerequisite(
        &mut self,
        required_by: &'a CompiledFlag,
        wanted: &'a Prerequisite,
        found: Option<(&'a CompiledFlag, &Evaluation<'a>)>,
        met: bool,
    ) {
    }
    /// A target list holds the context's key; `position` counts the effective lists from 0.
    fn target_matched(&mut self, position: u32, kind: &str) {}
    /// A rule of the current flag or segment is being tried.
    fn rule_started(&mut self, index: u32, id: &'a str) {}
    /// Whether all its clauses matched; of a weighted segment rule, also its share.
    fn rule_finished(&mut self, index: u32, matched: bool) {}
    /// A clause of the current rule is being tried.
    fn clause_started(&mut self, index: u32, clause: &'a Clause) {}
    /// The clause's outcome, negation applied.
    fn clause_finished(&mut self, index: u32, outcome: ClauseOutcome) {}
    /// A segment is being asked; `None` if there is none of this key.
    fn segment_started(&mut self, key: &'a str, segment: Option<&'a CompiledSegment>) {}
    /// The segment's answer.
    fn segment_finished(&mut self, key: &'a str, membership: Membership) {}
    /// A bucket was computed for a rollout or a weighted segment rule.
    fn bucketed(&mut self, bucketing: Bucketing<'_>) {}
}

/// Records nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Recorder<'_> for Silent {}

/// How a clause came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClauseOutcome {
    /// It matched.
    Matched,
    /// It did not match.
    NotMatched,
    /// The context has no part of the clause's kind: never matches, negated or not.
    KindMissing,
    /// The attribute is absent or null: never matches, negated or not.
    AttributeMissing,
    /// The attribute reference is invalid: the flag is malformed.
    InvalidReference,
    /// A segment failed: the flag is malformed.
    SegmentError,
}

impl ClauseOutcome {
    /// The outcome of a comparison.
    #[inline]
    pub(crate) fn of(hit: bool, negate: bool) -> ClauseOutcome {
        if hit != negate { ClauseOutcome::Matched } else { ClauseOutcome::NotMatched }
    }

    /// Whether the clause let the context through.
    pub fn matched(self) -> bool {
        self == ClauseOutcome::Matched
    }
}

/// Why a context is in a segment or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Membership {
    /// No such segment, or deleted.
    NoSegment,
    /// Its key is listed as included.
    Included,
    /// Its key is listed as excluded.
    Excluded,
    /// The rule of this index matched.
    Rule(u32),
    /// Nothing matched.
    Nothing,
    /// A big segment that has no generation, or whose kind the context lacks.
    NotAsked,
    /// The segment refers to itself, or one of its rules is broken: the flag is malformed.
    Error,
}

impl Membership {
    /// Whether the context is in the segment.
    pub fn contained(self) -> bool {
        matches!(self, Membership::Included | Membership::Rule(_))
    }
}

/// How a context was placed in a rollout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucketing<'r> {
    /// The hash input without the bucketing value: `key.salt.` or `seed.`.
    pub prefix: &'r [u8],
    /// Attribute whose value was hashed; `None` for the key.
    pub attribute: Option<&'r wigwag_model::reference::AttributeRef>,
    /// The kind whose attribute was read.
    pub kind: &'r str,
    /// Whether the context has that kind.
    pub kind_found: bool,
    /// Whether there was a value to hash; without, the bucket is 0.
    pub hashed: bool,
    /// The bucket, 0 to 1 inclusive.
    pub bucket: f32,
}
