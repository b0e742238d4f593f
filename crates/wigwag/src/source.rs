//! The store as the source of live snapshots.

use std::collections::HashMap;
use std::sync::Arc;

use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::sync::{oneshot, watch};
use wigwag_kit::{Error, Keyring};
use wigwag_live::{Change, Document, Source, SourceError, State};
use wigwag_model::clock::{Clock, Millis};
use wigwag_model::doc::{Environment, KeyValue, Kind};
use wigwag_store::{DocKey, FeedDoc, FeedRow, Store, StoreError};

/// What snapshots are made of.
const KINDS: [Kind; 4] = [Kind::Environment, Kind::Flag, Kind::FlagConfig, Kind::Segment];
/// Changes taken from the log at once.
const CHANGES_MAX: usize = 256;

/// Reads the documents once, then follows the log.
pub struct StoreSource {
    store: Store,
    keyring: Arc<Keyring>,
    head: watch::Receiver<u64>,
    loaded: Option<oneshot::Sender<()>>,
    propagation: Option<Propagation>,
    /// Dates of the changes handed on last: they are in the snapshots when the next ones are asked for.
    on_the_way: Vec<Millis>,
}

/// The end of the log in the database.
pub(crate) struct StoreLog(pub(crate) Store);

impl wigwag_live::Log for StoreLog {
    fn newest(&self) -> std::pin::Pin<Box<dyn Future<Output = Option<u64>> + Send + '_>> {
        Box::pin(async { self.0.look().await.ok() })
    }
}

/// How long changes take to reach the snapshots of this process.
#[derive(Clone)]
pub struct Propagation {
    clock: Clock,
    seconds: Histogram,
}

impl Propagation {
    /// Registers `wigwag_propagation_seconds`.
    #[must_use]
    pub fn register(registry: &mut Registry, clock: Clock) -> Self {
        let seconds = Histogram::new(REACHED);
        let help = "From the date of a change until streams of this server have it";
        registry.register("wigwag_propagation_seconds", help, seconds.clone());
        Self { clock, seconds }
    }

    fn observe(&self, dates: impl Iterator<Item = Millis>) {
        let now = self.clock.now();
        // Clocks of servers may be apart: nothing arrives before it was sent.
        dates.for_each(|at| self.seconds.observe((now - at).max(0) as f64 / 1_000.0));
    }
}

/// Upper bounds in seconds.
const REACHED: [f64; 11] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

impl StoreSource {
    /// Over an open store. The receiver is told when the first state has been taken in, which is when
    /// the feeder asks for what comes after it.
    #[must_use]
    pub fn new(store: Store, keyring: Arc<Keyring>) -> (Self, oneshot::Receiver<()>) {
        let (loaded, told) = oneshot::channel();
        let head = store.watch();
        let source = Self { head, store, keyring, loaded: Some(loaded), propagation: None, on_the_way: Vec::new() };
        (source, told)
    }

    /// Tells how long changes take.
    #[must_use]
    pub fn telling(self, propagation: Propagation) -> Self {
        Self { propagation: Some(propagation), ..self }
    }
}

impl Source for StoreSource {
    /// Documents are read kind by kind, all kinds at once, while others may write: what was written
    /// meanwhile is taken from the log, so that the state is exactly that of one sequence.
    async fn load(&mut self) -> Result<State, SourceError> {
        let begun = self.store.head().await.map_err(unavailable)?;
        let scan = |kind| self.store.scan(kind, None, None);
        let [a, b, c, d] = KINDS;
        let (a, b, c, d) = tokio::try_join!(scan(a), scan(b), scan(c), scan(d)).map_err(unavailable)?;
        let docs =
            a.into_iter().chain(b).chain(c).chain(d).map(|doc| document(doc.key, doc.version, doc.seq, Some(doc.body)));
        let docs: Vec<Document> = docs.collect();
        let seq = self.store.head().await.map_err(unavailable)?;
        let docs = if seq == begun { docs } else { self.replayed(docs, begun, seq).await? };
        Ok(State { seq, docs: docs.into_iter().map(|doc| self.opened(doc)).collect::<Result<_, _>>()? })
    }

    async fn next(&mut self, seq: u64) -> Result<Vec<Change>, SourceError> {
        if let Some(loaded) = self.loaded.take() {
            let _nobody_waits = loaded.send(());
        }
        if let Some(propagation) = &self.propagation {
            propagation.observe(self.on_the_way.drain(..));
        }
        loop {
            // Marked as seen first: a change that comes after the look at the log wakes us again.
            self.head.mark_unchanged();
            // No more than there are: a few changes are read at once, many on a thread for blocking work.
            let behind = usize::try_from(self.head.borrow().saturating_sub(seq)).unwrap_or(CHANGES_MAX);
            let rows = self.store.feed(seq, behind.clamp(1, CHANGES_MAX)).await.map_err(unavailable)?;
            if !rows.is_empty() {
                self.on_the_way = rows.iter().map(|row| row.at).collect();
                return rows.into_iter().map(|row| self.change(row)).collect();
            }
            self.head.changed().await.map_err(|_| SourceError::Unavailable("the store is closed".to_owned()))?;
        }
    }
}

impl StoreSource {
    fn change(&self, row: FeedRow) -> Result<Change, SourceError> {
        let docs = row.docs.into_iter().map(|d| self.opened(document(d.key, d.version, row.seq, d.body)));
        Ok(Change { seq: row.seq, docs: docs.collect::<Result<_, _>>()? })
    }

    /// With the keys of an environment in the clear. Without the key that sealed them nothing goes on: SDKs take it
    /// as final when their key is refused, and wait while this server is told its keys.
    fn opened(&self, mut doc: Document) -> Result<Document, SourceError> {
        let Some(body) = doc.body.as_deref().filter(|_| doc.kind == Kind::Environment) else { return Ok(doc) };
        // One that cannot be read is left to those who read it, who say so.
        let Ok(mut environment) = serde_json::from_str::<Environment>(body) else { return Ok(doc) };
        for (about, key) in environment.keys_mut() {
            if let KeyValue::Sealed { sealed, .. } = &key.value {
                let clear = self.keyring.open(&about, sealed);
                let clear = clear.map_err(|error| unopened(&doc, error))?;
                key.value = KeyValue::Clear(clear);
            }
        }
        let text = serde_json::to_string(&environment).map_err(|error| SourceError::Unavailable(error.to_string()))?;
        doc.body = Some(text.into());
        Ok(doc)
    }

    /// Documents that were read while the log went on from `begun` to `seq`, as of `seq`.
    async fn replayed(&self, docs: Vec<Document>, begun: u64, seq: u64) -> Result<Vec<Document>, SourceError> {
        // Deleted ones stay for as long as changes are replayed, so that older states do not bring them back.
        let mut by_key: HashMap<DocKey, Document> = docs.into_iter().map(|d| (key_of(&d), d)).collect();
        let mut at = begun;
        while at < seq {
            let rows = self.store.feed(at, CHANGES_MAX).await.map_err(unavailable)?;
            let Some(last) = rows.last() else { break };
            at = last.seq;
            for row in rows.into_iter().filter(|row| row.seq <= seq) {
                row.docs.into_iter().for_each(|doc| take_newer(&mut by_key, row.seq, doc));
            }
        }
        Ok(by_key.into_values().filter(|d| d.body.is_some()).collect())
    }
}

fn take_newer(by_key: &mut HashMap<DocKey, Document>, seq: u64, doc: FeedDoc) {
    let newer = by_key.get(&doc.key).is_none_or(|known| known.version < doc.version);
    if newer && KINDS.contains(&doc.key.kind) {
        by_key.insert(doc.key.clone(), document(doc.key, doc.version, seq, doc.body));
    }
}

fn document(key: DocKey, version: u64, seq: u64, body: Option<Arc<str>>) -> Document {
    let DocKey { kind, project, env, key } = key;
    Document { kind, project, env, key, version, seq, body }
}

fn key_of(d: &Document) -> DocKey {
    DocKey { kind: d.kind, project: d.project.clone(), env: d.env.clone(), key: d.key.clone() }
}

fn unopened(doc: &Document, error: Error) -> SourceError {
    // Clients are not told why; the log is.
    let why = match error {
        Error::Internal(why) => why,
        other => other.to_string(),
    };
    SourceError::Unavailable(format!("the SDK keys of {}/{}: {why}", doc.project, doc.key))
}

fn unavailable(error: StoreError) -> SourceError {
    SourceError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn feed(key: &str, version: u64, body: Option<&str>) -> FeedDoc {
        FeedDoc { key: DocKey::in_project(Kind::Flag, "p", key), version, created_seq: 1, body: body.map(Arc::from) }
    }

    #[test]
    fn replaying_takes_what_is_newer_and_deletes_stay_deleted() {
        let mut by_key = HashMap::new();
        for (key, version, body) in [
            ("a", 2, Some("read")),
            ("a", 1, Some("older")),
            ("b", 1, Some("made")),
            ("b", 2, None),
            ("b", 1, Some("made, again")),
            ("c", 1, None),
            ("c", 2, Some("back")),
        ] {
            take_newer(&mut by_key, 1, feed(key, version, body));
        }
        let body = |key: &str| by_key[&DocKey::in_project(Kind::Flag, "p", key)].body.as_deref();
        assert_eq!((body("a"), body("b"), body("c")), (Some("read"), None, Some("back")));
    }

    #[tokio::test]
    async fn keys_of_sdks_are_opened_or_nothing_goes_on() {
        use wigwag_model::id::Ids;
        let sealed = Keyring::of([7; 32]).seal(&Ids::seeded(1), "environment/5f/sdk", "sdk-1").unwrap();
        let body = serde_json::json!({"id": "5f", "key": "e", "name": "E", "color": "000000", "createdAt": 0,
            "sdkKeys": [{"value": {"sealed": sealed, "hash": ""}}], "mobileKeys": [{"value": "mob-1"}]});
        let env = || {
            let key = DocKey::in_project(Kind::Environment, "p", "e");
            document(key, 1, 1, Some(body.to_string().into()))
        };
        let source = async |key| StoreSource::new(Store::temporary().await.unwrap(), Arc::new(Keyring::of(key))).0;
        let opened = source([7; 32]).await.opened(env()).unwrap().body.unwrap();
        let read: Environment = serde_json::from_str(&opened).unwrap();
        assert_eq!(read.sdk_keys[0].value.clear(), Some("sdk-1"));
        assert_eq!(read.mobile_keys[0].value.clear(), Some("mob-1"), "stored before keys were sealed");
        let error = source([8; 32]).await.opened(env()).unwrap_err().to_string();
        assert!(error.contains(sealed.key_id()) && error.contains("p/e"), "{error}");
    }

    #[test]
    fn kinds_that_sdks_never_see_are_left_out() {
        let mut by_key = HashMap::new();
        let key = DocKey::account(Kind::Token, "t");
        take_newer(&mut by_key, 1, FeedDoc { key, version: 1, created_seq: 1, body: None });
        assert!(by_key.is_empty());
    }
}
