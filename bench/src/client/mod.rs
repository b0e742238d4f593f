//! Client evaluation over HTTP: all flags for one context, and what a bare hyper server pays to send the same
//! bytes. Each server has a thread to itself, whose processor time is what counts.

mod flags;
mod parts;
mod peers;
mod servers;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::edge::Edge;
use crate::management::client::Client;
use crate::process;
use parts::Parts;
use peers::{Peer, ofrep};
use servers::Server;

const CONNECTIONS: usize = 64;
/// Contexts that are asked for, so many that what is kept of one would not be found again soon.
const CONTEXTS: usize = 4096;
/// Numbers of flags that are measured.
const SIZES: [usize; 2] = [100, 1_000];
/// Times each server is measured; the best counts.
const ROUNDS: usize = 3;
const USAGE: &str = "wigwag-bench client [--seconds 3] [--edge PROGRAM] [--relay PROGRAM] [--go-feature-flag PROGRAM]";
/// Unleash Edge's processor time a request at the sizes, as measured for the aims, where it is not measured here.
const EDGE_US: [f64; 2] = [650.0, 7_400.0];
/// Aims at the sizes: times Edge's requests a second of processor time, and times the floor's processor time.
const AIMS: [(f64, f64); 2] = [(18.0, 3.0), (45.0, 6.0)];

/// Runs with command-line `arguments` and prints a table for `bench/results/`.
///
/// # Errors
/// When a server cannot be started or answers wrongly.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut seconds, mut edge, mut relay, mut goff) = (3, None, None, None);
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--seconds" => seconds = value.parse()?,
            [name, value] if name == "--edge" => edge = Some(PathBuf::from(value)),
            [name, value] if name == "--relay" => relay = Some(PathBuf::from(value)),
            [name, value] if name == "--go-feature-flag" => goff = Some(PathBuf::from(value)),
            _ => bail!("{USAGE}"),
        }
    }
    // One thread: the server has the other processor.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    parts()?;
    println!(
        "| flags | body | µs a request | floor µs | times the floor | aim | a CPU-second | Edge µs | times Edge | aim |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for ((flags, recorded), (faster, dearer)) in SIZES.into_iter().zip(EDGE_US).zip(AIMS) {
        let wigwag = Server::wigwag(flags::environment(flags))?;
        let requests = requests(wigwag.address);
        let sample = runtime.block_on(sample(wigwag.address, &requests[0]))?;
        let floor = Server::floor(sample.clone())?;
        let (mut ours, mut bare) = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            ours = ours.min(runtime.block_on(round(&wigwag, &requests, seconds))?);
            bare = bare.min(runtime.block_on(round(&floor, &requests, seconds))?);
        }
        let (theirs, told) = match &edge {
            Some(program) => (runtime.block_on(beside(program, flags, seconds))?, ""),
            None => (recorded, " (recorded)"),
        };
        println!(
            "| {flags} | {:.1} KiB | {ours:.1} | {bare:.1} | {:.1} | {dearer} | {:.0} | {theirs:.0}{told} | {:.0} | {faster} |",
            sample.len() as f64 / 1024.0,
            ours / bare,
            1e6 / ours,
            theirs / ours,
        );
    }
    println!("\n| flags | asked | µs a request | peer | its µs | times |\n|---|---|---|---|---|---|");
    for flags in SIZES {
        let wigwag = Server::wigwag(flags::environment(flags))?;
        if let Some(program) = &relay {
            let peer = Peer::relay(program, wigwag.address)?;
            let ours = ("as browsers' SDKs", requests(wigwag.address));
            runtime.block_on(beside_peer(
                &wigwag,
                ours,
                "Relay Proxy",
                &peer,
                requests(peer.address),
                (flags, seconds),
            ))?;
        }
        if let Some(program) = &goff {
            let peer = Peer::go_feature_flag(program, flags)?;
            let all = |address| (0..CONTEXTS).map(|n| ofrep(address, n)).collect();
            let ours = ("by OFREP", all(wigwag.address));
            runtime.block_on(beside_peer(
                &wigwag,
                ours,
                "GO Feature Flag",
                &peer,
                all(peer.address),
                (flags, seconds),
            ))?;
        }
    }
    Ok(())
}

/// Measures in turns with a peer, and prints a row.
async fn beside_peer(
    wigwag: &Server,
    (asked, ours): (&str, Vec<Vec<u8>>),
    name: &str,
    peer: &Peer,
    theirs: Vec<Vec<u8>>,
    (flags, seconds): (usize, u64),
) -> Result<()> {
    peer.answers(&theirs[0]).await?;
    let told = String::from_utf8(sample(peer.address, &theirs[0]).await?)?.matches("flag-").count();
    anyhow::ensure!(told == flags, "{name} answers with {told} of {flags} flags");
    let (mut us, mut them) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        us = us.min(round(wigwag, &ours, seconds).await?);
        them = them.min(time(|| process::processor_time(peer.pid()), peer.address, &theirs, seconds).await?);
    }
    println!("| {flags} | {asked} | {us:.1} | {name} | {them:.0} | {:.1} |", them / us);
    Ok(())
}

/// What an answer is made of, measured without HTTP.
fn parts() -> Result<()> {
    println!("| flags | context read, µs | tag, µs | evaluated and written, µs |");
    println!("|---|---|---|---|");
    let contexts: Vec<String> = (0..CONTEXTS).map(context).collect();
    for flags in SIZES {
        let Parts { read, tag, evaluate } = Parts::measure(flags::environment(flags), &contexts)?;
        println!("| {flags} | {read:.2} | {tag:.2} | {evaluate:.2} |");
    }
    println!();
    Ok(())
}

/// The JSON of one of the contexts.
fn context(n: usize) -> String {
    format!(
        r#"{{"kind":"user","key":"user-{n}","email":"{n}@example.com","name":"User {n}","plan":"gold","country":"NO"}}"#
    )
}

/// A request for each context.
fn requests(address: SocketAddr) -> Vec<Vec<u8>> {
    let of = |n: usize| {
        let context = BASE64_URL_SAFE_NO_PAD.encode(context(n));
        let target = format!("/sdk/evalx/{}/contexts/{context}", flags::ENVIRONMENT_ID);
        let agent = "x-launchdarkly-user-agent: JSClient/4.10.3";
        format!("GET {target} HTTP/1.1\r\nhost: {address}\r\norigin: https://shop.example\r\n{agent}\r\n\r\n")
            .into_bytes()
    };
    (0..CONTEXTS).map(of).collect()
}

/// One answer's body, which must hold every flag.
async fn sample(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut client = Client::connect(address).await?;
    Ok(client.succeed(request).await?.to_vec())
}

/// The best of some rounds of Edge's.
async fn beside(program: &Path, flags: usize, seconds: u64) -> Result<f64> {
    let edge = Edge::start(program, flags)?;
    let requests: Vec<_> = (0..CONTEXTS).map(|n| edge.evaluation(n)).collect();
    let answer: Value = serde_json::from_slice(&sample(edge.address, &requests[0]).await?)?;
    let told = answer["toggles"].as_array().map_or(0, Vec::len);
    anyhow::ensure!(told == flags, "Edge answers with {told} of {flags} flags");
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        best = best.min(time(|| process::processor_time(edge.pid()), edge.address, &requests, seconds).await?);
    }
    Ok(best)
}

async fn round(server: &Server, requests: &[Vec<u8>], seconds: u64) -> Result<f64> {
    time(|| server.processor_time(), server.address, requests, seconds).await
}

/// Microseconds of a server's processor time a request, with all connections busy.
async fn time(
    spent: impl Fn() -> Result<Duration>,
    address: SocketAddr,
    requests: &[Vec<u8>],
    seconds: u64,
) -> Result<f64> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let before = spent()?;
    let counts = (0..CONNECTIONS).map(|n| keep_asking(address, requests, n, until));
    let counts = futures_util::future::try_join_all(counts).await?;
    Ok((spent()? - before).as_secs_f64() * 1e6 / counts.into_iter().sum::<u64>() as f64)
}

/// Asks for one context after the other, from number `first` on.
async fn keep_asking(address: SocketAddr, requests: &[Vec<u8>], first: usize, until: Instant) -> Result<u64> {
    let mut client = Client::connect(address).await?;
    let mut count = 0;
    for request in requests.iter().cycle().skip(first).step_by(CONNECTIONS) {
        if Instant::now() >= until {
            break;
        }
        client.succeed(request).await?;
        count += 1;
    }
    Ok(count)
}
