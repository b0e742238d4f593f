//! Delivery: many streams on one environment, then changes, timed at each stream.
//!
//! Latencies run from just before the change is asked for to the moment this process has read it from
//! a stream's socket, so they contain the commit and this process's own work on the same processors.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsConnector;

use crate::{process, tls};

/// A connection, with TLS or without.
type Io = Box<dyn ReadWrite>;
trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for T {}

/// Streams opened from one loopback address, well below the number of ephemeral ports.
const STREAMS_BY_SOURCE: usize = 20_000;
/// Connections being opened at once.
const OPENING: usize = 256;

const USAGE: &str = "wigwag-bench delivery [--address 127.0.0.1:8099] [--key sdk-bench] [--streams 10000]
    [--changes 50] [--pause-ms 100] [--pid SERVER] [--change 'POST /control/change'] [--token TOKEN]
    [--body JSON] [--content-type TYPE] [--tls CERTIFICATE]
FLIP in the body becomes true and false by turns. With --tls all connections speak TLS and trust that certificate.";

pub(crate) struct Options {
    address: SocketAddr,
    key: String,
    /// Whether streams are those of mobile SDKs, each for another context.
    is_mobile: bool,
    streams: usize,
    changes: usize,
    pause: Duration,
    pid: Option<u32>,
    change: String,
    headers: String,
    body: String,
    tls: Option<TlsConnector>,
}

/// Runs with command-line `arguments` and prints a line for `bench/results/`.
///
/// # Errors
/// When the server cannot be reached or a stream breaks.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = Arc::new(Options::parse(arguments)?);
    // One thread: the server has the other processor.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(options))
}

impl Options {
    /// Streams of an environment on the server there.
    pub(crate) fn of(address: SocketAddr, key: &str) -> Result<Self> {
        Self::parse(&["--address", &address.to_string(), "--key", key].map(str::to_owned))
    }

    /// Streams of mobile SDKs.
    pub(crate) fn of_clients(address: SocketAddr, key: &str) -> Result<Self> {
        Ok(Self { is_mobile: true, ..Self::of(address, key)? })
    }

    /// The path of stream number `n`.
    fn path(&self, n: usize) -> String {
        if !self.is_mobile {
            return "/all".into();
        }
        let context = format!(r#"{{"kind":"user","key":"user-{n}","name":"User {n}","plan":"gold","country":"NO"}}"#);
        format!("/meval/{}", BASE64_URL_SAFE_NO_PAD.encode(context))
    }

    fn parse(arguments: &[String]) -> Result<Self> {
        let mut given = BTreeMap::new();
        for pair in arguments.chunks(2) {
            match pair {
                [name, value] if name.starts_with("--") => given.insert(name.as_str(), value.as_str()),
                _ => bail!("{USAGE}"),
            };
        }
        let mut take = |name: &str, default: &str| given.remove(name).unwrap_or(default).to_owned();
        let options = Self {
            address: take("--address", "127.0.0.1:8099").parse()?,
            key: take("--key", "sdk-bench"),
            is_mobile: false,
            streams: take("--streams", "10000").parse()?,
            changes: take("--changes", "50").parse()?,
            pause: Duration::from_millis(take("--pause-ms", "100").parse()?),
            pid: Some(take("--pid", "")).filter(|pid| !pid.is_empty()).map(|pid| pid.parse()).transpose()?,
            change: take("--change", "POST /control/change"),
            headers: format!(
                "authorization: {}\r\ncontent-type: {}\r\n",
                take("--token", ""),
                take("--content-type", "application/json")
            ),
            body: take("--body", "{}"),
            tls: Some(take("--tls", ""))
                .filter(|path| !path.is_empty())
                .map(|path| tls::connector(path.as_ref()))
                .transpose()?,
        };
        if let Some(unknown) = given.keys().next() {
            bail!("unknown option {unknown}\n{USAGE}");
        }
        Ok(options)
    }
}

async fn measure(options: Arc<Options>) -> Result<()> {
    // One stream first, so that what is made once is not counted as the cost of a stream.
    let (heard, mut arrivals) = mpsc::unbounded_channel();
    let (ready, mut readiness) = watch::channel(0_usize);
    let ready = Arc::new(ready);
    open(&options, 0, heard.clone(), Arc::clone(&ready)).await?;
    readiness.wait_for(|n| *n == 1).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let empty = resident(options.pid)?;

    let (started, before) = (Instant::now(), processor_time(options.pid)?);
    open_all(&options, &heard, &ready).await?;
    readiness.wait_for(|n| *n == options.streams).await?;
    let opened = (started.elapsed(), processor_time(options.pid)? - before);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let full = resident(options.pid)?;

    let busy = (processor_time(options.pid)?, processor_time(Some(std::process::id()))?);
    let control = TcpStream::connect(options.address).await?;
    control.set_nodelay(true)?;
    let mut control = secured(&options, control).await?;
    let mut latencies = Vec::with_capacity(options.changes * options.streams);
    let mut last = Vec::with_capacity(options.changes);
    for n in 0..options.changes {
        let asked = Instant::now();
        change(&options, n, &mut control).await?;
        let mut slowest = Duration::ZERO;
        for _ in 0..options.streams {
            let next = tokio::time::timeout(Duration::from_secs(30), arrivals.recv()).await;
            let at: Instant = next.context("a stream missed a change")?.context("streams ended")?;
            let latency = at.saturating_duration_since(asked);
            slowest = slowest.max(latency);
            latencies.push(latency);
        }
        last.push(slowest);
        tokio::time::sleep(options.pause).await;
    }
    let after = resident(options.pid)?;
    let busy = (processor_time(options.pid)? - busy.0, processor_time(Some(std::process::id()))? - busy.1);
    report(&options, opened, (empty, full, after), latencies, last);
    report_time(&options, busy);
    Ok(())
}

async fn open_all(
    options: &Arc<Options>,
    heard: &mpsc::UnboundedSender<Instant>,
    ready: &Arc<watch::Sender<usize>>,
) -> Result<()> {
    let next = Arc::new(AtomicUsize::new(1));
    let mut workers: tokio::task::JoinSet<Result<()>> = tokio::task::JoinSet::new();
    for _ in 0..OPENING {
        let (options, heard, ready, next) = (Arc::clone(options), heard.clone(), Arc::clone(ready), Arc::clone(&next));
        workers.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= options.streams {
                    return Ok(());
                }
                open(&options, n, heard.clone(), Arc::clone(&ready)).await?;
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    Ok(())
}

/// Opens stream number `n` and leaves a task reading it.
pub(crate) async fn open(
    options: &Options,
    n: usize,
    heard: mpsc::UnboundedSender<Instant>,
    ready: Arc<watch::Sender<usize>>,
) -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    // The first address needs no binding, which is slow while ports of an earlier run linger.
    if options.address.ip().is_loopback() && n >= STREAMS_BY_SOURCE {
        let source = u8::try_from(1 + n / STREAMS_BY_SOURCE)?;
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, source), 0)))?;
    }
    let mut stream = secured(options, socket.connect(options.address).await?).await?;
    // As long a head as an SDK's.
    let head = format!(
        "GET {} HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\naccept: text/event-stream\r\nuser-agent: GoClient/7.17.0\r\n\
         x-launchdarkly-instance-id: 00000000-0000-4000-8000-{n:012}\r\nx-launchdarkly-tags: application-id/bench\r\n\
         cache-control: no-cache\r\naccept-encoding: gzip\r\n\r\n",
        options.path(n),
        options.address,
        options.key,
    );
    stream.write_all(head.as_bytes()).await?;
    tokio::spawn(async move {
        if let Err(error) = listen(stream, heard, ready).await {
            eprintln!("a stream broke: {error:#}");
        }
    });
    Ok(())
}

async fn secured(options: &Options, stream: TcpStream) -> Result<Io> {
    let Some(tls) = &options.tls else { return Ok(Box::new(stream)) };
    Ok(Box::new(tls.connect(tls::NAME.try_into()?, stream).await?))
}

/// Tells when the first event is complete, and then the time of every patch.
async fn listen(mut stream: Io, heard: mpsc::UnboundedSender<Instant>, ready: Arc<watch::Sender<usize>>) -> Result<()> {
    const PATCH: &[u8] = b"event: patch\n";
    const PUT_END: &[u8] = b"}\n\n\r\n";
    let mut buffer = vec![0; 4096];
    let mut end = Vec::new();
    let mut is_ready = false;
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            // Whoever waits for it misses it; at the end of a measurement nobody does.
            return Ok(());
        }
        let now = Instant::now();
        // What was read last, so that a mark cut in two is still found.
        end.extend_from_slice(&buffer[..n]);
        if !is_ready && end.windows(PUT_END.len()).any(|w| w == PUT_END) {
            is_ready = true;
            ready.send_modify(|n| *n += 1);
        }
        let patches = end.windows(PATCH.len()).filter(|w| *w == PATCH).count();
        for _ in 0..patches {
            heard.send(now)?;
        }
        end.drain(..end.len().saturating_sub(PATCH.len() - 1));
        if patches > 0 {
            end.clear();
        }
    }
}

/// Asks for one change on a connection that is kept.
async fn change(options: &Options, n: usize, control: &mut Io) -> Result<()> {
    let (head, body) =
        (&options.change, options.body.replace("FLIP", if n.is_multiple_of(2) { "true" } else { "false" }));
    let request =
        format!("{head} HTTP/1.1\r\nhost: bench\r\n{}content-length: {}\r\n\r\n{body}", options.headers, body.len());
    control.write_all(request.as_bytes()).await?;
    let mut reply = Vec::new();
    let length = loop {
        if control.read_buf(&mut reply).await? == 0 {
            bail!("the server closed the control connection");
        }
        let text = String::from_utf8_lossy(&reply).to_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            if !head.starts_with("http/1.1 2") {
                bail!("the change was refused: {text}");
            }
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            break head.len() + 4 + length.map_or(Ok(0), str::parse::<usize>)?;
        }
    };
    while reply.len() < length {
        if control.read_buf(&mut reply).await? == 0 {
            bail!("the server closed the control connection");
        }
    }
    Ok(())
}

/// Resident bytes of process `pid`.
fn resident(pid: Option<u32>) -> Result<u64> {
    Ok(1024 * pid.map_or(Ok(0), |pid| process::kib(pid, "VmRSS"))?)
}

/// Processor time that process `pid` has used.
fn processor_time(pid: Option<u32>) -> Result<Duration> {
    pid.map_or(Ok(Duration::ZERO), process::processor_time)
}

fn report_time(options: &Options, (server, own): (Duration, Duration)) {
    let each = |time: Duration| time.as_secs_f64() * 1000.0 / options.changes as f64;
    println!("processor time a change: server {:.1} ms, this client {:.1} ms", each(server), each(own));
}

fn report(
    options: &Options,
    opened: (Duration, Duration),
    (empty, full, after): (u64, u64, u64),
    mut latencies: Vec<Duration>,
    mut last: Vec<Duration>,
) {
    latencies.sort_unstable();
    last.sort_unstable();
    let at = |sorted: &[Duration], share: f64| {
        let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
        sorted.get(index).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
    };
    let kib = |bytes: u64| bytes.saturating_sub(empty) as f64 / 1024.0 / options.streams as f64;
    println!(
        "streams {}, opened in {:.1} s; processor time of the server for each {:.1} µs",
        options.streams,
        opened.0.as_secs_f64(),
        opened.1.as_secs_f64() * 1e6 / options.streams as f64
    );
    // What the start used and gave back is used again for streams, so growth alone would flatter.
    let at_most = full.max(after) as f64 / 1024.0 / options.streams as f64;
    println!(
        "resident: {:.1} MiB with one stream, {:.1} MiB with all: at most {at_most:.2} KiB a stream, were there \
         nothing but streams; grown by {:.2} KiB a stream ({:.2} after {} changes)",
        empty as f64 / 1048576.0,
        full as f64 / 1048576.0,
        kib(full),
        kib(after),
        options.changes
    );
    println!(
        "change to stream: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        at(&latencies, 0.5),
        at(&latencies, 0.99),
        at(&latencies, 1.0)
    );
    println!(
        "change to all streams: best {:.1} ms, p50 {:.1} ms, p99 {:.1} ms",
        at(&last, 0.0),
        at(&last, 0.5),
        at(&last, 0.99)
    );
}
