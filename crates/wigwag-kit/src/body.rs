//! Bodies that are whole, and bodies that come or go in pieces because they are too large to be held.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Mutex;

use bytes::{Buf as _, Bytes};
use flate2::read::MultiGzDecoder;
use futures_util::stream::{self, Stream, StreamExt as _};
use tokio::runtime::Handle;

use crate::error::{Error, Result};

/// Pieces of a body in order; the first error is the last.
pub type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// A body as a transport gives or takes it.
pub enum Body {
    /// In memory.
    Whole(Bytes),
    /// Piece by piece.
    Pieces(Pieces),
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

impl Body {
    /// From a stream.
    pub fn pieces(stream: impl Stream<Item = Result<Bytes>> + Send + 'static) -> Self {
        Self::Pieces(Box::pin(stream))
    }

    /// All of it.
    ///
    /// # Errors
    /// A piece cannot be made.
    pub async fn collect(self) -> Result<Bytes> {
        let mut pieces = match self {
            Self::Whole(bytes) => return Ok(bytes),
            Self::Pieces(pieces) => pieces,
        };
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all.into())
    }
}

/// The body of a request of an operation that is [`crate::Operation::streamed`]. It is read once.
#[derive(Default)]
pub struct Upload(Mutex<Option<Source>>);

struct Source {
    pieces: Pieces,
    gzip: bool,
    limit: usize,
    unpacked: usize,
}

impl Upload {
    /// Of at most `limit` bytes as they come, and `unpacked` bytes once a gzip is undone.
    pub(crate) fn new(body: Body, gzip: bool, limit: usize, unpacked: usize) -> Self {
        let pieces = match body {
            Body::Whole(bytes) => Box::pin(stream::iter([Ok(bytes)])),
            Body::Pieces(pieces) => pieces,
        };
        Self(Mutex::new(Some(Source { pieces, gzip, limit, unpacked })))
    }

    /// The body as it was before it was packed. Reading blocks: it is for a thread of blocking work that the runtime
    /// started. Errors become the API's by [`fault`].
    ///
    /// # Errors
    /// It was taken before, or the operation is not streamed: a fault of ours.
    pub fn reader(&self) -> Result<Box<dyn Read + Send>> {
        let source = self.0.lock().ok().and_then(|mut source| source.take());
        let source = source.ok_or_else(|| Error::Internal("a body that is not streamed, or was read".to_owned()))?;
        let plain = Blocking { pieces: source.pieces, runtime: Handle::current(), piece: Bytes::new() };
        let plain = Limited { from: plain, left: source.limit, limit: source.limit };
        if source.gzip {
            let from = MultiGzDecoder::new(plain);
            return Ok(Box::new(Limited { from, left: source.unpacked, limit: source.unpacked }));
        }
        Ok(Box::new(plain))
    }
}

/// What reading an [`Upload`] failed of.
#[must_use]
pub fn fault(error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => Error::field("Content-Encoding", format_args!("the body is not gzip: {error}")),
    }
}

struct Blocking {
    pieces: Pieces,
    runtime: Handle,
    piece: Bytes,
}

impl Read for Blocking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.runtime.block_on(self.pieces.next()) {
                None => return Ok(0),
                Some(piece) => self.piece = piece.map_err(io::Error::other)?,
            }
        }
        let length = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

struct Limited<R> {
    from: R,
    left: usize,
    limit: usize,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // One byte more than is left tells whether there is more.
        let most = buffer.len().min(self.left.saturating_add(1));
        let length = self.from.read(&mut buffer[..most])?;
        self.left = self.left.checked_sub(length).ok_or_else(|| io::Error::other(Error::TooLarge(self.limit)))?;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::io::Write as _;

    use super::*;

    async fn read(pieces: Vec<Result<Bytes>>, gzip: bool, limit: usize, unpacked: usize) -> Result<Vec<u8>> {
        let upload = Upload::new(Body::pieces(stream::iter(pieces)), gzip, limit, unpacked);
        let task = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            upload.reader()?.read_to_end(&mut all).map_err(fault)?;
            assert!(matches!(upload.reader().map(drop), Err(Error::Internal(_))));
            Ok(all)
        });
        task.await.unwrap()
    }

    fn pieces(bytes: &[u8]) -> Vec<Result<Bytes>> {
        bytes.chunks(3).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect()
    }

    #[tokio::test]
    async fn pieces_are_read_up_to_their_limits() {
        assert_eq!(read(pieces(b"0123456789"), false, 10, 0).await.unwrap(), b"0123456789");
        assert!(matches!(read(pieces(b"0123456789"), false, 9, 0).await, Err(Error::TooLarge(9))));
        let broken = vec![Ok(Bytes::from_static(b"01")), Err(Error::Invalid("broke off".to_owned()))];
        assert!(matches!(read(broken, false, 9, 0).await, Err(Error::Invalid(m)) if m == "broke off"));
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&[b'x'; 100_000]).unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(read(pieces(&packed), true, packed.len(), 100_000).await.unwrap().len(), 100_000);
        assert!(matches!(read(pieces(&packed), true, packed.len(), 99_999).await, Err(Error::TooLarge(99_999))));
        assert!(matches!(read(pieces(&packed), true, 5, 100_000).await, Err(Error::TooLarge(5))));
        let cut = read(pieces(&packed[..packed.len() - 1]), true, 1000, 100_000).await;
        assert!(matches!(cut, Err(Error::Invalid(m)) if m.contains("not gzip")));
    }
}
