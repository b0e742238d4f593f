//! Tries that fail make the next one wait, longer each time.

use wigwag_kit::{Error, Result};
use wigwag_model::clock::Millis;
use wigwag_store::{Store, Tries};

use crate::secret;

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
/// Others may try under the same keys at once; nobody loses more often than this.
const RACES: usize = 50;

/// Counts tries by key, in the store: all processes count together, and a restart forgets nothing. Only hashes of
/// keys, counts and times are kept.
pub struct Throttle(Store);

impl Throttle {
    /// Over an open store.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self(store)
    }

    /// Lets a try through and counts it under all `keys`. What turns out well is then taken back by
    /// [`Throttle::forgive`] or [`Throttle::forget`]: tries that arrive together are counted before any of them is
    /// known to have failed.
    ///
    /// # Errors
    /// [`Error::RateLimited`] with the seconds to wait, or the store cannot be written.
    pub async fn attempt(&self, keys: &[(&str, Patience)], now: Millis) -> Result<()> {
        // All are asked before any is counted: asking too early costs nothing.
        for (key, _) in keys {
            let tries = self.0.tries(&stored(key)).await?;
            open(tries, now)?;
        }
        for (key, patience) in keys {
            self.count(&stored(key), *patience, now).await?;
        }
        Ok(())
    }

    async fn count(&self, key: &str, patience: Patience, now: Millis) -> Result<()> {
        for _ in 0..RACES {
            let was = self.0.tries(key).await?;
            open(was, now)?;
            if self.0.note_tries(key, was, next(was, patience, now)).await? {
                return Ok(());
            }
        }
        Err(Error::RateLimited(Some(1)))
    }

    /// Takes one try back: it was good, but says nothing of the others under this key.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn forgive(&self, key: &str) -> Result<()> {
        let key = stored(key);
        for _ in 0..RACES {
            let Some(was) = self.0.tries(&key).await? else { return Ok(()) };
            let good = Tries { count: was.count.saturating_sub(1), open: 0, ..was };
            if self.0.note_tries(&key, Some(was), good).await? {
                break;
            }
        }
        Ok(())
    }

    /// Forgets all tries under a key: its owner has shown up. What is old under other keys goes with it.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn forget(&self, key: &str, now: Millis) -> Result<()> {
        self.0.forget_tries(&stored(key)).await?;
        self.0.forget_old_tries(now - MEMORY).await?;
        Ok(())
    }
}

fn stored(key: &str) -> String {
    secret::hash(key)
}

/// Refuses while nothing is let through.
fn open(tries: Option<Tries>, now: Millis) -> Result<()> {
    let wait = tries.filter(|tries| now - tries.last < MEMORY).map_or(0, |tries| tries.open - now);
    if wait > 0 { Err(Error::RateLimited(Some(wait.unsigned_abs().div_ceil(1_000)))) } else { Ok(()) }
}

/// The tries with one more.
fn next(was: Option<Tries>, patience: Patience, now: Millis) -> Tries {
    let fresh = was.filter(|tries| now - tries.last < MEMORY).unwrap_or_default();
    let count = fresh.count.saturating_add(1);
    let over = count.checked_sub(patience.free);
    let open = over.map_or(fresh.open, |over| now + (1_000_i64 << over.min(20)).min(patience.longest));
    Tries { count, last: now, open }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[tokio::test]
    async fn waits_grow_up_to_a_bound() {
        let throttle = Throttle::new(Store::temporary().await.unwrap());
        let patience = Patience { free: 3, longest: 8_000 };
        let ask = async |keys: &[(&str, Patience)], now| match throttle.attempt(keys, now).await {
            Ok(()) => 0,
            Err(Error::RateLimited(Some(wait))) => wait,
            Err(e) => panic!("{e}"),
        };
        let try_at = async |now| ask(&[("a", patience)], now).await;
        assert_eq!((try_at(1).await, try_at(1).await, try_at(1).await), (0, 0, 0));
        let mut now = 1;
        for wait in [1, 2, 4, 8, 8, 8] {
            assert_eq!(try_at(now).await, wait, "at {now}");
            assert_eq!(try_at(now + 1).await, wait, "asking too early costs nothing");
            now += wait as i64 * 1_000;
            assert_eq!(try_at(now).await, 0);
        }
        assert_eq!(ask(&[("b", patience), ("a", patience)], now).await, 8, "the longest of them counts");
        assert_eq!(try_at(now + MEMORY).await, 0, "forgotten");
        throttle.forget("a", now).await.unwrap();
        assert_eq!((try_at(now).await, try_at(now).await, try_at(now).await), (0, 0, 0));
        throttle.forgive("a").await.unwrap();
        assert_eq!((try_at(now).await, try_at(now).await), (0, 1));
    }

    /// Tries that arrive together, at two servers: no more get through than are free.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn servers_count_together() {
        let one = wigwag_store::testing::postgres().await.unwrap();
        let throttles = [Throttle::new(one.clone()), Throttle::new(one)];
        let keys = [("a", Patience { free: 3, longest: 60_000 })];
        let tries = throttles.iter().cycle().take(8).map(|throttle| throttle.attempt(&keys, 5));
        let let_in = futures_util::future::join_all(tries).await.iter().filter(|tried| tried.is_ok()).count();
        assert_eq!(let_in, 3);
    }
}
