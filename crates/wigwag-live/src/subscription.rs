//! One stream: a cursor over an environment, and the bytes between it and the newest snapshot.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::live::{Grant, Live};
use crate::payload::Payload;
use crate::snapshot::EnvSnapshot;
use crate::topic::Seat;

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// Flags and segments (sdk-protocol.md 2.1).
    All,
    /// Flags only, in the legacy form (sdk-protocol.md 2.2).
    Flags,
}

/// A comment line: proof of life that no SDK takes for an event.
const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// An open stream. Holds no queue: it asks the newest snapshot what is missing whenever the transport
/// can take more, so a slow reader costs a cursor and, while it receives a `put`, the snapshot's items.
pub struct Subscription {
    live: Live,
    grant: Grant,
    seat: Seat,
    feed: Feed,
    beats: u32,
    /// The sequence up to which everything was handed out; `None` before the first `put`.
    cursor: Option<u64>,
    /// A `put` on its way: it counts as sent when its last piece was.
    put: Option<Put>,
}

struct Put {
    payload: Payload,
    next: usize,
    seq: u64,
}

impl Subscription {
    pub(crate) fn new(live: Live, grant: Grant, feed: Feed) -> Self {
        live.0.streams.fetch_add(1, Ordering::Relaxed);
        let seat = grant.env.topic.join();
        let beats = grant.env.topic.beats(seat);
        Self { live, grant, seat, feed, beats, cursor: None, put: None }
    }

    /// The next bytes to send; `None` when the stream is over. That may be in the middle of a `put`,
    /// which SDKs then forget; patches are handed out whole.
    pub fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        // First: a change after the look below must wake us.
        self.grant.env.topic.listen(self.seat, cx);
        if self.is_over() {
            return Poll::Ready(None);
        }
        // Whoever asks for more has written what came before.
        if let (Some(watch), Some(cursor)) = (&self.grant.watch, self.cursor) {
            watch.sent(cursor);
        }
        loop {
            if let Some(piece) = self.next_of_put() {
                return Poll::Ready(Some(piece));
            }
            match self.catch_up() {
                Step::Send(bytes) if bytes.is_empty() => {}
                Step::Send(bytes) => return Poll::Ready(Some(bytes)),
                Step::StartOver => {}
                Step::Wait => break,
            }
        }
        let beats = self.grant.env.topic.beats(self.seat);
        if beats == self.beats {
            return Poll::Pending;
        }
        self.beats = beats;
        Poll::Ready(Some(HEARTBEAT))
    }

    /// Whether there is nothing more to send: a shutdown, no environment, no key.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.live.is_closed() || self.grant.env.is_closed() || self.grant.key.is_revoked()
    }

    fn next_of_put(&mut self) -> Option<Bytes> {
        let put = self.put.as_mut()?;
        let piece = put.payload.piece(put.next).cloned();
        put.next += 1;
        if piece.is_none() {
            self.cursor = Some(put.seq);
            self.put = None;
        }
        piece
    }

    fn catch_up(&mut self) -> Step {
        let snapshot = self.grant.env.peek();
        if self.cursor == Some(snapshot.seq()) {
            return Step::Wait;
        }
        let update = self.cursor.and_then(|cursor| snapshot.tail().after(cursor));
        let Some(update) = update else {
            self.put = Some(Put { payload: self.payload(&snapshot), next: 0, seq: snapshot.seq() });
            return Step::StartOver;
        };
        self.cursor = Some(update.seq());
        Step::Send(match self.feed {
            Feed::All => update.all_events().clone(),
            Feed::Flags => update.flag_events().clone(),
        })
    }

    fn payload(&self, snapshot: &Arc<EnvSnapshot>) -> Payload {
        match self.feed {
            Feed::All => snapshot.put_event().clone(),
            Feed::Flags => snapshot.flags_put_event().clone(),
        }
    }
}

enum Step {
    Send(Bytes),
    StartOver,
    Wait,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.grant.env.topic.leave(self.seat);
        self.live.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}
