//! One fast, unkeyed hash for keys and attribute names.

use std::hash::Hasher;

/// Hashes a text for in-memory tables. Not stable between releases: never store or send it.
#[inline]
pub fn text_hash(text: &str) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}
