//! Waking the streams of one environment.
//!
//! A topic says only "look again": what there is to send, each stream finds out by its cursor, so a
//! wake-up that comes twice, or for two changes at once, loses nothing. This and `subscription.rs` are
//! the whole seam between snapshots and whatever moves bytes to sockets.

use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};

use parking_lot::Mutex;

/// Streams are spread over this many shards; heartbeats go to one shard at a time, so that ten thousand
/// streams never write at the same moment for no reason.
pub(crate) const SHARDS: usize = 16;

/// Who is to be woken when an environment changes.
#[derive(Default)]
pub(crate) struct Topic {
    shards: [Shard; SHARDS],
    turn: AtomicU32,
}

#[derive(Default)]
struct Shard {
    beats: AtomicU32,
    seats: Mutex<Seats>,
}

/// Wakers in places that are reused.
#[derive(Default)]
struct Seats {
    wakers: Vec<Option<Waker>>,
    free: Vec<u32>,
}

/// A place in a topic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    shard: u32,
    place: u32,
}

impl Topic {
    /// Takes a place.
    pub(crate) fn join(&self) -> Seat {
        let shard = self.turn.fetch_add(1, Ordering::Relaxed) as usize % SHARDS;
        let mut seats = self.shards[shard].seats.lock();
        let place = seats.free.pop().unwrap_or_else(|| {
            seats.wakers.push(None);
            u32::try_from(seats.wakers.len() - 1).unwrap_or(u32::MAX)
        });
        Seat { shard: u32::try_from(shard).unwrap_or(0), place }
    }

    /// Gives a place back.
    pub(crate) fn leave(&self, seat: Seat) {
        let mut seats = self.shard(seat).seats.lock();
        if let Some(waker) = seats.wakers.get_mut(seat.place as usize) {
            *waker = None;
            seats.free.push(seat.place);
        }
    }

    /// Has the task of `cx` woken from now on. Look at the state only after this, or a change in
    /// between is missed.
    pub(crate) fn listen(&self, seat: Seat, cx: &Context<'_>) {
        let mut seats = self.shard(seat).seats.lock();
        if let Some(slot) = seats.wakers.get_mut(seat.place as usize) {
            *slot = Some(cx.waker().clone());
        }
    }

    /// Wakes everybody.
    pub(crate) fn wake(&self) {
        self.shards.iter().for_each(Shard::wake);
    }

    /// Counts a heartbeat for the shard whose turn it is and wakes it.
    pub(crate) fn beat(&self, turn: usize) {
        let shard = &self.shards[turn % SHARDS];
        shard.beats.fetch_add(1, Ordering::Release);
        shard.wake();
    }

    /// How many heartbeats this seat's shard has had.
    pub(crate) fn beats(&self, seat: Seat) -> u32 {
        self.shard(seat).beats.load(Ordering::Acquire)
    }

    const fn shard(&self, seat: Seat) -> &Shard {
        &self.shards[seat.shard as usize % SHARDS]
    }
}

impl Shard {
    fn wake(&self) {
        // Wakers stay in their seats: a stream that wants the next wake-up too need not come back for it.
        self.seats.lock().wakers.iter().flatten().for_each(Waker::wake_by_ref);
    }
}
