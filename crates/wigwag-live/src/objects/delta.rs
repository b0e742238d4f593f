//! The way from an older state to a snapshot, encoded once for whoever takes it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::encode::{self, Frame, Intent};
use crate::deflate::{Deflated, Gzip};
use crate::payload::Payload;
use crate::snapshot::EnvSnapshot;
use crate::update::{Op, Update};

/// What was put and removed since a state, each item once.
pub(crate) struct Delta {
    ops: Vec<Op>,
    stream: OnceLock<Bytes>,
    poll: OnceLock<Bytes>,
    gzip: OnceLock<Payload>,
}

impl Delta {
    /// Everything that `updates` did. Of several changes to an item only the last counts.
    pub(crate) fn of<'a>(updates: impl Iterator<Item = &'a Arc<Update>>) -> Self {
        let mut last: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let all: Vec<&Op> = updates.flat_map(|update| update.ops()).collect();
        for (at, op) in all.iter().enumerate() {
            last.insert((op.kind(), op.key()), at);
        }
        let mut kept: Vec<usize> = last.into_values().collect();
        kept.sort_unstable();
        let ops = kept.into_iter().map(|at| all[at].clone()).collect();
        Self { ops, stream: OnceLock::new(), poll: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// Whether nothing was put or removed: only results can differ.
    pub(crate) const fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// As server-sent events.
    pub(crate) fn stream(&self, to: &EnvSnapshot) -> &Bytes {
        self.stream.get_or_init(|| self.encoded(to, Frame::Stream))
    }

    /// As the body of a poll.
    pub(crate) fn poll(&self, to: &EnvSnapshot) -> &Bytes {
        self.poll.get_or_init(|| self.encoded(to, Frame::Poll))
    }

    /// The same, compressed.
    pub(crate) fn gzip(&self, to: &EnvSnapshot) -> &Payload {
        self.gzip.get_or_init(|| {
            let mut out = Gzip::new();
            out.push(&Deflated::compress(self.poll(to)));
            Payload::new(out.finish())
        })
    }

    fn encoded(&self, to: &EnvSnapshot, frame: Frame) -> Bytes {
        let mut out = encode::begin(to, frame, Intent::Changes, "stale");
        for op in &self.ops {
            match op {
                Op::Flag(item) => encode::put(&mut out, frame, "flag", item),
                Op::Segment(item) => encode::put(&mut out, frame, "segment", item),
                Op::FlagGone { key, version } => encode::delete(&mut out, frame, "flag", key, *version),
                Op::SegmentGone { key, version } => encode::delete(&mut out, frame, "segment", key, *version),
            }
        }
        out.extend_from_slice(&encode::transferred(to, &to.state(), frame));
        Bytes::from(out.into_boxed_slice())
    }
}
