//! The one thread that writes the journal: all that arrived meanwhile with one sync.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use wigwag_model::clock::{Clock, Millis};
use wigwag_model::id::Ids;
use wigwag_sdk::{EventBatch, Taken};

use super::replay::Reader;
use super::{JournalConfig, Opened, Shared, record, segment};
use crate::metrics::EventMetrics;
use crate::repeats::{REMEMBERED, Repeats};

/// Bytes written with one sync at most.
const TOGETHER: usize = 8 << 20;
/// After so many batches with one sync, others are waited for a little: those who were answered send the next ones, and a
/// sync for each few of them costs more than it is sooner.
const MANY: usize = 6;
const PATIENCE: Duration = Duration::from_micros(150);
/// How often old segments are looked for when nothing comes.
const IDLE: Duration = Duration::from_secs(60);
/// Bytes of recorded segments that are kept for the names of their batches.
const KEPT: u64 = 256 << 20;

/// A batch that wants to be written.
pub(crate) struct Entry {
    head: Vec<u8>,
    batch: EventBatch,
    reply: oneshot::Sender<Taken>,
}

impl Entry {
    /// Of a batch; the outcome goes to `reply`.
    pub(crate) fn new(batch: EventBatch, reply: oneshot::Sender<Taken>) -> Self {
        Self { head: record::head(&batch), batch, reply }
    }

    fn size(&self) -> usize {
        self.head.len() + self.batch.body.len()
    }
}

/// A journal that is open.
pub(crate) struct Journal {
    entries: Mutex<Option<Sender<Entry>>>,
    shared: Arc<Shared>,
}

impl Journal {
    /// Opens or makes it, and starts its thread. Blocks.
    pub(crate) fn open(config: JournalConfig, ids: &Ids, clock: Clock, metrics: EventMetrics) -> io::Result<Self> {
        let Opened { shared, repeats, tail } = super::open(&config, ids, &clock)?;
        let (entries, queue) = channel();
        let writer = Writer {
            shared: Arc::clone(&shared),
            config,
            repeats,
            tail: Some(tail),
            clock,
            metrics,
            last: 0,
            buffer: Vec::new(),
        };
        std::thread::Builder::new().name("wigwag-journal".into()).spawn(move || writer.run(&queue))?;
        Ok(Self { entries: Mutex::new(Some(entries)), shared })
    }

    /// Hands a batch to the thread. False once the journal is closed.
    pub(crate) fn send(&self, entry: Entry) -> bool {
        self.entries.lock().as_ref().is_some_and(|entries| entries.send(entry).is_ok())
    }

    /// Takes no more. What was handed in is written.
    pub(crate) fn close(&self) {
        self.entries.lock().take();
    }

    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Reads on from a position.
    pub(crate) fn reader(&self, position: u64) -> Reader {
        self.shared.recorded_to(position);
        Reader::new(Arc::clone(&self.shared), position)
    }
}

struct Writer {
    shared: Arc<Shared>,
    config: JournalConfig,
    repeats: Repeats,
    /// The segment that is written and where it begins; nothing after it could not be written.
    tail: Option<(u64, File)>,
    clock: Clock,
    metrics: EventMetrics,
    /// When something was last written.
    last: Millis,
    /// What is written, put together. Kept while batches come: memory that was given back is cleared, page by page,
    /// before it can be had again.
    buffer: Vec<u8>,
}

impl Writer {
    fn run(mut self, queue: &Receiver<Entry>) {
        let mut together = 0;
        loop {
            match queue.recv_timeout(IDLE) {
                Ok(first) => {
                    if together >= MANY {
                        std::thread::sleep(PATIENCE);
                    }
                    let mut bytes = first.size();
                    let mut group = vec![first];
                    while bytes < TOGETHER
                        && let Ok(next) = queue.try_recv()
                    {
                        bytes += next.size();
                        group.push(next);
                    }
                    together = group.len();
                    self.group(group, bytes);
                }
                Err(RecvTimeoutError::Timeout) => self.idle(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.shared.closed.send_replace(true);
        // Whoever waits for more learns that none comes.
        self.shared.durable.send_modify(|_| {});
    }

    /// Writes what has not come before, and answers everybody.
    fn group(&mut self, group: Vec<Entry>, bytes: usize) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.reserve(bytes);
        let waiting = self.shared.waiting();
        // No outcome yet is that of the write.
        let (mut outcomes, mut noted) = (Vec::with_capacity(group.len()), Vec::new());
        for entry in group {
            let name = entry.batch.payload_id.clone().map(|id| (Arc::clone(&entry.batch.env), id));
            if let Some(name) = &name
                && self.repeats.knows(name)
            {
                self.metrics.repeated.inc();
                let is_written = !noted.contains(name);
                outcomes.push((entry.reply, is_written.then_some(Taken::Yes)));
                continue;
            }
            if waiting + (buffer.len() + entry.size()) as u64 > self.config.most {
                self.metrics.shed.inc();
                outcomes.push((entry.reply, Some(Taken::Full)));
                continue;
            }
            buffer.extend_from_slice(&entry.head);
            buffer.extend_from_slice(&entry.batch.body);
            self.last = entry.batch.received;
            if let Some(name) = name {
                self.repeats.note(name.clone(), entry.batch.received);
                noted.push(name);
            }
            outcomes.push((entry.reply, None));
        }
        let written = match self.append(&buffer) {
            Ok(()) => Taken::Yes,
            Err(error) => {
                tracing::error!(%error, "the journal of events cannot be written: events are refused");
                noted.iter().for_each(|name| self.repeats.forget(name));
                self.metrics.shed.inc_by(outcomes.iter().filter(|(_, outcome)| outcome.is_none()).count() as u64);
                Taken::Full
            }
        };
        for (reply, outcome) in outcomes {
            let _gone = reply.send(outcome.unwrap_or(written));
        }
        self.buffer = buffer;
        self.roll();
    }

    /// Writes and syncs. After an error nothing of it counts: the next segment begins where this one was durable.
    fn append(&mut self, buffer: &[u8]) -> io::Result<()> {
        if buffer.is_empty() {
            return Ok(());
        }
        let durable = self.shared.durable();
        if self.tail.is_none() {
            self.begin(durable)?;
        }
        let Some((_, file)) = self.tail.as_mut() else { return Err(io::Error::other("no segment")) };
        let written = (self.config.write)(file, buffer).and_then(|()| file.sync_data());
        match written {
            Ok(()) => {
                self.metrics.synced.inc();
                self.shared.durable.send_replace(durable + buffer.len() as u64);
                Ok(())
            }
            Err(error) => {
                if let Some((start, file)) = self.tail.take() {
                    // Gives the space back; that it fails does no harm.
                    let _tried = segment::cut(&file, durable - start);
                }
                Err(error)
            }
        }
    }

    fn begin(&mut self, start: u64) -> io::Result<()> {
        let file = segment::create(&self.shared.dir, start)?;
        self.shared.segments.lock().insert(start);
        self.tail = Some((start, file));
        Ok(())
    }

    /// Ends a segment that is long, and removes those that nobody needs any more.
    fn roll(&mut self) {
        let durable = self.shared.durable();
        if self.tail.as_ref().is_some_and(|(start, _)| durable - start >= self.config.segment) {
            if let Err(error) = self.begin(durable) {
                tracing::warn!(%error, "the journal of events goes on in a long segment");
            }
            self.clean();
        }
    }

    fn idle(&mut self) {
        self.buffer = Vec::new();
        let durable = self.shared.durable();
        let started = self.tail.as_ref().is_some_and(|(start, _)| durable > *start);
        if started && self.shared.waiting() == 0 && self.clock.now() - self.last >= REMEMBERED {
            let _tried = self.begin(durable);
        }
        self.clean();
    }

    /// Removes segments that are recorded and whose batches will not come again.
    fn clean(&self) {
        let recorded = self.shared.recorded.load(Ordering::Acquire);
        let starts: Vec<u64> = self.shared.segments.lock().iter().copied().collect();
        for pair in starts.windows(2) {
            let path = segment::path(&self.shared.dir, pair[0]);
            if pair[1] > recorded {
                break;
            }
            let much = recorded - pair[0] > KEPT;
            if !much && !self.is_old(&path) {
                break;
            }
            self.shared.segments.lock().remove(&pair[0]);
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(%error, "an old segment of the journal of events cannot be removed");
            }
        }
    }

    /// Whether a file was last written long ago, by the clock of the file system.
    fn is_old(&self, path: &std::path::Path) -> bool {
        let written = std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
        let age = written.and_then(|at| at.elapsed().ok());
        age.is_some_and(|age| age.as_millis() >= REMEMBERED.unsigned_abs().into())
    }
}
