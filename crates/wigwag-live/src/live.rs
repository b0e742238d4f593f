//! Environments by credential, as requests see them.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::watch;
use wigwag_model::clock::{Clock, Millis};

use crate::clients::Members;
use crate::content::{Content, Feed, Items};
use crate::snapshot::EnvSnapshot;
use crate::spread::Spreads;
use crate::subscription::Subscription;
use crate::topic::Topic;

/// Every environment this process serves. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Live(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) clock: Clock,
    /// Replaced as a whole by the publisher when keys or environments come or go.
    pub(crate) keys: ArcSwap<KeyTable>,
    /// Keys of environments of which nothing has arrived yet.
    pub(crate) expected: ArcSwap<FxHashSet<Box<str>>>,
    pub(crate) loaded: AtomicBool,
    pub(crate) closed: AtomicBool,
    pub(crate) streams: AtomicUsize,
    members: OnceLock<Arc<dyn Members>>,
    log: OnceLock<Arc<dyn Log>>,
    /// The newest change that readers can see.
    pub(crate) published: watch::Sender<u64>,
}

/// Credentials in force.
#[derive(Default)]
pub(crate) struct KeyTable {
    pub(crate) sdk: FxHashMap<Box<str>, Grant>,
    pub(crate) mobile: FxHashMap<Box<str>, Grant>,
    /// By client-side ID, in force as long as the environment has it.
    pub(crate) client: FxHashMap<Box<str>, Grant>,
    /// Parts of environments, for keys that are held to views.
    pub(crate) parts: Vec<Arc<Env>>,
    /// By project, then by environment.
    pub(crate) named: FxHashMap<Box<str>, FxHashMap<Box<str>, Arc<Env>>>,
}

impl KeyTable {
    /// Every environment and every part of one.
    fn envs(&self) -> impl Iterator<Item = &Arc<Env>> {
        self.client.values().map(|grant| &grant.env).chain(&self.parts)
    }
}

/// An environment of which the newest snapshot can be had at any time.
pub struct Env {
    snapshot: ArcSwap<EnvSnapshot>,
    pub(crate) topic: Topic,
    spreads: Arc<Spreads>,
    closed: AtomicBool,
}

/// A key in force. Streams hold on to the one they were opened with.
pub struct Key {
    /// `Millis::MAX` if it has none.
    expiry: AtomicI64,
    revoked: AtomicBool,
}

/// What a credential gives access to.
#[derive(Clone)]
pub struct Grant {
    /// The environment.
    pub env: Arc<Env>,
    /// The key it was opened with.
    pub key: Arc<Key>,
    /// Who wants to know how far a stream over it was sent; held as long as the stream is open.
    pub watch: Option<Arc<dyn Watch>>,
}

/// Knows how far the log goes that a [`Live`] follows.
pub trait Log: Send + Sync {
    /// The newest change that was committed before this is asked, by whoever; none if that cannot be learnt now.
    fn newest(&self) -> Pin<Box<dyn Future<Output = Option<u64>> + Send + '_>>;
}

/// How long to wait for what is in the log already.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(5);

/// Learns how far a stream was sent.
pub trait Watch: Send + Sync {
    /// Everything up to this sequence was handed over, and the transport takes more.
    fn sent(&self, seq: u64);
}

impl Live {
    /// Nothing yet: everybody is told to come back until a [`Feeder`](crate::Feeder) has loaded.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner {
            clock,
            keys: ArcSwap::default(),
            expected: ArcSwap::default(),
            loaded: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            streams: AtomicUsize::new(0),
            members: OnceLock::new(),
            log: OnceLock::new(),
            published: watch::Sender::new(0),
        }))
    }

    /// Has big segments asked there. Only the first counts.
    pub fn ask_members_of(&self, members: Arc<dyn Members>) {
        let _taken = self.0.members.set(members);
    }

    /// Who is asked for the members of big segments, if anybody.
    #[must_use]
    pub fn members(&self) -> Option<&Arc<dyn Members>> {
        self.0.members.get()
    }

    /// The clock it goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The time by which keys expire, in milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.0.clock.now()
    }

    /// Whether the initial state is there.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.0.loaded.load(Ordering::Acquire)
    }

    /// Whether it is too early to call a key, or a client-side ID, wrong: nothing is loaded yet, or nothing of the
    /// environment it is for.
    #[must_use]
    pub fn may_come(&self, key: &str) -> bool {
        !self.is_loaded() || self.0.expected.load().contains(key)
    }

    /// The newest change that can be seen here.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        *self.0.published.borrow()
    }

    /// Returns once everything up to the change `seq` can be seen here and is on its way to streams.
    pub async fn reached(&self, seq: u64) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.published.subscribe().wait_for(|published| *published >= seq).await;
    }

    /// Has the end of the log asked there. Only the first counts.
    pub fn follows(&self, log: Arc<dyn Log>) {
        let _taken = self.0.log.set(log);
    }

    /// Waits until everything can be seen here that was committed before, by whichever server: what is unknown
    /// afterwards is not there. False if that cannot be learnt now.
    pub async fn caught_up(&self) -> bool {
        let Some(log) = self.0.log.get() else { return true };
        let Some(newest) = log.newest().await else { return false };
        tokio::time::timeout(CAUGHT_UP_WITHIN, self.reached(newest)).await.is_ok()
    }

    /// Whether this is a key or client-side ID of an environment, in force or not.
    #[must_use]
    pub fn knows(&self, credential: &str) -> bool {
        let keys = self.0.keys.load();
        [&keys.sdk, &keys.mobile, &keys.client].iter().any(|keys| keys.contains_key(credential))
    }

    /// The environment of an SDK key that is in force.
    #[must_use]
    pub fn by_sdk_key(&self, key: &str) -> Option<Grant> {
        self.in_force(self.0.keys.load().sdk.get(key))
    }

    /// The environment of a mobile key that is in force.
    #[must_use]
    pub fn by_mobile_key(&self, key: &str) -> Option<Grant> {
        self.in_force(self.0.keys.load().mobile.get(key))
    }

    /// The environment with this client-side ID.
    #[must_use]
    pub fn by_client_id(&self, id: &str) -> Option<Arc<Env>> {
        self.0.keys.load().client.get(id).map(|grant| Arc::clone(&grant.env))
    }

    /// What the client-side ID gives access to.
    #[must_use]
    pub fn grant_by_client_id(&self, id: &str) -> Option<Grant> {
        self.in_force(self.0.keys.load().client.get(id))
    }

    /// The environment of this project and environment key.
    #[must_use]
    pub fn by_name(&self, project: &str, environment: &str) -> Option<Arc<Env>> {
        self.0.keys.load().named.get(project)?.get(environment).cloned()
    }

    /// How many environments there are.
    #[must_use]
    pub fn env_count(&self) -> usize {
        self.0.keys.load().client.len()
    }

    /// How many streams are open.
    #[must_use]
    pub fn stream_count(&self) -> usize {
        self.0.streams.load(Ordering::Relaxed)
    }

    /// Opens a stream of a server-side SDK on a grant.
    #[must_use]
    pub fn subscribe(&self, grant: Grant, feed: Feed) -> Subscription {
        self.open(grant, Box::new(Items::new(feed)))
    }

    /// Opens a stream on a grant.
    #[must_use]
    pub fn open(&self, grant: Grant, content: Box<dyn Content>) -> Subscription {
        Subscription::new(self.clone(), grant, content)
    }

    /// Opens a stream of objects on a grant, for an SDK that holds `basis`: an [`EnvSnapshot::state`] of before.
    #[must_use]
    pub fn subscribe_from(&self, grant: Grant, basis: Option<&str>) -> Subscription {
        let first = grant.env.snapshot().transfer(basis);
        self.open(grant, Box::new(Items::beginning_with(&first)))
    }

    /// Ends every stream, and those opened later at once.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.keys.load().envs().for_each(|env| env.topic.wake());
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Acquire)
    }

    /// Revokes keys whose time has come and ends the streams opened with them.
    pub(crate) fn expire_keys(&self) {
        let now = self.0.clock.now();
        let keys = self.0.keys.load();
        for grant in keys.sdk.values().chain(keys.mobile.values()) {
            if !grant.key.is_in_force(now) && !grant.key.is_revoked() {
                grant.key.revoke();
                grant.env.topic.wake();
            }
        }
    }

    /// A heartbeat for one part of the streams of every environment.
    pub(crate) fn beat(&self, turn: usize) {
        self.0.keys.load().envs().for_each(|env| env.topic.beat(turn));
    }

    fn in_force(&self, grant: Option<&Grant>) -> Option<Grant> {
        grant.filter(|grant| grant.key.is_in_force(self.0.clock.now())).cloned()
    }
}

impl Env {
    pub(crate) fn new(snapshot: Arc<EnvSnapshot>) -> Self {
        Self {
            snapshot: ArcSwap::new(snapshot),
            topic: Topic::default(),
            spreads: Arc::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// The newest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Arc<EnvSnapshot> {
        self.snapshot.load_full()
    }

    /// The newest snapshot, for a short look.
    pub(crate) fn peek(&self) -> arc_swap::Guard<Arc<EnvSnapshot>> {
        self.snapshot.load()
    }

    /// How its last changes spread.
    #[must_use]
    pub const fn spreads(&self) -> &Arc<Spreads> {
        &self.spreads
    }

    pub(crate) fn publish(&self, snapshot: Arc<EnvSnapshot>, at: Millis) {
        // First: who sends it finds it noted.
        self.spreads.publish(snapshot.seq(), at);
        self.snapshot.store(snapshot);
        self.topic.wake();
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.topic.wake();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl Key {
    pub(crate) fn new(expiry: Option<Millis>) -> Self {
        Self { expiry: AtomicI64::new(expiry.unwrap_or(Millis::MAX)), revoked: AtomicBool::new(false) }
    }

    pub(crate) fn set_expiry(&self, expiry: Option<Millis>) {
        self.expiry.store(expiry.unwrap_or(Millis::MAX), Ordering::Release);
    }

    pub(crate) fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::Acquire)
    }

    fn is_in_force(&self, now: Millis) -> bool {
        !self.is_revoked() && self.expiry.load(Ordering::Acquire) > now
    }
}
