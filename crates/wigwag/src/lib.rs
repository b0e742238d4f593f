//! The one binary: configuration, wiring and every subcommand.
//!
//! This is the only place that knows both sides of every trait: the store that feeds the
//! snapshots, the resources behind the REST API, the protocols in front of SDKs.

mod acme;
pub mod audit;
pub mod bench_self;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod eval;
pub mod files;
mod http;
mod insight;
pub mod keep;
mod keys;
pub mod log;
mod machine;
mod members;
mod nodes;
pub mod operator;
mod private;
pub mod relay;
pub mod relay_archive;
pub mod serve;
pub mod server;
mod sign_in;
pub mod source;
mod tls;
pub mod traces;
pub mod welcome;
