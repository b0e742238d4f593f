//! Threads that do nothing but write streams.
//!
//! A change goes to ten thousand sockets one after the other; what is done beside each write decides how fast. Here
//! that is a look at the stream's cursor: no task is scheduled, no timer set, no reactor asked. An idle stream costs a
//! socket, a cursor and a place in a list. See `ARCHITECTURE.md`, "The way of a read by an SDK".

mod alarm;
mod chunk;
mod lane;
mod line;
mod socket;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alarm::Alarm;
use lane::Lane;
pub(crate) use line::Line;

/// More threads than this wait for the network card, not for processors.
const LANES_MAX: usize = 16;

/// Takes streams and writes them until they are over. Its threads start with the first stream and end some time
/// after it is dropped, once the streams are over.
#[derive(Default)]
pub(crate) struct Fanout {
    lanes: Mutex<Vec<Arc<Alarm>>>,
    turn: AtomicUsize,
}

impl Fanout {
    /// Writes `line` from now on. One that gets nothing written for as long as `stall` though it has something to
    /// say is dropped: its reader has stopped.
    ///
    /// # Errors
    /// No thread could be started.
    pub(crate) fn take(&self, line: Line, stall: Duration) -> io::Result<()> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.is_empty() {
            let count = std::thread::available_parallelism().map_or(1, usize::from).min(LANES_MAX);
            *lanes = (0..count).map(|_| Lane::start(stall)).collect::<io::Result<_>>()?;
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % lanes.len();
        lanes[turn].bring(line);
        Ok(())
    }
}

impl Drop for Fanout {
    fn drop(&mut self) {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|lane| lane.end());
    }
}
