//! What a stream writes next.

use std::sync::Arc;

use bytes::Bytes;

use crate::payload::Payload;
use crate::snapshot::EnvSnapshot;

/// What one stream carries. It holds no queue: it knows what was sent, and finds what is missing in the newest
/// snapshot whenever the transport can take more.
pub trait Content: Send {
    /// What follows on everything handed out so far, now that `newest` is there.
    fn next(&mut self, newest: &Arc<EnvSnapshot>) -> Next;
}

/// What follows on a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// These bytes, and perhaps more. Not empty.
    Send(Bytes),
    /// Nothing until there is another snapshot.
    Wait,
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
}

/// A cursor over an environment's updates.
pub(crate) struct Items {
    feed: Feed,
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

impl Items {
    pub(crate) const fn new(feed: Feed) -> Self {
        Self { feed, cursor: None, put: None }
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

    fn start_over(&mut self, snapshot: &EnvSnapshot) {
        let payload = match self.feed {
            Feed::All => snapshot.put_event().clone(),
            Feed::Flags => snapshot.flags_put_event().clone(),
        };
        self.put = Some(Put { payload, next: 0, seq: snapshot.seq() });
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
            let Some(update) = self.cursor.and_then(|cursor| newest.tail().after(cursor)) else {
                self.start_over(newest);
                continue;
            };
            self.cursor = Some(update.seq());
            let events = match self.feed {
                Feed::All => update.all_events(),
                Feed::Flags => update.flag_events(),
            };
            if !events.is_empty() {
                return Next::Send(events.clone());
            }
        }
    }
}
