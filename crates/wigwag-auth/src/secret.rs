//! Access tokens at rest: only their SHA-256. They carry 122 random bits, so nothing slower is needed.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256 of a credential, 64 lower-case hex digits: what is stored and looked up.
#[must_use]
pub fn hash(value: &str) -> String {
    hex::encode(digest(value))
}

pub(crate) fn digest(value: &str) -> [u8; 32] {
    Sha256::digest(value.as_bytes()).into()
}

/// Compares two hashes in a time that does not depend on where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// The last four characters of a credential, for display.
#[must_use]
pub fn ending(value: &str) -> String {
    let start = value.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    value[start..].to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_known_digest() {
        assert_eq!(super::hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn endings_are_four_characters() {
        assert_eq!(super::ending("api-12345678"), "5678");
        assert_eq!(super::ending("abc"), "abc");
        assert_eq!(super::ending("ééééé"), "éééé");
    }
}
