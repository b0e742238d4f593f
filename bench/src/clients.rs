//! Streams of client-side SDKs, each for a context of its own: what one costs, and that a change costs by what it changes:
//! of very many flags one is evaluated again for each stream, and only streams whose result differs are written to.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use crate::delivery::{Options, open};
use crate::management::client::{Client, get, request};
use crate::management::flags::Flags;
use crate::management::server::{Program, Running};
use crate::nodes::told;
use crate::process;

const USAGE: &str = "wigwag-bench clients --wigwag PATH [--streams 10000] [--changes 30]";
/// Numbers of flags that are measured.
const SIZES: [usize; 2] = [100, 10_000];
/// How long all streams may take to be sent everything.
const WITHIN: Duration = Duration::from_secs(1800);

/// Runs with command-line `arguments` and prints a table for `bench/results/`.
///
/// # Errors
/// When a server cannot be started, or a stream misses a change.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut wigwag, mut streams, mut changes) = (None, 10_000, 30);
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--wigwag" => wigwag = Some(PathBuf::from(value)),
            [name, value] if name == "--streams" => streams = value.parse()?,
            [name, value] if name == "--changes" => changes = value.parse()?,
            _ => bail!("{USAGE}"),
        }
    }
    let wigwag = wigwag.context(USAGE)?;
    // One thread: the server has the other processor.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!(
        "| flags | streams | all served after | resident a stream | a change of every result: told at | server's time | \
         a change of none: server's time |"
    );
    println!("|---|---|---|---|---|---|---|");
    SIZES.into_iter().try_for_each(|flags| runtime.block_on(measure(&wigwag, flags, streams, changes)))
}

async fn measure(wigwag: &Path, size: usize, streams: usize, changes: usize) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let program = Program::sqlite(wigwag, &dir.path().join("data"));
    let server = program.start().await?;
    let mut flags = Flags::default();
    flags.grow(server.address, size).await?;
    let address = server.address;
    // What creating the flags took is not counted.
    server.stop()?;
    let server = program.start_on(address).await?;
    let options = Options::of_clients(address, &mobile_key(&server).await?)?;

    let (heard, mut arrivals) = mpsc::unbounded_channel();
    let (ready, mut readiness) = watch::channel(0_usize);
    let ready = Arc::new(ready);
    open(&options, 0, heard.clone(), Arc::clone(&ready)).await?;
    readiness.wait_for(|n| *n == 1).await?;
    let empty = process::kib(server.pid(), "VmRSS")?;
    let began = Instant::now();
    for n in 1..streams {
        open(&options, n, heard.clone(), Arc::clone(&ready)).await?;
    }
    tokio::time::timeout(WITHIN, readiness.wait_for(|n| *n == streams)).await.context("not all are served")??;
    let served = began.elapsed();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let each = (process::kib(server.pid(), "VmRSS")?.saturating_sub(empty)) as f64 / streams as f64;

    let mut control = Client::connect(address).await?;
    let (mut times, before) = (Vec::with_capacity(changes * streams), process::processor_time(server.pid())?);
    for n in 0..changes {
        let asked = Instant::now();
        control.succeed(&Flags::json_patch_of(0, n.is_multiple_of(2))).await?;
        for _ in 0..streams {
            let next = tokio::time::timeout(Duration::from_secs(60), arrivals.recv()).await;
            let at: Instant = next.context("a stream missed a change")?.context("streams ended")?;
            times.push(at.saturating_duration_since(asked));
        }
    }
    let all = process::processor_time(server.pid())? - before;

    let before = process::processor_time(server.pid())?;
    for n in 0..changes {
        let patch = format!(
            r#"[{{"op":"replace","path":"/environments/test/targets","value":[{{"variation":1,"values":["nobody-{n}"]}}]}}]"#
        );
        control.succeed(&request("PATCH", "/api/v2/flags/default/flag-0", "application/json", &patch)).await?;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let none = process::processor_time(server.pid())? - before;
    anyhow::ensure!(arrivals.try_recv().is_err(), "a stream was told of what does not concern it");

    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3 / changes as f64;
    println!(
        "| {size} | {streams} | {:.1} s | {each:.1} KiB | {} | {:.1} ms | {:.1} ms |",
        served.as_secs_f64(),
        told(times),
        milliseconds(all),
        milliseconds(none),
    );
    server.stop()
}

/// The mobile key of the environment that a new server has: such SDKs are shown every flag.
async fn mobile_key(server: &Running) -> Result<String> {
    let mut client = Client::connect(server.address).await?;
    let environment = client.succeed(&get("/api/v2/projects/default/environments/test")).await?;
    let environment: Value = serde_json::from_slice(environment)?;
    Ok(environment["mobileKey"].as_str().context("no mobile key")?.to_owned())
}
