//! Pieces of one gzip stream that are compressed apart and put together later.
//!
//! Each piece ends on a byte boundary (a full flush) and refers to nothing before it, so pieces
//! can be reused in any payload that contains the same bytes; the checksums are combined.

use bytes::{BufMut as _, Bytes, BytesMut};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Fixed gzip header: deflate, no name, no time, unknown system (RFC 1952 2.3).
const HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// Last, empty block (fixed codes, end of block).
const FINAL_BLOCK: &[u8] = &[0x03, 0x00];
/// Longest content of a stored block.
const STORED_MAX: usize = 0xffff;

/// One compressed piece and the checksum of what it holds.
pub(crate) struct Deflated {
    bytes: Bytes,
    crc: Crc,
}

impl Deflated {
    /// Compresses `plain`.
    pub(crate) fn compress(plain: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(plain);
        let mut deflate = Compress::new(Compression::new(5), false);
        let mut out = Vec::with_capacity(plain.len() / 4 + 64);
        let mut read = 0;
        loop {
            if out.len() == out.capacity() {
                out.reserve(plain.len() / 4 + 64);
            }
            let before = (deflate.total_in(), out.len());
            let done = deflate.compress_vec(&plain[read..], &mut out, FlushCompress::Full);
            read += usize::try_from(deflate.total_in() - before.0).unwrap_or(0);
            let spare = out.len() < out.capacity();
            match done {
                Ok(Status::Ok | Status::BufError) if spare && read == plain.len() => break,
                Ok(Status::Ok | Status::BufError) => {}
                // A compressor neither ends by itself nor fails on any input; store the bytes if it ever did.
                Ok(Status::StreamEnd) | Err(_) => return Self::stored(plain),
            }
        }
        Self { bytes: Bytes::from(out), crc }
    }

    /// `plain` as it is, for the few bytes between pieces.
    pub(crate) fn stored(plain: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(plain);
        let mut out = BytesMut::with_capacity(plain.len() + 5);
        for block in plain.chunks(STORED_MAX) {
            let len = u16::try_from(block.len()).unwrap_or(u16::MAX);
            out.put_u8(0);
            out.put_u16_le(len);
            out.put_u16_le(!len);
            out.put_slice(block);
        }
        Self { bytes: out.freeze(), crc }
    }
}

/// A gzip stream in the making.
pub(crate) struct Gzip {
    pieces: Vec<Bytes>,
    crc: Crc,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        Self { pieces: vec![Bytes::from_static(HEADER)], crc: Crc::new() }
    }

    pub(crate) fn push(&mut self, piece: &Deflated) {
        self.pieces.push(piece.bytes.clone());
        self.crc.combine(&piece.crc);
    }

    pub(crate) fn finish(mut self) -> Vec<Bytes> {
        let mut end = BytesMut::with_capacity(10);
        end.put_slice(FINAL_BLOCK);
        end.put_u32_le(self.crc.sum());
        end.put_u32_le(self.crc.amount());
        self.pieces.push(end.freeze());
        self.pieces
    }
}
