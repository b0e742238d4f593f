//! A reconnect storm: very many streams on one server process, which is killed and started again; all come back at
//! once and are sent everything anew.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::ingestion::sdk_key;
use crate::management::flags::Flags;
use crate::management::server::{Program, Running};
use crate::process;

const USAGE: &str = "wigwag-bench storm --wigwag PATH [--streams 10000] [--flags 10000]";
/// Aim: memory at most, as a multiple of what it is once all have been served.
const AIM: f64 = 2.0;
/// How soon a client tries again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long all may take to be served.
const WITHIN: Duration = Duration::from_secs(1800);

thread_local! {
    /// All clients read into it.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 256 << 10]);
}

/// Runs with command-line `arguments` and prints lines for `bench/results/`.
///
/// # Errors
/// When a server cannot be started, or streams are not served.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut wigwag, mut streams, mut flags) = (None, 10_000, 10_000);
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--wigwag" => wigwag = Some(PathBuf::from(value)),
            [name, value] if name == "--streams" => streams = value.parse()?,
            [name, value] if name == "--flags" => flags = value.parse()?,
            _ => bail!("{USAGE}"),
        }
    }
    // One thread: the server has the other processor.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(&wigwag.context(USAGE)?, streams, flags))
}

async fn measure(wigwag: &Path, streams: usize, flags: usize) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let program = Program::sqlite(wigwag, &dir.path().join("data"));
    let server = program.start().await?;
    Flags::default().grow(server.address, flags).await?;
    let (address, request) = (server.address, request(&sdk_key(&server).await?));
    // Started anew, as it will be in the storm: what creating the flags took is not counted.
    server.stop()?;
    let server = program.start_on(address).await?;
    let served = Arc::new(watch::channel(Served::default()).0);
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..streams {
        clients.spawn(client(address, Arc::clone(&request), Arc::clone(&served)));
    }
    report("first connections", &server, &served, streams).await?;
    drop(server);
    served.send_replace(Served::default());
    let server = program.start_on(address).await?;
    report("after a kill", &server, &served, streams).await?;
    drop(clients);
    server.stop()
}

/// Streams that have everything, and what they were sent.
#[derive(Clone, Copy, Default)]
struct Served {
    streams: usize,
    bytes: u64,
}

/// Waits until all have been served, and tells what that took.
async fn report(title: &str, server: &Running, served: &watch::Sender<Served>, streams: usize) -> Result<()> {
    let (began, mut count) = (Instant::now(), served.subscribe());
    let all = count.wait_for(|served| served.streams == streams);
    let bytes = tokio::time::timeout(WITHIN, all).await.context("not all are served")??.bytes;
    let took = began.elapsed();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (now, most) = (process::memory(server.pid(), "VmRSS")?, process::memory(server.pid(), "VmHWM")?);
    println!(
        "* {title}: all {streams} served in {:.1} s, {:.1} GB; memory {most:.0} MB at most, {now:.0} MB afterwards: \
         {:.2} times (aim: below {AIM})",
        took.as_secs_f64(),
        bytes as f64 / 1e9,
        most / now
    );
    Ok(())
}

/// One client, for ever: connects, reads, and comes back when the server has gone.
async fn client(address: SocketAddr, request: Arc<[u8]>, served: Arc<watch::Sender<Served>>) {
    loop {
        // An error is a server that is not there, or went away.
        let _ended = stream(address, &request, &served).await;
        tokio::time::sleep(AGAIN).await;
    }
}

async fn stream(address: SocketAddr, request: &[u8], served: &watch::Sender<Served>) -> Result<()> {
    const END: &[u8] = b"}\n\n\r\n";
    // Bytes in which the end is looked for: heartbeats may have come behind it.
    const LAST: usize = 64;
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let (mut bytes, mut end, mut told) = (0, Vec::with_capacity(2 * LAST), false);
    loop {
        stream.readable().await?;
        // What arrives is forgotten but for its last bytes.
        let read = BUFFER.with_borrow_mut(|buffer| {
            let n = stream.try_read(buffer)?;
            end.extend_from_slice(&buffer[n.saturating_sub(LAST)..n]);
            Ok(n)
        });
        match read {
            Ok(0) => return Ok(()),
            Ok(n) => bytes += n as u64,
            Err(error) if std::io::Error::kind(&error) == ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.into()),
        }
        end.drain(..end.len().saturating_sub(LAST));
        if !told && end.windows(END.len()).any(|bytes| bytes == END) {
            told = true;
            served.send_modify(|served| {
                served.streams += 1;
                served.bytes += bytes;
            });
        }
    }
}

fn request(key: &str) -> Arc<[u8]> {
    let fields = "accept: text/event-stream\r\nuser-agent: GoClient/7.17.0";
    format!("GET /all HTTP/1.1\r\nhost: bench\r\nauthorization: {key}\r\n{fields}\r\n\r\n").into_bytes().into()
}
