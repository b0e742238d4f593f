//! Everything at once for a long time: REST reads and changes, streams, client evaluations and events on one server.
//! A reply that is not a success, a stream that ends or a change that does not arrive ends the run with an error.

mod paced;
mod streams;
mod times;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::ingestion::Batches;
use crate::management::client::{Client, get};
use crate::management::flags::Flags;
use crate::management::server::{Program, Running};
use crate::process;
use paced::{Work, keep};
use streams::{Changes, Told};
use times::Times;

const USAGE: &str =
    "wigwag-bench load --wigwag PATH [--minutes 30] [--flags 1000] [--streams 250] [--changes 200] [--posts 100]";
/// Connections that change flags, each its own.
const WRITERS: usize = 2;
/// Events of one post.
const BATCH: usize = 50;
/// Contexts that evaluations are asked for.
const CONTEXTS: usize = 100_000;
/// What memory is compared with: everything has been in use by then.
const SETTLED: Duration = Duration::from_secs(300);

/// What is asked for on the command line. Rates are of a second; what has none is done as fast as it goes.
struct Plan {
    minutes: u64,
    flags: usize,
    streams: usize,
    changes: f64,
    posts: f64,
}

/// Runs with command-line `arguments` and prints what `bench/results/` holds.
///
/// # Errors
/// When anything goes wrong that a user would notice.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut wigwag, mut plan) = (None, Plan { minutes: 30, flags: 1_000, streams: 250, changes: 200.0, posts: 100.0 });
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--wigwag" => wigwag = Some(PathBuf::from(value)),
            [name, value] if name == "--minutes" => plan.minutes = value.parse()?,
            [name, value] if name == "--flags" => plan.flags = value.parse()?,
            [name, value] if name == "--streams" => plan.streams = value.parse()?,
            [name, value] if name == "--changes" => plan.changes = value.parse()?,
            [name, value] if name == "--posts" => plan.posts = value.parse()?,
            _ => bail!("{USAGE}"),
        }
    }
    // One thread: the server has the other processor.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&wigwag.context(USAGE)?, &plan))
}

async fn run(wigwag: &Path, plan: &Plan) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    let server = Program::sqlite(wigwag, &data).start().await?;
    let mut flags = Flags::default();
    flags.grow(server.address, plan.flags).await?;
    let (flags, keys) = (Arc::new(flags), Keys::of(&server).await?);
    let changes = Arc::new(Changes::new(plan.flags));
    let mut streams = JoinSet::new();
    for _ in 0..plan.streams {
        let (address, key, changes) = (server.address, keys.sdk.clone(), Arc::clone(&changes));
        streams.spawn(async move { streams::read(address, &key, changes).await });
    }

    let until = Instant::now() + Duration::from_secs(60 * plan.minutes);
    let batches = Arc::new(Batches::new(&keys.sdk, BATCH)?);
    let work = [
        Work::new("changes of a flag", WRITERS, Some(plan.changes), changing(&flags, &changes)),
        Work::new("posts of events", 4, Some(plan.posts), move |c, n| batches.request(c + 4 * n).to_vec()),
        Work::new("client evaluations", 8, None, evaluation(keys.mobile)),
        Work::new("reads by REST", 2, None, reading(plan.flags)),
    ];
    let mut tasks = JoinSet::new();
    for (kind, work) in work.iter().enumerate() {
        for connection in 0..work.connections {
            let (work, address) = (work.clone(), server.address);
            tasks.spawn(async move { Ok::<_, anyhow::Error>((kind, keep(address, &work, connection, until).await?)) });
        }
    }

    let memory = watch(&server, until, &mut tasks, &mut streams).await?;
    let mut times = vec![Times::default(); work.len()];
    while let Some(task) = tasks.join_next().await {
        let (kind, done) = task??;
        times[kind].merge(&done);
    }
    changes.end();
    let mut told = Vec::new();
    while let Some(stream) = streams.join_next().await {
        told.push(stream??);
    }
    arrived(&server, &keys.sdk, &told).await?;
    flags.check(server.address).await?;
    report(plan, &work, &times, &told, &memory);
    println!("* on disk afterwards: {:.0} MB", size(&data)? as f64 / 1e6);
    server.stop()
}

/// Keys of the environment that everything happens in.
struct Keys {
    sdk: String,
    mobile: String,
}

impl Keys {
    async fn of(server: &Running) -> Result<Self> {
        let mut client = Client::connect(server.address).await?;
        let environment = client.succeed(&get("/api/v2/projects/default/environments/test")).await?;
        let environment: Value = serde_json::from_slice(environment)?;
        let key = |name: &str| environment[name].as_str().map(str::to_owned).context("no such key");
        Ok(Self { sdk: key("apiKey")?, mobile: key("mobileKey")? })
    }
}

/// Memory of the server in megabytes at each minute; ends early when something failed.
async fn watch<T: 'static, U: 'static>(
    server: &Running,
    until: Instant,
    tasks: &mut JoinSet<Result<T>>,
    streams: &mut JoinSet<Result<U>>,
) -> Result<Vec<f64>> {
    let mut memory = Vec::new();
    while Instant::now() < until {
        let minute = tokio::time::sleep_until((Instant::now() + Duration::from_secs(60)).min(until).into());
        tokio::select! {
            () = minute => memory.push(process::memory(server.pid(), "VmRSS")?),
            Some(Ok(Err(error))) = tasks.join_next() => return Err(error),
            Some(Ok(Err(error))) = streams.join_next() => return Err(error),
        }
    }
    Ok(memory)
}

/// That each stream holds the last version of each flag that changed.
async fn arrived(server: &Running, key: &str, told: &[Told]) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    let request = format!("GET /sdk/latest-flags HTTP/1.1\r\nhost: bench\r\nauthorization: {key}\r\n\r\n");
    let flags: Value = serde_json::from_slice(client.succeed(request.as_bytes()).await?)?;
    for (stream, told) in told.iter().enumerate() {
        for (flag, version) in &told.versions {
            if flags[format!("flag-{flag}")]["version"] != *version {
                bail!("stream {stream} holds version {version} of flag-{flag}, which is not its last");
            }
        }
    }
    Ok(())
}

fn changing(flags: &Arc<Flags>, changes: &Arc<Changes>) -> impl Fn(usize, usize) -> Vec<u8> + use<> {
    let (flags, changes) = (Arc::clone(flags), Arc::clone(changes));
    move |connection, n| {
        let (flag, on) = flags.flip(WRITERS, connection, n);
        changes.sends(flag);
        Flags::json_patch_of(flag, on)
    }
}

fn evaluation(key: String) -> impl Fn(usize, usize) -> Vec<u8> {
    move |connection, n| {
        // Far from each other, so that no context is asked for twice in a row.
        let user = (connection * 12_503 + n * 7_919) % CONTEXTS;
        let context = format!(r#"{{"kind":"user","key":"user-{user}","email":"{user}@example.com","plan":"gold"}}"#);
        let context = BASE64_URL_SAFE_NO_PAD.encode(context);
        let target = format!("/msdk/evalx/contexts/{context}");
        format!("GET {target} HTTP/1.1\r\nhost: bench\r\nauthorization: {key}\r\n\r\n").into_bytes()
    }
}

fn reading(flags: usize) -> impl Fn(usize, usize) -> Vec<u8> {
    move |connection, n| match n % 4 {
        0 => get(&format!("/api/v2/flags/default/flag-{}", (connection * 131 + n * 17) % flags)),
        1 => get("/api/v2/flags/default?limit=20&env=test"),
        2 => get("/api/v2/flags/default?limit=20&filter=tags:team-7&sort=name"),
        _ => get("/api/v2/auditlog?limit=10"),
    }
}

fn report(plan: &Plan, work: &[Work], times: &[Times], told: &[Told], memory: &[f64]) {
    let seconds = (plan.minutes * 60) as f64;
    println!("| for {} minutes | in all | a second | p50 ms | p99 ms | p99.9 ms | longest ms |", plan.minutes);
    println!("|---|--:|--:|--:|--:|--:|--:|");
    let mut arriving = Times::default();
    told.iter().for_each(|told| arriving.merge(&told.times));
    let arriving = std::iter::once(("changes arriving at a stream", &arriving));
    for (name, times) in work.iter().map(|work| work.name).zip(times).chain(arriving) {
        println!(
            "| {name} | {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.0} |",
            times.count(),
            times.count() as f64 / seconds,
            times.at(0.5),
            times.at(0.99),
            times.at(0.999),
            times.longest()
        );
    }
    println!("\n* {} streams, {} flags, {BATCH} events a post; no error", told.len(), plan.flags);
    let settled = memory.get(SETTLED.as_secs() as usize / 60 - 1).or(memory.first());
    if let (Some(from), Some(to)) = (settled, memory.last()) {
        println!("* memory after five minutes {from:.0} MB, at the end {to:.0} MB; each minute: {memory:.0?}");
    }
}

fn size(dir: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
