//! Query strings: read by form rules, written back for page links.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{Error, Result};

/// Everything but the unreserved characters of RFC 3986.
pub const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Characters that read better as they are in a query, and are allowed there.
const QUERY: &AsciiSet = &ESCAPED.remove(b',').remove(b':').remove(b'/').remove(b'(').remove(b')').remove(b'*');

/// Name and value pairs in order; `+` is a space.
///
/// # Errors
/// Text that is not UTF-8 once decoded.
pub fn parse(query: &str) -> Result<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Result<String> {
    let spaced = if text.contains('+') { text.replace('+', " ") } else { text.to_owned() };
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::Invalid(format!("The query parameter {text} is not UTF-8")))
}

/// The pairs as a query string with its `?`; empty for no pairs.
#[must_use]
pub fn render<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.extend(utf8_percent_encode(name, QUERY));
        out.push('=');
        out.extend(utf8_percent_encode(value, QUERY));
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    #[test]
    fn form_rules() {
        let pairs = super::parse("filter=tags:a%2Bb+c&limit=5&flag&&x=1=2").unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(pairs, [("filter", "tags:a+b c"), ("limit", "5"), ("flag", ""), ("x", "1=2")]);
        assert!(super::parse("q=%ff").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(pairs in prop::collection::vec((".{1,8}", ".{0,8}"), 0..5)) {
            let text = super::render(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())));
            prop_assert!(text.is_ascii());
            prop_assert_eq!(super::parse(text.trim_start_matches('?')).unwrap(), pairs);
        }
    }
}
