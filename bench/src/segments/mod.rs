//! Segments with very many members, on a server process of its own: one with all of them in its document, and a big
//! one filled from a file.

mod big;
mod listed;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use wigwag_store::testing::Server as Postgres;

use crate::management::client::{Client, TOKEN, get};
use crate::management::server::{Program, Running};
use crate::store::bare;

const HELP: &str = "\
wigwag-bench segments --wigwag PATH [--seconds 3] [--engine sqlite|postgres] [--listed 1000000] [--big 5000000]
Starts the program at PATH, PostgreSQL too if it is installed, both below the temporary folder.";

/// How much is measured.
struct Sizes {
    each: Duration,
    /// Keys in the document of the ordinary segment.
    listed: usize,
    /// Keys in the file for the big one.
    big: usize,
}

/// Runs the subcommand.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut wigwag, mut engine) = (None, "");
    let mut sizes = Sizes { each: Duration::from_secs(3), listed: 1_000_000, big: 5_000_000 };
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--wigwag" => wigwag = Some(PathBuf::from(value)),
            [name, value] if name == "--seconds" => sizes.each = Duration::try_from_secs_f64(value.parse()?)?,
            [name, value] if name == "--engine" => engine = value,
            [name, value] if name == "--listed" => sizes.listed = value.parse()?,
            [name, value] if name == "--big" => sizes.big = value.parse()?,
            _ => bail!("{HELP}"),
        }
    }
    let wigwag = wigwag.context(HELP)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if engine != "postgres" {
            let dir = tempfile::tempdir()?;
            measure("SQLite", &Program::sqlite(&wigwag, &dir.path().join("data")), &sizes).await?;
        }
        if engine != "sqlite" {
            match Postgres::start(true) {
                Ok(postgres) => {
                    bare::execute(&postgres.url("postgres"), "CREATE DATABASE wigwag").await?;
                    measure("PostgreSQL", &Program::postgres(&wigwag, &postgres.url("wigwag")), &sizes).await?;
                }
                Err(error) => println!("\nPostgreSQL was not measured: {error}"),
            }
        }
        Ok(())
    })
}

async fn measure(engine: &str, program: &Program, sizes: &Sizes) -> Result<()> {
    // The first start makes the owner's password hash.
    program.start().await?.stop()?;
    let server = program.start().await?;
    println!("\n### {engine}, {} big\n", count(sizes.big));
    big::measure(&server, sizes).await?;
    server.stop()?;
    let server = program.start().await?;
    println!("\n### {engine}, {} listed\n", count(sizes.listed));
    listed::measure(&server, sizes).await?;
    server.stop()
}

fn count(keys: usize) -> String {
    format!("{:.1} million keys", keys as f64 / 1e6)
}

/// Key number `n`: 12 bytes.
fn key(n: usize) -> String {
    format!("user-{n:07}")
}

/// Bytes and milliseconds of the payload that a server SDK polls.
async fn payload(server: &Running) -> Result<String> {
    let mut client = Client::connect(server.address).await?;
    let environment = client.succeed(&get("/api/v2/projects/default/environments/test")).await?;
    let environment: Value = serde_json::from_slice(environment)?;
    let sdk = environment["apiKey"].as_str().context("no SDK key")?.to_owned();
    let request = String::from_utf8(get("/sdk/latest-all"))?.replace(TOKEN, &sdk).into_bytes();
    let began = std::time::Instant::now();
    let bytes = client.succeed(&request).await?.len();
    Ok(format!("{:.2} MB in {:.1} ms", bytes as f64 / 1e6, began.elapsed().as_secs_f64() * 1e3))
}

fn memory(server: &Running, name: &str) -> Result<f64> {
    crate::process::memory(server.pid(), name)
}
