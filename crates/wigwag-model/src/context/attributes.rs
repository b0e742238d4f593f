//! Custom attributes of one context part.

use crate::hash::text_hash;
use serde_json::Value;

/// Named values in the order they were given, found by hash.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    entries: Vec<(Box<str>, Value)>,
    /// Hash of each entry's name.
    hashes: Vec<u64>,
    /// Positions sorted by hash, when there are too many to scan.
    sorted: Vec<u32>,
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
        if self.hashes.len() > SCAN_LIMIT {
            return self.search(name, hash);
        }
        let same = |at: &usize| self.hashes[*at] == hash && *self.entries[*at].0 == *name;
        (0..self.hashes.len()).find(same)
    }

    #[inline(never)]
    fn search(&self, name: &str, hash: u64) -> Option<usize> {
        let hash_at = |at: u32| self.hashes[at as usize];
        let start = self.sorted.partition_point(|at| hash_at(*at) < hash);
        let equal = self.sorted[start..].iter().take_while(|at| hash_at(**at) == hash);
        equal.map(|at| *at as usize).find(|at| *self.entries[*at].0 == *name)
    }

    /// Sets a value; `""`, `_meta` and null are ignored, the last of two equal names wins.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        if settable(name, &value) {
            let hash = text_hash(name);
            match self.position(name, hash) {
                Some(at) => self.entries[at].1 = value,
                None => {
                    self.entries.push((name.into(), value));
                    self.hashes.push(hash);
                    self.sort();
                }
            }
        }
    }

    /// Takes distinct names at once.
    pub(super) fn from_distinct(entries: impl Iterator<Item = (String, Value)>) -> Attributes {
        let entries: Vec<(Box<str>, Value)> =
            entries.filter(|(name, value)| settable(name, value)).map(|(n, v)| (n.into_boxed_str(), v)).collect();
        let hashes = entries.iter().map(|(name, _)| text_hash(name)).collect();
        let mut attributes = Attributes { entries, hashes, sorted: Vec::new() };
        attributes.sort();
        attributes
    }

    fn sort(&mut self) {
        if self.hashes.len() > SCAN_LIMIT {
            self.sorted = (0..self.hashes.len() as u32).collect();
            self.sorted.sort_unstable_by_key(|at| self.hashes[*at as usize]);
        }
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
