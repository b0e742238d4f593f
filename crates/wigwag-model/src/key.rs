//! The rule for keys that people choose (behaviour.md 9).

/// Longest key of a flag, segment, environment and the like, in characters.
pub const MAX_KEY: usize = 256;
/// Longest key of a project, in characters.
pub const MAX_PROJECT_KEY: usize = 100;
/// Longest tag, in characters.
pub const MAX_TAG: usize = 64;

/// Whether `key` starts with a letter or digit and goes on with those, `_`, `.` or `-`.
#[must_use]
pub fn is_key(key: &str, max: usize) -> bool {
    key.len() <= max && key.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) && key.bytes().all(is_key_byte)
}

/// Whether `tag` is 1 to 64 letters, digits, `_`, `.` or `-`.
#[must_use]
pub fn is_tag(tag: &str) -> bool {
    !tag.is_empty() && tag.len() <= MAX_TAG && tag.bytes().all(is_key_byte)
}

const fn is_key_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')
}
