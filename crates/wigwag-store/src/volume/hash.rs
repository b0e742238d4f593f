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
