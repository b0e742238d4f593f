//! What a stream writes next.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::objects::{GOODBYE, Transfer};
use crate::payload::Payload;
use crate::snapshot::EnvSnapshot;

/// What one stream carries. It holds no queue: it knows what was sent, and finds what is missing in the newest
/// snapshot whenever the transport can take more.
pub trait Content: Send {
    /// Has what it takes to tell what follows, or has it looked up. Asked before each [`Content::next`].
    fn poll_ready(&mut self, newest: &Arc<EnvSnapshot>, cx: &mut Context<'_>) -> Poll<()> {
        let _ = (newest, cx);
        Poll::Ready(())
    }

    /// What follows on everything handed out so far, now that `newest` is there.
    fn next(&mut self, newest: &Arc<EnvSnapshot>) -> Next;

    /// The sequence up to which everything was handed out; `None` until everything was once.
    fn sent(&self) -> Option<u64>;

    /// What is said once more when the server goes away.
    fn farewell(&mut self) -> Option<Bytes> {
        None
    }
}

/// What follows on a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// These bytes, and perhaps more. Not empty.
    Send(Bytes),
    /// Nothing until there is another snapshot.
    Wait,
    /// Nothing yet, but it is to be asked again at once.
    Again,
    /// Nothing ever again.
    End,
}

/// What streams of server-side SDKs carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// Flags and segments (sdk-protocol.md 2.1).
    All,
    /// Flags only, in the legacy form (sdk-protocol.md 2.2).
    Flags,
    /// Flags and segments as objects (sdk-protocol.md 3).
    Objects,
}

/// The basis of a stream that fell behind: what it has is known to nobody here.
const LOST: &str = "lost";

/// A cursor over an environment's updates.
pub(crate) struct Items {
    feed: Feed,
    /// The sequence up to which everything was handed out; `None` before the first `put`.
    cursor: Option<u64>,
    /// A `put` on its way: it counts as sent when its last piece was.
    put: Option<Put>,
    said_farewell: bool,
}

struct Put {
    payload: Payload,
    next: usize,
    seq: u64,
}

impl Items {
    pub(crate) const fn new(feed: Feed) -> Self {
        Self { feed, cursor: None, put: None, said_farewell: false }
    }

    /// A stream of objects that begins with `first`.
    pub(crate) fn beginning_with(first: &Transfer) -> Self {
        let put = Put { payload: first.stream(), next: 0, seq: first.snapshot().seq() };
        Self { put: Some(put), ..Self::new(Feed::Objects) }
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

    /// What leads on from `cursor`, and how far; `None` if that is not known any more.
    fn after(&self, cursor: u64, newest: &EnvSnapshot) -> Option<(u64, Bytes)> {
        let update = || newest.tail().after(cursor);
        match self.feed {
            Feed::All => update().map(|update| (update.seq(), update.all_events().clone())),
            Feed::Flags => update().map(|update| (update.seq(), update.flag_events().clone())),
            Feed::Objects => newest.delta(cursor).map(|delta| {
                let events = if delta.is_empty() { Bytes::new() } else { delta.stream(newest).clone() };
                (newest.seq(), events)
            }),
        }
    }

    fn start_over(&mut self, newest: &Arc<EnvSnapshot>) {
        let payload = match self.feed {
            Feed::All => newest.put_event().clone(),
            Feed::Flags => newest.flags_put_event().clone(),
            Feed::Objects => newest.transfer(self.cursor.map(|_| LOST)).stream(),
        };
        self.put = Some(Put { payload, next: 0, seq: newest.seq() });
    }
}

impl Content for Items {
    fn next(&mut self, newest: &Arc<EnvSnapshot>) -> Next {
        loop {
            if let Some(piece) = self.next_of_put() {
                return Next::Send(piece);
            }
            if self.cursor == Some(newest.seq()) {
                return Next::Wait;
            }
            let Some((seq, events)) = self.cursor.and_then(|cursor| self.after(cursor, newest)) else {
                self.start_over(newest);
                continue;
            };
            self.cursor = Some(seq);
            if !events.is_empty() {
                return Next::Send(events);
            }
        }
    }

    fn sent(&self) -> Option<u64> {
        self.cursor
    }

    /// Between events only.
    fn farewell(&mut self) -> Option<Bytes> {
        let due = self.feed == Feed::Objects && self.put.is_none();
        (due && !std::mem::replace(&mut self.said_farewell, true)).then_some(GOODBYE)
    }
}
