//! From the queue to the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use wigwag_sdk::EventBatch;
use wigwag_store::volume::Batch;
use wigwag_store::{Store, StoreError};

use crate::intake::Intake;
use crate::metrics::EventMetrics;
use crate::read::read;

/// How long batches are collected before they are recorded together.
pub(crate) const MOMENT: Duration = Duration::from_millis(100);
/// Batches recorded together.
const TOGETHER: usize = 256;
/// Bytes of bodies recorded together.
const BYTES: usize = 4 << 20;
/// Waits between attempts when the database cannot be written: the first, doubling up to the last.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// Attempts before a group of batches is given up.
const ATTEMPTS: u32 = 20;

/// Records what an [`Intake`] takes.
pub struct Pipeline {
    batches: mpsc::Receiver<EventBatch>,
    waiting: Arc<AtomicUsize>,
    metrics: EventMetrics,
}

impl Pipeline {
    /// A pipeline and its intake. Batches may come in before it runs.
    #[must_use]
    pub fn new(metrics: EventMetrics) -> (Intake, Self) {
        let (intake, batches, waiting) = Intake::new(metrics.clone());
        (intake, Self { batches, waiting, metrics })
    }

    /// Runs until the intake is closed and what it took is recorded.
    pub async fn run(mut self, store: Store) {
        while let Some(first) = self.batches.recv().await {
            let group = self.group(first).await;
            let (count, bytes) = (group.len() as u64, group.iter().map(|batch| batch.body.len()).sum::<usize>());
            // Much to read: off the reactor.
            let parsed = tokio::task::spawn_blocking(move || together(&group)).await;
            let recorded = match parsed {
                Ok((batch, refused)) => {
                    self.metrics.refused.inc_by(refused);
                    self.record(&store, batch).await
                }
                Err(error) => {
                    tracing::error!(%error, "events could not be read");
                    false
                }
            };
            let counter = if recorded { &self.metrics.recorded } else { &self.metrics.lost };
            counter.inc_by(count);
            let left = self.waiting.fetch_sub(bytes, Ordering::AcqRel) - bytes;
            self.metrics.waiting.set(i64::try_from(left).unwrap_or(i64::MAX));
        }
    }

    /// What comes within a moment.
    async fn group(&mut self, first: EventBatch) -> Vec<EventBatch> {
        let until = Instant::now() + MOMENT;
        let mut bytes = first.body.len();
        let mut group = vec![first];
        while group.len() < TOGETHER && bytes < BYTES {
            match tokio::time::timeout_at(until, self.batches.recv()).await {
                Ok(Some(batch)) => {
                    bytes += batch.body.len();
                    group.push(batch);
                }
                Ok(None) | Err(_) => break,
            }
        }
        self.metrics.waiting.set(i64::try_from(self.waiting.load(Ordering::Acquire)).unwrap_or(i64::MAX));
        group
    }

    async fn record(&self, store: &Store, batch: Batch) -> bool {
        if batch.sightings.is_empty() && batch.usage.is_empty() {
            return true;
        }
        let mut wait = RETRY.0;
        for attempt in 1..=ATTEMPTS {
            match store.volume().record(batch.clone()).await {
                Ok(refused) => {
                    self.metrics.refused.inc_by(refused);
                    return true;
                }
                Err(StoreError::Unavailable(reason)) if attempt < ATTEMPTS => {
                    tracing::warn!(reason, retry_ms = wait.as_millis(), "events cannot be recorded");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(RETRY.1);
                }
                Err(error) => {
                    tracing::error!(%error, "events are lost");
                    return false;
                }
            }
        }
        false
    }
}

/// What all of them tell, and how many evaluations were left out.
fn together(group: &[EventBatch]) -> (Batch, u64) {
    let mut all = Batch::default();
    let refused = group.iter().map(|batch| read(batch, &mut all)).sum();
    (all, refused)
}
