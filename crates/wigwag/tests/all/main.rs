//! The binary and the whole server, over the wire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod auto_config;
mod big_segments;
mod configuration;
mod crash;
mod delivery;
mod events;
mod gate;
mod health;
mod input;
mod insight;
mod named_keys;
mod operator;
mod process;
mod relay;
mod shutdown;
mod start;
mod walk;
