//! What a client sends, request by request.

use std::cell::RefCell;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::request::{Read, read};

/// Longer requests are not for here: what arrives of one is kept until all of it is there.
const LONGEST: usize = 16 << 10;

thread_local! {
    /// Where bytes arrive: connections that wait have no memory of their own for that.
    static ARRIVING: RefCell<Box<[u8]>> = RefCell::new(vec![0; LONGEST].into());
}

/// Reads requests off a connection.
pub(super) struct Reader {
    /// What has arrived and was not taken.
    bytes: Bytes,
    /// How many of these bytes the last request is long.
    last: usize,
    idle: Idle,
    within: Duration,
}

/// What came.
#[expect(clippy::large_enum_variant, reason = "it mostly is the large one, and is not kept")]
pub(super) enum Came {
    /// A request.
    Request(Request<Bytes>),
    /// Something that is not for here, so far.
    Other(Bytes),
    /// The client left, or said nothing for too long.
    Nothing,
}

impl Reader {
    /// For a connection that may be silent for so long between requests, and whose requests may take so long to arrive
    /// before they are somebody else's matter.
    pub(super) fn new(silent: Duration, within: Duration) -> Self {
        Self { bytes: Bytes::new(), last: 0, idle: Idle::new(silent), within: within.min(silent) }
    }

    /// The next request. It is not taken before [`Reader::taken`].
    pub(super) async fn next(&mut self, io: &mut (impl AsyncRead + Unpin)) -> Came {
        if self.bytes.is_empty() {
            let idle = &mut self.idle;
            idle.begin();
            let arrived = poll_fn(|cx| match arrive(io, cx) {
                Poll::Pending => idle.poll_over(cx).map(|()| None),
                arrived => arrived,
            });
            match arrived.await {
                Some(bytes) => self.bytes = bytes,
                None => return Came::Nothing,
            }
        }
        let whole = async {
            loop {
                match read(&self.bytes) {
                    Read::Whole(request, length) => {
                        self.last = length;
                        return Some(Came::Request(request));
                    }
                    Read::Part(length) if length <= LONGEST => {}
                    Read::Part(_) | Read::Unusual => return None,
                }
                let Some(more) = poll_fn(|cx| arrive(io, cx)).await else { return Some(Came::Nothing) };
                self.bytes = [&*self.bytes, &*more].concat().into();
            }
        };
        match tokio::time::timeout(self.within, whole).await {
            Ok(Some(came)) => came,
            _ => Came::Other(self.back()),
        }
    }

    /// Whether nothing of a request has arrived.
    pub(super) fn is_between(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The last request is dealt with.
    pub(super) fn taken(&mut self) {
        let _taken = self.bytes.split_to(self.last);
    }

    /// Everything that has arrived and was not taken.
    pub(super) fn back(&mut self) -> Bytes {
        std::mem::take(&mut self.bytes)
    }
}

/// The next bytes; nothing at the end of them, or when they cannot be read.
fn arrive(io: &mut (impl AsyncRead + Unpin), cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
    ARRIVING.with_borrow_mut(|space| {
        let mut space = ReadBuf::new(space);
        Pin::new(io).poll_read(cx, &mut space).map(|done| {
            let arrived = space.filled();
            (done.is_ok() && !arrived.is_empty()).then(|| Bytes::copy_from_slice(arrived))
        })
    })
}

/// How long nothing may happen. Its timer is set anew when it goes off, not with every request.
struct Idle {
    most: Duration,
    since: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Idle {
    fn new(most: Duration) -> Self {
        Self { most, since: Instant::now(), timer: Box::pin(tokio::time::sleep(most)) }
    }

    fn begin(&mut self) {
        self.since = Instant::now();
    }

    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.timer.as_mut().poll(cx).is_ready() {
            let end = self.since + self.most;
            if end <= Instant::now() {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(end);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn silence_is_measured_from_when_it_began() {
        let mut idle = Idle::new(Duration::ZERO);
        poll_fn(|cx| idle.poll_over(cx)).await;
        // The timer went off, but somebody spoke meanwhile.
        let mut idle = Idle::new(Duration::ZERO);
        idle.timer.as_mut().await;
        idle.most = Duration::from_secs(3600);
        idle.begin();
        let over = poll_fn(|cx| Poll::Ready(idle.poll_over(cx).is_ready()));
        assert!(!over.await && idle.timer.deadline() > Instant::now());
    }
}
