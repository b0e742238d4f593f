//! What the values of clauses mean to the evaluator, for those who check clauses before they are compiled.

use std::cmp::Ordering;

use serde_json::Value;

use crate::values::date::Instant;
use crate::values::pattern::Pattern;
use crate::values::version::Version;

/// Whether `matches` can use the text as a regular expression.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    Pattern::new(text).is_some()
}

/// Whether the `semVer…` operators can use the text.
#[must_use]
pub fn is_version(text: &str) -> bool {
    Version::parse(text).is_some()
}

/// The order of two versions; none where one is none.
#[must_use]
pub fn version_order(a: &str, b: &str) -> Option<Ordering> {
    Some(Version::parse(a)?.compare(&Version::parse(b)?))
}

/// Whether `before` and `after` can use the value: an RFC 3339 text or milliseconds.
#[must_use]
pub fn is_date(value: &Value) -> bool {
    instant(value).is_some()
}

/// The order of two dates; none where one is none.
#[must_use]
pub fn date_order(a: &Value, b: &Value) -> Option<Ordering> {
    Some(instant(a)?.cmp(&instant(b)?))
}

fn instant(value: &Value) -> Option<Instant> {
    match value {
        Value::String(text) => Instant::parse(text),
        value => Instant::from_millis(value.as_f64()?),
    }
}
