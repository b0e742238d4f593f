//! Several runs as one: in order, and where two tell of the same context, the newer one counts.

use super::block::{Block, Posting, context_of, key_parts};
use crate::{Result, StoreError};

/// A block as it comes from the database: where it begins, and its bytes.
pub(super) type Raw = (Vec<u8>, Vec<u8>);

/// Where blocks come from.
pub(super) trait Blocks {
    /// The block of a run that follows the one that begins so.
    async fn after(&mut self, run: i64, first: &[u8]) -> Result<Option<Raw>>;
}

/// A place in a run.
pub(super) struct Cursor {
    run: i64,
    /// Where the run's last block begins.
    tail: Vec<u8>,
    first: Vec<u8>,
    block: Block,
    group: usize,
    at: usize,
}

impl Cursor {
    /// In a block, at its first posting behind `after`, or of a term not before it; nothing if the run ends before.
    pub(super) async fn open(
        blocks: &mut impl Blocks,
        run: i64,
        tail: Vec<u8>,
        raw: Raw,
        from: From<'_>,
    ) -> Result<Option<Self>> {
        let block = Block::decode(&raw.1)?;
        let mut cursor = Self { run, tail, first: raw.0, block, group: 0, at: 0 };
        let before = |term: &[u8], posting: Posting| match from {
            From::Term(start) => term < start,
            From::Behind(key) => key_parts(key).is_some_and(|key| (term, context_of(posting)) <= key),
        };
        while cursor.group < cursor.block.len() {
            let postings = cursor.block.postings(cursor.group);
            let last_before = postings.last().is_some_and(|last| before(cursor.block.term(cursor.group), *last));
            if last_before {
                cursor.group += 1;
                continue;
            }
            cursor.at = postings.partition_point(|each| before(cursor.block.term(cursor.group), *each));
            return Ok(Some(cursor));
        }
        Ok(cursor.load(blocks).await?.then_some(cursor))
    }

    fn term(&self) -> &[u8] {
        self.block.term(self.group)
    }

    fn context(&self) -> i64 {
        context_of(self.block.postings(self.group)[self.at])
    }

    /// Goes on to the next term. Whether there is one.
    async fn next_group(&mut self, blocks: &mut impl Blocks) -> Result<bool> {
        (self.group, self.at) = (self.group + 1, 0);
        if self.group < self.block.len() { Ok(true) } else { self.load(blocks).await }
    }

    async fn load(&mut self, blocks: &mut impl Blocks) -> Result<bool> {
        if self.first == self.tail {
            return Ok(false);
        }
        // Merged into another and taken away in between: whoever reads begins again.
        let next = blocks.after(self.run, &self.first).await?;
        let (first, body) = next.ok_or_else(|| StoreError::Unavailable(GONE.into()))?;
        (self.first, self.block, self.group, self.at) = (first, Block::decode(&body)?, 0, 0);
        Ok(self.block.len() > 0)
    }
}

/// Says that a run went while it was read.
pub(super) const GONE: &str = "a run of the index went while it was read";

/// Where reading begins.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// At this term.
    Term(&'a [u8]),
    /// Behind the posting of this key; nothing is the beginning.
    Behind(&'a [u8]),
}

/// Some postings of one term.
#[derive(Default)]
pub(super) struct Piece {
    pub(super) term: Vec<u8>,
    pub(super) postings: Vec<Posting>,
}

/// Cursors in several runs.
pub(super) struct Joined {
    /// Oldest run first.
    cursors: Vec<Cursor>,
    /// Cursors by where they are; of two in the same place the newer one first.
    order: Vec<usize>,
    /// The context that was last told of, among those of the same term.
    last: Option<i64>,
}

impl Joined {
    pub(super) fn new(cursors: Vec<Cursor>) -> Self {
        let mut joined = Self { order: (0..cursors.len()).collect(), cursors, last: None };
        let mut order = std::mem::take(&mut joined.order);
        order.sort_by(|a, b| joined.compare(*a, *b));
        joined.order = order;
        joined
    }

    fn compare(&self, a: usize, b: usize) -> std::cmp::Ordering {
        let (left, right) = (&self.cursors[a], &self.cursors[b]);
        let by_term = left.term().cmp(right.term());
        by_term.then_with(|| left.context().cmp(&right.context())).then_with(|| b.cmp(&a))
    }

    /// The next postings, all of one term. How many were looked at; nothing at the end.
    pub(super) async fn take(&mut self, blocks: &mut impl Blocks, piece: &mut Piece) -> Result<Option<usize>> {
        let Some(low) = self.order.first().copied() else { return Ok(None) };
        let next = self.order.get(1).map(|next| &self.cursors[*next]);
        let bound = next.filter(|next| next.term() == self.cursors[low].term()).map(Cursor::context);
        let cursor = &mut self.cursors[low];
        piece.postings.clear();
        if piece.term != cursor.block.term(cursor.group) {
            piece.term.clear();
            piece.term.extend_from_slice(cursor.block.term(cursor.group));
            self.last = None;
        }
        let rest = &cursor.block.postings(cursor.group)[cursor.at..];
        let upto = bound.map_or(rest.len(), |bound| rest.partition_point(|each| context_of(*each) < bound).max(1));
        for posting in &rest[..upto] {
            let context = context_of(*posting);
            if self.last != Some(context) {
                piece.postings.push(*posting);
                self.last = Some(context);
            }
        }
        let more = upto < rest.len();
        cursor.at += upto;
        if more || cursor.next_group(blocks).await? {
            let place = self.order[1..].partition_point(|other| self.compare(*other, low).is_lt());
            self.order[..=place].rotate_left(1);
        } else {
            self.order.remove(0);
        }
        Ok(Some(upto))
    }
}
