//! Tests of the pure parts: no store, no server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod build;
mod instructions;
mod patches;
mod properties;
mod representation;
mod required;
mod validation;
