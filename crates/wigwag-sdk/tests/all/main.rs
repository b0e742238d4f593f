//! The SDK protocols, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod bootstrap;
mod browsers;
mod client;
mod client_events;
mod client_objects;
mod client_streams;
mod connections;
mod contexts;
mod direct;
mod draw;
mod evaluation;
mod events;
mod fuzz;
mod objects;
mod ofrep;
mod poll;
mod server;
mod slow;
mod stream;
