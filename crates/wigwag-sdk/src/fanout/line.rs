//! One stream and its socket.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use mio::net::TcpStream;
use wigwag_live::Subscription;

use super::chunk::{Chunk, Frames};
use super::socket::Socket;
use crate::serve::Place;
use crate::takeover::Opened;
use crate::wire::Wire;

/// Chunks written to one stream before it is another's turn.
const CHUNKS_AT_ONCE: usize = 32;

/// A stream that is written to a socket.
pub(crate) struct Line {
    io: Socket,
    subscription: Subscription,
    out: Chunk,
    last: bool,
    /// The connection's place in the count of all.
    _place: Place,
}

/// What became of a stream that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything is written.
    Idle,
    /// The socket takes no more for now; whether it took anything.
    Full { some: bool },
    /// There is more to write than is written at once.
    More,
    /// It is over, or the client has gone.
    Over,
}

impl Line {
    /// A stream that is announced by its head and then written, chunk by chunk.
    ///
    /// # Errors
    /// The socket cannot be taken out of the runtime it was served by.
    pub(crate) fn new(wire: Wire, opened: Opened, place: Place) -> io::Result<Self> {
        let Opened { head, subscription } = opened;
        Ok(Self { io: Socket::of(wire)?, subscription, out: Chunk::bare(head), last: false, _place: place })
    }

    /// What the system is asked about.
    pub(super) fn source(&mut self) -> &mut TcpStream {
        self.io.source()
    }

    /// Reads, and forgets, what the client says. Whether it left.
    pub(super) fn is_gone(&mut self) -> bool {
        let mut space = [0; 256];
        loop {
            match self.io.read(&mut space) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return error.kind() != ErrorKind::WouldBlock,
            }
        }
    }

    /// Writes what there is to write, and has `bell` told when there is more.
    pub(super) fn write(&mut self, bell: &Waker, frames: &mut Frames) -> Outcome {
        let mut some = false;
        for _ in 0..CHUNKS_AT_ONCE {
            match self.flush(&mut some) {
                Ok(()) => {}
                // Nobody waits for a slow reader to take the rest of a stream that is over.
                Err(error) if error.kind() == ErrorKind::WouldBlock && !self.subscription.is_over() => {
                    return Outcome::Full { some };
                }
                Err(_) => return Outcome::Over,
            }
            if self.last {
                self.io.end();
                return Outcome::Over;
            }
            match self.subscription.poll_next(&mut Context::from_waker(bell)) {
                Poll::Pending => return Outcome::Idle,
                Poll::Ready(Some(bytes)) => self.out = frames.chunk(bytes),
                Poll::Ready(None) => {
                    self.last = true;
                    self.out = Chunk::bare(Bytes::from_static(b"0\r\n\r\n"));
                }
            }
        }
        Outcome::More
    }

    fn flush(&mut self, some: &mut bool) -> io::Result<()> {
        while !self.out.is_empty() {
            match self.out.write_to(&mut self.io) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    *some = true;
                    self.out.advance(n);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.io.flush()
    }
}
