//! Tests of the snapshots, the feeder and the fan-out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod client_objects;
mod clients;
mod feed;
mod history;
mod laws;
mod members;
mod payloads;
mod sdk;
mod streams;
mod support;
mod together;
