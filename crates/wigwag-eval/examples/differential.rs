//! Compares this engine with the official Rust crate on random cases, as long as you like.
//!
//! `cargo run --release -p wigwag-eval --example differential -- --forever`
//! `… -- --cases 1000000 --seed 42`
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, unreachable_pub, missing_docs)]

#[path = "../tests/all/differential/mod.rs"]
mod differential;

use differential::{Report, run_cases};
use std::time::{SystemTime, UNIX_EPOCH};

const BATCH: u64 = 1_000_000;

fn main() -> Result<(), String> {
    let (mut seed, mut cases) = (None, Some(BATCH));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).ok_or(format!("{argument} needs a number"));
        match argument.as_str() {
            "--forever" => cases = None,
            "--cases" => cases = Some(number()?),
            "--seed" => seed = Some(number()?),
            other => {
                return Err(format!("unknown option {other}; there are --forever, --cases N, --seed N"));
            }
        }
    }
    // A fresh place to start from each time; printed, so that a run can be repeated.
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as u64);
    let mut seed = seed.unwrap_or_else(now);
    let mut report = Report::default();
    loop {
        let batch = cases.map_or(BATCH, |cases| cases.saturating_sub(report.compared).min(BATCH));
        if batch == 0 {
            return Ok(());
        }
        println!("from seed {seed}");
        run_cases(seed, batch, &mut report);
        println!("{} compared, differences: {:#?}", report.compared, report.differences);
        if !report.unexplained.is_empty() {
            return Err(report.unexplained.join("\n\n"));
        }
        // Seeds count environments, of which a batch draws fewer than it has cases.
        seed = seed.wrapping_add(BATCH);
    }
}
