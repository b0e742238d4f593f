//! The journal of events: what was acknowledged is on this machine's disk before it is anywhere else.
//!
//! Batches are appended to segments, those that arrive meanwhile with one sync; whoever sent one is answered after
//! it. [`crate::Pipeline`] reads what is durable and notes in the transaction that records it how far it has come, so
//! that after a crash nothing is recorded twice or left out. Segments that were recorded stay for as long as their
//! batches may come again.

mod record;
mod replay;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::watch;
use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;

pub(crate) use replay::Portion;
use segment::Segment;
pub(crate) use writer::{Entry, Journal};

use crate::repeats::Repeats;

/// How bytes get into a file; tests have disks that are full.
pub type Write = Arc<dyn Fn(&mut File, &[u8]) -> io::Result<()> + Send + Sync>;

/// Where and how a journal is kept.
#[derive(Clone)]
pub struct JournalConfig {
    /// The directory; made when missing, and of this process alone.
    pub dir: PathBuf,
    /// Bytes that may wait to be recorded; more are refused.
    pub most: u64,
    /// Bytes after which a segment ends.
    pub segment: u64,
    /// How bytes are written.
    pub write: Write,
}

impl JournalConfig {
    /// In a directory, of the usual size: 1 GiB may wait, in segments of 16 MiB.
    #[must_use]
    pub fn in_directory(dir: impl Into<PathBuf>) -> Self {
        let write: Write = Arc::new(io::Write::write_all);
        Self { dir: dir.into(), most: 1 << 30, segment: 16 << 20, write }
    }
}

/// What writer and reader share.
pub(crate) struct Shared {
    pub(crate) dir: PathBuf,
    /// Names this journal where it is recorded how far it was read.
    pub(crate) id: String,
    /// Where segments begin.
    segments: Mutex<BTreeSet<u64>>,
    durable: watch::Sender<u64>,
    recorded: AtomicU64,
    closed: watch::Sender<bool>,
    /// Held as long as the journal is.
    _lock: File,
}

impl Shared {
    /// Up to where everything is on disk.
    pub(crate) fn durable(&self) -> u64 {
        *self.durable.borrow()
    }

    /// Tells when more is on disk; ends with the writer.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.durable.subscribe()
    }

    /// Whether nothing more comes.
    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Comes when nothing more does.
    pub(crate) async fn closed(&self) {
        let mut closed = self.closed.subscribe();
        // An error cannot be: the sender is here.
        let _closed = closed.wait_for(|closed| *closed).await;
    }

    /// Bytes on disk that are not recorded.
    pub(crate) fn waiting(&self) -> u64 {
        self.durable().saturating_sub(self.recorded.load(Ordering::Acquire))
    }

    fn recorded_to(&self, position: u64) {
        self.recorded.store(position, Ordering::Release);
    }

    /// Begin and end of the segment that holds a position, or of the first behind it.
    fn segment_at(&self, position: u64) -> Option<(u64, u64)> {
        let segments = self.segments.lock();
        let start = segments.range(..=position).next_back().or_else(|| segments.iter().next()).copied()?;
        let end = segments.range(start + 1..).next().copied().unwrap_or(u64::MAX);
        Some((start, end))
    }
}

/// What is found in a directory.
struct Opened {
    shared: Arc<Shared>,
    repeats: Repeats,
    /// The newest segment, to be written on.
    tail: (u64, File),
}

/// Opens or makes the journal in a directory. Blocks. What was written and not acknowledged is cut off.
fn open(config: &JournalConfig, ids: &Ids, clock: &Clock) -> io::Result<Opened> {
    let dir = &config.dir;
    std::fs::create_dir_all(dir)?;
    let lock = locked(dir)?;
    let mut starts: BTreeSet<u64> = segment::starts(dir)?.into_iter().collect();
    let mut repeats = Repeats::default();
    let mut end = 0;
    // One at the end that is no segment was being made.
    while let Some(last) = starts.last().copied() {
        if Segment::open(dir, last)?.is_some() {
            break;
        }
        std::fs::remove_file(segment::path(dir, last))?;
        starts.remove(&last);
    }
    let ends: Vec<u64> = starts.iter().skip(1).copied().chain([u64::MAX]).collect();
    for (start, upto) in starts.iter().zip(ends) {
        end = scan(dir, *start, upto, clock, &mut repeats)?;
    }
    let id = named(dir, ids, starts.is_empty())?;
    let tail = match starts.last().copied() {
        Some(start) => (start, segment::resume(dir, start, end)?),
        None => (0, segment::create(dir, 0)?),
    };
    starts.insert(tail.0);
    let (durable, _) = watch::channel(end);
    let shared = Shared {
        dir: dir.clone(),
        id,
        segments: Mutex::new(starts),
        durable,
        recorded: AtomicU64::new(end),
        closed: watch::Sender::new(false),
        _lock: lock,
    };
    Ok(Opened { shared: Arc::new(shared), repeats, tail })
}

/// Notes which batches are in a segment. Answers where it ends.
fn scan(dir: &Path, start: u64, upto: u64, clock: &Clock, repeats: &mut Repeats) -> io::Result<u64> {
    let Some(mut segment) = Segment::open(dir, start)? else { return Ok(start) };
    let upto = upto.min(segment.end()?);
    let (mut at, now) = (start, clock.now());
    while at < upto {
        let read = replay::portion(&mut segment, at, upto, SCAN)?;
        for batch in read.batches {
            if let Some(payload) = batch.payload_id {
                repeats.note((batch.env, payload), batch.received.min(now));
            }
        }
        let stuck = read.to == at;
        at = read.to;
        if read.damaged > 0 || stuck {
            break;
        }
    }
    Ok(at)
}

/// Bytes that are looked at together when the journal is opened.
const SCAN: usize = 4 << 20;

fn locked(dir: &Path) -> io::Result<File> {
    let taken = wigwag_store::lock::take_by(&dir.join("lock"))?;
    taken.ok_or_else(|| io::Error::other(format!("{} is in use by another process", dir.display())))
}

/// The journal's name: a new one where positions begin anew.
fn named(dir: &Path, ids: &Ids, anew: bool) -> io::Result<String> {
    let path = dir.join("name");
    let known = if anew { None } else { std::fs::read_to_string(&path).ok() };
    if let Some(name) = known.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()) {
        return Ok(name);
    }
    let name = ids.uuid();
    let file = File::create(&path)?;
    io::Write::write_all(&mut &file, name.as_bytes())?;
    file.sync_all()?;
    segment::sync_directory(dir)?;
    Ok(name)
}
