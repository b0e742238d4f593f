//! Documents and changes kept in memory, so that what is hot is read without the database.
//!
//! An engine hands in every change, in order, before anybody is told of it. A reader may add what it has read
//! unless something could have been written meanwhile and let go of again.

use crate::doc::Decoded;
use crate::plan::Batch;
use crate::{Doc, DocKey, FeedDoc, FeedRow};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use wigwag_model::doc::Kind;

/// Bytes of bodies that each of the two generations may hold. Those that requests read are also kept as they were
/// decoded, at two to three times the size.
const GENERATION: usize = 16 << 20;
/// Changes, and bytes of bodies, that the end of the log may hold.
const TAIL_ROWS: usize = 1024;
const TAIL_BYTES: usize = 8 << 20;
/// What an entry costs beside its body, roughly.
const OVERHEAD: usize = 256;

/// What is kept. Shared by the writer and those who read.
#[derive(Default)]
pub(crate) struct Recent {
    docs: Mutex<Docs>,
    tail: Mutex<Tail>,
}

/// A document as of `seq`, or that there is none.
#[derive(Clone)]
struct Entry {
    seq: u64,
    doc: Option<Doc>,
}

/// Two generations: what is not asked for while the young one fills up goes with the old one.
#[derive(Default)]
struct Docs {
    young: FxHashMap<DocKey, Entry>,
    old: FxHashMap<DocKey, Entry>,
    bytes: usize,
    /// The newest state ever let go of: a reader that may not have seen it may add nothing.
    gone: u64,
    /// All documents that a project itself has of a kind.
    lists: FxHashMap<(Kind, Box<str>), Arc<[Doc]>>,
    /// The newest change to any document of a kind in a project.
    listed: FxHashMap<Kind, u64>,
}

#[derive(Default)]
struct Tail {
    rows: VecDeque<FeedRow>,
    bytes: usize,
}

impl Recent {
    /// Takes in a batch that is committed and not yet published.
    pub(crate) fn written(&self, batch: &Batch<'_>) {
        let mut rows: Vec<FeedRow> =
            batch.rows.iter().map(|row| FeedRow { seq: row.seq, at: row.change.at, docs: Vec::new() }).collect();
        let first = rows.first().map_or(0, |row| row.seq);
        for version in &batch.versions {
            let Some(row) = rows.get_mut((version.seq - first) as usize) else { continue };
            row.docs.push(FeedDoc {
                key: version.key.clone(),
                version: version.version,
                created_seq: version.created_seq,
                body: version.body.map(Arc::from),
            });
        }
        self.take(rows);
    }

    /// Takes in changes that come right after those taken in before.
    pub(crate) fn take(&self, rows: Vec<FeedRow>) {
        let mut docs = self.docs.lock();
        for row in &rows {
            for written in &row.docs {
                docs.unlist(&written.key, row.seq);
                docs.put(written.key.clone(), Entry { seq: row.seq, doc: state(row, written) });
            }
        }
        drop(docs);
        self.tail.lock().extend(rows);
    }

    /// Forgets all: the next change taken in may be any.
    pub(crate) fn clear(&self) {
        *self.docs.lock() = Docs::default();
        *self.tail.lock() = Tail::default();
    }

    /// The documents under all of these keys as of one moment, if all are known.
    pub(crate) fn get(&self, keys: &[DocKey]) -> Option<Vec<Option<Doc>>> {
        let mut docs = self.docs.lock();
        keys.iter().map(|key| docs.get(key).map(|entry| entry.doc)).collect()
    }

    /// Adds what was read under `keys` from a database that showed at least all changes up to `seq`.
    pub(crate) fn read(&self, seq: u64, keys: &[DocKey], found: &[Option<Doc>]) {
        let mut docs = self.docs.lock();
        for (key, doc) in keys.iter().zip(found) {
            // What is known of a key is newer than its absence: else it would have been found.
            let since = doc.as_ref().map_or(0, |doc| doc.seq);
            let known = docs.get(key).is_some_and(|known| known.seq >= since);
            if !known && seq >= docs.gone {
                docs.put(key.clone(), Entry { seq: since, doc: doc.clone() });
            }
        }
    }

    /// All documents that a project itself has of a kind, if known.
    pub(crate) fn list(&self, kind: Kind, project: &str) -> Option<Arc<[Doc]>> {
        self.docs.lock().lists.get(&(kind, project.into())).cloned()
    }

    /// Adds such a list, read from a database that showed at least all changes up to `seq`.
    pub(crate) fn read_list(&self, seq: u64, kind: Kind, project: &str, found: &Arc<[Doc]>) {
        let mut docs = self.docs.lock();
        if seq >= docs.listed.get(&kind).copied().unwrap_or(0) {
            docs.bytes += found.iter().map(cost).sum::<usize>();
            docs.lists.insert((kind, project.into()), Arc::clone(found));
        }
    }

    /// The changes after `after`, at most `limit`, if the end of the log reaches back so far.
    pub(crate) fn feed(&self, after: u64, limit: usize) -> Option<Vec<FeedRow>> {
        let tail = self.tail.lock();
        let skip = usize::try_from((after + 1).checked_sub(tail.rows.front()?.seq)?).ok()?;
        Some(tail.rows.iter().skip(skip).take(limit).cloned().collect())
    }
}

impl Docs {
    fn get(&mut self, key: &DocKey) -> Option<Entry> {
        if let Some(entry) = self.young.get(key) {
            return Some(entry.clone());
        }
        let (key, entry) = self.old.remove_entry(key)?;
        self.put(key, entry.clone());
        Some(entry)
    }

    fn put(&mut self, key: DocKey, entry: Entry) {
        self.bytes += OVERHEAD + entry.doc.as_ref().map_or(0, cost);
        self.old.remove(&key);
        self.young.insert(key, entry);
        if self.bytes > GENERATION {
            let old = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            self.gone = old.values().map(|entry| entry.seq).fold(self.gone, u64::max);
            self.lists.clear();
            self.bytes = 0;
        }
    }

    /// A list that `key` belongs to no longer stands.
    fn unlist(&mut self, key: &DocKey, seq: u64) {
        if !key.project.is_empty() && key.env.is_empty() {
            self.listed.insert(key.kind, seq);
            self.lists.remove(&(key.kind, key.project.clone()));
        }
    }
}

impl Tail {
    fn extend(&mut self, rows: Vec<FeedRow>) {
        self.bytes += rows.iter().map(size).sum::<usize>();
        self.rows.extend(rows);
        while self.rows.len() > TAIL_ROWS || (self.bytes > TAIL_BYTES && self.rows.len() > 1) {
            let Some(first) = self.rows.pop_front() else { break };
            self.bytes -= size(&first);
        }
    }
}

/// A document as a change left it, unless it is gone.
fn state(row: &FeedRow, written: &FeedDoc) -> Option<Doc> {
    written.body.clone().map(|body| Doc {
        key: written.key.clone(),
        version: written.version,
        seq: row.seq,
        created_seq: written.created_seq,
        updated_at: row.at,
        body,
        decoded: Decoded::default(),
    })
}

fn cost(doc: &Doc) -> usize {
    OVERHEAD + doc.body.len()
}

fn size(row: &FeedRow) -> usize {
    row.docs.iter().map(|doc| OVERHEAD + doc.body.as_ref().map_or(0, |body| body.len())).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::plan::Head;
    use crate::{Commit, Expect, IndexFacts, NewChange, Write, WriteOp};

    fn key(name: &str) -> DocKey {
        DocKey::in_project(Kind::Environment, "p", name)
    }

    fn doc(name: &str, seq: u64) -> Doc {
        let (key, decoded) = (key(name), Decoded::default());
        Doc { key, version: seq, seq, created_seq: 1, updated_at: 0, body: "{}".into(), decoded }
    }

    fn write(recent: &Recent, seq: u64, name: &str, body: &str) {
        let op = WriteOp::Put { body: body.into(), index: IndexFacts::new() };
        let write = Write { key: key(name), expect: Expect::Any, op };
        let commit = Commit::new(vec![write], NewChange { id: "c".into(), ..NewChange::default() });
        let mut batch = Batch::new(Head { seq: seq - 1, hash: String::new() }, [], []);
        batch.add(&commit).unwrap();
        recent.written(&batch);
    }

    fn read(recent: &Recent, seq: u64, found: Doc) {
        let key = found.key.clone();
        recent.read(seq, std::slice::from_ref(&key), &[Some(found)]);
    }

    fn seq_of(recent: &Recent, name: &str) -> Option<u64> {
        recent.get(&[key(name)]).map(|found| found[0].as_ref().unwrap().seq)
    }

    #[test]
    fn an_older_state_never_covers_a_newer_one() {
        let recent = Recent::default();
        write(&recent, 5, "a", "{}");
        read(&recent, 4, doc("a", 3));
        assert_eq!(seq_of(&recent, "a"), Some(5));
        read(&recent, 4, doc("b", 3));
        assert_eq!(seq_of(&recent, "b"), Some(3));
        write(&recent, 6, "b", "{}");
        assert_eq!(seq_of(&recent, "b"), Some(6));
    }

    #[test]
    fn what_was_let_go_of_bars_readers_who_may_not_have_seen_it() {
        let recent = Recent::default();
        write(&recent, 5, "a", "{}");
        let large = "x".repeat(GENERATION);
        write(&recent, 6, "b", &large);
        write(&recent, 7, "c", &large);
        write(&recent, 8, "d", &large);
        assert_eq!(seq_of(&recent, "a"), None);
        read(&recent, 4, doc("a", 3));
        assert_eq!(seq_of(&recent, "a"), None, "this reader saw the state before change 5");
        read(&recent, 8, doc("a", 5));
        assert_eq!(seq_of(&recent, "a"), Some(5));
    }

    #[test]
    fn an_absence_is_known_until_the_document_is_written() {
        let recent = Recent::default();
        let absent = |seq, name: &str| recent.read(seq, &[key(name)], &[None]);
        let known = |name| recent.get(&[key(name)]).map(|found| found[0].is_some());
        assert_eq!(known("a"), None);
        absent(4, "a");
        assert_eq!(known("a"), Some(false));
        write(&recent, 5, "a", "{}");
        assert_eq!(known("a"), Some(true));
        absent(4, "a");
        assert_eq!(known("a"), Some(true), "read before change 5");
        let large = "x".repeat(GENERATION);
        for (seq, name) in [(6, "b"), (7, "c"), (8, "d")] {
            write(&recent, seq, name, &large);
        }
        absent(4, "a");
        assert_eq!(known("a"), None, "read before change 5, which was let go of");
    }

    #[test]
    fn a_list_stands_until_one_of_its_documents_is_written() {
        let recent = Recent::default();
        write(&recent, 5, "a", "{}");
        let list: Arc<[Doc]> = [doc("a", 5)].into();
        recent.read_list(4, Kind::Environment, "p", &list);
        assert!(recent.list(Kind::Environment, "p").is_none(), "read before change 5");
        recent.read_list(5, Kind::Environment, "p", &list);
        assert_eq!(recent.list(Kind::Environment, "p").unwrap().len(), 1);
        write(&recent, 6, "b", "{}");
        assert!(recent.list(Kind::Environment, "p").is_none());
    }

    #[test]
    fn the_feed_is_served_from_where_its_tail_begins() {
        let recent = Recent::default();
        assert!(recent.feed(0, 10).is_none());
        for seq in 5..=7 {
            write(&recent, seq, "a", "{}");
        }
        assert!(recent.feed(3, 10).is_none(), "change 4 is not there");
        let seqs = |after, limit| recent.feed(after, limit).unwrap().iter().map(|row| row.seq).collect::<Vec<_>>();
        assert_eq!((seqs(4, 10), seqs(5, 1), seqs(7, 10)), (vec![5, 6, 7], vec![6], vec![]));
    }
}
