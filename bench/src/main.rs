//! Benchmarks against peers: `wigwag-bench NAME [OPTIONS]`. Results go to `bench/RESULTS.md`.

mod delivery;
mod snapshots;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((name, rest)) if name == "delivery" => delivery::run(rest),
        Some((name, [])) if name == "snapshots" => {
            snapshots::run();
            Ok(())
        }
        _ => anyhow::bail!("usage: wigwag-bench delivery [OPTIONS] | snapshots"),
    }
}
