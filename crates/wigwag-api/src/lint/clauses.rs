//! What can be said of clauses without a context.

use std::cmp::Ordering;

use serde_json::Value;
use wigwag_eval::literals::{date_order, is_date, is_pattern, is_version, version_order};
use wigwag_model::clause::Operator;
use wigwag_model::doc::Clause;

/// Attributes that every context has, and that are never lists.
const ALWAYS_THERE: [&str; 2] = ["key", "kind"];
/// Attributes that are never lists.
const SINGLE: [&str; 4] = ["key", "kind", "name", "anonymous"];

/// Patterns that match every text.
const MATCH_ALL: [&str; 8] = ["", "^", "$", ".*", "^.*", ".*$", "^.*$", ".*?"];

pub(super) fn operator(clause: &Clause) -> Option<Operator> {
    Operator::parse(&clause.op)
}

pub(super) fn kind(clause: &Clause) -> &str {
    clause.context_kind.as_deref().filter(|kind| !kind.is_empty()).unwrap_or("user")
}

/// The name of an attribute, however it is written.
pub(super) fn attribute(clause: &Clause) -> &str {
    clause.attribute.strip_prefix('/').filter(|rest| !rest.contains('/')).unwrap_or(&clause.attribute)
}

/// Both read the same attribute of the same kind.
pub(super) fn same_subject(a: &Clause, b: &Clause) -> bool {
    let segments = |clause| operator(clause) == Some(Operator::SegmentMatch);
    match (segments(a), segments(b)) {
        (true, true) => true,
        (false, false) => kind(a) == kind(b) && attribute(a) == attribute(b),
        _ => false,
    }
}

/// Whether a value can make a clause of this operator match at all.
pub(super) fn is_usable(op: Operator, value: &Value) -> bool {
    match op {
        Operator::In => true,
        Operator::StartsWith | Operator::EndsWith | Operator::Contains | Operator::SegmentMatch => value.is_string(),
        Operator::Matches => value.as_str().is_some_and(is_pattern),
        Operator::LessThan | Operator::LessThanOrEqual | Operator::GreaterThan | Operator::GreaterThanOrEqual => {
            value.is_number()
        }
        Operator::Before | Operator::After => is_date(value),
        Operator::SemVerEqual | Operator::SemVerLessThan | Operator::SemVerGreaterThan => {
            value.as_str().is_some_and(is_version)
        }
    }
}

/// Without its negation the clause cannot match: none of its values can.
fn never_hits(clause: &Clause) -> bool {
    operator(clause).is_none_or(|op| !clause.values.iter().any(|value| is_usable(op, value)))
}

/// Without its negation the clause matches every text.
fn always_hits(clause: &Clause) -> bool {
    let text = |test: &dyn Fn(&str) -> bool| clause.values.iter().filter_map(Value::as_str).any(test);
    match operator(clause) {
        Some(Operator::StartsWith | Operator::EndsWith | Operator::Contains) => text(&str::is_empty),
        Some(Operator::Matches) => text(&|pattern| MATCH_ALL.contains(&pattern)),
        Some(Operator::In) => [true, false].iter().all(|b| clause.values.contains(&Value::Bool(*b))),
        _ => false,
    }
}

/// The clause matches whoever has the attribute.
pub(super) fn is_always_true(clause: &Clause) -> bool {
    if clause.negate { never_hits(clause) } else { always_hits(clause) }
}

/// The clause matches nobody.
pub(super) fn is_never_true(clause: &Clause) -> bool {
    if clause.negate { always_hits(clause) } else { never_hits(clause) }
}

/// Whoever matches `clause` matches `wider`.
pub(super) fn implies(clause: &Clause, wider: &Clause) -> bool {
    let segments = operator(clause) == Some(Operator::SegmentMatch);
    if is_always_true(wider) && operator(wider) != Some(Operator::SegmentMatch) {
        let same_kind = !segments && kind(clause) == kind(wider);
        return same_kind && (ALWAYS_THERE.contains(&attribute(wider)) || attribute(clause) == attribute(wider));
    }
    let within = |few: &[Value], many: &[Value]| few.iter().all(|value| many.contains(value));
    same_subject(clause, wider)
        && clause.op == wider.op
        && clause.negate == wider.negate
        && match clause.negate {
            false => within(&clause.values, &wider.values),
            true => within(&wider.values, &clause.values),
        }
}

/// How sure it is that two clauses exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exclusion {
    /// Nobody matches both.
    Certain,
    /// Only a context whose attribute is a list can match both.
    UnlessList,
}

/// Whether nobody can match both.
pub(super) fn exclude(a: &Clause, b: &Clause) -> Option<Exclusion> {
    if !same_subject(a, b) {
        return None;
    }
    if a.negate != b.negate {
        let (plain, negated) = if a.negate { (b, a) } else { (a, b) };
        // What the one asks for, the other turns away.
        let contained = plain.op == negated.op && plain.values.iter().all(|value| negated.values.contains(value));
        return contained.then_some(Exclusion::Certain);
    }
    if a.negate {
        return None;
    }
    let apart = match (operator(a)?, operator(b)?) {
        (Operator::In, Operator::In) => !a.values.iter().any(|value| b.values.contains(value)),
        _ => no_room(a, b) || no_room(b, a),
    };
    let single = SINGLE.contains(&attribute(a));
    apart.then_some(if single { Exclusion::Certain } else { Exclusion::UnlessList })
}

/// `upper` asks for less than what `lower` asks for more than.
fn no_room(lower: &Clause, upper: &Clause) -> bool {
    use Operator::{
        After, Before, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual, SemVerGreaterThan, SemVerLessThan,
    };
    let (Some(low), Some(high)) = (operator(lower), operator(upper)) else { return false };
    let touching = matches!((low, high), (GreaterThanOrEqual, LessThanOrEqual));
    let pair = matches!(
        (low, high),
        (GreaterThan | GreaterThanOrEqual, LessThan | LessThanOrEqual)
            | (After, Before)
            | (SemVerGreaterThan, SemVerLessThan)
    );
    // Any value will do: every pair has to be apart.
    let usable =
        |clause: &Clause, op| clause.values.iter().filter(move |value| is_usable(op, value)).cloned().collect();
    let (lows, highs): (Vec<Value>, Vec<Value>) = (usable(lower, low), usable(upper, high));
    let apart = |a: &Value, b: &Value| match order(low, a, b) {
        Some(Ordering::Greater) => true,
        Some(Ordering::Equal) => !touching,
        _ => false,
    };
    pair && !lows.is_empty() && !highs.is_empty() && lows.iter().all(|a| highs.iter().all(|b| apart(a, b)))
}

fn order(op: Operator, a: &Value, b: &Value) -> Option<Ordering> {
    match op {
        Operator::After => date_order(a, b),
        Operator::SemVerGreaterThan => version_order(a.as_str()?, b.as_str()?),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}
