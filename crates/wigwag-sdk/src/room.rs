//! How much of what clients send may be in memory at a time, from the first byte that arrives until it is dealt with.
//! Each body has its own limit; this one is for all of them, so that many at once are refused rather than kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::refusal::Refusal;

/// Room for bodies.
pub(crate) struct Room {
    taken: AtomicUsize,
    most: usize,
}

/// What one request holds of it; given back when it is dropped.
pub(crate) struct Hold {
    room: Arc<Room>,
    bytes: usize,
}

impl Room {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { taken: AtomicUsize::new(0), most })
    }

    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        Hold { room: Arc::clone(self), bytes: 0 }
    }
}

impl Hold {
    /// Takes room for so many more bytes.
    ///
    /// # Errors
    /// There is none: [`Refusal::Overloaded`].
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.bytes += bytes;
        let before = self.room.taken.fetch_add(bytes, Ordering::AcqRel);
        if before + bytes > self.room.most { Err(Refusal::Overloaded) } else { Ok(()) }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let room = Room::new(100);
        let (mut first, mut second) = (room.hold(), room.hold());
        assert!(first.grow(60).is_ok());
        assert!(second.grow(40).is_ok());
        assert!(second.grow(1).is_err());
        drop(second);
        assert!(first.grow(40).is_ok());
        drop(first);
        assert_eq!(room.taken.load(Ordering::Acquire), 0);
    }
}
