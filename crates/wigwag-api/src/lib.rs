//! The REST resources, one file a kind.

pub mod bootstrap;
mod common;
pub mod environments;
pub mod flags;
pub mod members;
pub mod other;
pub mod projects;
pub mod read;
pub mod tokens;

use wigwag_kit::Operations;

/// The operations of every resource.
#[must_use]
pub fn operations() -> Operations {
    other::ops().and(projects::ops()).and(environments::ops()).and(flags::ops()).and(tokens::ops()).and(members::ops())
}
