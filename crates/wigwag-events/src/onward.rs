//! From the journal to another server.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use wigwag_sdk::EventBatch;

use crate::intake::Intake;
use crate::journal::{Portion, Shared};

/// Bytes read at once.
const BYTES: usize = 1 << 20;
/// Waits between attempts when nobody takes a batch: the first, doubling up to the last.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Where batches are sent on to.
pub trait Destination: Send + Sync + 'static {
    /// Sends a batch, once.
    fn send(&self, batch: EventBatch) -> BoxFuture<'_, Sent>;
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It arrived.
    Yes,
    /// It will never be taken.
    Refused,
    /// Nobody took it: it is to be sent again.
    Later,
}

/// Sends on what an [`Intake`] takes, in order. A batch that arrived may arrive again after a crash, under the same
/// payload id, by which the other server knows it.
pub struct Onward<D> {
    intake: Arc<Intake>,
    shared: Arc<Shared>,
    destination: D,
}

impl<D: Destination> Onward<D> {
    /// Of an intake. Batches may come in before it runs.
    pub fn new(intake: &Arc<Intake>, destination: D) -> Self {
        Self { intake: Arc::clone(intake), shared: Arc::clone(intake.journal.shared()), destination }
    }

    /// Runs until the intake is closed; what was not taken until then stays in the journal.
    pub async fn run(self) {
        let from = self.position().min(self.shared.durable());
        let (mut reader, mut durable) = (self.intake.journal.reader(from), self.shared.watch());
        loop {
            while self.shared.durable() <= reader.position() {
                if self.shared.is_closed() || durable.changed().await.is_err() {
                    return;
                }
            }
            let Some((back, portion)) = reader.next_apart(BYTES).await else { return };
            reader = back;
            match portion {
                Ok(portion) => {
                    let to = portion.to;
                    if !self.portion(portion).await {
                        return;
                    }
                    reader.advance(to);
                }
                Err(error) => {
                    tracing::error!(%error, "the journal of events cannot be read");
                    tokio::time::sleep(RETRY.1).await;
                }
            }
            self.intake.metrics.waiting.set(i64::try_from(self.shared.waiting()).unwrap_or(i64::MAX));
        }
    }

    /// Sends one batch after the other and notes each. False if the process ends before all are sent.
    async fn portion(&self, portion: Portion) -> bool {
        for (mut batch, end) in portion.batches.into_iter().zip(portion.ends) {
            // Where the SDK gave it no name, the place in the journal is one.
            batch.payload_id.get_or_insert_with(|| format!("{}-{end}", self.shared.id).into());
            if !self.until_taken(&batch).await {
                return false;
            }
            if let Err(error) = self.note(end) {
                tracing::warn!(%error, "how far events were sent on cannot be noted: some may be sent again");
            }
        }
        true
    }

    async fn until_taken(&self, batch: &EventBatch) -> bool {
        let mut wait = RETRY.0;
        loop {
            match self.destination.send(batch.clone()).await {
                Sent::Yes => self.intake.metrics.recorded.inc(),
                Sent::Refused => self.intake.metrics.lost.inc(),
                Sent::Later if self.shared.is_closed() => return false,
                Sent::Later => {
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(RETRY.1);
                    continue;
                }
            };
            return true;
        }
    }

    fn file(&self) -> PathBuf {
        self.shared.dir.join("sent")
    }

    /// Up to where batches were sent on; the beginning of a journal that begins anew.
    fn position(&self) -> u64 {
        let noted = std::fs::read_to_string(self.file()).unwrap_or_default();
        let (journal, position) = noted.split_once(' ').unwrap_or_default();
        if journal == self.shared.id { position.trim().parse().unwrap_or(0) } else { 0 }
    }

    /// Without a sync: after a crash of the machine batches are sent again, which does no harm.
    fn note(&self, position: u64) -> io::Result<()> {
        let draft = self.file().with_extension("new");
        std::fs::write(&draft, format!("{} {position}", self.shared.id))?;
        std::fs::rename(draft, self.file())
    }
}
