//! The SDK protocols, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod client;
mod connections;
mod events;
mod objects;
mod poll;
mod server;
mod slow;
mod stream;
