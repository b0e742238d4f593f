//! The one thread that writes: what arrives together is committed together.

use super::members;
use super::recent::Recent;
use super::statements::{Facets, frame, head, holder, holders, logged, stored, under, write};
use crate::members::Chore;
use crate::plan::{Batch, claimed, named_docs};
use crate::queue::{self, Gathering, Group, Job, Task};
use crate::{Commit, Committed, Result, StoreError};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::fs::File;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::{mpsc, watch};

/// The writer's end that commits are handed to.
pub(crate) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Task>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread; the directory's lock goes when it ends.
    pub(super) fn start(
        db: Connection,
        lock: File,
        published: watch::Sender<u64>,
        recent: Arc<Recent>,
    ) -> Result<Self> {
        published.send_replace(head(&db)?.seq);
        let (jobs, queue) = mpsc::channel(queue::BOUND);
        let run = move || {
            let mut thread = Thread { db, published, recent, facets: Facets::new() };
            thread.run(queue);
            let Thread { db, .. } = thread;
            if let Err(e) = db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
                tracing::warn!("the last checkpoint failed, the next start will catch up: {e}");
            }
            drop(db);
            drop(lock);
        };
        let thread = std::thread::Builder::new().name("wigwag-writer".into()).spawn(run);
        let thread = thread.map_err(|e| StoreError::Unavailable(format!("cannot start the writer: {e}")))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) })
    }

    pub(super) async fn commit(&self, commit: Commit) -> Result<Committed> {
        let jobs = self.jobs.lock().clone().ok_or(StoreError::Closed)?;
        queue::submit(jobs, commit).await
    }

    pub(super) async fn chore(&self, chore: Chore) -> Result<u64> {
        let jobs = self.jobs.lock().clone().ok_or(StoreError::Closed)?;
        queue::submit_chore(jobs, chore).await
    }

    /// Ends the thread once it has written what was handed in.
    pub(super) fn close(&self) {
        self.jobs.lock().take();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread ended in a panic");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

struct Thread {
    db: Connection,
    published: watch::Sender<u64>,
    recent: Arc<Recent>,
    facets: Facets,
}

impl Thread {
    fn run(&mut self, mut queue: mpsc::Receiver<Task>) {
        let mut waiting = Vec::new();
        let mut gathering = Gathering::new();
        while let Some(first) = queue.blocking_recv() {
            gathering.start();
            while gathering.wants_more(queue.len() + 1) {
                std::thread::yield_now();
            }
            waiting.push(first);
            while waiting.len() < queue::MAX_BATCH
                && let Ok(next) = queue.try_recv()
            {
                waiting.push(next);
            }
            let (began, commits) = (Instant::now(), waiting.len());
            for group in queue::groups(&mut waiting) {
                match group {
                    Group::Commits(group) => self.group(group),
                    Group::Chore(job) => {
                        let done = self.chore(&job.chore);
                        job.answer(done);
                    }
                }
            }
            gathering.done(commits, began.elapsed());
        }
    }

    /// Commits a group; where the database itself refuses, each on its own, so that one cannot harm another.
    fn group(&mut self, group: Vec<Job>) {
        let outcome = self.outcome(&group.iter().map(|job| &job.commit).collect::<Vec<_>>());
        queue::answer(group, outcome);
    }

    fn outcome(&mut self, commits: &[&Commit]) -> Vec<Result<Committed>> {
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
    fn chore(&self, chore: &Chore) -> Result<u64> {
        frame(&self.db, "BEGIN IMMEDIATE")?;
        let done = members::chore(&self.db, chore).and_then(|done| frame(&self.db, "COMMIT").map(|()| done));
        if done.is_err() && !self.db.is_autocommit() {
            frame(&self.db, "ROLLBACK")?;
        }
        done
    }

    /// One transaction: the outcome of each commit, or the database's error for all of them.
    fn transaction(&mut self, commits: &[&Commit]) -> Result<Vec<Result<Committed>>> {
        frame(&self.db, "BEGIN IMMEDIATE")?;
        match self.write(commits) {
            Ok((results, seq)) => {
                queue::publish(&self.published, seq);
                Ok(results)
            }
            Err(e) => {
                self.facets.clear();
                if !self.db.is_autocommit() {
                    frame(&self.db, "ROLLBACK")?;
                }
                Err(self.why(e, commits))
            }
        }
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
        let batch = Batch::new(head(db)?, docs, uniques).with_sets(members::sets(db, commits)?);
        let mut batch = batch.with_holders(holders);
        let results: Vec<_> = commits.iter().map(|commit| batch.add(commit)).collect();
        if !batch.rows.is_empty() {
            write(db, &batch, &mut self.facets)?;
            batch.members.iter().try_for_each(|effect| members::apply(db, effect))?;
        }
        frame(db, "COMMIT")?;
        self.recent.written(&batch);
        Ok((results, batch.last_seq()))
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
