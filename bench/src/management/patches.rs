//! Flag patches a second, beside the bare engine's durable commits a second.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::client::Tally;
use super::flags::Flags;
use super::server::Running;
use crate::process::processor_time;
use crate::store::bare::Bare;

const CONNECTIONS: [usize; 3] = [1, 8, 64];
/// Turns that the contenders take; rates are those of the best.
const ROUNDS: u32 = 2;

pub(super) const HEAD: &str = "\
| engine | flags | connections | JSON patch /s | p50 ms | p99 ms | semantic patch /s | bare commits /s | JSON patch / bare \
| server µs a patch | client µs a patch | server's context switches a patch |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

/// Prints a row for each number of connections. Returns the rates of JSON patches.
pub(super) async fn rows(
    engine: &str,
    server: &Running,
    flags: &Arc<Flags>,
    bare: &Bare,
    each: Duration,
) -> Result<[f64; 3]> {
    let mut rates = [0.0; 3];
    for (rate, connections) in rates.iter_mut().zip(CONNECTIONS) {
        let (mut json, mut semantic, mut best_bare) = (Tally::default(), Tally::default(), 0.0_f64);
        let (round, writers) = (each / ROUNDS, connections as u64);
        let mut busy = Busy::default();
        for _ in 0..ROUNDS {
            best_bare = best_bare.max(bare.single(writers, round / 2).await?);
            best_bare = best_bare.max(bare.grouped(writers, round / 2).await?);
            let before = Busy::of(server)?;
            let all = Arc::clone(flags);
            json.round(server.address, (connections, round), move |c, n| all.json_patch(connections, c, n)).await?;
            busy.add(&before, &Busy::of(server)?);
            let all = Arc::clone(flags);
            let make = move |c, n| all.semantic_patch(connections, c, n);
            semantic.round(server.address, (connections, round / 2), make).await?;
        }
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / json.replies() as f64;
        println!(
            "| {engine} | {} | {connections} | {:.0} | {:.2} | {:.2} | {:.0} | {best_bare:.0} | {:.2} | {:.0} | {:.0} | {:.1} |",
            flags.len(),
            json.rate,
            json.at(0.5),
            json.at(0.99),
            semantic.rate,
            json.rate / best_bare,
            micros(busy.server),
            micros(busy.client),
            busy.switches as f64 / json.replies() as f64,
        );
        *rate = json.rate;
    }
    flags.check(server.address).await?;
    Ok(rates)
}

/// A row: how rates with the most flags relate to those with the fewest.
pub(super) fn flatness(engine: &str, few: [f64; 3], many: [f64; 3]) -> String {
    let cells: Vec<_> = few.iter().zip(many).map(|(few, many)| format!("{:.2}", many / few)).collect();
    format!("| {engine} | {} |", cells.join(" | "))
}

/// What patches took of the machine.
#[derive(Default)]
struct Busy {
    server: Duration,
    client: Duration,
    /// How often threads of the server gave a processor up.
    switches: u64,
}

impl Busy {
    /// Since the two processes began.
    fn of(server: &Running) -> Result<Self> {
        Ok(Self {
            server: processor_time(server.pid())?,
            client: processor_time(std::process::id())?,
            switches: switches(server.pid())?,
        })
    }

    fn add(&mut self, before: &Self, after: &Self) {
        self.server += after.server - before.server;
        self.client += after.client - before.client;
        // A thread that ended took its count along.
        self.switches += after.switches.saturating_sub(before.switches);
    }
}

fn switches(pid: u32) -> Result<u64> {
    let mut sum = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while we look.
        let status = std::fs::read_to_string(thread?.path().join("status")).unwrap_or_default();
        let counts = status.lines().filter(|line| line.contains("ctxt_switches"));
        sum += counts.filter_map(|line| line.split_whitespace().last()?.parse::<u64>().ok()).sum::<u64>();
    }
    Ok(sum)
}
