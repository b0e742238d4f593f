//! Several servers on one PostgreSQL: a change accepted by one, timed at streams of every other.
//!
//! Latencies run from just before the change is sent to the moment this process has read it from a stream's socket: they
//! contain the commit, which waits for the disk, and this process's own work on the same processors.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::sync::{mpsc, watch};
use wigwag_store::testing::Server as Postgres;

use crate::delivery::{Options, open};
use crate::ingestion::sdk_key;
use crate::management::client::Client;
use crate::management::flags::Flags;
use crate::management::server::{Program, Running};
use crate::process;

const USAGE: &str = "wigwag-bench nodes --wigwag PATH [--nodes 3] [--streams 300] [--flags 100] [--changes 300]
    [--pause-ms 50]
So many servers with so many streams each. Changes go to the servers in turn.";
/// How long a stream may take to be told.
const WITHIN: Duration = Duration::from_secs(30);

/// What is measured.
struct Plan {
    wigwag: PathBuf,
    nodes: usize,
    streams: usize,
    flags: usize,
    changes: usize,
    pause: Duration,
}

/// Runs with command-line `arguments` and prints lines for `bench/results/`.
///
/// # Errors
/// When a server cannot be started, or a stream misses a change.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let pause = Duration::from_millis(50);
    let mut plan = Plan { wigwag: PathBuf::new(), nodes: 3, streams: 300, flags: 100, changes: 300, pause };
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--wigwag" => plan.wigwag = value.into(),
            [name, value] if name == "--nodes" => plan.nodes = value.parse()?,
            [name, value] if name == "--streams" => plan.streams = value.parse()?,
            [name, value] if name == "--flags" => plan.flags = value.parse()?,
            [name, value] if name == "--changes" => plan.changes = value.parse()?,
            [name, value] if name == "--pause-ms" => plan.pause = Duration::from_millis(value.parse()?),
            _ => bail!("{USAGE}"),
        }
    }
    if plan.wigwag == Path::new("") || plan.nodes == 0 {
        bail!("{USAGE}");
    }
    // One thread, as little as possible beside the servers.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(&plan))
}

/// A server, and when its streams were told of changes.
struct Node {
    server: Running,
    client: Client,
    arrivals: mpsc::UnboundedReceiver<Instant>,
}

async fn measure(plan: &Plan) -> Result<()> {
    let database = tokio::task::spawn_blocking(|| Postgres::start(true)).await??;
    let journals = tempfile::tempdir()?;
    let mut servers = Vec::new();
    for n in 0..plan.nodes {
        let program = Program::postgres(&plan.wigwag, &database.url("postgres"));
        servers.push(program.journal(&journals.path().join(n.to_string())).start().await?);
    }
    let first = servers.first().context(USAGE)?;
    let mut flags = Flags::default();
    flags.grow(first.address, plan.flags).await?;
    let key = sdk_key(first).await?;
    let mut nodes = Vec::new();
    for server in servers {
        nodes.push(watched(server, &key, plan.streams).await?);
    }
    // What the start left to do is over.
    tokio::time::sleep(Duration::from_secs(2)).await;

    let before = used(&nodes)?;
    let (mut own, mut others, mut last, mut answers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for n in 0..plan.changes {
        let (at, (flag, on)) = (n % nodes.len(), flags.flip(1, 0, n));
        let asked = Instant::now();
        nodes[at].client.succeed(&Flags::json_patch_of(flag, on)).await?;
        answers.push(asked.elapsed());
        let mut slowest = Duration::ZERO;
        for (node, Node { arrivals, .. }) in nodes.iter_mut().enumerate() {
            for _ in 0..plan.streams {
                let next = tokio::time::timeout(WITHIN, arrivals.recv()).await;
                let told: Instant = next.context("a stream missed a change")?.context("streams ended")?;
                let latency = told.saturating_duration_since(asked);
                if node == at {
                    own.push(latency)
                } else {
                    others.push(latency)
                }
                slowest = slowest.max(latency);
            }
        }
        last.push(slowest);
        tokio::time::sleep(plan.pause).await;
    }
    let after = used(&nodes)?;

    println!(
        "* {} servers, {} streams on each, {} changes, {} ms after each",
        nodes.len(),
        plan.streams,
        plan.changes,
        plan.pause.as_millis()
    );
    println!("* answered: {}", told(answers));
    println!("* at streams of the server that took the change: {}", told(own));
    println!("* at streams of every other: {}", told(others));
    println!("* at the last stream of all: {}", told(last));
    let each = (after - before).as_secs_f64() * 1e3 / plan.changes as f64;
    println!("* processor time a change, all servers: {each:.1} ms, without PostgreSQL's");
    nodes.into_iter().try_for_each(|node| node.server.stop())
}

/// Opens the streams of a server, and waits until all have everything.
async fn watched(server: Running, key: &str, streams: usize) -> Result<Node> {
    let (heard, arrivals) = mpsc::unbounded_channel();
    let (ready, mut readiness) = watch::channel(0_usize);
    let (ready, options) = (Arc::new(ready), Options::of(server.address, key)?);
    for n in 0..streams {
        open(&options, n, heard.clone(), Arc::clone(&ready)).await?;
    }
    tokio::time::timeout(WITHIN, readiness.wait_for(|n| *n == streams)).await.context("a stream has nothing")??;
    let client = Client::connect(server.address).await?;
    Ok(Node { server, client, arrivals })
}

/// Processor time of all servers.
fn used(nodes: &[Node]) -> Result<Duration> {
    nodes.iter().map(|node| process::processor_time(node.server.pid())).sum()
}

/// How times are told.
pub(crate) fn told(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| {
        let index = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    format!("p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", at(0.5), at(0.99), at(1.0))
}
