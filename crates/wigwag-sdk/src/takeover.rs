//! Streams that leave the HTTP library behind.
//!
//! An HTTP connection object costs many kilobytes; an open stream needs a socket and a cursor. So once
//! a handler has opened a stream on HTTP/1.1, its response and the socket are handed to a task of their
//! own, which writes the head and the events itself. On HTTP/2, in tests without sockets and behind
//! other servers the stream is an ordinary body instead.

use std::future::Future;
use std::io::{self, IoSlice, Write as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::{Buf as _, Bytes};
use http::header::{CONTENT_LENGTH, DATE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wigwag_live::Subscription;

use crate::body::StreamBody;

/// Where a handler may leave the stream that it opened. An extension of requests whose connection can
/// be taken over.
#[derive(Clone, Default)]
pub(crate) struct Takeover(Arc<Mutex<Option<Subscription>>>);

impl Takeover {
    /// The body of a response that streams `subscription`: none if the connection is taken over.
    pub(crate) fn body(offered: Option<&Self>, subscription: Subscription) -> Body {
        match offered {
            None => Body::new(StreamBody(subscription)),
            Some(Self(slot)) => {
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(subscription);
                Body::empty()
            }
        }
    }

    /// What was left, if the response is one to a stream after all.
    pub(crate) fn opened(&self, response: &Response<Body>) -> Option<Opened> {
        let subscription = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        (response.status() == StatusCode::OK).then(|| Opened { head: head(response), subscription })
    }
}

/// A stream that was opened and the head that announces it.
pub(crate) struct Opened {
    head: Bytes,
    subscription: Subscription,
}

/// The response's status line and headers, as HTTP/1.1 for a chunked body.
fn head(response: &Response<Body>) -> Bytes {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    let mut line = |name: &HeaderName, value: &HeaderValue| {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    };
    for (name, value) in response.headers() {
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            line(name, value);
        }
    }
    line(&TRANSFER_ENCODING, &HeaderValue::from_static("chunked"));
    let now = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&jiff::Timestamp::now());
    if let Some(now) = now.ok().and_then(|now| HeaderValue::from_str(&now).ok()) {
        line(&DATE, &now);
    }
    out.extend_from_slice(b"\r\n");
    Bytes::from(out)
}

/// Writes a stream to a socket until it is over or the client has gone.
pub(crate) struct Streaming<T> {
    io: T,
    subscription: Subscription,
    out: Chunk,
    last: bool,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Streaming<T> {
    pub(crate) fn new(io: T, opened: Opened) -> Self {
        Self { io, subscription: opened.subscription, out: Chunk::bare(opened.head), last: false }
    }

    /// Reads, and forgets, what the client says: only that it left matters.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> bool {
        let mut space = [0; 64];
        loop {
            let mut buf = ReadBuf::new(&mut space);
            match Pin::new(&mut self.io).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {}
                Poll::Ready(_) => return true,
                Poll::Pending => return false,
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let n = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, &self.out.slices()))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.advance(n);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Future for Streaming<T> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.poll_gone(cx) {
            return Poll::Ready(Ok(()));
        }
        loop {
            if this.poll_write(cx)?.is_pending() {
                // Nobody waits for a slow reader to take the rest of a stream that is over.
                return if this.subscription.is_over() { Poll::Ready(Ok(())) } else { Poll::Pending };
            }
            if this.last {
                return Pin::new(&mut this.io).poll_shutdown(cx);
            }
            match ready!(this.subscription.poll_next(cx)) {
                Some(bytes) => this.out = Chunk::framed(bytes),
                None => {
                    this.last = true;
                    this.out = Chunk::bare(Bytes::from_static(b"0\r\n\r\n"));
                }
            }
        }
    }
}

/// Bytes to write, with the frame of an HTTP/1.1 chunk around them.
struct Chunk {
    /// The length in hexadecimal digits and a line end.
    size: [u8; Self::SIZE],
    size_at: u8,
    data: Bytes,
    end: &'static [u8],
}

impl Chunk {
    const SIZE: usize = 18;

    /// `data` as it is.
    const fn bare(data: Bytes) -> Self {
        Self { size: [0; Self::SIZE], size_at: Self::SIZE as u8, data, end: b"" }
    }

    /// `data`, which must not be empty, as one chunk.
    fn framed(data: Bytes) -> Self {
        let mut size = [0; Self::SIZE];
        let mut free = &mut size[..];
        // 16 digits hold any length.
        let _ = write!(free, "{:016x}\r\n", data.len());
        let zeros = size.iter().take_while(|digit| **digit == b'0').count();
        Self { size, size_at: u8::try_from(zeros).unwrap_or(0), data, end: b"\r\n" }
    }

    fn size(&self) -> &[u8] {
        &self.size[usize::from(self.size_at)..]
    }

    fn is_empty(&self) -> bool {
        self.size().is_empty() && self.data.is_empty() && self.end.is_empty()
    }

    fn slices(&self) -> [IoSlice<'_>; 3] {
        [IoSlice::new(self.size()), IoSlice::new(&self.data), IoSlice::new(self.end)]
    }

    /// Drops the first `n` bytes, which were written.
    fn advance(&mut self, n: usize) {
        let of_size = n.min(self.size().len());
        self.size_at += u8::try_from(of_size).unwrap_or(0);
        let of_data = (n - of_size).min(self.data.len());
        self.data.advance(of_data);
        let of_end = (n - of_size - of_data).min(self.end.len());
        self.end = &self.end[of_end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_can_be_written_in_any_steps() {
        for step in 1..30 {
            let mut chunk = Chunk::framed(Bytes::from_static(b"event: put\ndata: {}\n\n"));
            let mut out = Vec::new();
            while !chunk.is_empty() {
                let all: Vec<u8> = chunk.slices().iter().flat_map(|slice| slice.to_vec()).collect();
                let n = step.min(all.len());
                out.extend_from_slice(&all[..n]);
                chunk.advance(n);
            }
            assert_eq!(out, b"15\r\nevent: put\ndata: {}\n\n\r\n", "in steps of {step}");
        }
        assert!(Chunk::bare(Bytes::new()).is_empty());
    }
}
