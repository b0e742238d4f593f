//! Management over REST, on a server process of its own: flag patches beside the bare engine's durable
//! commits in the same run, lists of flags, and the time from start to ready.

pub(crate) mod client;
pub(crate) mod flags;
mod lists;
mod patches;
pub(crate) mod server;
mod starts;
mod targets;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use wigwag_store::testing::Server as Postgres;

use crate::store::bare::{self, Bare};
use flags::Flags;
use server::Program;

const HELP: &str = "\
wigwag-bench management --wigwag PATH [--seconds 3] [--engine sqlite|postgres] [--only patches --flags 100]
Starts the program at PATH, PostgreSQL too if it is installed, both below the temporary folder. A figure takes
about so many seconds. With --only, nothing but patches with so many flags.";

const PATCHED: [usize; 3] = [100, 1_000, 10_000];
const MOST: usize = 50_000;

/// Runs the subcommand.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut wigwag, mut seconds, mut engine, mut only, mut flags) = (None, 3.0, "", false, PATCHED[0]);
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--wigwag" => wigwag = Some(PathBuf::from(value)),
            [name, value] if name == "--seconds" => seconds = value.parse()?,
            [name, value] if name == "--engine" => engine = value,
            [name, value] if name == "--only" && value == "patches" => only = true,
            [name, value] if name == "--flags" => flags = value.parse()?,
            _ => bail!("{HELP}"),
        }
    }
    let wigwag = wigwag.context(HELP)?;
    let each = Duration::try_from_secs_f64(seconds)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(all(&wigwag, each, engine, only.then_some(flags)))
}

/// What is printed when patches are done, since their rows appear as they are measured.
#[derive(Default)]
struct Later {
    flatness: Vec<String>,
    created: Vec<String>,
    targets: Vec<String>,
    lists: Vec<String>,
    starts: Vec<String>,
}

async fn all(wigwag: &Path, each: Duration, engine: &str, only: Option<usize>) -> Result<()> {
    println!("Client and server share the processors of this machine. The client is a minimal HTTP/1.1 client on kept");
    println!("connections; processor time a patch is given for both. Each connection sends its next request when the");
    println!(
        "last one is answered, and patches flags that no other connection patches, so no race is lost. \"Bare\" is"
    );
    println!(
        "the better of the two bare engines of the store benchmark, with as many writers as connections, in turns"
    );
    println!("with the patches. Rates: the best round of 2; times: of all rounds.\n");
    println!("### Flag patch: `on` of one environment\n\n{}", patches::HEAD);
    let mut later = Later::default();
    if engine != "postgres" {
        let dir = tempfile::tempdir()?;
        let bare = Bare::sqlite(&dir.path().join("bare.db"))?;
        let program = Program::sqlite(wigwag, &dir.path().join("data"));
        match only {
            Some(flags) => patches_only("SQLite", &program, &bare, each, flags).await?,
            None => measure("SQLite", &program, &bare, each, &mut later).await?,
        }
    }
    let mut missing = None;
    if engine != "sqlite" {
        match Postgres::start(true) {
            Ok(postgres) => {
                bare::execute(&postgres.url("postgres"), "CREATE DATABASE wigwag").await?;
                bare::execute(&postgres.url("postgres"), "CREATE DATABASE bare").await?;
                let bare = Bare::postgres(&postgres.url("bare")).await?;
                let program = Program::postgres(wigwag, &postgres.url("wigwag"));
                match only {
                    Some(flags) => patches_only("PostgreSQL", &program, &bare, each, flags).await?,
                    None => measure("PostgreSQL", &program, &bare, each, &mut later).await?,
                }
            }
            Err(error) => missing = Some(error),
        }
    }
    if only.is_some() {
        return Ok(());
    }
    println!("\nFlat: JSON patches a second at 10,000 flags / at 100 flags\n");
    println!("| engine | 1 connection | 8 | 64 |\n|---|--:|--:|--:|\n{}", later.flatness.join("\n"));
    println!("\nFlags created a second, 16 connections: {}", later.created.join("; "));
    println!("\n{}\n{}", targets::HEAD, later.targets.join("\n"));
    println!("\n### Lists of flags\n\n{}\n{}", lists::HEAD, later.lists.join("\n"));
    println!("\n### Start to ready\n\n{}\n{}", starts::HEAD, later.starts.join("\n"));
    if let Some(error) = missing {
        println!("\nPostgreSQL was not measured: {error}");
    }
    Ok(())
}

/// Patches with so many flags, to measure while working on them.
async fn patches_only(engine: &str, program: &Program, bare: &Bare, each: Duration, size: usize) -> Result<()> {
    let server = program.start().await?;
    let mut flags = Flags::default();
    flags.grow(server.address, size).await?;
    patches::rows(engine, &server, &Arc::new(flags), bare, each).await?;
    server.stop()
}

/// One store that grows: patches at each size, then lists and starts at the larger ones.
async fn measure(engine: &str, program: &Program, bare: &Bare, each: Duration, later: &mut Later) -> Result<()> {
    // The first start makes the owner's password hash; what is measured are later ones.
    program.start().await?.stop()?;
    later.starts.push(starts::row(engine, program, 0).await?);
    let mut server = program.start().await?;
    let mut flags = Flags::default();
    let mut rates = Vec::new();
    for size in PATCHED {
        let created = flags.grow(server.address, size).await?;
        later.created.push(format!("{engine} to {size}: {created:.0}"));
        let all = Arc::new(flags);
        rates.push(patches::rows(engine, &server, &all, bare, each).await?);
        flags = Arc::into_inner(all).context("a connection is still at work")?;
    }
    later.targets.extend(targets::rows(engine, &server, each / 2).await?);
    later.flatness.push(patches::flatness(engine, rates[0], rates[rates.len() - 1]));
    for size in [flags.len(), MOST] {
        let created = flags.grow(server.address, size).await?;
        if size == MOST {
            later.created.push(format!("{engine} to {size}: {created:.0}"));
        }
        later.lists.extend(lists::rows(engine, &server, size, each / 3).await?);
        server.stop()?;
        later.starts.push(starts::row(engine, program, size).await?);
        server = program.start().await?;
    }
    server.stop()
}
