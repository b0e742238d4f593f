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
        Self { mark, ops, affected, withdrawn, members, all: OnceLock::new(), flags: OnceLock::new() }
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
            let mut out = Vec::with_capacity(self.weight());
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

    /// About how many bytes its events take.
    fn weight(&self) -> usize {
        let body = |op: &Op| match op {
            Op::Flag(item) => item.json().len() + item.key().len(),
            Op::Segment(item) => item.json().len() + item.key().len(),
            Op::FlagGone { key, .. } | Op::SegmentGone { key, .. } => key.len(),
        };
        self.ops.iter().map(|op| body(op) + 64).sum()
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

/// The last updates of an environment, so that a stream a little behind can catch up.
#[derive(Clone)]
pub struct Tail {
    /// A stream that has sent everything up to here needs only `updates`.
    base: Arc<Mark>,
    updates: Arc<[Arc<Update>]>,
}

/// Most updates kept.
const TAIL_UPDATES: usize = 128;
/// Older updates are dropped when the tail's events take more bytes than this.
const TAIL_BYTES: usize = 4 << 20;

impl Tail {
    pub(crate) fn starting_at(base: u64) -> Self {
        Self { base: Arc::new(Mark::new(base)), updates: Arc::from(Vec::new()) }
    }

    pub(crate) fn with(&self, update: Arc<Update>) -> Self {
        let mut room = TAIL_BYTES.saturating_sub(update.weight());
        // The newest always stays, however large: streams that keep up need it.
        let older = self.updates.iter().rev().take(TAIL_UPDATES - 1).take_while(|u| {
            let fits = u.weight() <= room;
            room = room.saturating_sub(u.weight());
            fits
        });
        let kept = older.count();
        let first = self.updates.len() - kept;
        let base = first.checked_sub(1).map_or(&self.base, |dropped| &self.updates[dropped].mark);
        Self { base: Arc::clone(base), updates: self.updates[first..].iter().cloned().chain([update]).collect() }
    }

    /// The first update after `cursor`; `None` if it is no longer (or not yet) known here, so that the
    /// stream must start over from the snapshot.
    #[must_use]
    pub fn after(&self, cursor: u64) -> Option<&Arc<Update>> {
        if cursor < self.base.seq {
            return None;
        }
        self.updates.get(self.updates.partition_point(|u| u.seq() <= cursor))
    }

    /// Everything after `seq`, which must be a point in this tail.
    pub(crate) fn since(&self, seq: u64) -> Option<&[Arc<Update>]> {
        if seq == self.base.seq {
            return Some(&self.updates);
        }
        let at = self.updates.binary_search_by_key(&seq, |update| update.seq());
        at.ok().map(|at| &self.updates[at + 1..])
    }

    /// The newest point at which somebody was told of these contents.
    pub(crate) fn with_contents(&self, contents: Contents) -> Option<&Mark> {
        let marks = self.updates.iter().rev().map(|update| &update.mark).chain([&self.base]);
        marks.map(|mark| &**mark).find(|mark| mark.contents() == Some(contents))
    }

    /// Where it ends.
    pub(crate) fn newest(&self) -> &Mark {
        self.updates.last().map_or(&self.base, |update| &update.mark)
    }
}
