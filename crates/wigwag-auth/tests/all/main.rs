//! Tests of policies, permissions and the authenticator.
#![allow(clippy::print_stdout)]

mod authenticator;
mod decisions;
mod policy;
mod properties;
