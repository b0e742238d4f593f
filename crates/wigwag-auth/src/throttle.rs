//! Tries that fail make the next one wait, longer each time.

use std::collections::HashMap;

use parking_lot::Mutex;
use wigwag_model::clock::Millis;

/// How patient a [`Throttle`] is with tries under one key.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Tries that cost nothing.
    pub free: u32,
    /// The longest wait, in milliseconds.
    pub longest: Millis,
}

/// For one e-mail address: short, so that a stranger cannot keep its owner out for long.
pub const PER_EMAIL: Patience = Patience { free: 5, longest: 60_000 };
/// For one network address: many people may share it.
pub const PER_ADDRESS: Patience = Patience { free: 20, longest: 15 * 60_000 };

/// Nothing is remembered longer than this after the last try.
const MEMORY: Millis = 60 * 60_000;
/// Keys remembered at most; the quietest go first.
const MOST: usize = 100_000;

/// Counts tries by key. In memory: each process counts for itself. Only keys, counts and times are kept, so
/// that a table in the store can take its place.
#[derive(Default)]
pub struct Throttle(Mutex<HashMap<String, Tries>>);

#[derive(Clone, Copy, Default)]
struct Tries {
    count: u32,
    last: Millis,
    /// No try is let through before.
    open: Millis,
}

impl Throttle {
    /// Lets a try through and counts it under all `keys`, or answers after how many seconds to come back.
    /// What turns out well is then taken back by [`Throttle::forgive`] or [`Throttle::forget`]: tries that
    /// arrive together are counted before any of them is known to have failed.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn attempt(&self, keys: &[(&str, Patience)], now: Millis) -> Result<(), u64> {
        let mut all = self.0.lock();
        let fresh = |tries: &Tries| now - tries.last < MEMORY;
        let waits = keys.iter().filter_map(|(key, _)| all.get(*key)).filter(|t| fresh(t)).map(|t| t.open - now);
        if let Some(wait) = waits.max().filter(|wait| *wait > 0) {
            return Err((wait as u64).div_ceil(1_000));
        }
        if all.len() + keys.len() > MOST {
            all.retain(|_, tries| fresh(tries));
            if all.len() + keys.len() > MOST {
                all.clear();
            }
        }
        for (key, patience) in keys {
            let tries = all.entry((*key).to_owned()).or_default();
            if now - tries.last >= MEMORY {
                *tries = Tries::default();
            }
            tries.count = tries.count.saturating_add(1);
            tries.last = now;
            if let Some(over) = tries.count.checked_sub(patience.free) {
                tries.open = now + (1_000_i64 << over.min(20)).min(patience.longest);
            }
        }
        Ok(())
    }

    /// Takes one try back: it was good, but says nothing of the others under this key.
    pub fn forgive(&self, key: &str) {
        if let Some(tries) = self.0.lock().get_mut(key) {
            tries.count = tries.count.saturating_sub(1);
            tries.open = 0;
        }
    }

    /// Forgets all tries under a key: its owner has shown up.
    pub fn forget(&self, key: &str) {
        self.0.lock().remove(key);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound() {
        let throttle = Throttle::default();
        let patience = Patience { free: 3, longest: 8_000 };
        let try_at = |now| throttle.attempt(&[("a", patience)], now);
        assert_eq!((try_at(0), try_at(0), try_at(0)), (Ok(()), Ok(()), Ok(())));
        let mut now = 0;
        for wait in [1, 2, 4, 8, 8, 8] {
            assert_eq!(try_at(now), Err(wait), "at {now}");
            assert_eq!(try_at(now + 1), Err(wait), "asking too early costs nothing");
            now += wait as i64 * 1_000;
            assert_eq!(try_at(now), Ok(()));
        }
        assert_eq!(throttle.attempt(&[("b", patience), ("a", patience)], now), Err(8), "the longest of them counts");
        assert_eq!(try_at(now + MEMORY), Ok(()), "forgotten");
        throttle.forget("a");
        assert_eq!((try_at(now), try_at(now), try_at(now)), (Ok(()), Ok(()), Ok(())));
        throttle.forgive("a");
        assert_eq!((try_at(now), try_at(now)), (Ok(()), Err(1)));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..MOST + 10 {
            throttle.attempt(&[(&n.to_string(), PER_EMAIL)], n as i64).unwrap();
        }
        assert!(throttle.0.lock().len() <= MOST);
    }
}
