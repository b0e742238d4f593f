//! The end at which batches come in.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::sync::oneshot;
use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;
use wigwag_sdk::{EventBatch, EventSink, Taken};

use crate::journal::{Entry, Journal, JournalConfig};
use crate::metrics::EventMetrics;

/// Bytes of bodies that may wait to be written to the journal.
const BYTES: usize = 32 << 20;

/// Takes batches: into the journal, from which a [`crate::Pipeline`] records them.
pub struct Intake {
    pub(crate) journal: Journal,
    arriving: AtomicUsize,
    room: usize,
    pub(crate) metrics: EventMetrics,
}

impl Intake {
    /// Opens the journal. Blocks for as long as it takes to read what is kept of it.
    ///
    /// # Errors
    /// The directory cannot be made or read, or belongs to another process.
    pub fn open(config: JournalConfig, ids: &Ids, clock: Clock, metrics: EventMetrics) -> io::Result<Self> {
        let journal = Journal::open(config, ids, clock, metrics.clone())?;
        Ok(Self { journal, arriving: AtomicUsize::new(0), room: BYTES, metrics })
    }

    /// The journal's name, different on every server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.journal.shared().id
    }

    /// With room for so many bytes on their way to the disk.
    #[must_use]
    pub fn with_room(mut self, bytes: usize) -> Self {
        self.room = bytes;
        self
    }

    /// Takes no more. The pipeline ends once it has recorded what was taken.
    pub fn close(&self) {
        self.journal.close();
    }

    async fn write(&self, batch: EventBatch) -> Taken {
        let (reply, outcome) = oneshot::channel();
        if !self.journal.send(Entry::new(batch, reply)) {
            self.metrics.shed.inc();
            return Taken::Full;
        }
        outcome.await.unwrap_or(Taken::Full)
    }
}

impl EventSink for Intake {
    fn take(&self, batch: EventBatch) -> BoxFuture<'_, Taken> {
        async move {
            let room = Room::take(self, batch.body.len());
            if room.is_none() {
                self.metrics.shed.inc();
                return Taken::Full;
            }
            self.write(batch).await
        }
        .boxed()
    }
}

/// Room that a batch takes until it is answered or nobody waits for the answer any more.
struct Room<'i> {
    intake: &'i Intake,
    size: usize,
}

impl<'i> Room<'i> {
    fn take(intake: &'i Intake, size: usize) -> Option<Self> {
        let before = intake.arriving.fetch_add(size, Ordering::AcqRel);
        // Given back by its drop, also where there was none.
        let room = Self { intake, size };
        (before + size <= intake.room).then_some(room)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.intake.arriving.fetch_sub(self.size, Ordering::AcqRel);
    }
}
