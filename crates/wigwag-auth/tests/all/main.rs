//! Tests of policies, permissions and the authenticator.
#![allow(clippy::print_stdout)]

mod authenticator;
mod decisions;
mod fuzz;
mod policy;
mod properties;
mod roles;
