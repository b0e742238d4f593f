//! How a thread that writes streams is told that there is something to do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use super::line::Line;

/// What one thread has to look at.
pub(crate) struct Alarm {
    tasks: Mutex<Tasks>,
    /// Whether the thread waits, or is about to: only then a system call is needed to wake it.
    waits: AtomicBool,
    waker: mio::Waker,
}

/// What came since the thread looked last.
#[derive(Default)]
pub(super) struct Tasks {
    /// Streams that are new.
    pub(super) new: Vec<Line>,
    /// Places of streams that are to look whether there is something to send.
    pub(super) ready: Vec<usize>,
    /// Whether no streams will come any more.
    pub(super) ending: bool,
}

impl Alarm {
    pub(super) fn new(waker: mio::Waker) -> Self {
        Self { tasks: Mutex::default(), waits: AtomicBool::new(false), waker }
    }

    pub(super) fn bring(&self, line: Line) {
        self.tasks().new.push(line);
        self.ring();
    }

    pub(super) fn end(&self) {
        self.tasks().ending = true;
        self.ring();
    }

    /// A waker for the stream in this place.
    pub(super) fn bell(self: &Arc<Self>, place: usize) -> Waker {
        Waker::from(Arc::new(Bell { alarm: Arc::clone(self), place }))
    }

    /// Moves what came into `into`, whose lists are empty. Whether there was anything; if not, the next ring wakes.
    pub(super) fn take(&self, into: &mut Tasks) -> bool {
        // Said first: a ring after the look below must wake.
        self.waits.store(true, Ordering::SeqCst);
        let mut tasks = self.tasks();
        std::mem::swap(&mut tasks.new, &mut into.new);
        std::mem::swap(&mut tasks.ready, &mut into.ready);
        let began_to_end = tasks.ending && !std::mem::replace(&mut into.ending, true);
        let any = began_to_end || !into.new.is_empty() || !into.ready.is_empty();
        if any {
            self.waits.store(false, Ordering::SeqCst);
        }
        any
    }

    fn ring(&self) {
        if self.waits.swap(false, Ordering::SeqCst)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "streams cannot be woken");
        }
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes one stream.
struct Bell {
    alarm: Arc<Alarm>,
    place: usize,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.alarm.tasks().ready.push(self.place);
        self.alarm.ring();
    }
}
