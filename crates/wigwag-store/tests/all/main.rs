//! Tests of the store through its public interface, each on both engines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod docs;
mod due;
mod encrypted;
mod feed;
mod growth;
mod kill;
mod list;
mod members;
mod nodes;
mod open;
mod outage;
mod past;
mod portable;
mod raw;
mod shared;
mod sign_in;
mod storm;
mod support;
mod tamper;
mod upgrade;
mod volume;
