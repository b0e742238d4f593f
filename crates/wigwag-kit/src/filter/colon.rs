//! Grammar A: `field:value,field:value`, all of which must hold.
//!
//! What a value means depends on the field, so [`Term`] reads it as the caller asks.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// One `field:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The field, one of those allowed.
    pub field: String,
    /// The text after the colon.
    pub value: String,
}

/// The terms of a filter.
///
/// # Errors
/// A term without a colon, a field that is not in `allowed`.
pub fn parse(text: &str, allowed: &[&str]) -> Result<Vec<Term>> {
    let terms = parse_any(text)?;
    match terms.iter().find(|term| !allowed.contains(&term.field.as_str())) {
        None => Ok(terms),
        Some(term) => Err(Error::field(
            "filter",
            format_args!("unknown field {}; allowed are {}", term.field, allowed.join(", ")),
        )),
    }
}

/// The terms of a filter whose fields are attributes of the caller's own.
///
/// # Errors
/// A term without a colon.
pub fn parse_any(text: &str) -> Result<Vec<Term>> {
    if text.len() > super::MAX_FILTER {
        return Err(Error::field("filter", format_args!("is longer than {} bytes", super::MAX_FILTER)));
    }
    split(text).into_iter().map(term).collect()
}

fn term(text: &str) -> Result<Term> {
    match text.split_once(':') {
        Some((field, value)) if !field.trim().is_empty() => {
            Ok(Term { field: field.trim().to_owned(), value: value.trim().to_owned() })
        }
        _ => Err(Error::field("filter", format_args!("{text} is not of the form field:value"))),
    }
}

/// Splits on commas outside braces, brackets and, within those, quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

impl Term {
    /// The values of a list all of which must hold: split on `+`, which may have arrived as a space.
    #[must_use]
    pub fn all(&self) -> Vec<&str> {
        self.value.split(['+', ' ']).filter(|v| !v.is_empty()).collect()
    }

    /// The values of a list any of which may hold: split on `|`.
    #[must_use]
    pub fn any(&self) -> Vec<&str> {
        self.value.split('|').map(str::trim).filter(|v| !v.is_empty()).collect()
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// Any other text.
    pub fn flag(&self) -> Result<bool> {
        self.value.parse().map_err(|_| self.problem("must be true or false"))
    }

    /// A whole number.
    ///
    /// # Errors
    /// Any other text.
    pub fn number(&self) -> Result<i64> {
        self.value.parse().map_err(|_| self.problem("must be a whole number"))
    }

    /// One of `allowed`.
    ///
    /// # Errors
    /// Any other text.
    pub fn one_of(&self, allowed: &[&'static str]) -> Result<&'static str> {
        let found = allowed.iter().copied().find(|a| *a == self.value);
        found.ok_or_else(|| self.problem(&format!("must be one of {}", allowed.join(", "))))
    }

    /// A JSON object such as `{"before":1690527600000}`.
    ///
    /// # Errors
    /// Any other text.
    pub fn object(&self) -> Result<Map<String, Value>> {
        match crate::json::parse(self.value.as_bytes()) {
            Ok(Value::Object(map)) => Ok(map),
            _ => Err(self.problem("must be a JSON object")),
        }
    }

    /// A whole number that a JSON object has under `name`.
    ///
    /// # Errors
    /// The value is no object, or has no whole number there.
    pub fn object_number(&self, name: &str) -> Result<i64> {
        let number = self.object()?.get(name).and_then(Value::as_i64);
        number.ok_or_else(|| self.problem(&format!("must be a JSON object with a whole number \"{name}\"")))
    }

    /// A refusal of this term.
    #[must_use]
    pub fn problem(&self, problem: &str) -> Error {
        Error::field("filter", format_args!("{} {problem}", self.field))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn objects_keep_their_commas() {
        let text = r#"creationDate:{"before":1690527600000,"x":"a,}b"},tags:a+b c,query:x:y"#;
        let terms = parse(text, &["creationDate", "tags", "query"]).unwrap();
        assert_eq!(terms.len(), 3);
        assert_eq!(terms[0].object_number("before").unwrap(), 1_690_527_600_000);
        assert_eq!(terms[1].all(), ["a", "b", "c"]);
        assert_eq!(terms[2].value, "x:y");
    }

    #[test]
    fn refusals_name_the_field() {
        let error = parse("colour:red", &["tags", "query"]).unwrap_err().to_string();
        assert!(error.contains("colour") && error.contains("tags, query"), "{error}");
        assert!(parse("tags", &["tags"]).is_err());
        let term = Term { field: "archived".into(), value: "maybe".into() };
        assert!(term.flag().unwrap_err().to_string().contains("archived"));
        assert!(parse("", &[]).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = parse_any(&text);
        }

        #[test]
        fn simple_terms_are_read_back(pairs in prop::collection::vec(("[a-z]{1,6}", "[a-z+|:]{1,8}"), 1..5)) {
            let text = pairs.iter().map(|(f, v)| format!("{f}:{v}")).collect::<Vec<_>>().join(",");
            let terms = parse_any(&text).unwrap();
            let read: Vec<_> = terms.into_iter().map(|t| (t.field, t.value)).collect();
            prop_assert_eq!(read, pairs);
        }
    }
}
