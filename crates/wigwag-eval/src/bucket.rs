//! Hash buckets (evaluation §7.1): a context's fixed place between 0 and 1.

use sha1::{Digest, Sha1};
use wigwag_model::context::AttributeValue;

/// What comes before the bucketing value in the hash input, separators included.
#[derive(Debug)]
pub(crate) struct Prefix {
    /// What does not fill a block, followed by zeros. Kept in place: no other memory is touched.
    block: Block,
    /// The hash of the whole blocks before it, of which most have none.
    state: [u32; 5],
    length: usize,
    /// It, where it is a block or longer.
    long: Box<[u8]>,
}

/// What follows a prefix of a certain length: a bucketing value and the padding of the hash, in the places where they are
/// to be. A context's is the same for all prefixes of that length.
#[derive(Clone, Debug)]
pub(crate) struct Tail {
    first: Block,
    second: Option<Block>,
}

pub(crate) type Block = [u8; BLOCK];

const BLOCK: usize = 64;
/// Longest input whose padding fits into a block.
const ONE_BLOCK: usize = 55;
const TWO_BLOCKS: usize = ONE_BLOCK + BLOCK;
const INITIAL: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];

impl Prefix {
    /// `seed.` if there is a seed, else `key.salt.`.
    pub(crate) fn new(key: &str, salt: &str, seed: Option<i64>) -> Prefix {
        Prefix::of(match seed {
            Some(seed) => format!("{seed}."),
            None => format!("{key}.{salt}."),
        })
    }

    fn of(text: String) -> Prefix {
        let (whole, rest) = text.as_bytes().as_chunks::<BLOCK>();
        let (mut block, mut state) = ([0; BLOCK], INITIAL);
        block[..rest.len()].copy_from_slice(rest);
        sha1::block_api::compress(&mut state, whole);
        let length = text.len();
        let long = if whole.is_empty() { Box::default() } else { text.into_bytes().into_boxed_slice() };
        Prefix { block, state, length, long }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.block.get(..self.length).filter(|_| self.long.is_empty()).unwrap_or(&self.long)
    }

    /// How long it is, in bytes.
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// It as the front of a block, followed by zeros; nothing if it is a block or longer.
    pub(crate) fn front(&self) -> Option<&Block> {
        self.long.is_empty().then_some(&self.block)
    }

    /// The bucket of a bucketing value: 0 to 1, both inclusive, in single precision.
    #[inline]
    pub(crate) fn bucket(&self, id: &str) -> f32 {
        scaled(self.hash60(id.as_bytes()))
    }

    /// The same, of the value in a tail, which must be one for this length.
    #[inline]
    pub(crate) fn bucket_of(&self, tail: &Tail) -> f32 {
        let (mut state, mut block) = (self.state, self.block);
        // Not copied behind each other: what was written by the byte cannot be read by the block until all that came
        // before is done, and hashes of one flag and the next would wait for each other.
        block.iter_mut().zip(&tail.first).for_each(|(byte, other)| *byte |= other);
        sha1::block_api::compress(&mut state, std::slice::from_ref(&block));
        if let Some(second) = &tail.second {
            sha1::block_api::compress(&mut state, std::slice::from_ref(second));
        }
        scaled(head(state))
    }

    /// The first 15 hex digits of the SHA-1 of both parts together.
    #[inline]
    fn hash60(&self, id: &[u8]) -> u64 {
        let rest = self.length % BLOCK;
        let end = rest + id.len();
        if end > ONE_BLOCK {
            return self.hash60_long(id);
        }
        // Padded by hand, without the buffering of a hash that takes any length.
        let (mut state, mut block) = (self.state, self.block);
        block[rest..end].copy_from_slice(id);
        block[end] = 0x80;
        block[BLOCK - 8..].copy_from_slice(&bits(self.length + id.len()));
        sha1::block_api::compress(&mut state, &[block]);
        head(state)
    }

    #[inline(never)]
    fn hash60_long(&self, id: &[u8]) -> u64 {
        if let Some(Tail { mut first, second: Some(second) }) = Tail::new(self.length, id) {
            let mut state = self.state;
            first.iter_mut().zip(&self.block).for_each(|(byte, other)| *byte |= other);
            sha1::block_api::compress(&mut state, &[first, second]);
            return head(state);
        }
        let digest = Sha1::new().chain_update(self.as_bytes()).chain_update(id).finalize();
        let mut head = [0; 8];
        head.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(head) >> 4
    }
}

impl Tail {
    /// Of a bucketing value behind a prefix of `length` bytes; nothing if it takes more than two blocks.
    pub(crate) fn new(length: usize, id: &[u8]) -> Option<Tail> {
        let rest = length % BLOCK;
        let end = rest + id.len();
        if end > TWO_BLOCKS {
            return None;
        }
        let mut both = [0; 2 * BLOCK];
        both[rest..end].copy_from_slice(id);
        both[end] = 0x80;
        let last = if end <= ONE_BLOCK { BLOCK } else { 2 * BLOCK };
        both[last - 8..last].copy_from_slice(&bits(length + id.len()));
        let (mut first, mut second) = ([0; BLOCK], [0; BLOCK]);
        first.copy_from_slice(&both[..BLOCK]);
        second.copy_from_slice(&both[BLOCK..]);
        Some(Tail { first, second: (last > BLOCK).then_some(second) })
    }

    /// It as the back of a block, after zeros; nothing if it goes on in another.
    pub(crate) fn back(&self) -> Option<&Block> {
        self.second.is_none().then_some(&self.first)
    }
}

/// The bucket of a hash, of which these are the first 64 bits.
pub(crate) fn bucket_of_hash(bits: u64) -> f32 {
    scaled(bits >> 4)
}

/// A length as the padding has it.
const fn bits(length: usize) -> [u8; 8] {
    (length as u64 * 8).to_be_bytes()
}

/// 15 hex digits.
const fn head(state: [u32; 5]) -> u64 {
    ((state[0] as u64) << 32 | state[1] as u64) >> 4
}

fn scaled(hash: u64) -> f32 {
    // 2^60 − 1 rounds to 2^60 as a float.
    const SCALE: f32 = 0x0FFF_FFFF_FFFF_FFFF_u64 as f32;
    hash as f32 / SCALE
}

/// An attribute value as bucketing text (evaluation §7.2): text as it is, integral numbers in
/// decimal; nothing else can be hashed.
pub(crate) fn with_bucketing_text<T>(value: AttributeValue<'_>, then: impl FnOnce(&str) -> T) -> Option<T> {
    match value {
        AttributeValue::Text(text) => Some(then(text)),
        AttributeValue::Bool(_) => None,
        AttributeValue::Json(json) => {
            let number = json.as_f64()?;
            // All numbers are doubles; from 2^63 on nothing is hashed.
            const LIMIT: f64 = 9_223_372_036_854_775_808.0;
            if number.fract() != 0.0 || !(-LIMIT..LIMIT).contains(&number) {
                return None;
            }
            let mut digits = [0u8; 20];
            Some(then(decimal(number as i64, &mut digits)))
        }
    }
}

fn decimal(number: i64, digits: &mut [u8; 20]) -> &str {
    let mut rest = number.unsigned_abs();
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    std::str::from_utf8(&digits[at..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn published_buckets_come_out() {
        let by_key = Prefix::new("hashKey", "saltyA", None);
        let by_seed = Prefix::new("hashKey", "saltyA", Some(61));
        for (prefix, id, bucket) in [
            (&by_key, "userKeyA", 0.42157587),
            (&by_key, "userKeyB", 0.6708485),
            (&by_key, "userKeyC", 0.10343106),
            (&by_key, "33333", 0.54771423),
            (&by_key, "99999", 0.7309658),
            (&by_seed, "userKeyA", 0.09801207),
            (&by_seed, "userKeyB", 0.14483777),
            (&by_seed, "userKeyC", 0.9242641),
        ] {
            assert_eq!(prefix.bucket(id), bucket, "{id}");
        }
    }

    #[test]
    fn all_ways_to_hash_agree() {
        for (before, length) in (0..200).flat_map(|before| (0..150).map(move |length| (before, length))) {
            let (prefix, id) = (Prefix::of("p".repeat(before)), "x".repeat(length));
            assert_eq!(prefix.as_bytes(), "p".repeat(before).as_bytes());
            let digest = Sha1::new().chain_update(prefix.as_bytes()).chain_update(&id).finalize();
            let expected = u64::from_str_radix(&hex::encode(digest)[..15], 16);
            assert_eq!(expected.ok(), Some(prefix.hash60(id.as_bytes())), "{before} and {length}");
            let tail = Tail::new(before, id.as_bytes());
            assert_eq!(tail.is_some(), before % BLOCK + length <= TWO_BLOCKS);
            assert!(tail.is_none_or(|tail| prefix.bucket_of(&tail) == prefix.bucket(&id)), "{before} and {length}");
        }
    }

    #[test]
    fn only_texts_and_integers_are_hashed() {
        let text = |value: serde_json::Value| with_bucketing_text(AttributeValue::Json(&value), str::to_string);
        assert_eq!(text(json!(33.0)).as_deref(), Some("33"));
        assert_eq!(text(json!(-0.0)).as_deref(), Some("0"));
        assert_eq!(text(json!(-7)).as_deref(), Some("-7"));
        assert_eq!(text(json!(9007199254740993_i64)).as_deref(), Some("9007199254740992"));
        assert_eq!(text(json!(i64::MIN)).as_deref(), Some("-9223372036854775808"));
        for odd in [json!(33.5), json!(1e20), json!(u64::MAX), json!([1]), json!({})] {
            assert_eq!(text(odd), None);
        }
        assert_eq!(with_bucketing_text(AttributeValue::Bool(true), str::to_string), None);
    }
}
