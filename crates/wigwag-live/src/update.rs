//! What one change did to an environment, encoded once for every stream.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use wigwag_eval::dependents::Item as Reference;

use crate::clients::{Audience, sees};
use crate::json;
use crate::objects::{Contents, Mark};
use crate::snapshot::{FlagItem, SegmentItem};

/// One flag or segment put or removed.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A segment as it now is.
    Segment(Arc<SegmentItem>),
    /// A flag as it now is.
    Flag(Arc<FlagItem>),
    /// A flag that is no longer published.
    FlagGone {
        /// Its key.
        key: Box<str>,
        /// Greater than any version it was published with.
        version: u64,
    },
    /// A segment that is gone.
    SegmentGone {
        /// Its key.
        key: Box<str>,
        /// Greater than any version it was published with.
        version: u64,
    },
}

impl Op {
    /// The flag or segment it is about.
    pub(crate) fn reference(&self) -> Reference {
        match self {
            Self::Flag(item) => Reference::Flag(item.key().into()),
            Self::Segment(item) => Reference::Segment(item.key().into()),
            Self::FlagGone { key, .. } => Reference::Flag(key.clone()),
            Self::SegmentGone { key, .. } => Reference::Segment(key.clone()),
        }
    }

    /// The kind of its item, as the newer protocol names it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Flag(_) | Self::FlagGone { .. } => "flag",
            Self::Segment(_) | Self::SegmentGone { .. } => "segment",
        }
    }

    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Flag(item) => item.key(),
            Self::Segment(item) => item.key(),
            Self::FlagGone { key, .. } | Self::SegmentGone { key, .. } => key,
        }
    }

    /// About how many bytes its event takes.
    fn weight(&self) -> usize {
        let body = match self {
            Self::Flag(item) => item.json().len(),
            Self::Segment(item) => item.json().len(),
            Self::FlagGone { .. } | Self::SegmentGone { .. } => 0,
        };
        body + self.key().len() + 64
    }
}

/// Everything one change did to an environment: what others depend on first, removals last.
pub struct Update {
    /// Where it leads.
    mark: Arc<Mark>,
    ops: Vec<Op>,
    affected: Box<[Box<str>]>,
    withdrawn: Box<[Withdrawn]>,
    /// Whether somebody may be a member of a big segment, or of none, who was not before.
    members: bool,
    /// About how many bytes its events take.
    weight: usize,
    all: OnceLock<Bytes>,
    flags: OnceLock<Bytes>,
}

/// A flag that somebody may see no more, and who might before.
pub(crate) struct Withdrawn {
    key: Box<str>,
    from: [bool; 3],
}

impl Withdrawn {
    /// What becomes of a flag that was there before; none if everybody who saw it still does.
    pub(crate) fn of(before: &FlagItem, after: Option<&FlagItem>) -> Option<Self> {
        let lost = |audience| sees(audience, before) && !after.is_some_and(|after| sees(audience, after));
        let mut from = [false; 3];
        for audience in [Audience::Everything, Audience::Mobile, Audience::EnvironmentId] {
            from[audience as usize] = lost(audience);
        }
        from.contains(&true).then(|| Self { key: before.key().into(), from })
    }
}

impl Update {
    pub(crate) fn new(seq: u64, ops: Vec<Op>, affected: Box<[Box<str>]>, withdrawn: Box<[Withdrawn]>) -> Self {
        let mark = Arc::new(Mark::new(seq));
        let members = ops.iter().any(|op| match op {
            Op::Segment(segment) => segment.about().big.is_some(),
            Op::SegmentGone { .. } => true,
            Op::Flag(_) | Op::FlagGone { .. } => false,
        });
        let weight = ops.iter().map(Op::weight).sum();
        Self { mark, ops, affected, withdrawn, members, weight, all: OnceLock::new(), flags: OnceLock::new() }
    }

    /// The same, with members looked up again also if nothing of its own asks for it.
    pub(crate) fn with_members(self, asked: bool) -> Self {
        Self { members: self.members || asked, ..self }
    }

    /// Only members changed of segments that `affected` depend on: there is nothing that rules would tell.
    pub(crate) fn of_members(seq: u64, affected: Box<[Box<str>]>) -> Self {
        Self::new(seq, Vec::new(), affected, Box::default()).with_members(true)
    }

    /// Whether what is known of members of big segments may hold no more.
    pub(crate) const fn asks_members(&self) -> bool {
        self.members
    }

    /// Whether the audience could see the flag before, and cannot any more.
    pub(crate) fn withdrew(&self, audience: Audience, key: &str) -> bool {
        self.withdrawn.iter().any(|flag| flag.from[audience as usize] && *flag.key == *key)
    }

    /// The change it came from.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.mark.seq
    }

    /// What was put and removed, in the order to send it.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// Keys of the flags whose result may have changed: those put or removed, and those that depend on one,
    /// or on a segment, directly or through others. Sorted.
    #[must_use]
    pub fn affected(&self) -> &[Box<str>] {
        &self.affected
    }

    /// Server-sent events for streams of flags and segments (sdk-protocol.md 2.1).
    pub fn all_events(&self) -> &Bytes {
        self.all.get_or_init(|| {
            let mut out = Vec::with_capacity(self.weight);
            for op in &self.ops {
                match op {
                    Op::Flag(item) => patch(&mut out, "/flags/", item.key(), item.json()),
                    Op::Segment(item) => patch(&mut out, "/segments/", item.key(), item.json()),
                    Op::FlagGone { key, version } => delete(&mut out, "/flags/", key, *version),
                    Op::SegmentGone { key, version } => delete(&mut out, "/segments/", key, *version),
                }
            }
            Bytes::from(out)
        })
    }

    /// Server-sent events for streams of flags only (sdk-protocol.md 2.2); empty if no flag changed.
    pub fn flag_events(&self) -> &Bytes {
        self.flags.get_or_init(|| {
            let mut out = Vec::new();
            for op in &self.ops {
                match op {
                    Op::Flag(item) => patch(&mut out, "/", item.key(), item.json()),
                    Op::FlagGone { key, version } => delete(&mut out, "/", key, *version),
                    Op::Segment(_) | Op::SegmentGone { .. } => {}
                }
            }
            Bytes::from(out)
        })
    }
}

fn patch(out: &mut Vec<u8>, root: &str, key: &str, json: &[u8]) {
    // `path` before `data`: SDKs that parse as they read need it first.
    out.extend_from_slice(b"event: patch\ndata: {\"path\":");
    json::string(out, &format!("{root}{key}"));
    out.extend_from_slice(b",\"data\":");
    out.extend_from_slice(json);
    out.extend_from_slice(b"}\n\n");
}

fn delete(out: &mut Vec<u8>, root: &str, key: &str, version: u64) {
    out.extend_from_slice(b"event: delete\ndata: {\"path\":");
    json::string(out, &format!("{root}{key}"));
    out.extend_from_slice(format!(",\"version\":{version}}}\n\n").as_bytes());
}

/// The last updates of an environment, so that a stream a little behind can catch up. A change copies the last
/// block and the list of blocks.
#[derive(Clone)]
pub struct Tail {
    /// A stream that has sent everything up to here needs only what follows.
    base: Arc<Mark>,
    /// Full but for the last one, and none is empty.
    blocks: Arc<[Block]>,
    /// Bytes of all their events.
    bytes: usize,
}

/// Updates that follow one another.
type Block = Arc<[Arc<Update>]>;

/// Updates in a block.
const BLOCK: usize = 16;
/// Blocks kept at most: the oldest goes as a whole.
const TAIL_BLOCKS: usize = 8;
/// Older updates are dropped when the tail's events take more bytes than this.
const TAIL_BYTES: usize = 4 << 20;

impl Tail {
    pub(crate) fn starting_at(base: u64) -> Self {
        Self { base: Arc::new(Mark::new(base)), blocks: Arc::from(Vec::new()), bytes: 0 }
    }

    pub(crate) fn with(&self, update: Arc<Update>) -> Self {
        let mut bytes = self.bytes + update.weight;
        let (mut full, mut open) = (&*self.blocks, Vec::with_capacity(BLOCK));
        if let Some((last, others)) = full.split_last()
            && last.len() < BLOCK
        {
            full = others;
            open.extend_from_slice(last);
        }
        open.push(update);
        let mut base = &self.base;
        while let Some((oldest, others)) = full.split_first()
            && (full.len() >= TAIL_BLOCKS || bytes > TAIL_BYTES)
        {
            bytes -= oldest.iter().map(|update| update.weight).sum::<usize>();
            base = oldest.last().map_or(base, |update| &update.mark);
            full = others;
        }
        let mut base = Arc::clone(base);
        // The newest always stays, however large: streams that keep up need it.
        while full.is_empty() && open.len() > 1 && bytes > TAIL_BYTES {
            let oldest = open.remove(0);
            bytes -= oldest.weight;
            base = Arc::clone(&oldest.mark);
        }
        Self { base, blocks: full.iter().cloned().chain([Block::from(open)]).collect(), bytes }
    }

    /// The first update after `cursor`; `None` if it is no longer (or not yet) known here, so that the
    /// stream must start over from the snapshot.
    #[must_use]
    pub fn after(&self, cursor: u64) -> Option<&Arc<Update>> {
        if cursor < self.base.seq {
            return None;
        }
        let passed = |block: &Block| block.last().is_some_and(|update| update.seq() <= cursor);
        let block = self.blocks.get(self.blocks.partition_point(passed))?;
        block.get(block.partition_point(|update| update.seq() <= cursor))
    }

    /// Everything after `seq`, which must be a point in this tail.
    pub(crate) fn since(&self, seq: u64) -> Option<impl Iterator<Item = &Arc<Update>>> {
        let is_point = seq == self.base.seq || self.updates().rev().any(|update| update.seq() == seq);
        is_point.then(|| self.updates().skip_while(move |update| update.seq() <= seq))
    }

    /// The newest point at which somebody was told of these contents.
    pub(crate) fn with_contents(&self, contents: Contents) -> Option<&Mark> {
        let marks = self.updates().rev().map(|update| &update.mark).chain([&self.base]);
        marks.map(|mark| &**mark).find(|mark| mark.contents() == Some(contents))
    }

    /// Where it ends.
    pub(crate) fn newest(&self) -> &Mark {
        self.updates().next_back().map_or(&self.base, |update| &update.mark)
    }

    fn updates(&self) -> impl DoubleEndedIterator<Item = &Arc<Update>> {
        self.blocks.iter().flat_map(|block| block.iter())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn update(seq: u64, bytes: usize) -> Arc<Update> {
        let op = Op::FlagGone { key: "k".repeat(bytes).into(), version: seq };
        Arc::new(Update::new(seq, vec![op], Box::default(), Box::default()))
    }

    /// What is kept, from every point of it.
    fn kept(tail: &Tail) -> Vec<u64> {
        let all: Vec<u64> = tail.updates().map(|update| update.seq()).collect();
        let points = std::iter::once(tail.base.seq).chain(all.iter().copied());
        for (n, point) in points.enumerate() {
            assert_eq!(tail.after(point).map(|update| update.seq()), all.get(n).copied());
            assert!(tail.since(point).unwrap().map(|update| update.seq()).eq(all[n..].iter().copied()));
        }
        assert!(tail.since(tail.base.seq + 1).is_none() && (tail.base.seq == 0 || tail.after(0).is_none()));
        assert_eq!(tail.newest().seq, all.last().copied().unwrap_or(tail.base.seq));
        all
    }

    #[test]
    fn the_last_updates_are_kept() {
        let mut tail = Tail::starting_at(0);
        kept(&tail);
        for n in 1..=300 {
            // Every other sequence is of another environment.
            tail = tail.with(update(2 * n, 1));
            let kept = kept(&tail);
            assert!(kept.len() as u64 >= n.min(113) && kept.len() <= 128);
        }
    }

    #[test]
    fn large_updates_displace_older_ones() {
        let mut tail = Tail::starting_at(0);
        for n in 1..=40 {
            tail = tail.with(update(2 * n, 100));
        }
        tail = tail.with(update(82, TAIL_BYTES - 500));
        assert_eq!(kept(&tail), [78, 80, 82]);
        tail = tail.with(update(84, TAIL_BYTES * 2)).with(update(86, 1));
        assert_eq!(kept(&tail), [86], "what came before it no longer fits");
    }
}
