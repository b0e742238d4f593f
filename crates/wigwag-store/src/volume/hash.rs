//! The id of a context instance.

use sha2::{Digest as _, Sha256};

/// A hash of the kinds and keys of a context, in the order of its kinds: 32 hex digits.
#[must_use]
pub fn hash_of<'a>(parts: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut parts: Vec<_> = parts.collect();
    parts.sort_unstable();
    let mut hash = Sha256::new();
    for (kind, key) in parts {
        for text in [kind, key] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
    }
    hex::encode(&hash.finalize()[..16])
}

/// A hash of a context's kind and key by which contexts are counted.
#[must_use]
pub fn hash_of_key(kind: &str, key: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update((kind.len() as u64).to_le_bytes());
    hash.update(kind.as_bytes());
    hash.update(key.as_bytes());
    hash.finalize().first_chunk::<8>().map_or(0, |head| u64::from_le_bytes(*head))
}

/// The beginning of such a hash as a number, different in every environment: what is looked up by it is random, and
/// short keys keep its index in memory for longer. Zero for what is no hash.
pub(crate) fn short_of(env: i64, hash: &str) -> i64 {
    let head = hash.get(..16).and_then(|head| u64::from_str_radix(head, 16).ok()).unwrap_or(0);
    (head ^ (env as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)) as i64
}
