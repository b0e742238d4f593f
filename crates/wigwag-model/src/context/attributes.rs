//! Custom attributes of one context part.

use crate::hash::text_hash;
use serde_json::Value;

/// Named values in the order they were given, found by hash.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    entries: Vec<(Box<str>, Value)>,
    /// Hash of the name and position in `entries`, sorted by hash.
    index: Vec<(u64, u32)>,
}

/// Up to this many entries a scan over the hashes beats a binary search.
const SCAN_LIMIT: usize = 16;

impl Attributes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Names and values, in the order they were first set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.get_hashed(name, text_hash(name))
    }

    /// The value of this name, whose [`text_hash`] is known.
    #[inline]
    pub fn get_hashed(&self, name: &str, hash: u64) -> Option<&Value> {
        self.position(name, hash).map(|at| &self.entries[at].1)
    }

    #[inline]
    fn position(&self, name: &str, hash: u64) -> Option<usize> {
        let start = if self.index.len() <= SCAN_LIMIT {
            self.index.iter().position(|(h, _)| *h == hash)?
        } else {
            self.index.partition_point(|(h, _)| *h < hash)
        };
        self.index[start..]
            .iter()
            .take_while(|(h, _)| *h == hash)
            .map(|(_, at)| *at as usize)
            .find(|at| *self.entries[*at].0 == *name)
    }

    /// Sets a value; `""`, `_meta` and null are ignored, the last of two equal names wins.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        if settable(name, &value) {
            let hash = text_hash(name);
            match self.position(name, hash) {
                Some(at) => self.entries[at].1 = value,
                None => {
                    let slot = self.index.partition_point(|(h, _)| *h < hash);
                    self.index.insert(slot, (hash, self.entries.len() as u32));
                    self.entries.push((name.into(), value));
                }
            }
        }
    }

    /// Takes distinct names at once.
    pub(super) fn from_distinct(entries: impl Iterator<Item = (String, Value)>) -> Attributes {
        let entries: Vec<(Box<str>, Value)> =
            entries.filter(|(name, value)| settable(name, value)).map(|(n, v)| (n.into_boxed_str(), v)).collect();
        let mut index: Vec<(u64, u32)> =
            entries.iter().zip(0u32..).map(|((name, _), at)| (text_hash(name), at)).collect();
        index.sort_unstable();
        Attributes { entries, index }
    }
}

fn settable(name: &str, value: &Value) -> bool {
    !name.is_empty() && name != "_meta" && !value.is_null()
}

impl PartialEq for Attributes {
    /// Order does not matter.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}
