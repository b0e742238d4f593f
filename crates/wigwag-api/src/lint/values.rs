//! Values of clauses that cannot match, and patterns that match more than they seem to.

use serde_json::Value;
use wigwag_eval::literals::{is_pattern, is_version};
use wigwag_model::clause::Operator;
use wigwag_model::doc::{Clause, FlagConfig};

use super::clauses::{is_usable, operator};
use super::{Notes, Severity};

pub(super) fn check(config: &FlagConfig, notes: &mut Notes<'_>) {
    for (at, rule) in config.rules.iter().enumerate() {
        for (nth, clause) in rule.clauses.iter().enumerate() {
            for (value, path) in
                clause.values.iter().zip(0..).map(|(value, i)| (value, format!("rules/{at}/clauses/{nth}/values/{i}")))
            {
                one(clause, value, &path, notes);
            }
        }
    }
}

fn one(clause: &Clause, value: &Value, path: &str, notes: &mut Notes<'_>) {
    let Some(op) = operator(clause) else { return };
    if !is_usable(op, value) {
        let (code, wanted) = match (op, value) {
            (Operator::Matches, Value::String(_)) => ("invalid-pattern", "a regular expression"),
            (Operator::SemVerEqual | Operator::SemVerLessThan | Operator::SemVerGreaterThan, Value::String(_)) => {
                ("invalid-version", "a semantic version")
            }
            (Operator::Before | Operator::After, _) => ("invalid-date", "an RFC 3339 time or milliseconds"),
            (Operator::LessThan | Operator::LessThanOrEqual, _)
            | (Operator::GreaterThan | Operator::GreaterThanOrEqual, _) => ("wrong-type", "a number"),
            _ => ("wrong-type", "a text"),
        };
        let message = format!("{value} is not {wanted}: with {} it never matches", clause.op);
        notes.note(Severity::Error, code, path, message);
        return;
    }
    let Some(pattern) = value.as_str().filter(|_| op == Operator::Matches && is_pattern_of_version(value)) else {
        return;
    };
    if has_bare_dot(pattern) {
        let message = format!("In {value} a dot stands for any character; for versions there are the semVer operators");
        notes.note(Severity::Warning, "unescaped-dot", path, message);
    }
    if !(pattern.starts_with('^') && pattern.ends_with('$')) {
        let message =
            format!("{value} also matches inside longer texts: anchor it with ^ and $, or use a semVer operator");
        notes.note(Severity::Warning, "unanchored-version", path, message);
    }
}

/// A pattern that would be a version if it were no pattern.
fn is_pattern_of_version(value: &Value) -> bool {
    let Some(pattern) = value.as_str() else { return false };
    let bare = pattern.trim_start_matches('^').trim_end_matches('$');
    let plain = bare.replace("\\.", ".").replace("\\d+", "1").replace("[0-9]+", "1").replace(".*", "");
    let plain = plain.trim_end_matches('.').trim_start_matches('v');
    is_pattern(pattern) && plain.contains('.') && is_version(plain)
}

/// A dot that is neither escaped nor followed by a quantifier that says that anything is meant.
fn has_bare_dot(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let bare = |at: usize| {
        let escaped = at > 0 && bytes[at - 1] == b'\\';
        let meant = matches!(bytes.get(at + 1), Some(b'*' | b'+' | b'?' | b'{'));
        bytes[at] == b'.' && !escaped && !meant
    };
    (0..bytes.len()).any(bare)
}
