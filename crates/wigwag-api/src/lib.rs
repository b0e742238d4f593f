//! The REST resources, one file a kind.

mod bootstrap;
mod common;
pub mod environments;
pub mod flags;
pub mod members;
pub mod other;
pub mod projects;
pub mod read;
pub mod tokens;

pub use bootstrap::{EnvironmentKeys, FirstStart, InitOptions, Ready, bootstrap, environment_keys};
