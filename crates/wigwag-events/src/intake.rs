//! The end at which batches come in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::mpsc;
use wigwag_sdk::{EventBatch, EventSink, Taken};

use crate::metrics::EventMetrics;
use crate::repeats::Repeats;

/// Batches that may wait.
const BATCHES: usize = 8192;
/// Bytes of bodies that may wait.
const BYTES: usize = 32 << 20;

/// Takes batches for a [`crate::Pipeline`].
pub struct Intake {
    queue: Mutex<Option<mpsc::Sender<EventBatch>>>,
    repeats: Mutex<Repeats>,
    waiting: Arc<AtomicUsize>,
    room: usize,
    metrics: EventMetrics,
}

impl Intake {
    pub(crate) fn new(metrics: EventMetrics) -> (Self, mpsc::Receiver<EventBatch>, Arc<AtomicUsize>) {
        let (queue, batches) = mpsc::channel(BATCHES);
        let waiting = Arc::new(AtomicUsize::new(0));
        let intake = Self {
            queue: Mutex::new(Some(queue)),
            repeats: Mutex::default(),
            waiting: Arc::clone(&waiting),
            room: BYTES,
            metrics,
        };
        (intake, batches, waiting)
    }

    /// With room for so many bytes.
    #[must_use]
    pub fn with_room(mut self, bytes: usize) -> Self {
        self.room = bytes;
        self
    }

    /// Takes no more. The pipeline ends once it has recorded what was taken.
    pub fn close(&self) {
        self.queue.lock().take();
    }

    fn push(&self, batch: EventBatch) -> Taken {
        let size = batch.body.len();
        let waiting = self.waiting.fetch_add(size, Ordering::AcqRel);
        let queue = self.queue.lock();
        let sent = waiting + size <= self.room && queue.as_ref().is_some_and(|queue| queue.try_send(batch).is_ok());
        if sent {
            return Taken::Yes;
        }
        self.waiting.fetch_sub(size, Ordering::AcqRel);
        self.metrics.shed.inc();
        Taken::Full
    }
}

impl EventSink for Intake {
    fn take(&self, batch: EventBatch) -> Taken {
        let Some(payload) = batch.payload_id.clone() else { return self.push(batch) };
        let (name, now) = ((Arc::clone(&batch.env), payload), batch.received);
        let mut repeats = self.repeats.lock();
        if repeats.knows(&name) {
            self.metrics.repeated.inc();
            return Taken::Yes;
        }
        let taken = self.push(batch);
        if taken == Taken::Yes {
            repeats.note(name, now);
        }
        taken
    }
}
