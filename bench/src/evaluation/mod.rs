//! Evaluation: this engine against the official Rust crate, `unleash-yggdrasil` and a bare evaluator, with
//! prepared flags and context.

mod bare;
pub(crate) mod engines;
mod instructions;
pub(crate) mod shapes;
mod timing;

use anyhow::{Context, Result, bail};
use engines::Engine;
use std::hint::black_box;

const HELP: &str = "\
wigwag-bench evaluation                      time every shape, print a table
wigwag-bench evaluation --instructions       count instructions under valgrind (callgrind)
wigwag-bench evaluation --shape S --engine E --repeat N
                                             evaluate one shape N times and print nothing;
                                             E is wigwag, official, yggdrasil or bare";

/// Runs the subcommand.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    match arguments.first().map(String::as_str) {
        None => timing::table(),
        Some("--instructions") => instructions::table(),
        Some("--shape") => {
            let shape = value("--shape").and_then(shapes::named).context("no such shape")?;
            let engine = value("--engine").and_then(Engine::named).context("no such engine")?;
            let repeat: u64 = value("--repeat").context("--repeat is missing")?.parse()?;
            let prepared = engine.prepare(&shape)?;
            (0..repeat).for_each(|_| black_box(&prepared).run());
            Ok(())
        }
        Some("--help") => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => bail!("unknown option {other}\n{HELP}"),
    }
}
