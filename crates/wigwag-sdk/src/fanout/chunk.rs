//! What is written to a socket next.

use std::io::{self, IoSlice, Write};

use bytes::{Buf as _, Bytes};

/// Bytes to write, with the frame of an HTTP/1.1 chunk around them.
pub(super) struct Chunk {
    /// The length in hexadecimal digits and a line end.
    size: [u8; Self::SIZE],
    size_at: u8,
    data: Bytes,
    end: &'static [u8],
}

impl Chunk {
    const SIZE: usize = 18;

    /// `data` as it is.
    pub(super) const fn bare(data: Bytes) -> Self {
        Self { size: [0; Self::SIZE], size_at: Self::SIZE as u8, data, end: b"" }
    }

    /// `data`, which must not be empty, as one chunk.
    pub(super) fn framed(data: Bytes) -> Self {
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

    pub(super) fn is_empty(&self) -> bool {
        self.size().is_empty() && self.data.is_empty() && self.end.is_empty()
    }

    /// Writes some of it. Where that is possible by the plainer call, which costs less.
    pub(super) fn write_to(&self, io: &mut impl Write) -> io::Result<usize> {
        if self.size().is_empty() && self.end.is_empty() {
            return io.write(&self.data);
        }
        io.write_vectored(&[IoSlice::new(self.size()), IoSlice::new(&self.data), IoSlice::new(self.end)])
    }

    /// In one piece.
    fn joined(&self) -> Bytes {
        [self.size(), &self.data, self.end].concat().into()
    }

    /// Drops the first `n` bytes, which were written.
    pub(super) fn advance(&mut self, n: usize) {
        let of_size = n.min(self.size().len());
        self.size_at += u8::try_from(of_size).unwrap_or(0);
        let of_data = (n - of_size).min(self.data.len());
        self.data.advance(of_data);
        if self.data.is_empty() {
            // An idle stream would keep the buffer of what it was sent last.
            self.data = Bytes::new();
        }
        let of_end = (n - of_size - of_data).min(self.end.len());
        self.end = &self.end[of_end..];
    }
}

/// Chunks of what many streams are sent, one after the other: framed once, and in one piece.
#[derive(Default)]
pub(super) struct Frames {
    data: Bytes,
    framed: Bytes,
}

impl Frames {
    /// What is longer is not copied; its frame is written around it. So are the pieces of whole payloads: streams that are
    /// each at another one would each keep a copy.
    const MAX: usize = 4 << 10;

    /// `data`, which must not be empty, as one chunk.
    pub(super) fn chunk(&mut self, data: Bytes) -> Chunk {
        if data.len() > Self::MAX {
            return Chunk::framed(data);
        }
        if !std::ptr::eq(&*self.data, &*data) {
            self.framed = Chunk::framed(data.clone()).joined();
            // Kept, so that its place in memory cannot be that of something else.
            self.data = data;
        }
        Chunk::bare(self.framed.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_chunk_can_be_written_in_any_steps() {
        for step in 1..30 {
            let mut chunk = Chunk::framed(Bytes::from_static(b"event: put\ndata: {}\n\n"));
            let mut out = Vec::new();
            while !chunk.is_empty() {
                let all = chunk.joined();
                let n = step.min(all.len());
                out.extend_from_slice(&all[..n]);
                chunk.advance(n);
            }
            assert_eq!(out, b"15\r\nevent: put\ndata: {}\n\n\r\n", "in steps of {step}");
        }
        assert!(Chunk::bare(Bytes::new()).is_empty());
    }

    #[test]
    fn what_was_written_is_let_go() {
        let buffer = Arc::new(vec![b'x'; 100]);
        struct Lent(Arc<Vec<u8>>);
        impl AsRef<[u8]> for Lent {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
        let mut chunk = Chunk::framed(Bytes::from_owner(Lent(Arc::clone(&buffer))));
        chunk.advance(50);
        assert_eq!(Arc::strong_count(&buffer), 2);
        chunk.advance(54);
        assert_eq!(Arc::strong_count(&buffer), 1, "its end is still to be written");
        assert!(!chunk.is_empty());
    }

    #[test]
    fn what_is_sent_to_many_is_framed_once() {
        let mut frames = Frames::default();
        let (data, long) = (Bytes::from_static(b"data: 1\n\n"), Bytes::from(vec![b'x'; Frames::MAX + 1]));
        let chunks = [data.clone(), data.clone(), long, data].map(|data| frames.chunk(data));
        assert_eq!(&*chunks[0].data, b"9\r\ndata: 1\n\n\r\n");
        assert!(chunks[0].size().is_empty() && chunks[0].end.is_empty());
        assert!([1, 3].iter().all(|n| std::ptr::eq(&*chunks[0].data, &*chunks[*n].data)));
        assert_eq!((chunks[2].size(), chunks[2].end), (&b"1001\r\n"[..], &b"\r\n"[..]));
    }
}
