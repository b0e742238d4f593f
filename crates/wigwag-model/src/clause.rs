//! Clauses: one test of one attribute, in flag rules and segment rules alike.

use crate::lenient;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A test of an attribute against a list of values (sdk-protocol §4.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clause {
    /// Kind whose attribute is read. Absent: `user`, and `attribute` is a literal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// Attribute name or reference; `""` for `segmentMatch`.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub attribute: String,
    /// Operator name; see [`Operator`]. Unknown ones never match.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub op: String,
    /// Values, any of which may match.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub values: Vec<Value>,
    /// Turns the finished result around.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub negate: bool,
}

/// The operators a clause may have (sdk-protocol §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it; `as_str` has the wire form
pub enum Operator {
    In,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    LessThan,
    LessThanOrEqual,
    GreaterThan,
    GreaterThanOrEqual,
    Before,
    After,
    SegmentMatch,
    SemVerEqual,
    SemVerLessThan,
    SemVerGreaterThan,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Operator; 15] = [
        Operator::In,
        Operator::StartsWith,
        Operator::EndsWith,
        Operator::Contains,
        Operator::Matches,
        Operator::LessThan,
        Operator::LessThanOrEqual,
        Operator::GreaterThan,
        Operator::GreaterThanOrEqual,
        Operator::Before,
        Operator::After,
        Operator::SegmentMatch,
        Operator::SemVerEqual,
        Operator::SemVerLessThan,
        Operator::SemVerGreaterThan,
    ];

    /// The operator of this wire name; case counts.
    pub fn parse(name: &str) -> Option<Operator> {
        Operator::ALL.into_iter().find(|op| op.as_str() == name)
    }

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::In => "in",
            Operator::StartsWith => "startsWith",
            Operator::EndsWith => "endsWith",
            Operator::Contains => "contains",
            Operator::Matches => "matches",
            Operator::LessThan => "lessThan",
            Operator::LessThanOrEqual => "lessThanOrEqual",
            Operator::GreaterThan => "greaterThan",
            Operator::GreaterThanOrEqual => "greaterThanOrEqual",
            Operator::Before => "before",
            Operator::After => "after",
            Operator::SegmentMatch => "segmentMatch",
            Operator::SemVerEqual => "semVerEqual",
            Operator::SemVerLessThan => "semVerLessThan",
            Operator::SemVerGreaterThan => "semVerGreaterThan",
        }
    }
}
