//! Results of many flags, ready to be copied.

use super::FlagText;

/// For each flag its results, all in one piece of memory: `,"key":{…,"version":…}` for each variation. Those of flags with
/// long values are not copied here.
pub(super) struct Pieces {
    bytes: Box<[u8]>,
    /// Where each result begins in the bytes, and how long it is.
    spans: Box<[(u32, u32)]>,
    /// Which is a flag's first: the one without a value, before those of its variations.
    first: Box<[u32]>,
}

/// Bytes of the results of one flag; a list whose flags have more is not doubled in memory.
const MOST: usize = 512;
/// Instead of a flag's first result, where they are not here.
const ELSEWHERE: u32 = u32::MAX;

impl Pieces {
    /// Of flags and the versions that clients are told of them.
    pub(super) fn new<'f>(flags: impl Iterator<Item = (&'f FlagText, u64)>) -> Self {
        let (mut bytes, mut spans, mut first) = (Vec::new(), Vec::new(), Vec::new());
        for (text, version) in flags {
            let fits = text.members().map(<[u8]>::len).sum::<usize>() <= MOST;
            // Far from four gigabytes of short results.
            let (Ok(at), true) = (u32::try_from(spans.len()), fits && bytes.len() < i32::MAX as usize) else {
                first.push(ELSEWHERE);
                continue;
            };
            first.push(at);
            for member in text.members() {
                let start = bytes.len();
                bytes.extend_from_slice(member);
                close(version, &mut bytes);
                spans.push((start as u32, (bytes.len() - start) as u32));
            }
        }
        Self { bytes: bytes.into(), spans: spans.into(), first: first.into() }
    }

    /// The result of flag number `n`, with a comma before it; nothing if it is not here.
    #[inline]
    pub(super) fn get(&self, n: usize, variation: Option<u32>) -> Option<&[u8]> {
        let first = self.first.get(n).copied().filter(|first| *first != ELSEWHERE)?;
        let at = first as usize + variation.map_or(0, |variation| variation as usize + 1);
        let (start, length) = self.spans.get(at).copied()?;
        self.bytes.get(start as usize..)?.get(..length as usize)
    }
}

/// Appends a version, and the end of a result.
pub(super) fn close(version: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(version).as_bytes());
    out.push(b'}');
}
