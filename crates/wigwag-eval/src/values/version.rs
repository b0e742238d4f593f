//! Versions for the `semVer…` operators (evaluation §6.8): SemVer 2.0, minor and patch optional.

use std::cmp::Ordering;

/// A parsed version; borrows its prerelease part. Build metadata is dropped: it never counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version<'t> {
    core: [u64; 3],
    /// Dot-separated identifiers, `""` for a release.
    prerelease: &'t str,
}

/// A version that keeps its own text, for clause values.
#[derive(Debug)]
pub(crate) struct OwnedVersion {
    core: [u64; 3],
    prerelease: Box<str>,
}

impl From<Version<'_>> for OwnedVersion {
    fn from(version: Version<'_>) -> OwnedVersion {
        OwnedVersion { core: version.core, prerelease: version.prerelease.into() }
    }
}

impl OwnedVersion {
    #[inline]
    pub(crate) fn borrow(&self) -> Version<'_> {
        Version { core: self.core, prerelease: &self.prerelease }
    }
}

impl<'t> Version<'t> {
    pub(crate) fn parse(text: &'t str) -> Option<Version<'t>> {
        let mut core = [0; 3];
        let mut rest = text.as_bytes();
        core[0] = number(&mut rest)?;
        for place in &mut core[1..] {
            if let [b'.', tail @ ..] = rest {
                rest = tail;
                *place = number(&mut rest)?;
            }
        }
        if rest.is_empty() {
            return Some(Version { core, prerelease: "" });
        }
        // Only ASCII was read so far, so this is a character border.
        let suffix = &text[text.len() - rest.len()..];
        let (prerelease, build) = match suffix.split_once('+') {
            Some((prerelease, build)) => (prerelease, Some(build)),
            None => (suffix, None),
        };
        let prerelease = match prerelease.strip_prefix('-') {
            Some(prerelease) => Some(prerelease),
            None if prerelease.is_empty() => None,
            None => return None,
        };
        let identifiers = |text: Option<&str>, numeric: bool| {
            text.is_none_or(|text| text.split('.').all(|part| is_identifier(part, numeric)))
        };
        let valid = identifiers(prerelease, true) && identifiers(build, false);
        valid.then_some(Version { core, prerelease: prerelease.unwrap_or_default() })
    }

    /// Standard precedence.
    pub(crate) fn compare(&self, other: &Version<'_>) -> Ordering {
        self.core.cmp(&other.core).then_with(|| match (self.prerelease, other.prerelease) {
            ("", "") => Ordering::Equal,
            ("", _) => Ordering::Greater,
            (_, "") => Ordering::Less,
            (a, b) => compare_prereleases(a, b),
        })
    }
}

/// Digits that never come to 2^64.
const SAFE: usize = 19;

/// A core component: digits, no leading zero, below 2^64.
#[inline]
fn number(rest: &mut &[u8]) -> Option<u64> {
    let (mut number, mut tail) = (0u64, *rest);
    while let [digit @ b'0'..=b'9', after @ ..] = tail {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        tail = after;
    }
    let digits = std::mem::replace(rest, tail);
    match digits.len() - tail.len() {
        0 => None,
        1 => Some(number),
        _ if digits[0] == b'0' => None,
        2..=SAFE => Some(number),
        count => std::str::from_utf8(&digits[..count]).ok()?.parse().ok(),
    }
}

fn is_identifier(text: &str, no_leading_zero: bool) -> bool {
    let numeric = is_numeric(text);
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !(no_leading_zero && numeric && text.len() > 1 && text.starts_with('0'))
}

fn is_numeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn compare_prereleases(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => match (is_numeric(x), is_numeric(y)) {
                // Without leading zeros the longer number is the greater, however long.
                (true, true) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => x.cmp(y),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn precedence_is_the_standards() {
        let ascending = [
            "1",
            "1.0.1",
            "1.2",
            "2-alpha",
            "2-alpha.1",
            "2.0.0-alpha.beta",
            "2-beta",
            "2-beta.2",
            "2-beta.11",
            "2-beta.99999999999999999999999",
            "2-rc.1",
            "2",
            "2.0.1",
            "9999999999999999999",
            "10000000000000000000.1",
            "18446744073709551615.0.0",
        ];
        for pair in ascending.windows(2) {
            let (a, b) = (Version::parse(pair[0]).unwrap(), Version::parse(pair[1]).unwrap());
            assert_eq!(a.compare(&b), Ordering::Less, "{pair:?}");
            assert_eq!(b.compare(&a), Ordering::Greater, "{pair:?}");
        }
        let equal = |a, b| Version::parse(a).unwrap().compare(&Version::parse(b).unwrap()).is_eq();
        assert!(equal("2.0.0+a.01", "2+b"));
        assert!(equal("2-rc.1", "2.0.0-rc.1+x"));
    }

    #[test]
    fn what_is_not_a_version_is_refused() {
        for text in [
            "",
            "v2",
            " 2",
            "2 ",
            "2.",
            "2.0.",
            "2.0.0.0",
            "02",
            "2.01",
            "2-",
            "2+",
            "2-01",
            "2-a..b",
            "2-a_b",
            "x",
            "2.x",
            "18446744073709551616",
            "0018446744073709551615",
            "98446744073709551615.0",
            "-2",
            "2-é",
        ] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
        assert!(Version::parse("2-0a.-").is_some());
    }
}
