//! The one task of this process that records events. On SQLite it has a thread and a file of its own, so
//! that events never delay a change.

use super::names::Names;
use super::person::{self, Forgotten};
use super::session::Session;
use super::types::{Advance, Batch, CountsBefore, PerEnv};
use super::{erase, journal, record, uses};
use crate::postgres::{Connector, is_silent};
use crate::{Result, StoreError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use wigwag_model::clock::Millis;

/// Pieces of work that may wait; more have to wait outside.
const WAITING: usize = 16;

/// What there is to write.
pub(super) enum Work {
    Record(Arc<Batch>, Option<Advance>),
    Journal { name: String, position: u64 },
    Instance { env: String, hash: String },
    Context { env: String, kind: String, key: String },
    Erase { env: String, kind: String, key: String, at: Millis },
    Forget(Vec<Forgotten>),
    Expire { before: PerEnv<Millis>, at_most: usize },
    ExpireCounts { before: PerEnv<CountsBefore>, at_most: usize },
    Environment { env: String, at_most: usize },
    Uses(Vec<(String, Millis)>),
}

struct Job {
    work: Work,
    reply: oneshot::Sender<Result<u64>>,
}

/// The end that work is handed to.
pub(super) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    task: Mutex<Option<Running>>,
}

enum Running {
    Thread(JoinHandle<()>),
    Task(tokio::task::JoinHandle<()>),
}

impl Writer {
    /// On a thread, over a file.
    pub(super) fn on_thread(db: rusqlite::Connection) -> Result<Self> {
        let (jobs, queue) = mpsc::channel(WAITING);
        let runtime = Handle::current();
        let run = move || {
            let task = Task { session: Some(Session::Sqlite(db)), connector: None, names: Names::default() };
            let session = runtime.block_on(task.run(queue));
            if let Some(Session::Sqlite(db)) = session
                && let Err(e) = db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
            {
                tracing::warn!("the last checkpoint of events failed, the next start will catch up: {e}");
            }
        };
        let thread = std::thread::Builder::new().name("wigwag-events".into()).spawn(run);
        let thread = thread.map_err(|e| StoreError::Unavailable(format!("cannot start the writer: {e}")))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), task: Mutex::new(Some(Running::Thread(thread))) })
    }

    /// On a connection of its own.
    pub(super) fn on_server(connector: Connector) -> Self {
        let (jobs, queue) = mpsc::channel(WAITING);
        let task = Task { session: None, connector: Some(connector), names: Names::default() };
        let task = tokio::spawn(async move { drop(task.run(queue).await) });
        Self { jobs: Mutex::new(Some(jobs)), task: Mutex::new(Some(Running::Task(task))) }
    }

    pub(super) async fn work(&self, work: Work) -> Result<u64> {
        let jobs = self.jobs.lock().clone().ok_or(StoreError::Closed)?;
        let (reply, outcome) = oneshot::channel();
        jobs.send(Job { work, reply }).await.map_err(|_| StoreError::Closed)?;
        drop(jobs);
        outcome.await.map_err(|_| StoreError::InDoubt("the writer of events stopped".into()))?
    }

    /// Writes what was handed in, then lets go.
    pub(super) async fn close(&self) {
        self.jobs.lock().take();
        let running = self.task.lock().take();
        let ended = match running {
            Some(Running::Task(task)) => task.await.is_ok(),
            Some(Running::Thread(thread)) => {
                let joined = tokio::task::spawn_blocking(move || thread.join().is_ok());
                joined.await.unwrap_or(false)
            }
            None => true,
        };
        if !ended {
            tracing::error!("the writer of events ended in a panic");
        }
    }
}

struct Task {
    session: Option<Session>,
    connector: Option<Connector>,
    names: Names,
}

impl Task {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) -> Option<Session> {
        while let Some(Job { work, reply }) = queue.recv().await {
            let mut outcome = self.transaction(&work).await;
            // A connection that broke is replaced; what it was writing was not kept, or its journal says so.
            if matches!(outcome, Err(StoreError::Unavailable(_)))
                && self.session.as_ref().is_none_or(Session::is_closed)
            {
                outcome = self.transaction(&work).await;
            }
            let _nobody_waits = reply.send(outcome);
        }
        self.session
    }

    async fn transaction(&mut self, work: &Work) -> Result<u64> {
        self.connect().await?;
        let connector = self.connector.clone();
        let Some(db) = self.session.as_mut() else { return Err(StoreError::Closed) };
        let outcome = async {
            db.begin().await?;
            let done = perform(db, &mut self.names, work).await?;
            db.commit().await.map(|()| done)
        };
        let outcome = match connector {
            Some(connector) => connector.answered(outcome).await,
            None => outcome.await,
        };
        if let Err(error) = &outcome {
            self.names.clear();
            if is_silent(error) {
                self.session = None;
            }
            if let Some(db) = self.session.as_mut()
                && let Err(e) = db.roll_back().await
            {
                tracing::debug!("rolling back: {e}");
            }
        }
        outcome
    }

    async fn connect(&mut self) -> Result<()> {
        if let Some(connector) = &self.connector
            && self.session.as_ref().is_none_or(Session::is_closed)
        {
            self.names.clear();
            let (client, _driver) = connector.connect().await?;
            client.batch_execute(crate::postgres::INDEX_ONLY).await.map_err(crate::postgres::engine)?;
            self.session = Some(Session::Postgres(client, HashMap::new()));
        }
        Ok(())
    }
}

async fn perform(db: &mut Session, names: &mut Names, work: &Work) -> Result<u64> {
    match work {
        Work::Record(batch, None) => record::batch(db, names, batch).await,
        Work::Record(batch, Some(advance)) => {
            if journal::is_recorded(db, advance).await? {
                return Ok(0);
            }
            let refused = record::batch(db, names, batch).await?;
            journal::note(db, &advance.journal, advance.to).await?;
            Ok(refused)
        }
        Work::Journal { name, position } => journal::note(db, name, *position).await,
        Work::Instance { env, hash } => erase::instance(db, names, env, hash).await,
        Work::Context { env, kind, key } => erase::context(db, names, env, kind, key).await,
        Work::Erase { env, kind, key, at } => person::erase(db, names, (env, kind, key), *at).await,
        Work::Forget(events) => person::forget(db, events).await,
        Work::Expire { before, at_most } => erase::expire(db, names, before, *at_most).await,
        Work::ExpireCounts { before, at_most } => erase::counts(db, before, *at_most).await,
        Work::Uses(uses) => uses::note(db, uses).await,
        Work::Environment { env, at_most } => erase::environment(db, names, env, *at_most).await,
    }
}
