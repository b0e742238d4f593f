//! Batches of events in, contexts and usage out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod pipeline;
mod reading;
