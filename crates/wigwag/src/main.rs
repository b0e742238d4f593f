//! The one binary: configuration, wiring and every subcommand.
fn main() {}
