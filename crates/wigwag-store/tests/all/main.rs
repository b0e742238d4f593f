//! Tests of the store through its public interface, each on both engines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod docs;
mod list;
mod support;
