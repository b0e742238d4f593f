//! What an evaluation gives: value, variation index and reason (evaluation §9).

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

/// The result of evaluating one flag for one context; borrows from the compiled flags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation<'a> {
    /// The value; null for errors and when the flag serves none of its variations.
    pub value: &'a Value,
    /// Index into the flag's variations; `None` exactly when the value is not one of them.
    pub variation: Option<u32>,
    /// Why.
    pub reason: Reason<'a>,
}

impl<'a> Evaluation<'a> {
    /// A result without value.
    pub const fn none(kind: ReasonKind<'a>) -> Evaluation<'a> {
        Evaluation { value: &Value::Null, variation: None, reason: Reason::new(kind) }
    }

    /// An error.
    pub const fn error(kind: ErrorKind) -> Evaluation<'a> {
        Evaluation::none(ReasonKind::Error(kind))
    }

    /// Whether the result is an error.
    pub fn is_error(&self) -> bool {
        matches!(self.reason.kind, ReasonKind::Error(_))
    }
}

impl Serialize for Evaluation<'_> {
    /// `{value, variationIndex, reason}`, with null for no variation.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("value", self.value)?;
        map.serialize_entry("variationIndex", &self.variation)?;
        map.serialize_entry("reason", &self.reason)?;
        map.end()
    }
}

/// Why a flag gave what it gave. Serialises as SDKs expect it (sdk-protocol §4.6).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason<'a> {
    /// What decided.
    pub kind: ReasonKind<'a>,
    /// Worst state of the big-segment store met on the way; `None` if no big segment was asked.
    pub big_segments: Option<BigSegmentsStatus>,
}

impl<'a> Reason<'a> {
    /// A reason without big segments.
    pub const fn new(kind: ReasonKind<'a>) -> Reason<'a> {
        Reason { kind, big_segments: None }
    }

    /// Whether an experiment decided and counts this context.
    pub fn in_experiment(&self) -> bool {
        match self.kind {
            ReasonKind::RuleMatch { in_experiment, .. } | ReasonKind::Fallthrough { in_experiment } => in_experiment,
            _ => false,
        }
    }
}

/// What decided an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind<'a> {
    /// The flag is off.
    Off,
    /// The context's key is targeted.
    TargetMatch,
    /// A rule matched.
    RuleMatch {
        /// Position of the rule, from 0.
        index: u32,
        /// The rule's id; may be empty.
        id: &'a str,
        /// An experiment in the rule counts this context.
        in_experiment: bool,
    },
    /// Nothing matched.
    Fallthrough {
        /// An experiment in the fallthrough counts this context.
        in_experiment: bool,
    },
    /// A prerequisite was not met.
    PrerequisiteFailed {
        /// Key of the direct prerequisite.
        key: &'a str,
    },
    /// No result.
    Error(ErrorKind),
}

impl ReasonKind<'_> {
    /// The wire name.
    pub fn as_str(&self) -> &'static str {
        match self {
            ReasonKind::Off => "OFF",
            ReasonKind::TargetMatch => "TARGET_MATCH",
            ReasonKind::RuleMatch { .. } => "RULE_MATCH",
            ReasonKind::Fallthrough { .. } => "FALLTHROUGH",
            ReasonKind::PrerequisiteFailed { .. } => "PREREQUISITE_FAILED",
            ReasonKind::Error(_) => "ERROR",
        }
    }
}

/// Sorts of error (evaluation §9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorKind {
    /// The flag's data is broken where it was reached.
    MalformedFlag,
    /// No valid context.
    UserNotSpecified,
    /// No such flag, or deleted.
    FlagNotFound,
    /// No data yet.
    ClientNotReady,
    /// The value has another type than asked for.
    WrongType,
    /// Anything unexpected.
    Exception,
}

/// State of the big-segment store; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BigSegmentsStatus {
    /// The query succeeded and the store is up to date.
    Healthy,
    /// The query succeeded, but the store has not been synchronised for too long.
    Stale,
    /// The query failed.
    StoreError,
    /// There is no store, or the segment has no generation.
    NotConfigured,
}

impl Serialize for Reason<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("kind", self.kind.as_str())?;
        match self.kind {
            ReasonKind::RuleMatch { index, id, .. } => {
                map.serialize_entry("ruleIndex", &index)?;
                if !id.is_empty() {
                    map.serialize_entry("ruleId", id)?;
                }
            }
            ReasonKind::PrerequisiteFailed { key } => map.serialize_entry("prerequisiteKey", key)?,
            ReasonKind::Error(kind) => map.serialize_entry("errorKind", &kind)?,
            ReasonKind::Off | ReasonKind::TargetMatch | ReasonKind::Fallthrough { .. } => {}
        }
        if self.in_experiment() {
            map.serialize_entry("inExperiment", &true)?;
        }
        if let Some(status) = &self.big_segments {
            map.serialize_entry("bigSegmentsStatus", status)?;
        }
        map.end()
    }
}
