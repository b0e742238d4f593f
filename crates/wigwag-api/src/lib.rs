//! The REST resources, one file a kind.

pub mod flags;
pub mod read;
