//! Tests of policies, permissions and the authenticator.

mod decisions;
mod policy;
mod properties;
