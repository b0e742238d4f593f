//! Tests of the evaluation engine against published results and against a peer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod vectors;
