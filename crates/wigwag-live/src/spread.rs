//! How changes spread: when each of the last ones was published, and how many streams it was written to since.
//!
//! A stream that moves on adds itself to the changes it passed: two counters, and no lock. Only who opens or closes a
//! stream, and who publishes, waits for the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use wigwag_model::clock::Millis;

/// So many changes of an environment are remembered.
const KEPT: usize = 50;

/// The last changes of one environment, and its streams.
#[derive(Default)]
pub struct Spreads {
    streams: Mutex<Streams>,
    /// Oldest first.
    recent: ArcSwap<Vec<Arc<Spread>>>,
}

#[derive(Default)]
struct Streams {
    opened: u64,
    open: u64,
}

/// A change on its way.
struct Spread {
    seq: u64,
    at: Millis,
    /// Streams opened later have it from the start.
    opened: u64,
    streams: u64,
    written: AtomicU64,
    /// Streams that were closed before it was written to them.
    left: AtomicU64,
    /// When it was last written to one of them.
    last: AtomicI64,
}

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Its sequence.
    pub seq: u64,
    /// When it was published here, in milliseconds since 1970.
    pub at: Millis,
    /// Streams that were open then.
    pub streams: u64,
    /// To how many of them it was written.
    pub written: u64,
    /// How many of them were closed before.
    pub left: u64,
    /// When it was last written to one of them; `at` if it was not.
    pub last: Millis,
}

impl Reached {
    /// Whether no stream waits for it.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.written + self.left >= self.streams
    }
}

impl Spreads {
    /// Counts a stream that is being opened; answers its number.
    #[must_use]
    pub fn join(&self) -> u64 {
        let mut streams = self.streams.lock();
        streams.opened += 1;
        streams.open += 1;
        streams.opened
    }

    /// Counts a stream as closed: the one of this number, to which everything up to `sent` was written.
    pub fn leave(&self, number: u64, sent: u64) {
        let mut streams = self.streams.lock();
        streams.open = streams.open.saturating_sub(1);
        for spread in self.recent.load().iter().filter(|spread| spread.seq > sent && number <= spread.opened) {
            spread.left.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that a change is about to be published.
    pub(crate) fn publish(&self, seq: u64, at: Millis) {
        let streams = self.streams.lock();
        let spread = Spread {
            seq,
            at,
            opened: streams.opened,
            streams: streams.open,
            written: AtomicU64::new(0),
            left: AtomicU64::new(0),
            last: AtomicI64::new(at),
        };
        let before = self.recent.load();
        let kept = before.iter().skip((before.len() + 1).saturating_sub(KEPT));
        let recent = kept.cloned().chain([Arc::new(spread)]).collect();
        self.recent.store(Arc::new(recent));
    }

    /// Notes that a stream has moved on from one sequence to another.
    pub fn sent(&self, number: u64, (from, to): (u64, u64), at: Millis) {
        for spread in self.recent.load().iter().rev().take_while(|spread| spread.seq > from) {
            if spread.seq <= to && number <= spread.opened {
                spread.written.fetch_add(1, Ordering::Relaxed);
                spread.last.fetch_max(at, Ordering::Relaxed);
            }
        }
    }

    /// The last changes, newest first.
    #[must_use]
    pub fn reached(&self) -> Vec<Reached> {
        let reached = |spread: &Arc<Spread>| Reached {
            seq: spread.seq,
            at: spread.at,
            streams: spread.streams,
            written: spread.written.load(Ordering::Relaxed),
            left: spread.left.load(Ordering::Relaxed),
            last: spread.last.load(Ordering::Relaxed),
        };
        self.recent.load().iter().rev().map(reached).collect()
    }

    /// When the first change after `sent` was published, as far as it is remembered.
    #[must_use]
    pub fn waiting_since(&self, sent: u64) -> Option<Millis> {
        self.recent.load().iter().find(|spread| spread.seq > sent).map(|spread| spread.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_followed_to_every_stream_that_was_open() {
        let spreads = Spreads::default();
        let (first, second, third) = (spreads.join(), spreads.join(), spreads.join());
        spreads.publish(7, 1000);
        let late = spreads.join();
        // It begins with what there is.
        spreads.sent(late, (0, 7), 1001);
        spreads.sent(first, (3, 7), 1005);
        spreads.sent(second, (3, 7), 1009);
        let now = |spreads: &Spreads| spreads.reached()[0];
        assert_eq!((now(&spreads).streams, now(&spreads).written, now(&spreads).last), (3, 2, 1009));
        assert!(!now(&spreads).is_complete());
        assert_eq!((spreads.waiting_since(3), spreads.waiting_since(7)), (Some(1000), None));
        spreads.leave(third, 3);
        spreads.leave(first, 7);
        assert_eq!(now(&spreads).left, 1);
        assert!(now(&spreads).is_complete());
    }

    #[test]
    fn changes_that_are_written_together_count_one_by_one_and_old_ones_are_forgotten() {
        let spreads = Spreads::default();
        let only = spreads.join();
        for seq in 1..=60 {
            spreads.publish(seq, 0);
        }
        spreads.sent(only, (0, 59), 5);
        let reached = spreads.reached();
        assert_eq!((reached.len(), reached[0].seq, reached[0].written), (KEPT, 60, 0));
        assert!(reached[1..].iter().all(|each| each.written == 1 && each.last == 5));
    }
}
