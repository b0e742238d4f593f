//! Tests of policies, permissions and the authenticator.

mod authenticator;
mod decisions;
mod policy;
mod properties;
