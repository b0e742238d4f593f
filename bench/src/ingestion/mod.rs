//! Taking events: a server process beside a floor that reads, inflates, parses with the same JSON library and appends
//! to a file. What counts is events a second of processor time, of the whole process, until everything is recorded.

mod batches;
mod floor;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::edge::Edge;
use crate::management::client::{Client, get};
use crate::management::server::{Program, Running};
use crate::process;
pub(crate) use batches::Batches;
pub(crate) use floor::run as floor;

const CONNECTIONS: usize = 64;
/// Events of one post.
const SIZES: [usize; 2] = [50, 1];
/// Times that much is taken by one server, one after the other.
const ROUNDS: usize = 8;
/// Aim: events a second of processor time, as a share of the floor's.
const AIM: f64 = 0.7;
const USAGE: &str = "wigwag-bench ingestion --wigwag PATH [--seconds 5] [--edge PROGRAM]";

/// Runs with command-line `arguments` and prints a table for `bench/results/`.
///
/// # Errors
/// When a server cannot be started or refuses events.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut wigwag, mut seconds, mut edge) = (None, 5.0, None);
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--wigwag" => wigwag = Some(PathBuf::from(value)),
            [name, value] if name == "--seconds" => seconds = value.parse()?,
            [name, value] if name == "--edge" => edge = Some(PathBuf::from(value)),
            _ => bail!("{USAGE}"),
        }
    }
    let (wigwag, each) = (wigwag.context(USAGE)?, Duration::try_from_secs_f64(seconds)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all(&wigwag, edge.as_deref(), each))
}

async fn all(wigwag: &Path, edge: Option<&Path>, each: Duration) -> Result<()> {
    let dir = tempfile::tempdir()?;
    // The first start makes the owner's password hash.
    let program = Program::sqlite(wigwag, &dir.path().join("data"));
    program.start().await?.stop()?;
    println!(
        "| events a post | bytes an event | a CPU-second | the floor's | of the floor | aim | taken a second | \
         answered at p99, ms | memory before, at most, MB | Edge's a CPU-second |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for size in SIZES {
        let floor = floor::Process::start(&dir.path().join("floor"))?;
        let bare = run((floor.address, floor.pid()), Batches::new("sdk-floor", size)?, each, false).await?;
        drop(floor);
        let server = program.start().await?;
        let key = sdk_key(&server).await?;
        let before = process::memory(server.pid(), "VmRSS")?;
        let ours = run((server.address, server.pid()), Batches::new(&key, size)?, each, true).await?;
        let most = process::memory(server.pid(), "VmHWM")?;
        server.stop()?;
        let theirs = match edge {
            Some(program) => {
                let edge = Edge::start(program, 100)?;
                let theirs = run((edge.address, edge.pid()), Batches::of_edge(size), each, false).await?;
                format!("{:.0} of {:.0} bytes", theirs.by_processor, theirs.bytes_an_event)
            }
            None => "not measured".into(),
        };
        println!(
            "| {size} | {:.0} | {:.0} | {:.0} | {:.2} | {AIM} | {:.0} | {:.1} | {before:.0}, {most:.0} | {theirs} |",
            ours.bytes_an_event,
            ours.by_processor,
            bare.by_processor,
            ours.by_processor / bare.by_processor,
            ours.by_clock,
            ours.p99.as_secs_f64() * 1e3,
        );
    }
    long(&program, each).await
}

/// Many rounds on one server, which do not leave it with more memory than the first ones did.
async fn long(program: &Program, each: Duration) -> Result<()> {
    let server = program.start().await?;
    let key = sdk_key(&server).await?;
    let (mut events, mut memory) = (0.0, Vec::new());
    for _ in 0..ROUNDS {
        events += run((server.address, server.pid()), Batches::new(&key, SIZES[0])?, each, true).await?.events;
        memory.push(format!("{:.0}", process::memory(server.pid(), "VmRSS")?));
    }
    println!(
        "\n{:.1} million events on one server, {} a post, as many as come in an hour at {:.0} a second. Resident memory \
         after each of {ROUNDS} parts: {} MB; at most {:.0} MB.",
        events / 1e6,
        SIZES[0],
        events / 3_600.0,
        memory.join(", "),
        process::memory(server.pid(), "VmHWM")?
    );
    server.stop()
}

struct Figures {
    events: f64,
    by_processor: f64,
    by_clock: f64,
    bytes_an_event: f64,
    p99: Duration,
}

/// Posts from all connections until the time is over; waits for what is recorded later if there is such.
async fn run((address, pid): (SocketAddr, u32), batches: Batches, each: Duration, records: bool) -> Result<Figures> {
    let batches = Arc::new(batches);
    let (before, began) = (process::processor_time(pid)?, Instant::now());
    let mut tasks: tokio::task::JoinSet<Result<Vec<Duration>>> = tokio::task::JoinSet::new();
    for connection in 0..CONNECTIONS {
        let batches = Arc::clone(&batches);
        tasks.spawn(async move {
            let (mut client, mut times) = (Client::connect(address).await?, Vec::new());
            while began.elapsed() < each {
                let sent = Instant::now();
                client.succeed(batches.request(connection + CONNECTIONS * times.len())).await?;
                times.push(sent.elapsed());
            }
            Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(task) = tasks.join_next().await {
        times.extend(task??);
    }
    let took = began.elapsed();
    if records {
        recorded(address).await?;
    }
    let spent = process::processor_time(pid)? - before;
    times.sort_unstable();
    let events = (times.len() * batches.size) as f64;
    Ok(Figures {
        events,
        by_processor: events / spent.as_secs_f64(),
        by_clock: events / took.as_secs_f64(),
        bytes_an_event: batches.bytes_an_event(),
        p99: times.get(times.len() * 99 / 100).copied().unwrap_or_default(),
    })
}

/// Waits until nothing of the journal is left to be recorded.
async fn recorded(address: SocketAddr) -> Result<()> {
    let mut client = Client::connect(address).await?;
    let until = Instant::now() + Duration::from_secs(600);
    // Longer than events are collected before they are recorded.
    tokio::time::sleep(Duration::from_millis(500)).await;
    while Instant::now() < until {
        let metrics = String::from_utf8(client.succeed(&get("/metrics")).await?.to_vec())?;
        let waiting = metrics.lines().find_map(|line| line.strip_prefix("wigwag_events_waiting_bytes "));
        if waiting.context("no such metric")? == "0" {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("events are not recorded after ten minutes")
}

/// The SDK key of the environment that a new server has.
pub(crate) async fn sdk_key(server: &Running) -> Result<String> {
    let mut client = Client::connect(server.address).await?;
    let environment = client.succeed(&get("/api/v2/projects/default/environments/test")).await?;
    let environment: Value = serde_json::from_slice(environment)?;
    Ok(environment["apiKey"].as_str().context("no SDK key")?.to_owned())
}
