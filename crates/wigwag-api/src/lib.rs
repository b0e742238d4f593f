//! The REST resources, one file a kind.

mod common;
pub mod environments;
pub mod flags;
pub mod read;
