//! What is looked up in the index: the values of an attribute as bytes that sort as they should.

/// Texts of an attribute.
const TEXT: u8 = 0;
/// Numbers and times of an attribute.
const NUMBER: u8 = 1;

/// A term as bytes: what it is, the attribute, and the value. Texts hold no NUL, so that a term followed by
/// NUL comes before all longer ones.
pub(crate) fn text(attribute: i64, value: &str) -> Vec<u8> {
    let mut term = head(TEXT, attribute);
    term.extend_from_slice(value.as_bytes());
    term
}

/// The term of a number.
pub(crate) fn number(attribute: i64, num: i64) -> Vec<u8> {
    let mut term = head(NUMBER, attribute);
    term.extend_from_slice(&((num as u64) ^ (1 << 63)).to_be_bytes());
    term
}

/// The value of a term that is a text.
pub(crate) fn value_of(term: &[u8]) -> Option<&str> {
    term.get(HEAD..).and_then(|value| std::str::from_utf8(value).ok())
}

/// Bytes in front of the value.
const HEAD: usize = 9;

fn head(what: u8, attribute: i64) -> Vec<u8> {
    let mut term = Vec::with_capacity(HEAD + 24);
    term.push(what);
    term.extend_from_slice(&attribute.to_be_bytes());
    term
}

/// Terms from `start` up to, but without, `end`.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(super) start: Vec<u8>,
    pub(super) end: Vec<u8>,
}

impl Range {
    /// All texts of an attribute.
    pub(crate) fn all(attribute: i64) -> Self {
        Self { start: head(TEXT, attribute), end: head(TEXT, attribute + 1) }
    }

    /// One text.
    pub(crate) fn exact(attribute: i64, value: &str) -> Self {
        let start = text(attribute, value);
        Self { end: [&start[..], &[0]].concat(), start }
    }

    /// Texts that begin so.
    pub(crate) fn prefix(attribute: i64, prefix: &str) -> Self {
        let start = text(attribute, prefix);
        let mut end = start.clone();
        // UTF-8 has no byte 255.
        if let (false, Some(last)) = (prefix.is_empty(), end.last_mut()) {
            *last += 1;
        } else {
            end = head(TEXT, attribute + 1);
        }
        Self { start, end }
    }

    /// Texts that begin so and come after one.
    pub(crate) fn prefix_after(attribute: i64, prefix: &str, after: &str) -> Self {
        let start = [&text(attribute, after)[..], &[0]].concat();
        Self { start, ..Self::prefix(attribute, prefix) }
    }

    /// Numbers below one.
    pub(crate) fn below(attribute: i64, bound: i64) -> Self {
        Self { start: head(NUMBER, attribute), end: number(attribute, bound) }
    }

    /// Numbers above one.
    pub(crate) fn above(attribute: i64, bound: i64) -> Self {
        let start = [&number(attribute, bound)[..], &[0]].concat();
        Self { start, end: head(NUMBER, attribute + 1) }
    }
}
