//! The store as the source of live snapshots.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use tokio::sync::{oneshot, watch};
use wigwag_live::{Change, Document, Source, SourceError, State};
use wigwag_model::doc::Kind;
use wigwag_store::{Doc, DocKey, FeedDoc, FeedRow, Store, StoreError};

/// What snapshots are made of.
const KINDS: [Kind; 4] = [Kind::Environment, Kind::Flag, Kind::FlagConfig, Kind::Segment];
/// Changes taken from the log at once.
const CHANGES_MAX: usize = 256;

/// Reads the documents once, then follows the log.
pub struct StoreSource {
    store: Store,
    head: watch::Receiver<u64>,
    loaded: Option<oneshot::Sender<()>>,
}

impl StoreSource {
    /// Over an open store. The receiver is told when the first state has been taken in, which is when
    /// the feeder asks for what comes after it.
    #[must_use]
    pub fn new(store: Store) -> (Self, oneshot::Receiver<()>) {
        let (loaded, told) = oneshot::channel();
        (Self { head: store.watch(), store, loaded: Some(loaded) }, told)
    }
}

impl Source for StoreSource {
    /// Documents are read kind by kind, all kinds at once, while others may write: what was written meanwhile is taken from
    /// the log, so that the state is exactly that of one sequence.
    async fn load(&mut self) -> Result<State, SourceError> {
        let begun = self.store.head().await.map_err(unavailable)?;
        let mut state = Documents::default();
        let scan = |kind| self.store.scan(kind, None, None);
        let [a, b, c, d] = KINDS;
        let (a, b, c, d) = tokio::try_join!(scan(a), scan(b), scan(c), scan(d)).map_err(unavailable)?;
        a.into_iter().chain(b).chain(c).chain(d).for_each(|doc| state.read(doc));
        let seq = self.store.head().await.map_err(unavailable)?;
        let mut at = begun;
        while at < seq {
            let rows = self.store.feed(at, CHANGES_MAX).await.map_err(unavailable)?;
            let Some(last) = rows.last() else { break };
            at = last.seq.min(seq);
            rows.into_iter().filter(|row| row.seq <= seq).for_each(|row| state.replay(row));
        }
        Ok(State { seq, docs: state.0.into_values().filter(|d| d.body.is_some()).collect() })
    }

    async fn next(&mut self, seq: u64) -> Result<Vec<Change>, SourceError> {
        if let Some(loaded) = self.loaded.take() {
            let _nobody_waits = loaded.send(());
        }
        loop {
            // Marked as seen first: a change that comes after the look at the log wakes us again.
            self.head.mark_unchanged();
            let rows = self.store.feed(seq, CHANGES_MAX).await.map_err(unavailable)?;
            if !rows.is_empty() {
                return Ok(rows.into_iter().map(change).collect());
            }
            self.head.changed().await.map_err(|_| SourceError::Unavailable("the store is closed".to_owned()))?;
        }
    }
}

/// Documents by key, deleted ones included for as long as changes are replayed.
#[derive(Default)]
struct Documents(HashMap<DocKey, Document>)
where
    DocKey: Eq + Hash;

impl Documents {
    fn read(&mut self, doc: Doc) {
        let document = document(&doc.key, doc.version, Some(doc.body));
        self.0.insert(doc.key, document);
    }

    /// Takes what is newer than what was read.
    fn replay(&mut self, row: FeedRow) {
        for FeedDoc { key, version, body } in row.docs {
            if KINDS.contains(&key.kind) && self.0.get(&key).is_none_or(|known| known.version < version) {
                let document = document(&key, version, body);
                self.0.insert(key, document);
            }
        }
    }
}

fn change(row: FeedRow) -> Change {
    let docs = row.docs.into_iter().map(|d| document(&d.key, d.version, d.body)).collect();
    Change { seq: row.seq, docs }
}

fn document(key: &DocKey, version: u64, body: Option<Arc<str>>) -> Document {
    Document { kind: key.kind, project: key.project.clone(), env: key.env.clone(), key: key.key.clone(), version, body }
}

fn unavailable(error: StoreError) -> SourceError {
    SourceError::Unavailable(error.to_string())
}
