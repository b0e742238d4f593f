//! Benchmarks. Each subcommand measures one part against its peers and prints tables for
//! `bench/results/`.
#![allow(clippy::print_stdout)]

mod client;
mod clients;
mod contexts;
mod delivery;
mod edge;
mod evaluation;
mod floor;
mod ingestion;
mod load;
mod management;
mod nodes;
mod policy;
mod process;
mod segments;
mod snapshots;
mod store;
mod storm;
mod tls;
mod what_if;

/// As in the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = arguments.split_first().map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
    match name {
        "certificate" => tls::make(rest),
        "client" => client::main(rest),
        "clients" => clients::main(rest),
        "contexts" => contexts::main(rest),
        "delivery" => delivery::run(rest),
        "evaluation" => evaluation::main(rest),
        "floor" => floor::run(rest),
        "ingestion" => ingestion::main(rest),
        "ingestion-floor" => ingestion::floor(rest),
        "load" => load::main(rest),
        "management" => management::main(rest),
        "nodes" => nodes::main(rest),
        "policy" => policy::main(rest),
        "segments" => segments::main(rest),
        "snapshots" => {
            snapshots::run();
            Ok(())
        }
        "storm" => storm::main(rest),
        "store" => store::main(rest),
        "what-if" => what_if::main(rest),
        _ => anyhow::bail!(
            "usage: wigwag-bench certificate|client|clients|contexts|delivery|evaluation|floor|ingestion|ingestion-floor|load|management|\
             nodes|policy|segments|snapshots|storm|store|what-if [--help]"
        ),
    }
}
