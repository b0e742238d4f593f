//! The connection that writes, and what one transaction comes to. Whoever holds it writes.

use super::engine;
use super::members;
use super::statements::{Facets, frame, head, holder, holders, logged, stored, under, write};
use crate::members::Chore;
use crate::plan::{Batch, Head, claimed, named_docs};
use crate::recent::Recent;
use crate::{Commit, Committed, Result, StoreError, queue};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// Pages in the write-ahead log from which on it is to be carried over into the database file.
const WAL_PAGES: usize = 4000;

pub(super) struct Pen {
    db: Connection,
    published: watch::Sender<u64>,
    recent: Arc<Recent>,
    facets: Facets,
    /// The end of the log, which nobody else moves.
    end: Head,
    /// Pages in the write-ahead log after the last commit.
    wal: Arc<AtomicUsize>,
}

impl Pen {
    /// Takes a connection; carrying the write-ahead log over is from here on asked for, not a part of commits.
    pub(super) fn new(mut db: Connection, published: watch::Sender<u64>, recent: Arc<Recent>) -> Result<Self> {
        let end = head(&db)?;
        published.send_replace(end.seq);
        let wal = Arc::new(AtomicUsize::new(0));
        let pages = Arc::clone(&wal);
        let noted = db.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, n| {
            pages.store(usize::try_from(n).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }));
        noted.map_err(engine)?;
        Ok(Self { db, published, recent, facets: Facets::new(), end, wal })
    }

    /// Whether the write-ahead log has grown so long that it is time for [`Pen::carry_over`].
    pub(super) fn is_full(&self) -> bool {
        self.wal.load(Ordering::Relaxed) >= WAL_PAGES
    }

    /// Carries the write-ahead log over into the database file, as far as readers let it.
    pub(super) fn carry_over(&self) {
        // Until the next commit tells how long it is then.
        self.wal.store(0, Ordering::Relaxed);
        self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
    }

    /// Empties the write-ahead log and lets go of the database.
    pub(super) fn put_away(self) {
        self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    fn checkpoint(&self, text: &str) {
        if let Err(e) = self.db.execute_batch(text) {
            tracing::warn!("a checkpoint failed, a later one will catch up: {e}");
        }
    }

    /// The outcome of each commit of a group. Where the database itself refuses, each is tried on its own, so
    /// that one cannot harm another.
    pub(super) fn outcome(&mut self, commits: &[&Commit]) -> Vec<Result<Committed>> {
        match self.transaction(commits) {
            Ok(results) => results,
            Err(e) if commits.len() == 1 => vec![Err(e)],
            Err(e) => {
                tracing::warn!("a group of {} commits failed, taking them one by one: {e}", commits.len());
                let alone = |commit: &&Commit| self.transaction(&[*commit])?.pop().unwrap_or(Err(StoreError::Closed));
                commits.iter().map(alone).collect()
            }
        }
    }

    /// A transaction for a chore.
    pub(super) fn chore(&mut self, chore: &Chore) -> Result<u64> {
        self.begin()?;
        let done = members::chore(&self.db, chore).and_then(|done| frame(&self.db, "COMMIT").map(|()| done));
        if done.is_err() && !self.db.is_autocommit() {
            frame(&self.db, "ROLLBACK")?;
        }
        done
    }

    /// One transaction: the outcome of each commit, or the database's error for all of them.
    fn transaction(&mut self, commits: &[&Commit]) -> Result<Vec<Result<Committed>>> {
        self.begin()?;
        match self.write(commits) {
            Ok((results, seq)) => {
                queue::publish(&self.published, seq);
                Ok(results)
            }
            Err(e) => {
                self.start_over()?;
                Err(self.why(e, commits))
            }
        }
    }

    fn begin(&mut self) -> Result<()> {
        // One that a panic left behind.
        if !self.db.is_autocommit() {
            self.start_over()?;
        }
        frame(&self.db, "BEGIN IMMEDIATE")
    }

    /// Ends a transaction that failed, and learns anew what was remembered of the database.
    fn start_over(&mut self) -> Result<()> {
        self.facets.clear();
        if !self.db.is_autocommit() {
            frame(&self.db, "ROLLBACK")?;
        }
        self.end = head(&self.db)?;
        Ok(())
    }

    fn write(&mut self, commits: &[&Commit]) -> Result<(Vec<Result<Committed>>, u64)> {
        let db = &self.db;
        let mut docs = Vec::new();
        for scope in commits.iter().flat_map(|commit| &commit.deletes_under) {
            docs.extend(under(db, scope)?);
        }
        for key in named_docs(commits) {
            docs.extend(stored(db, key)?.map(|found| (key.clone(), found)));
        }
        let mut uniques = Vec::new();
        for unique in claimed(commits) {
            uniques.extend(holder(db, &unique)?.map(|key| (unique, key)));
        }
        let holders = commits.iter().flat_map(|commit| &commit.holders).map(|wanted| holders(db, wanted));
        let holders = holders.collect::<Result<_>>()?;
        let batch = Batch::new(self.end.clone(), docs, uniques).with_sets(members::sets(db, commits)?);
        let mut batch = batch.with_holders(holders);
        let results: Vec<_> = commits.iter().map(|commit| batch.add(commit)).collect();
        if !batch.rows.is_empty() {
            write(db, &batch, &mut self.facets)?;
            batch.members.iter().try_for_each(|effect| members::apply(db, effect))?;
        }
        frame(db, "COMMIT")?;
        self.recent.written(&batch);
        self.end = batch.into_head();
        Ok((results, self.end.seq))
    }

    /// A lone commit whose id is taken is told so; the id is not looked up unless something failed.
    fn why(&self, error: StoreError, commits: &[&Commit]) -> StoreError {
        match (error, commits) {
            (StoreError::Engine(_), [commit]) if logged(&self.db, &commit.change.id).unwrap_or(false) => {
                StoreError::Invalid(format!("a change with the id {} is in the log already", commit.change.id))
            }
            (error, _) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sqlite::{connect, migrate};
    use crate::{DocKey, Expect, IndexFacts, NewChange, Write, WriteOp};
    use rusqlite::OpenFlags;
    use wigwag_model::doc::Kind;

    /// Writes a flag's configuration, which is there already unless it is `new`.
    fn commit(n: u64, round: u64, new: bool) -> Commit {
        let facts = IndexFacts::new().text("name", format!("Name {n}")).text("round", format!("{round}"));
        let write = Write {
            key: DocKey { kind: Kind::FlagConfig, project: "p".into(), env: "e".into(), key: format!("f{n}").into() },
            expect: if new { Expect::Absent } else { Expect::Live },
            op: WriteOp::Put { body: "{}".into(), index: facts.number("n", n as i64).unique("id", n.to_string()) },
        };
        Commit::new(vec![write], NewChange { id: format!("{round}-{n}"), ..NewChange::default() })
    }

    fn write(pen: &mut Pen, commit: &Commit) {
        pen.outcome(&[commit]).pop().unwrap().unwrap();
    }

    /// How many steps SQLite's machine makes for one write.
    fn steps(pen: &mut Pen, round: u64) -> usize {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let each = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            false
        };
        pen.db.progress_handler(1, Some(each)).unwrap();
        write(pen, &commit(3, round, false));
        pen.db.progress_handler(0, None::<fn() -> bool>).unwrap();
        count.load(Ordering::Relaxed)
    }

    #[test]
    fn a_write_costs_the_same_among_many_documents() {
        let dir = tempfile::tempdir().unwrap();
        let mut db = connect(&dir.path().join("wigwag.db"), OpenFlags::default()).unwrap();
        migrate(&mut db).unwrap();
        let mut pen = Pen::new(db, watch::Sender::new(0), Arc::default()).unwrap();
        (0..10).for_each(|n| write(&mut pen, &commit(n, 0, true)));
        // The first one prepares statements.
        steps(&mut pen, 1);
        let few = steps(&mut pen, 2);
        (10..3_000).for_each(|n| write(&mut pen, &commit(n, 0, true)));
        let many = steps(&mut pen, 3);
        assert!(few > 50 && many <= few + few / 10, "{few} steps among 10 documents, {many} among 3,000");
    }
}
