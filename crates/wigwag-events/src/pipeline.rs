//! From the journal to the store.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wigwag_sdk::EventBatch;
use wigwag_store::volume::{Advance, Batch};
use wigwag_store::{Store, StoreError};

use crate::intake::Intake;
use crate::journal::{Portion, Shared};
use crate::metrics::EventMetrics;
use crate::read::read;
use crate::tail::Tail;

/// How long batches are collected before they are recorded together.
pub(crate) const MOMENT: Duration = Duration::from_millis(100);
/// Bytes recorded together: the more, the more often the same context comes again among them.
const BYTES: usize = 8 << 20;
/// Waits between attempts when the database cannot be written: the first, doubling up to the last.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// Attempts once the process is to end: what is left stays in the journal.
const LAST_ATTEMPTS: u32 = 3;

/// Records what an [`Intake`] takes.
pub struct Pipeline {
    intake: Arc<Intake>,
    shared: Arc<Shared>,
    durable: watch::Receiver<u64>,
    metrics: EventMetrics,
    tail: Option<Tail>,
}

/// The process ends before something is recorded. The journal has it.
struct Closing;

impl Pipeline {
    /// Of an intake. Batches may come in before it runs.
    #[must_use]
    pub fn new(intake: &Arc<Intake>) -> Self {
        let shared = Arc::clone(intake.journal.shared());
        let (durable, metrics) = (shared.watch(), intake.metrics.clone());
        Self { intake: Arc::clone(intake), shared, durable, metrics, tail: None }
    }

    /// Shows what it records to those who listen.
    #[must_use]
    pub fn shown_in(mut self, tail: Tail) -> Self {
        self.tail = Some(tail);
        self
    }

    /// Runs until the intake is closed and what it took is recorded, or cannot be.
    pub async fn run(mut self, store: Store) {
        let Some(from) = self.position(&store).await else { return };
        let mut reader = self.intake.journal.reader(from);
        while self.more(reader.position()).await {
            let Some((back, portion)) = reader.next_apart(BYTES).await else { return };
            reader = back;
            match portion {
                Ok(portion) => {
                    let to = portion.to;
                    if self.portion(&store, reader.position(), portion).await.is_err() {
                        return;
                    }
                    reader.advance(to);
                }
                Err(error) => {
                    tracing::error!(%error, "the journal of events cannot be read");
                    tokio::time::sleep(RETRY.1).await;
                }
            }
            self.metrics.waiting.set(i64::try_from(self.shared.waiting()).unwrap_or(i64::MAX));
        }
    }

    /// How far this journal was recorded.
    async fn position(&self, store: &Store) -> Option<u64> {
        let mut wait = RETRY.0;
        loop {
            match store.volume().journal_position(&self.shared.id).await {
                Ok(position) if position <= self.shared.durable() => return Some(position),
                // Its end was lost: goes on from where it ends now.
                Ok(position) => {
                    let end = self.shared.durable();
                    tracing::error!(position, end, "the end of the journal of events is missing");
                    if store.volume().reset_journal(&self.shared.id, end).await.is_ok() {
                        return Some(end);
                    }
                }
                Err(StoreError::Closed) => return None,
                Err(error) => tracing::warn!(%error, "events cannot be recorded"),
            }
            if self.shared.is_closed() {
                return None;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(RETRY.1);
        }
    }

    /// Waits for what comes within a moment. Whether there is anything.
    async fn more(&mut self, from: u64) -> bool {
        while self.shared.durable() <= from {
            if self.shared.is_closed() || self.durable.changed().await.is_err() {
                return false;
            }
        }
        // Without being woken by each sync; what is too much for one turn is recorded in the next, which does not wait.
        if self.shared.durable() - from < BYTES as u64 {
            let _closed = tokio::time::timeout(MOMENT, self.shared.closed()).await;
        }
        true
    }

    /// Records a portion that begins at `from`: together, or else one by one without those that cannot be.
    async fn portion(&self, store: &Store, from: u64, portion: Portion) -> Result<(), Closing> {
        let Portion { batches, ends, to, .. } = portion;
        let batches: Arc<[EventBatch]> = batches.into();
        self.show(&batches).await;
        if self.some(store, &batches, 0..batches.len(), (from, to)).await? {
            self.metrics.recorded.inc_by(batches.len() as u64);
            return Ok(());
        }
        let mut at = from;
        for (n, end) in ends.into_iter().enumerate() {
            let kept = self.some(store, &batches, n..n + 1, (at, end)).await?;
            (if kept { &self.metrics.recorded } else { &self.metrics.lost }).inc();
            if !kept {
                self.record(store, Batch::default(), (at, end)).await?;
            }
            at = end;
        }
        self.record(store, Batch::default(), (at, to)).await.map(drop)
    }

    /// Shows batches to those who listen; off the reactor, like all that reads events.
    async fn show(&self, batches: &Arc<[EventBatch]>) {
        let Some(tail) = self.tail.clone().filter(Tail::is_listened_to) else { return };
        let batches = Arc::clone(batches);
        let shown = tokio::task::spawn_blocking(move || batches.iter().for_each(|batch| tail.show(batch)));
        if let Err(error) = shown.await {
            tracing::error!(%error, "events could not be shown");
        }
    }

    /// Reads and records some batches. Whether they could be.
    async fn some(
        &self,
        store: &Store,
        batches: &Arc<[EventBatch]>,
        which: Range<usize>,
        span: (u64, u64),
    ) -> Result<bool, Closing> {
        let batches = Arc::clone(batches);
        // Much to read: off the reactor.
        let read = tokio::task::spawn_blocking(move || read(&batches[which])).await;
        match read {
            Ok((batch, left_out)) => {
                self.metrics.refused.inc_by(left_out.usage);
                self.metrics.unclear.inc_by(left_out.unclear);
                self.record(store, batch, span).await
            }
            Err(error) => {
                tracing::error!(%error, "events could not be read");
                Ok(false)
            }
        }
    }

    /// Records what the journal has from one position to another. Whether it could be.
    async fn record(&self, store: &Store, batch: Batch, (from, to): (u64, u64)) -> Result<bool, Closing> {
        let (batch, mut wait, mut attempt) = (Arc::new(batch), RETRY.0, 1);
        loop {
            let advance = Advance { journal: self.shared.id.clone(), from, to };
            match store.volume().record_from(advance, Arc::clone(&batch)).await {
                Ok(refused) => {
                    self.metrics.refused.inc_by(refused);
                    return Ok(true);
                }
                Err(error @ (StoreError::Unavailable(_) | StoreError::InDoubt(_) | StoreError::Corrupt(_))) => {
                    tracing::warn!(%error, retry_ms = wait.as_millis(), "events cannot be recorded, the journal keeps them");
                }
                Err(StoreError::Closed) => return Err(Closing),
                Err(error) => {
                    tracing::error!(%error, "events cannot be recorded");
                    return Ok(false);
                }
            }
            if self.shared.is_closed() && attempt >= LAST_ATTEMPTS {
                return Err(Closing);
            }
            tokio::time::sleep(wait).await;
            (wait, attempt) = ((wait * 2).min(RETRY.1), attempt + 1);
        }
    }
}
