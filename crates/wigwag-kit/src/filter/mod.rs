//! The two filter grammars of lists (behaviour.md 5).

pub mod colon;
pub mod query;

/// Longest filter that is read, in bytes.
pub const MAX_FILTER: usize = 16 * 1024;
