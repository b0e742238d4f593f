//! What was resolved from the store, for as long as it holds.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use wigwag_kit::Error;
use wigwag_model::doc::Kind;
use wigwag_store::{DocKey, Store};

use crate::directory::Directory;

/// Changes that are looked at one by one; after more of them everything is resolved anew.
const LOOKED_AT: u64 = 1_000;

/// Callers that were resolved, by the digest of their credential or the like, and the [`Directory`] they were resolved
/// with. Both hold for a sequence; a later one makes what was written in between be looked at, once for all.
pub struct Cache<K, V> {
    store: Store,
    head: watch::Receiver<u64>,
    most: usize,
    state: Mutex<Option<State<K, V>>>,
}

struct State<K, V> {
    /// The sequence up to which all of this holds.
    at: u64,
    directory: Arc<Directory>,
    known: HashMap<K, Entry<V>>,
}

struct Entry<V> {
    value: Arc<V>,
    /// The documents it came from.
    from: Vec<DocKey>,
}

/// The cache as of one sequence.
pub struct View<'a, K, V> {
    cache: &'a Cache<K, V>,
    at: u64,
    directory: Arc<Directory>,
}

impl<K: Eq + Hash, V> Cache<K, V> {
    /// Empty, for `most` values.
    #[must_use]
    pub fn new(store: Store, most: usize) -> Self {
        Self { head: store.watch(), store, most, state: Mutex::default() }
    }

    /// The cache as of now: whatever was committed before, by any process, is part of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn current(&self) -> Result<View<'_, K, V>, Error> {
        let looked = self.store.look().await;
        // Without the database, what is known goes on to hold.
        let head = looked.unwrap_or_else(|_| *self.head.borrow());
        loop {
            let known = self.state.lock().as_ref().map(|state| (state.at, Arc::clone(&state.directory)));
            match known {
                Some((at, directory)) if at >= head => return Ok(View { cache: self, at, directory }),
                Some((at, directory)) if head - at <= LOOKED_AT => self.follow(at, head, directory).await?,
                _ => self.reload(head).await?,
            }
        }
    }

    async fn reload(&self, head: u64) -> Result<(), Error> {
        let directory = Arc::new(Directory::load(&self.store).await?);
        let mut state = self.state.lock();
        if state.as_ref().is_none_or(|state| state.at < head) {
            *state = Some(State { at: head, directory, known: HashMap::new() });
        }
        Ok(())
    }

    /// Takes in what was written after `at`, up to `head`.
    async fn follow(&self, at: u64, head: u64, mut directory: Arc<Directory>) -> Result<(), Error> {
        let kinds = [Kind::Account, Kind::CustomRole, Kind::Member, Kind::Team, Kind::Token];
        let written = self.store.written(at, head, &kinds).await?;
        let (shared, own): (Vec<_>, Vec<_>) =
            written.into_iter().partition(|key| matches!(key.kind, Kind::CustomRole | Kind::Team));
        for (key, doc) in shared.iter().zip(self.store.get_many(&shared).await?) {
            Arc::make_mut(&mut directory).take(key.kind, &key.key, doc.as_ref())?;
        }
        let mut state = self.state.lock();
        let Some(state) = state.as_mut().filter(|state| state.at == at) else { return Ok(()) };
        if !shared.is_empty() {
            state.known.clear();
            state.directory = directory;
        } else if !own.is_empty() {
            state.known.retain(|_, entry| !entry.from.iter().any(|key| own.contains(key)));
        }
        state.at = head;
        Ok(())
    }
}

impl<K: Eq + Hash, V> View<'_, K, V> {
    /// Custom roles and teams.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// What was kept under a key and still holds.
    #[must_use]
    pub fn known(&self, key: &K) -> Option<Arc<V>> {
        let state = self.cache.state.lock();
        state.as_ref().and_then(|state| state.known.get(key)).map(|entry| Arc::clone(&entry.value))
    }

    /// Keeps what was resolved from these documents and the directory, unless something was written meanwhile.
    pub fn keep(&self, key: K, from: Vec<DocKey>, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut state = self.cache.state.lock();
        if let Some(state) = state.as_mut().filter(|state| state.at == self.at) {
            if state.known.len() >= self.cache.most {
                state.known.clear();
            }
            state.known.insert(key, Entry { value: Arc::clone(&value), from });
        }
        value
    }
}
