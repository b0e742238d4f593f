//! What was just written, for whoever reads on: it is not read from the disk and parsed again.

use std::collections::VecDeque;

use wigwag_sdk::EventBatch;

use super::Portion;

/// Bytes of batches that are kept. What comes when there is no room is read from the disk.
const MOST: usize = 16 << 20;

/// Batches that follow each other in the journal.
#[derive(Default)]
pub(super) struct Fresh {
    /// Each with where it ends.
    batches: VecDeque<(EventBatch, u64)>,
    /// Where the first begins.
    from: u64,
    size: usize,
}

impl Fresh {
    /// Notes a batch that was written from one position to another, if there is room and none is missing before it.
    pub(super) fn note(&mut self, batch: EventBatch, from: u64, to: u64) {
        let follows = self.batches.back().is_none_or(|(_, end)| *end == from);
        let size = batch.size();
        if !follows || self.size + size > MOST {
            return;
        }
        if self.batches.is_empty() {
            self.from = from;
        }
        self.size += size;
        self.batches.push_back((batch, to));
    }

    /// Takes what follows a position, about so many bytes of the journal at most. Nothing if that is not here.
    pub(super) fn take(&mut self, from: u64, most: usize) -> Option<Portion> {
        while self.batches.front().is_some_and(|(_, end)| *end <= from) {
            self.pop();
        }
        if self.from != from {
            return None;
        }
        let mut portion = Portion { to: from, ..Portion::default() };
        while portion.to - from < most as u64
            && let Some((batch, end)) = self.pop()
        {
            portion.batches.push(batch);
            portion.ends.push(end);
            portion.to = end;
        }
        (portion.to > from).then_some(portion)
    }

    fn pop(&mut self) -> Option<(EventBatch, u64)> {
        let (batch, end) = self.batches.pop_front()?;
        self.from = end;
        self.size -= batch.size();
        Some((batch, end))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::batch;
    use super::*;

    /// Positions up to which portions of two bytes are taken from `from` on, as long as there are some.
    fn taken(fresh: &mut Fresh, mut from: u64) -> Vec<u64> {
        let next = || {
            from = fresh.take(from, 2)?.to;
            Some(from)
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn what_follows_is_taken_in_portions() {
        let mut fresh = Fresh::default();
        (0..5).for_each(|n| fresh.note(batch(0, None), n, n + 1));
        assert_eq!(taken(&mut fresh, 0), [2, 4, 5]);
        assert_eq!(fresh.size, 0);
    }

    #[test]
    fn what_was_read_from_the_disk_is_passed_over() {
        let mut fresh = Fresh::default();
        (10..14).for_each(|n| fresh.note(batch(0, None), n, n + 1));
        assert!(fresh.take(9, 2).is_none(), "the disk has what comes before");
        assert_eq!(taken(&mut fresh, 12), [14]);
    }

    #[test]
    fn without_room_the_rest_is_left_to_the_disk() {
        let mut fresh = Fresh::default();
        let large = || EventBatch { body: vec![b' '; MOST / 2].into(), ..batch(0, None) };
        fresh.note(large(), 0, 1);
        fresh.note(large(), 1, 2);
        // There would be room for it, but what comes before it is missing.
        fresh.note(batch(0, None), 2, 3);
        assert_eq!(taken(&mut fresh, 0), [1]);
        fresh.note(batch(0, None), 3, 4);
        assert!(fresh.take(1, 2).is_none());
        assert_eq!(taken(&mut fresh, 3), [4]);
    }
}
