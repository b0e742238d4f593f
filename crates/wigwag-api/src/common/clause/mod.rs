//! Clauses, wherever they are: of flags and of segments.

mod check;
mod input;
mod rep;

pub use check::{check_clauses, check_context_kind, check_reference};
pub use input::{ClauseInput, id_or_new};
pub use rep::ClauseRep;

use serde_json::Value;
use wigwag_model::doc::Clause;

/// Keys of the segments that clauses ask, each as often as it is named.
pub fn segments<'a>(clauses: impl IntoIterator<Item = &'a Clause>) -> impl Iterator<Item = &'a str> {
    let asks = clauses.into_iter().filter(|clause| clause.op == "segmentMatch");
    asks.flat_map(|clause| &clause.values).filter_map(Value::as_str)
}

/// Equality as people see it: `1` is `1.0`.
#[must_use]
pub fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}
