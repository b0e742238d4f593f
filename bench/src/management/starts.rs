//! From the start of the process to the first 200 of `/health/ready`.

use anyhow::Result;

use super::server::Program;

/// Starts of each sort.
const TIMES: usize = 9;

pub(super) const HEAD: &str = "\
| engine | flags | best ms | median ms | slowest ms |
|---|--:|--:|--:|--:|";

/// A row: starts on what is there, each after an orderly stop.
pub(super) async fn row(engine: &str, program: &Program, flags: usize) -> Result<String> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let running = program.start().await?;
        took.push(running.ready_after.as_secs_f64() * 1e3);
        running.stop()?;
    }
    took.sort_by(f64::total_cmp);
    let (best, median, slowest) = (took[0], took[TIMES / 2], took[TIMES - 1]);
    Ok(format!("| {engine} | {flags} | {best:.0} | {median:.0} | {slowest:.0} |"))
}
