//! The REST resources through `Server::handle`: sweeps over every operation, then what is
//! particular to a kind. Each on both engines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod audit;
mod race;
mod samples;
mod support;
mod sweeps;
mod teams;
mod webhooks;
