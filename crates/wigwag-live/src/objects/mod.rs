//! The newer data protocol (sdk-protocol.md 3): items as objects, sent in full, as changes or not at all,
//! depending on what the SDK says it holds.

mod delta;
mod encode;
mod state;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::deflate::{Deflated, Gzip};
use crate::items::Items;
use crate::payload::{Payload, Plain};
use crate::snapshot::EnvSnapshot;

pub(crate) use delta::Delta;
pub(crate) use encode::{Frame, Intent, begin, close_result, delete, end, open_result, put, transferred};
pub(crate) use state::{Contents, Mark, Whom, client_contents_of};

/// Tells streams of the newer protocol that the server goes away, so that they come back at once.
pub(crate) const GOODBYE: Bytes =
    Bytes::from_static(b"event: goodbye\ndata: {\"reason\":\"the server is shutting down\"}\n\n");

/// Why everything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The SDK holds nothing.
    Missing,
    /// Nobody here knows how to get from what it holds to what there is.
    CannotCatchUp,
}

impl Why {
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Missing => "payload-missing",
            Self::CannotCatchUp => "cant-catchup",
        }
    }
}

/// Bodies of a snapshot, each made at most once.
#[derive(Default)]
pub(crate) struct Bodies {
    /// By [`Why`].
    full: [Full; 2],
    /// By the sequence they begin at; no more than the tail has.
    deltas: Mutex<BTreeMap<u64, Arc<Delta>>>,
}

#[derive(Default)]
struct Full {
    stream: OnceLock<Payload>,
    poll: OnceLock<Payload>,
    gzip: OnceLock<Payload>,
}

/// What an SDK with a certain basis is sent.
pub struct Transfer {
    snapshot: Arc<EnvSnapshot>,
    choice: Choice,
}

enum Choice {
    Full(Why),
    Changes(Arc<Delta>),
    UpToDate,
}

impl EnvSnapshot {
    /// What leads from `basis`, an earlier [`EnvSnapshot::state`], to this snapshot. Anything else than a state
    /// that is known here leads to all items.
    #[must_use]
    pub fn transfer(self: &Arc<Self>, basis: Option<&str>) -> Transfer {
        let choice = match basis.filter(|basis| !basis.is_empty()) {
            None => Choice::Full(Why::Missing),
            Some(basis) => self.choice_for(basis).unwrap_or(Choice::Full(Why::CannotCatchUp)),
        };
        Transfer { snapshot: Arc::clone(self), choice }
    }

    fn choice_for(&self, basis: &str) -> Option<Choice> {
        let held = state::contents_of(basis, &self.settings().id)?;
        if held == self.contents() {
            return Some(Choice::UpToDate);
        }
        // Not by sequence, which proves nothing: the database may have been restored from a backup.
        let known = self.tail().with_contents(held)?;
        self.delta(known.seq).map(Choice::Changes)
    }

    /// What changed since `seq`, if the tail reaches back to it.
    pub(crate) fn delta(&self, seq: u64) -> Option<Arc<Delta>> {
        let updates = self.tail().since(seq)?;
        let mut deltas = self.objects().deltas.lock();
        Some(Arc::clone(deltas.entry(seq).or_insert_with(|| Arc::new(Delta::of(updates)))))
    }

    fn full(&self, why: Why) -> &Full {
        &self.objects().full[why as usize]
    }
}

impl Transfer {
    /// The first events of a stream.
    #[must_use]
    pub(crate) fn stream(&self) -> Payload {
        let to = &*self.snapshot;
        match &self.choice {
            Choice::Full(why) => to.full(*why).stream.get_or_init(|| plain(to, *why, Frame::Stream)).clone(),
            Choice::Changes(delta) => Payload::new(vec![delta.stream(to).clone()]),
            Choice::UpToDate => Payload::new(vec![up_to_date(to, Frame::Stream)]),
        }
    }

    /// The body of a poll.
    #[must_use]
    pub fn poll(&self) -> Payload {
        let to = &*self.snapshot;
        match &self.choice {
            Choice::Full(why) => to.full(*why).poll.get_or_init(|| plain(to, *why, Frame::Poll)).clone(),
            Choice::Changes(delta) => Payload::new(vec![delta.poll(to).clone()]),
            Choice::UpToDate => Payload::new(vec![up_to_date(to, Frame::Poll)]),
        }
    }

    /// The body of a poll as one gzip stream, if it has been made or there is little to compress.
    #[must_use]
    pub fn gzip_ready(&self) -> Option<Payload> {
        match &self.choice {
            Choice::Full(why) => self.snapshot.full(*why).gzip.get().cloned(),
            Choice::Changes(_) | Choice::UpToDate => Some(self.gzip()),
        }
    }

    /// The body of a poll as one gzip stream. In full it can take long: off the reactor.
    #[must_use]
    pub fn gzip(&self) -> Payload {
        let to = &*self.snapshot;
        match &self.choice {
            Choice::Full(why) => to.full(*why).gzip.get_or_init(|| compressed(to, *why)).clone(),
            Choice::Changes(delta) => delta.gzip(to).clone(),
            Choice::UpToDate => {
                let mut out = Gzip::new();
                out.push(&Deflated::stored(&up_to_date(to, Frame::Poll)));
                Payload::new(out.finish())
            }
        }
    }

    /// The snapshot it leads to.
    #[must_use]
    pub const fn snapshot(&self) -> &Arc<EnvSnapshot> {
        &self.snapshot
    }
}

fn up_to_date(to: &EnvSnapshot, frame: Frame) -> Bytes {
    let mut out = begin(to, frame, Intent::None, "up-to-date");
    out.extend_from_slice(end(frame));
    Bytes::from(out)
}

fn plain(to: &EnvSnapshot, why: Why, frame: Frame) -> Payload {
    fn puts<C>(out: &mut Plain, items: &Items<C>, kind: &'static str, frame: Frame) {
        items.chunks().for_each(|chunk| out.push(chunk.objects(kind, frame)));
    }
    let mut out = Plain::default();
    out.push(&Bytes::from(begin(to, frame, Intent::Full, why.reason())));
    puts(&mut out, to.segments(), "segment", frame);
    puts(&mut out, to.flags(), "flag", frame);
    out.push(&Bytes::from(transferred(to, &to.state(), frame)));
    out.finish()
}

fn compressed(to: &EnvSnapshot, why: Why) -> Payload {
    fn puts<C>(out: &mut Gzip, items: &Items<C>, kind: &'static str) {
        items.chunks().for_each(|chunk| out.push(chunk.objects_deflated(kind)));
    }
    let mut out = Gzip::new();
    out.push(&Deflated::stored(&begin(to, Frame::Poll, Intent::Full, why.reason())));
    puts(&mut out, to.segments(), "segment");
    puts(&mut out, to.flags(), "flag");
    out.push(&Deflated::stored(&transferred(to, &to.state(), Frame::Poll)));
    Payload::new(out.finish())
}
