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

/// Plain pieces.
#[derive(Default)]
pub(crate) struct Plain(pub(crate) Vec<Bytes>);

impl Writer for Plain {
    fn glue(&mut self, text: &'static [u8]) {
        self.0.push(Bytes::from_static(text));
    }

    fn members<C>(&mut self, items: &Items<C>) {
        for (n, chunk) in items.chunks().iter().enumerate() {
            if n > 0 {
                self.glue(b",");
            }
            self.0.push(chunk.encoded().clone());
        }
    }
}

impl Writer for Gzip {
    fn glue(&mut self, text: &'static [u8]) {
        self.push(&Deflated::stored(text));
    }

    fn members<C>(&mut self, items: &Items<C>) {
        for (n, chunk) in items.chunks().iter().enumerate() {
            if n > 0 {
                self.glue(b",");
            }
            self.push(chunk.deflated());
        }
    }
}
