//! Tests of the evaluation engine against published results and against a peer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, unreachable_pub)]

mod agreement;
mod allocations;
mod differential;
mod limits;
mod vectors;
