//! Streams that are open: whose they are, and how far each has been written.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use wigwag_live::{Spreads, Watch};
use wigwag_model::clock::{Clock, Millis};

use crate::sink::{Credential, Origin};

/// Longer ids of SDK instances are not kept.
const MAX_INSTANCE: usize = 64;

/// All streams of this process.
#[derive(Clone)]
pub struct Connections(Arc<Inner>);

struct Inner {
    clock: Clock,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    streams: HashMap<u64, Arc<Stream>>,
    groups: HashMap<(Arc<str>, Origin), Group>,
}

/// Streams of one environment and sender.
#[derive(Default)]
struct Group {
    now: u64,
    most: u64,
    origin: Arc<Origin>,
}

/// One stream. A few of these fields are what it costs while nothing happens.
struct Stream {
    env: Arc<str>,
    /// Those of its environment, among which it counts under this number.
    spreads: Arc<Spreads>,
    number: u64,
    origin: Arc<Origin>,
    instance: Box<str>,
    since: Millis,
    sent: AtomicU64,
    sent_at: AtomicI64,
}

/// How many streams of an environment and sender there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peak {
    /// The environment's id.
    pub env: Arc<str>,
    /// Who holds them.
    pub origin: Arc<Origin>,
    /// How many now.
    pub now: u64,
    /// The most there were since this was last asked.
    pub most: u64,
}

/// An open stream, as it is at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStream {
    /// Its number in this process.
    pub id: u64,
    /// The environment's id.
    pub env: Arc<str>,
    /// Who holds it.
    pub origin: Arc<Origin>,
    /// `X-LaunchDarkly-Instance-Id`; several streams may share one.
    pub instance: Box<str>,
    /// When it was opened, in milliseconds since 1970.
    pub since: Millis,
    /// The sequence up to which everything was written to it; 0 before the first `put`.
    pub sent: u64,
    /// When that was written, in milliseconds since 1970.
    pub sent_at: Millis,
}

impl Connections {
    /// None yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner { clock, open: Mutex::default() }))
    }

    /// Notes a stream that is opened with these header fields. It counts until the answer is dropped.
    #[must_use]
    pub(crate) fn open(
        &self,
        env: &str,
        spreads: &Arc<Spreads>,
        credential: Credential,
        headers: &HeaderMap,
    ) -> Arc<dyn Watch> {
        let origin = Origin::of(credential, headers);
        let instance = headers.get("x-launchdarkly-instance-id").and_then(|value| value.to_str().ok());
        let instance = instance.filter(|id| id.len() <= MAX_INSTANCE).unwrap_or_default().into();
        let since = self.0.clock.now();
        let mut open = self.0.open();
        let env: Arc<str> = env.into();
        let group = open
            .groups
            .entry((Arc::clone(&env), origin))
            .or_insert_with_key(|(_, origin)| Group { origin: Arc::new(origin.clone()), ..Group::default() });
        group.now += 1;
        group.most = group.most.max(group.now);
        let origin = Arc::clone(&group.origin);
        let (sent, sent_at) = (AtomicU64::new(0), AtomicI64::new(since));
        let (spreads, number) = (Arc::clone(spreads), spreads.join());
        let stream = Arc::new(Stream { env, spreads, number, origin, instance, since, sent, sent_at });
        open.next += 1;
        let id = open.next;
        open.streams.insert(id, Arc::clone(&stream));
        Arc::new(Held { id, stream, all: Arc::clone(&self.0) })
    }

    /// The most there were of each environment and sender since this was last asked.
    #[must_use]
    pub fn peaks(&self) -> Vec<Peak> {
        let mut open = self.0.open();
        let peak = |((env, _), group): (&(Arc<str>, Origin), &Group)| Peak {
            env: Arc::clone(env),
            origin: Arc::clone(&group.origin),
            now: group.now,
            most: group.most,
        };
        let peaks = open.groups.iter().map(peak).collect();
        open.groups.retain(|_, group| {
            group.most = group.now;
            group.now > 0
        });
        peaks
    }

    /// How many streams each environment has.
    #[must_use]
    pub fn counts(&self) -> HashMap<Box<str>, u64> {
        let mut counts = HashMap::new();
        for stream in self.0.open().streams.values() {
            *counts.entry(Box::from(&*stream.env)).or_default() += 1;
        }
        counts
    }

    /// The streams of an environment, oldest first.
    #[must_use]
    pub fn of(&self, env: &str) -> Vec<OpenStream> {
        let open = self.0.open();
        let shown = |(id, stream): (&u64, &Arc<Stream>)| OpenStream {
            id: *id,
            env: Arc::clone(&stream.env),
            origin: Arc::clone(&stream.origin),
            instance: stream.instance.clone(),
            since: stream.since,
            sent: stream.sent.load(Ordering::Acquire),
            sent_at: stream.sent_at.load(Ordering::Acquire),
        };
        let mut all: Vec<_> = open.streams.iter().filter(|(_, stream)| *stream.env == *env).map(shown).collect();
        all.sort_unstable_by_key(|stream| stream.id);
        all
    }
}

impl Inner {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that is open as long as this is held.
struct Held {
    id: u64,
    stream: Arc<Stream>,
    all: Arc<Inner>,
}

impl Watch for Held {
    fn sent(&self, seq: u64) {
        let before = self.stream.sent.swap(seq, Ordering::AcqRel);
        if before != seq {
            let now = self.all.clock.now();
            self.stream.sent_at.store(now, Ordering::Release);
            self.stream.spreads.sent(self.stream.number, (before, seq), now);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.stream.spreads.leave(self.stream.number, self.stream.sent.load(Ordering::Acquire));
        let mut open = self.all.open();
        open.streams.remove(&self.id);
        let key = (Arc::clone(&self.stream.env), Origin::clone(&self.stream.origin));
        if let Some(group) = open.groups.get_mut(&key) {
            group.now -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn streams_count_while_they_are_held() {
        let clock = Clock::frozen(1000);
        let all = Connections::new(clock.clone());
        let spreads = Arc::default();
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", "GoClient/7".parse().unwrap());
        headers.insert("x-launchdarkly-instance-id", "i-1".parse().unwrap());
        let first = all.open("env", &spreads, Credential::Server, &headers);
        let second = all.open("env", &spreads, Credential::Server, &headers);
        drop(all.open("other", &spreads, Credential::Mobile, &HeaderMap::new()));
        clock.advance(5);
        first.sent(7);
        first.sent(7);
        let found = all.of("env");
        let seen: Vec<_> = found.iter().map(|s| (&*s.instance, &*s.origin.sdk, s.sent, s.sent_at)).collect();
        assert_eq!(seen, [("i-1", "GoClient", 7, 1005), ("i-1", "GoClient", 0, 1000)]);
        drop(second);
        let peaks = || {
            let mut peaks: Vec<_> = all.peaks().into_iter().map(|peak| (peak.env, peak.now, peak.most)).collect();
            peaks.sort();
            peaks
        };
        assert_eq!(peaks(), [("env".into(), 1, 2), ("other".into(), 0, 1)]);
        assert_eq!(peaks(), [("env".into(), 1, 1)]);
        drop(first);
        assert_eq!((all.of("env").len(), peaks()), (0, vec![("env".into(), 0, 1)]));
        assert!(peaks().is_empty());
    }
}
