//! Streams of server SDKs that are open all the time, and what each was told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::times::Times;

/// When each flag was last changed, in microseconds since the run began.
pub(super) struct Changes {
    began: Instant,
    sent: Vec<AtomicU64>,
    over: AtomicBool,
}

impl Changes {
    pub(super) fn new(flags: usize) -> Self {
        Self {
            began: Instant::now(),
            sent: (0..flags).map(|_| AtomicU64::new(0)).collect(),
            over: AtomicBool::new(false),
        }
    }

    pub(super) fn sends(&self, flag: usize) {
        self.sent[flag].store(self.now(), Ordering::Relaxed);
    }

    /// No change comes any more: a stream ends once it is quiet.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }
}

/// What a stream was told.
#[derive(Default)]
pub(super) struct Told {
    /// From a change's request until it arrived.
    pub(super) times: Times,
    /// The last version of each flag that changed, by its number.
    pub(super) versions: BTreeMap<usize, u64>,
}

#[derive(Deserialize)]
struct Patch<'a> {
    path: &'a str,
    data: Versioned,
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// Reads one stream until there are no more changes.
///
/// # Errors
/// When it ends before, or goes back to an older version.
pub(super) async fn read(address: SocketAddr, key: &str, changes: Arc<Changes>) -> Result<Told> {
    /// Longer than a change is on its way.
    const QUIET: Duration = Duration::from_secs(5);
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET /all HTTP/1.1\r\nhost: bench\r\nauthorization: {key}\r\naccept: text/event-stream\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let (mut told, mut buffer) = (Told::default(), Vec::with_capacity(64 << 10));
    loop {
        match tokio::time::timeout(QUIET, stream.read_buf(&mut buffer)).await {
            Ok(Ok(0)) => bail!("the server ended a stream"),
            Ok(read) => _ = read?,
            Err(_) if changes.over.load(Ordering::Relaxed) => return Ok(told),
            Err(_) => continue,
        }
        let mut rest = 0;
        while let Some(end) = buffer[rest..].iter().position(|&byte| byte == b'\n') {
            let line = &buffer[rest..rest + end];
            rest += end + 1;
            // The first event, which holds everything, has another shape and is passed over.
            let Some(data) = line.strip_prefix(b"data:") else { continue };
            if let Ok(patch) = serde_json::from_slice(data) {
                take(&patch, &mut told, &changes)?;
            }
        }
        buffer.drain(..rest);
    }
}

fn take(patch: &Patch<'_>, told: &mut Told, changes: &Changes) -> Result<()> {
    let Some(flag) = patch.path.strip_prefix("/flags/flag-").and_then(|n| n.parse::<usize>().ok()) else {
        return Ok(());
    };
    let sent = changes.sent[flag].load(Ordering::Relaxed);
    told.times.add(Duration::from_micros(changes.now().saturating_sub(sent)));
    let before = told.versions.insert(flag, patch.data.version);
    if before.is_some_and(|before| before >= patch.data.version) {
        bail!("a stream went from version {before:?} of flag-{flag} back to {}", patch.data.version);
    }
    Ok(())
}
