//! A body made of shared pieces, so that no two versions of it hold the same bytes twice.

use std::sync::Arc;

use bytes::Bytes;

use crate::deflate::{Deflated, Gzip};
use crate::items::Items;

/// A body in pieces, in order.
#[derive(Clone)]
pub struct Payload {
    pieces: Arc<[Bytes]>,
    len: u64,
}

impl Payload {
    pub(crate) fn new(pieces: Vec<Bytes>) -> Self {
        let len = pieces.iter().map(|p| p.len() as u64).sum();
        Self { pieces: Arc::from(pieces), len }
    }

    /// Its length in bytes.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The piece with this index.
    #[must_use]
    pub fn piece(&self, index: usize) -> Option<&Bytes> {
        self.pieces.get(index)
    }

    /// Everything in one buffer (tests, single items).
    #[must_use]
    pub fn concat(&self) -> Vec<u8> {
        self.pieces.concat()
    }
}

/// Something that JSON text is written into, either plain or compressed.
pub(crate) trait Writer {
    /// Text between items.
    fn glue(&mut self, text: &'static [u8]);
    /// The items of a map, as members of a JSON object.
    fn members<C>(&mut self, items: &Items<C>);
}

/// Pieces up to this long are copied together: sending one costs more than copying it.
const SMALL: usize = 4096;

/// Plain pieces.
#[derive(Default)]
pub(crate) struct Plain {
    pieces: Vec<Bytes>,
    /// Small pieces not yet in `pieces`.
    open: Vec<u8>,
}

impl Plain {
    pub(crate) fn push(&mut self, piece: &Bytes) {
        if piece.len() <= SMALL {
            self.open.extend_from_slice(piece);
        } else {
            self.close();
            self.pieces.push(piece.clone());
        }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.pieces.push(Bytes::from(std::mem::take(&mut self.open).into_boxed_slice()));
        }
    }

    pub(crate) fn finish(mut self) -> Payload {
        self.close();
        Payload::new(self.pieces)
    }
}

impl Writer for Plain {
    fn glue(&mut self, text: &'static [u8]) {
        self.push(&Bytes::from_static(text));
    }

    fn members<C>(&mut self, items: &Items<C>) {
        for (n, chunk) in items.chunks().enumerate() {
            let encoded = chunk.encoded();
            if n == 0 {
                self.push(&encoded.slice(1..));
            } else {
                self.push(encoded);
            }
        }
    }
}

impl Writer for Gzip {
    fn glue(&mut self, text: &'static [u8]) {
        self.push(&Deflated::stored(text));
    }

    fn members<C>(&mut self, items: &Items<C>) {
        for (n, chunk) in items.chunks().enumerate() {
            if n > 0 {
                self.glue(b",");
            }
            self.push(chunk.deflated());
        }
    }
}
