//! A source that lives in memory: for tests, load generators and data that comes from a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use wigwag_model::doc::Kind;

use crate::source::{Change, Document, Source, SourceError, State};

/// A log of changes that anybody may add to. Clones are one log. Keeps every change, so it grows.
#[derive(Clone)]
pub struct MemoryLog(Arc<Inner>);

struct Inner {
    log: Mutex<Log>,
    head: watch::Sender<u64>,
}

/// Kind, project, environment and key.
type DocId = (&'static str, Box<str>, Box<str>, Box<str>);

#[derive(Default)]
struct Log {
    /// Tombstones included, so that versions go on rising.
    docs: BTreeMap<DocId, Document>,
    changes: Vec<Change>,
}

/// What to do to one document.
#[derive(Clone, Debug)]
pub struct MemoryWrite {
    /// Kind of the document.
    pub kind: Kind,
    /// Project key, or empty.
    pub project: String,
    /// Environment key, or empty.
    pub env: String,
    /// Its own key.
    pub key: String,
    /// Its JSON, or `None` to delete it.
    pub body: Option<String>,
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self(Arc::new(Inner { log: Mutex::default(), head: watch::Sender::new(0) }))
    }
}

impl MemoryLog {
    /// Adds one change and returns its sequence.
    pub fn commit(&self, writes: Vec<MemoryWrite>) -> u64 {
        let mut log = self.0.log.lock();
        let mut docs = Vec::with_capacity(writes.len());
        let seq = log.changes.len() as u64 + 1;
        for write in writes {
            let id: DocId = (
                write.kind.as_str(),
                write.project.as_str().into(),
                write.env.as_str().into(),
                write.key.as_str().into(),
            );
            let doc = Document {
                kind: write.kind,
                project: write.project.into(),
                env: write.env.into(),
                key: write.key.into(),
                version: log.docs.get(&id).map_or(1, |before| before.version + 1),
                seq,
                body: write.body.map(Arc::from),
            };
            log.docs.insert(id, doc.clone());
            docs.push(doc);
        }
        log.changes.push(Change { seq, docs });
        self.0.head.send_replace(seq);
        seq
    }

    /// Everything as of the last change.
    #[must_use]
    pub fn state(&self) -> State {
        let log = self.0.log.lock();
        let live = log.docs.values().filter(|doc| doc.body.is_some());
        State { seq: log.changes.len() as u64, docs: live.cloned().collect() }
    }

    /// The changes after `seq`.
    #[must_use]
    pub fn after(&self, seq: u64) -> Vec<Change> {
        let log = self.0.log.lock();
        let from = usize::try_from(seq).unwrap_or(usize::MAX).min(log.changes.len());
        log.changes[from..].to_vec()
    }
}

impl Source for MemoryLog {
    async fn load(&mut self) -> Result<State, SourceError> {
        Ok(self.state())
    }

    async fn next(&mut self, seq: u64) -> Result<Vec<Change>, SourceError> {
        let mut head = self.0.head.subscribe();
        // The sender is part of `self`, so it cannot have gone.
        let _ = head.wait_for(|head| *head > seq).await;
        Ok(self.after(seq))
    }
}
