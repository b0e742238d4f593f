//! Benchmarks. Each subcommand measures one part against its peers and prints tables for
//! `bench/RESULTS.md`.
#![allow(clippy::print_stdout)]

mod contexts;
mod delivery;
mod evaluation;
mod floor;
mod management;
mod policy;
mod segments;
mod snapshots;
mod store;
mod what_if;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = arguments.split_first().map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
    match name {
        "contexts" => contexts::main(rest),
        "delivery" => delivery::run(rest),
        "evaluation" => evaluation::main(rest),
        "floor" => floor::run(rest),
        "management" => management::main(rest),
        "policy" => policy::main(rest),
        "segments" => segments::main(rest),
        "snapshots" => {
            snapshots::run();
            Ok(())
        }
        "store" => store::main(rest),
        "what-if" => what_if::main(rest),
        _ => anyhow::bail!(
            "usage: wigwag-bench contexts|delivery|evaluation|floor|management|policy|segments|snapshots|store|what-if [--help]"
        ),
    }
}
