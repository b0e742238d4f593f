//! A compact, read-only map from text to a small number, for long lists of context keys.

use wigwag_model::hash::text_hash;

/// Keys lie end to end in one buffer; an open-addressing table at most half full finds them. A
/// list of 10,000 keys costs two allocations and no pointer per key.
#[derive(Debug, Default)]
pub(crate) struct KeyMap {
    text: Box<str>,
    /// Power-of-two length, or empty. A slot with `end == 0` and `value == VACANT` is free.
    slots: Box<[Slot]>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    tag: u32,
    start: u32,
    end: u32,
    value: u32,
}

const VACANT: u32 = u32::MAX;
const FREE: Slot = Slot { tag: 0, start: 0, end: 0, value: VACANT };

impl KeyMap {
    /// Builds the map; the first of equal keys wins. Values must be below `u32::MAX`.
    pub(crate) fn new<'k>(entries: impl Iterator<Item = (&'k str, u32)> + Clone) -> KeyMap {
        let (count, bytes) = entries.clone().fold((0usize, 0usize), |(n, b), (key, _)| (n + 1, b + key.len()));
        if count == 0 {
            return KeyMap::default();
        }
        let mut text = String::with_capacity(bytes);
        let mut slots = vec![FREE; (count * 2).next_power_of_two()].into_boxed_slice();
        let mask = slots.len() - 1;
        for (key, value) in entries {
            let hash = text_hash(key);
            let mut at = hash as usize & mask;
            while slots[at].value != VACANT && !slots[at].is(tag(hash), key, &text) {
                at = (at + 1) & mask;
            }
            if slots[at].value == VACANT {
                let start = text.len() as u32;
                text.push_str(key);
                slots[at] = Slot { tag: tag(hash), start, end: text.len() as u32, value };
            }
        }
        KeyMap { text: text.into_boxed_str(), slots }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    #[inline]
    pub(crate) fn get(&self, key: &str) -> Option<u32> {
        self.get_hashed(key, text_hash(key))
    }

    /// Looks a key up whose [`text_hash`] is known.
    #[inline]
    pub(crate) fn get_hashed(&self, key: &str, hash: u64) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        // At most half the slots are taken, so the walk ends.
        loop {
            let slot = &self.slots[at];
            if slot.value == VACANT {
                return None;
            }
            if slot.is(tag(hash), key, &self.text) {
                return Some(slot.value);
            }
            at = (at + 1) & mask;
        }
    }
}

/// The part of the hash that did not choose the slot.
#[inline]
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl Slot {
    #[inline]
    fn is(&self, tag: u32, key: &str, text: &str) -> bool {
        self.tag == tag && text.as_bytes().get(self.start as usize..self.end as usize) == Some(key.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_keys_wins_and_strangers_miss() {
        let keys: Vec<String> = (0..5000).map(|n| format!("key-{}", n % 4000)).collect();
        let map = KeyMap::new(keys.iter().map(String::as_str).zip(0..));
        for n in 0..4000 {
            assert_eq!(map.get(&format!("key-{n}")), Some(n));
        }
        assert_eq!(map.get("key-4000"), None);
        assert_eq!(map.get(""), None);
        assert_eq!(KeyMap::default().get("x"), None);
        assert_eq!(KeyMap::new([("", 7)].into_iter()).get(""), Some(7));
    }
}
