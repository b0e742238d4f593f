//! How many requests are taken in ten seconds (behaviour.md 3): of the account, of one operation, from one address.
//!
//! A window begins at every full ten seconds, for all alike, so that counting is one atomic number. Each process
//! counts for itself, and is told from time to time what others have taken in the same window.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderMap;
use http::header::HeaderValue;
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use wigwag_model::clock::Millis;

use crate::error::{Error, Result};

/// Length of a window in milliseconds.
const WINDOW: Millis = 10_000;
/// Addresses counted in one window; further ones are let in, since the memory is bounded and the others' shares
/// are not theirs to pay for.
const ADDRESSES: usize = 100_000;

/// Most requests in ten seconds; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Of everybody with a credential together.
    pub global: u32,
    /// Of one operation.
    pub route: u32,
    /// From one address, whoever asks.
    pub address: u32,
}

/// What a server has taken in a window, as it tells the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    window: Millis,
    global: u32,
    /// By their place in the table, which is the same in servers of one version.
    routes: HashMap<usize, u32>,
    /// Those that ask most.
    addresses: HashMap<IpAddr, u32>,
}

/// An address is told to others once it has taken this part of its limit.
const TOLD: u32 = 20;
/// Addresses told at most.
const TOLD_MOST: usize = 200;

impl Taken {
    fn add(&mut self, other: &Self) {
        if other.window > self.window {
            *self = Self { window: other.window, ..Self::default() };
        }
        if other.window == self.window {
            self.global = self.global.saturating_add(other.global);
            let (routes, addresses) = (&mut self.routes, &mut self.addresses);
            other.routes.iter().for_each(|(at, n)| add_to(routes.entry(*at).or_default(), *n));
            other.addresses.iter().for_each(|(ip, n)| add_to(addresses.entry(*ip).or_default(), *n));
        }
    }
}

fn add_to(count: &mut u32, more: u32) {
    *count = count.saturating_add(more);
}

/// The counts of a process.
pub(super) struct Limiter {
    limits: RateLimits,
    global: Count,
    routes: Vec<Count>,
    addresses: Mutex<(Millis, HashMap<IpAddr, u32>)>,
    /// What other servers have taken, as far as they told.
    others: RwLock<Taken>,
}

/// What is left, as far as it was counted: header fields of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    global: Option<u32>,
    route: Option<u32>,
    reset: Millis,
}

impl Limiter {
    pub(super) fn new(limits: RateLimits, routes: usize) -> Self {
        let routes = if limits.route == 0 { 0 } else { routes };
        Self {
            limits,
            global: Count::default(),
            routes: (0..routes).map(|_| Count::default()).collect(),
            addresses: Mutex::default(),
            others: RwLock::default(),
        }
    }

    /// What was taken in the window of now.
    pub(super) fn taken(&self, now: Millis) -> Taken {
        let window = now.div_euclid(WINDOW);
        let routes = self.routes.iter().map(|count| count.taken(window)).enumerate().filter(|(_, n)| *n > 0);
        let addresses = self.addresses.lock();
        let many = addresses.1.iter().filter(|(_, n)| addresses.0 == window && **n >= self.limits.address / TOLD);
        Taken {
            window,
            global: self.global.taken(window),
            routes: routes.collect(),
            addresses: many.take(TOLD_MOST).map(|(ip, n)| (*ip, *n)).collect(),
        }
    }

    /// Notes what others have taken.
    pub(super) fn others_took(&self, others: impl IntoIterator<Item = Taken>) {
        let mut all = Taken::default();
        others.into_iter().for_each(|other| all.add(&other));
        *self.others.write() = all;
    }

    /// A number of what others have taken in a window.
    fn elsewhere(&self, window: Millis, number: impl Fn(&Taken) -> Option<u32>) -> u32 {
        let others = self.others.read();
        if others.window == window { number(&others).unwrap_or(0) } else { 0 }
    }

    /// Takes a request in from an address, before anything else is known of it.
    pub(super) fn address(&self, from: Option<IpAddr>, now: Millis) -> Result<()> {
        let (Some(from), most) = (from.filter(|_| self.limits.address > 0), self.limits.address) else {
            return Ok(());
        };
        let (window, from) = (now.div_euclid(WINDOW), subscriber(from));
        let mut addresses = self.addresses.lock();
        if addresses.0 != window {
            *addresses = (window, HashMap::new());
        }
        let room = addresses.1.len() < ADDRESSES;
        let count = match addresses.1.get_mut(&from) {
            Some(count) => count,
            None if room => addresses.1.entry(from).or_insert(0),
            None => return Ok(()),
        };
        *count = count.saturating_add(1);
        let own = *count;
        drop(addresses);
        let elsewhere = self.elsewhere(window, |others| others.addresses.get(&from).copied());
        let over = own.saturating_add(elsewhere) > most;
        let left = ((window + 1) * WINDOW - now).max(1);
        if over { Err(Error::RateLimited(Some(left.unsigned_abs().div_ceil(1000)))) } else { Ok(()) }
    }

    /// Takes a request in from somebody with a credential, for the operation at this place of the table. `left`
    /// is what the answer tells, whatever it is.
    pub(super) fn account(&self, route: usize, now: Millis, left: &mut Left) -> Result<()> {
        let window = now.div_euclid(WINDOW);
        let (mut over, limits) = (false, self.limits);
        left.reset = (window + 1) * WINDOW;
        let mut take = |count: &Count, elsewhere: u32, most: u32| {
            let taken = count.take(window).saturating_add(elsewhere);
            over |= taken > most;
            most.saturating_sub(taken)
        };
        let others = self.elsewhere(window, |others| others.routes.get(&route).copied());
        left.route = self.routes.get(route).map(|count| take(count, others, limits.route));
        let others = self.elsewhere(window, |others| Some(others.global));
        left.global = (limits.global > 0).then(|| take(&self.global, others, limits.global));
        if over { Err(Error::RateLimited(None)) } else { Ok(()) }
    }
}

impl Left {
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        for (name, left) in [("x-ratelimit-global-remaining", self.global), ("x-ratelimit-route-remaining", self.route)]
        {
            if let Some(left) = left {
                headers.insert(name, left.into());
            }
        }
        if self.global.is_some() || self.route.is_some() {
            headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset));
        }
    }
}

/// The lower half of a number.
const LOW: u64 = 0xffff_ffff;

/// A count within a window: both in one number, so that neither is seen without the other.
#[derive(Default)]
struct Count(AtomicU64);

impl Count {
    /// How many there are in this window.
    fn taken(&self, window: Millis) -> u32 {
        let (window, now) = ((window.unsigned_abs() & LOW) << 32, self.0.load(Ordering::Relaxed));
        if now & !LOW == window { (now & LOW) as u32 } else { 0 }
    }

    /// Counts one more in this window and answers how many there are.
    fn take(&self, window: Millis) -> u32 {
        // Windows are told apart by their last 32 bits, 1,361 years.
        let window = (window.unsigned_abs() & LOW) << 32;
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            let same = now & !LOW == window;
            let next = window | if same { (now & LOW).saturating_add(1).min(LOW) } else { 1 };
            match self.0.compare_exchange_weak(now, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return (next & LOW) as u32,
                Err(other) => now = other,
            }
        }
    }
}

/// Whose address it is: of IPv6, one subscriber has a whole network.
fn subscriber(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn limiter(global: u32, route: u32, address: u32) -> Limiter {
        Limiter::new(RateLimits { global, route, address }, 2)
    }

    #[test]
    fn of_the_account_and_of_operations() {
        let limiter = limiter(3, 2, 0);
        let take = |route, now| {
            let mut left = Left::default();
            let taken = limiter.account(route, now, &mut left).is_ok();
            (taken, left.global.unwrap(), left.route.unwrap(), left.reset)
        };
        assert_eq!(take(0, 9_999), (true, 2, 1, 10_000));
        assert_eq!(take(0, 10_000), (true, 2, 1, 20_000));
        assert_eq!(take(0, 10_001), (true, 1, 0, 20_000));
        assert_eq!(take(0, 10_002), (false, 0, 0, 20_000), "too many of one operation");
        assert_eq!(take(1, 10_003), (false, 0, 1, 20_000), "too many of all");
        assert_eq!(take(1, 20_000), (true, 2, 1, 30_000));
    }

    #[test]
    fn of_addresses() {
        let limiter = limiter(0, 0, 2);
        let take = |ip: &str, now| limiter.address(Some(ip.parse().unwrap()), now);
        for now in [1_000, 2_000] {
            take("1.1.1.1", now).unwrap();
        }
        assert!(matches!(take("1.1.1.1", 3_001), Err(Error::RateLimited(Some(7)))));
        assert!(matches!(take("::ffff:1.1.1.1", 9_999), Err(Error::RateLimited(Some(1)))));
        take("1.1.1.2", 3_000).unwrap();
        take("1.1.1.1", 10_000).unwrap();
        // One network of IPv6 is one subscriber.
        for ip in ["2001:db8::1", "2001:db8::2"] {
            take(ip, 10_000).unwrap();
        }
        take("2001:db8::3", 10_000).unwrap_err();
        take("2001:db8:0:1::1", 10_000).unwrap();
        limiter.address(None, 0).unwrap();
        let mut left = Left::default();
        limiter.account(0, 0, &mut left).unwrap();
        let mut headers = HeaderMap::new();
        left.tell(&mut headers);
        assert!(headers.is_empty(), "what is not limited is not told");
    }

    #[test]
    fn servers_count_together() {
        let (one, two) = (limiter(4, 3, 2), limiter(4, 3, 2));
        let ip: IpAddr = "1.1.1.1".parse().unwrap();
        let take = |limiter: &Limiter, route| limiter.account(route, 10_000, &mut Left::default()).is_ok();
        assert!(take(&one, 0) && take(&one, 0) && take(&two, 0));
        one.address(Some(ip), 10_000).unwrap();
        one.address(Some(ip), 10_000).unwrap();
        let told = serde_json::to_string(&one.taken(10_001)).unwrap();
        two.others_took([serde_json::from_str::<Taken>(&told).unwrap()]);
        assert!(!take(&two, 0), "two there, one here, and this one");
        assert!(!take(&two, 1), "all together");
        two.address(Some(ip), 10_002).unwrap_err();
        two.address(Some(ip), 20_000).unwrap();
        let mut left = Left::default();
        two.account(1, 20_000, &mut left).unwrap();
        assert_eq!(left.global, Some(3), "what was taken in another window does not count");
    }

    #[test]
    fn counts_of_many_threads_are_not_lost() {
        let count = Count::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        count.take(7);
                    }
                });
            }
        });
        assert_eq!(count.take(7), 40_001);
        count.0.store(7 << 32 | 0xffff_ffff, Ordering::Relaxed);
        assert_eq!(count.take(7), u32::MAX, "it stays there");
    }
}
