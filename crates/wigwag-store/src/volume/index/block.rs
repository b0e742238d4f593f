//! Postings packed into blocks: for each term, which contexts have it, or have it no more.

use crate::{Result, StoreError};

/// Bytes after which a block ends.
const SIZE: usize = 8 << 10;
/// Postings of one term that are written in one piece.
const PIECE: usize = 1024;
/// Bytes of a posting's key after the term: a NUL and the context.
const TAIL: usize = 9;

/// A context that has a term, or has it no more: its id, and one bit. Postings of a term sort by context.
pub(crate) type Posting = u64;

pub(crate) const fn posting(context: i64, gone: bool) -> Posting {
    ((context as u64) << 1) | gone as u64
}

pub(crate) const fn context_of(posting: Posting) -> i64 {
    (posting >> 1) as i64
}

pub(crate) const fn is_gone(posting: Posting) -> bool {
    posting & 1 == 1
}

/// The place of a posting among all: sorts as bytes like term and context.
pub(super) fn key(term: &[u8], context: i64) -> Vec<u8> {
    let mut key = Vec::with_capacity(term.len() + TAIL);
    key.extend_from_slice(term);
    key.push(0);
    key.extend_from_slice(&context.to_be_bytes());
    key
}

/// Term and context of a key.
pub(super) fn key_parts(key: &[u8]) -> Option<(&[u8], i64)> {
    let (rest, context) = key.split_last_chunk::<8>()?;
    Some((rest.strip_suffix(&[0])?, i64::from_be_bytes(*context)))
}

/// A block as it is stored: the key of its first posting (nothing in the first block of a run) and its bytes.
pub(super) struct Packed {
    pub(super) first: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// Packs postings that come in order.
#[derive(Default)]
pub(super) struct Encoder {
    pub(super) blocks: Vec<Packed>,
    first: Vec<u8>,
    body: Vec<u8>,
    term: Vec<u8>,
    /// Whether the run has blocks from before.
    goes_on: bool,
}

impl Encoder {
    /// For a run of which there are blocks already.
    pub(super) fn going_on(goes_on: bool) -> Self {
        Self { goes_on, ..Self::default() }
    }

    /// Adds postings of a term, in order.
    pub(super) fn push(&mut self, term: &[u8], postings: &[Posting]) {
        for piece in postings.chunks(PIECE) {
            if self.body.len() >= SIZE {
                self.cut();
            }
            if self.body.is_empty() {
                self.term.clear();
                let first = self.blocks.is_empty() && !self.goes_on;
                self.first = if first { Vec::new() } else { key(term, context_of(piece[0])) };
            }
            let shared = self.term.iter().zip(term).take_while(|(a, b)| a == b).count();
            put(&mut self.body, shared as u64);
            put(&mut self.body, (term.len() - shared) as u64);
            self.body.extend_from_slice(&term[shared..]);
            put(&mut self.body, piece.len() as u64);
            let mut last = 0;
            for posting in piece {
                put(&mut self.body, posting - last);
                last = *posting;
            }
            self.term.truncate(shared);
            self.term.extend_from_slice(&term[shared..]);
        }
    }

    fn cut(&mut self) {
        let block = Packed { first: std::mem::take(&mut self.first), body: std::mem::take(&mut self.body) };
        self.blocks.push(block);
    }

    /// All blocks.
    pub(super) fn finish(mut self) -> Vec<Packed> {
        if !self.body.is_empty() {
            self.cut();
        }
        self.blocks
    }
}

fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn get(from: &mut &[u8]) -> Option<u64> {
    let (mut n, mut shift) = (0, 0);
    loop {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        n |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(n);
        }
        shift += 7;
    }
}

/// A block that is read: its terms one after the other, and the postings of each.
#[derive(Default)]
pub(super) struct Block {
    terms: Vec<u8>,
    postings: Vec<Posting>,
    /// Where each term and its postings end.
    ends: Vec<(usize, usize)>,
}

impl Block {
    pub(super) fn decode(body: &[u8]) -> Result<Self> {
        Self::read(body).ok_or_else(|| StoreError::Corrupt("a block of the index of contexts".into()))
    }

    fn read(mut body: &[u8]) -> Option<Self> {
        let mut block = Self::default();
        let mut before = 0;
        while !body.is_empty() {
            let (shared, own) = (get(&mut body)? as usize, get(&mut body)? as usize);
            let begin = block.terms.len();
            if shared > begin - before {
                return None;
            }
            block.terms.extend_from_within(before..before + shared);
            block.terms.extend_from_slice(body.get(..own)?);
            body = &body[own..];
            before = begin;
            let count = get(&mut body)?;
            let mut last = 0_u64;
            for _ in 0..count {
                last = last.checked_add(get(&mut body)?)?;
                block.postings.push(last);
            }
            block.ends.push((block.terms.len(), block.postings.len()));
        }
        Some(block)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn ends(&self, n: usize) -> ((usize, usize), (usize, usize)) {
        (if n == 0 { (0, 0) } else { self.ends[n - 1] }, self.ends[n])
    }

    pub(super) fn term(&self, n: usize) -> &[u8] {
        let (from, to) = self.ends(n);
        &self.terms[from.0..to.0]
    }

    pub(super) fn postings(&self, n: usize) -> &[Posting] {
        let (from, to) = self.ends(n);
        &self.postings[from.1..to.1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_give_back_what_was_packed() {
        let mut encoder = Encoder::default();
        let many: Vec<Posting> = (1..5000).map(|n| posting(n * 3, n % 7 == 0)).collect();
        let mut all = Vec::new();
        for n in 0..300 {
            let term = format!("term {n:04}").into_bytes();
            let some = &many[..if n == 17 { many.len() } else { 1 + n }];
            encoder.push(&term, some);
            all.extend(some.iter().map(|posting| (term.clone(), *posting)));
        }
        let blocks = encoder.finish();
        assert!(blocks.len() > 3 && blocks[0].first.is_empty());
        assert!(blocks.windows(2).all(|pair| pair[0].first < pair[1].first));
        let mut read = Vec::new();
        for packed in &blocks {
            let block = Block::decode(&packed.body).unwrap_or_default();
            if !packed.first.is_empty() {
                assert_eq!(key_parts(&packed.first), Some((block.term(0), context_of(block.postings(0)[0]))));
            }
            for n in 0..block.len() {
                read.extend(block.postings(n).iter().map(|posting| (block.term(n).to_vec(), *posting)));
            }
        }
        assert_eq!(read, all);
        assert!(Block::decode(&blocks[0].body[..100]).is_err());
    }
}
