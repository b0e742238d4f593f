//! The binary and the whole server, over the wire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod abuse;
mod audit;
mod auto_config;
mod big_segments;
mod chaos;
mod cluster;
mod configuration;
mod crash;
mod delivery;
mod deploy;
mod doctor;
#[path = "../../../wigwag-sdk/tests/all/draw.rs"]
mod draw;
mod events;
mod files;
mod full;
mod fuzz;
mod fuzz_sdks;
mod gate;
mod health;
mod input;
mod insight;
mod keep;
mod key_views;
mod logs;
mod named_keys;
mod operator;
mod process;
mod relay;
mod shutdown;
mod start;
mod tls;
mod torture;
mod walk;

/// Says what a test could not look at here, where it is seen although the test passes.
fn not_tested(what: &str) {
    use std::io::Write as _;
    let _closed = writeln!(std::io::stderr(), "not tested: {what}");
}
