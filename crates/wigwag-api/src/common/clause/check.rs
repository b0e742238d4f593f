//! Rules for clauses. Shapes on which SDKs disagree are refused (evaluation.md 2.3).

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::clause::Operator;
use wigwag_model::doc::Clause;
use wigwag_model::kind::Kind;
use wigwag_model::reference::AttributeRef;

/// The clauses of the rule at `path`, a path of the representation: each one, and that no two have the same id.
///
/// # Errors
/// 400 naming the path.
pub fn check_clauses(path: &str, clauses: &[Clause]) -> Result<()> {
    for (i, clause) in clauses.iter().enumerate() {
        let path = format!("{path}/clauses/{i}");
        if clauses[..i].iter().any(|other| other.id == clause.id) {
            return Err(Error::field(&format!("{path}/_id"), "another clause has the same _id"));
        }
        check(&path, clause)?;
    }
    Ok(())
}

fn check(path: &str, clause: &Clause) -> Result<()> {
    let Some(op) = Operator::parse(&clause.op) else {
        return Err(Error::field(&format!("{path}/op"), format_args!("there is no operator '{}'", clause.op)));
    };
    if let Some(kind) = &clause.context_kind {
        check_context_kind(&format!("{path}/contextKind"), kind)?;
    }
    if op != Operator::SegmentMatch {
        let kind = clause.context_kind.as_deref();
        check_reference(&format!("{path}/attribute"), &clause.attribute, kind)?;
    }
    for (i, value) in clause.values.iter().enumerate() {
        let path = || format!("{path}/values/{i}");
        if matches!(value, Value::Null | Value::Array(_) | Value::Object(_)) {
            return Err(Error::field(&path(), "must be a string, a number or a boolean"));
        }
        if op == Operator::SegmentMatch && !value.is_string() {
            return Err(Error::field(&path(), "must be the key of a segment"));
        }
    }
    Ok(())
}

/// An attribute reference that every SDK reads alike.
///
/// # Errors
/// 400 naming the path.
pub fn check_reference(path: &str, text: &str, kind: Option<&str>) -> Result<()> {
    let reference = AttributeRef::for_kind(text, kind).map_err(|e| Error::field(path, e))?;
    let tilde = |part: &str| part.starts_with('~');
    let pointer = kind.is_some() && text.starts_with('/');
    if pointer && (tilde(reference.root().name()) || reference.path().iter().any(|part| tilde(part))) {
        return Err(Error::field(path, "a part of an attribute reference must not begin with '~'"));
    }
    Ok(())
}

/// A kind that contexts may have.
///
/// # Errors
/// 400 naming the path.
pub fn check_context_kind(path: &str, kind: &str) -> Result<()> {
    if Kind::is_valid(kind) {
        return Ok(());
    }
    Err(Error::field(path, format_args!("'{kind}' is not a context kind: letters, digits, '.', '_' and '-'")))
}
