//! Hash buckets (evaluation §7.1): a context's fixed place between 0 and 1.

use sha1::{Digest, Sha1};
use wigwag_model::context::AttributeValue;

/// What comes before the bucketing value in the hash input, separators included.
#[derive(Debug)]
pub(crate) struct Prefix {
    /// It, followed by zeros, where it leaves room for a value in the first block; nearly every one does. Kept in
    /// place: no other memory is touched.
    block: [u8; BLOCK],
    length: usize,
    /// It, where it does not.
    long: Box<[u8]>,
}

const BLOCK: usize = 64;
/// Longest input whose padding fits the first block.
const ONE_BLOCK: usize = 55;
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
        let (mut block, length) = ([0; BLOCK], text.len());
        if length > ONE_BLOCK {
            return Prefix { block, length, long: text.into_bytes().into_boxed_slice() };
        }
        block[..length].copy_from_slice(text.as_bytes());
        Prefix { block, length, long: Box::default() }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.block.get(..self.length).filter(|_| self.long.is_empty()).unwrap_or(&self.long)
    }

    /// The bucket of a bucketing value: 0 to 1, both inclusive, in single precision.
    #[inline]
    pub(crate) fn bucket(&self, id: &str) -> f32 {
        // 2^60 − 1 rounds to 2^60 as a float.
        const SCALE: f32 = 0x0FFF_FFFF_FFFF_FFFF_u64 as f32;
        self.hash60(id.as_bytes()) as f32 / SCALE
    }

    /// The first 15 hex digits of the SHA-1 of both parts together.
    #[inline]
    fn hash60(&self, id: &[u8]) -> u64 {
        let length = self.length + id.len();
        if length > ONE_BLOCK {
            return self.hash60_long(id);
        }
        // Padded by hand, without the buffering of a hash that takes any length.
        let mut block = self.block;
        block[self.length..length].copy_from_slice(id);
        block[length] = 0x80;
        block[62..].copy_from_slice(&(length as u16 * 8).to_be_bytes());
        let mut state = INITIAL;
        sha1::block_api::compress(&mut state, &[block]);
        (u64::from(state[0]) << 32 | u64::from(state[1])) >> 4
    }

    #[inline(never)]
    fn hash60_long(&self, id: &[u8]) -> u64 {
        let digest = Sha1::new().chain_update(self.as_bytes()).chain_update(id).finalize();
        let mut head = [0; 8];
        head.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(head) >> 4
    }
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
    fn one_block_and_streaming_hash_agree() {
        for (before, length) in (0..70).flat_map(|before| (0..70).map(move |length| (before, length))) {
            let (prefix, id) = (Prefix::of("p".repeat(before)), "x".repeat(length));
            assert_eq!(prefix.as_bytes(), "p".repeat(before).as_bytes());
            let digest = Sha1::new().chain_update(prefix.as_bytes()).chain_update(&id).finalize();
            let expected = u64::from_str_radix(&hex::encode(digest)[..15], 16);
            assert_eq!(expected.ok(), Some(prefix.hash60(id.as_bytes())), "{before} and {length}");
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
