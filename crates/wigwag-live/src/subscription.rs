//! One stream: what it carries, whom it belongs to, and when it is to look again.

use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::content::{Content, Next};
use crate::live::{Grant, Live};
use crate::topic::Seat;

/// A comment line: proof of life that no SDK takes for an event.
const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// An open stream. A slow reader costs what its [`Content`] remembers and no more.
pub struct Subscription {
    live: Live,
    grant: Grant,
    seat: Seat,
    /// Sits in the seat: whoever is asked by the same task again need not say so there.
    listener: Option<Waker>,
    beats: u32,
    /// What the watch was told last.
    told: Option<u64>,
    content: Box<dyn Content>,
    ended: bool,
}

impl Subscription {
    pub(crate) fn new(live: Live, grant: Grant, content: Box<dyn Content>) -> Self {
        live.0.streams.fetch_add(1, Ordering::Relaxed);
        let seat = grant.env.topic.join();
        let beats = grant.env.topic.beats(seat);
        Self { live, grant, seat, listener: None, beats, told: None, content, ended: false }
    }

    /// The next bytes to send; `None` when the stream is over. That may be in the middle of a `put`,
    /// which SDKs then forget; patches are handed out whole.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        // First: a change after the look below must wake us.
        if !self.listener.as_ref().is_some_and(|listener| listener.will_wake(cx.waker())) {
            self.grant.env.topic.listen(self.seat, cx);
            self.listener = Some(cx.waker().clone());
        }
        if self.is_over() {
            // Only by a server that goes away: to a key that was withdrawn there is nothing to say.
            return Poll::Ready(self.live.is_closed().then(|| self.content.farewell()).flatten());
        }
        // Whoever asks for more has written what came before.
        self.tell();
        loop {
            let newest = self.grant.env.peek();
            match self.content.poll_ready(&newest, cx).map(|()| self.content.next(&newest)) {
                Poll::Ready(Next::Send(bytes)) => return Poll::Ready(Some(bytes)),
                Poll::Ready(Next::End) => {
                    self.ended = true;
                    return Poll::Ready(None);
                }
                Poll::Ready(Next::Again) => {}
                Poll::Ready(Next::Wait) | Poll::Pending => break,
            }
        }
        // Changes that say nothing to this stream are behind it too.
        self.tell();
        let beats = self.grant.env.topic.beats(self.seat);
        if beats == self.beats {
            return Poll::Pending;
        }
        self.beats = beats;
        Poll::Ready(Some(HEARTBEAT))
    }

    fn tell(&mut self) {
        let sent = self.content.sent();
        if let (Some(watch), Some(seq)) = (&self.grant.watch, sent)
            && sent != self.told
        {
            watch.sent(seq);
            self.told = sent;
        }
    }

    /// Whether there is nothing more to send: a shutdown, no environment, no key.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ended || self.live.is_closed() || self.grant.env.is_closed() || self.grant.key.is_revoked()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.grant.env.topic.leave(self.seat);
        self.live.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}
