//! What SDK events tell, apart from the documents: contexts seen, and how often flags are evaluated.
//!
//! Made for ten million contexts in one environment. On SQLite it is a file of its own, `events.db`, with
//! its own writer; on PostgreSQL its own tables and connection. A batch comes from a journal, which keeps it until the
//! transaction that records it is on disk.
//!
//! Costs: a list reads as many rows as it answers. A search goes by the most selective index that its
//! filter has, when that leaves few contexts; otherwise it walks the contexts by time and tests each,
//! at most [`SCAN`] a page, and says where to go on.

mod attributes;
mod by_key;
mod erase;
mod facts;
mod few;
mod filter;
mod hash;
mod index;
mod instances;
mod journal;
mod measure;
mod names;
mod person;
mod record;
mod search;
mod series;
mod session;
mod sizes;
mod sketch;
mod types;
mod usage;
mod uses;
mod walk;
mod writer;

pub use by_key::{FoundByKey, KeyPage};
pub use filter::{ContextFilter, Test};
pub use hash::{hash_of, hash_of_key};
pub use instances::InstanceFilter;
pub use measure::{Grain, Measure, Sender, SenderKind};
pub use person::Kept;
pub use series::{Evaluated, Point, SeenSender, Served, Span, UniquesOfDay};
pub use sizes::{Size, Sizes};
pub use sketch::Sketch;
pub use types::{
    Advance, Batch, Count, CountsBefore, Cursor, FlagUse, Found, MetricEvent, PageOf, Part, PerEnv, SeenAttribute,
    SeenContext, SeenInstance, SeenKind, SeenValue, Sighting, Tally, Unique, Usage,
};
pub use walk::SCAN;

use crate::migrate;
use crate::postgres::Postgres;
use crate::sql::{Query, Row};
use crate::sqlite::{self, Readers};
use crate::{Result, StoreError};
use std::path::Path;
use std::sync::Arc;
use wigwag_model::clock::Millis;
use writer::{Work, Writer};

/// Contexts and usage. Part of a [`crate::Store`].
pub struct Volume {
    reads: Reads,
    writer: Writer,
}

enum Reads {
    Sqlite(Arc<Readers>),
    Postgres(Arc<Postgres>),
}

impl Volume {
    /// Opens `events.db` in a directory that this process has for itself. Blocks; within a runtime.
    pub(crate) fn in_directory(dir: &Path) -> Result<Self> {
        let path = dir.join("events.db");
        let mut db = sqlite::connect(&path, rusqlite::OpenFlags::default())?;
        db.pragma_update(None, "journal_mode", "wal").map_err(sqlite::engine)?;
        // Journals let go of what is recorded: a commit is on disk, as everywhere. Rows that are looked up by hashes lie
        // anywhere: more of them in memory, and gathered for longer before they go to their places.
        db.execute_batch("PRAGMA cache_size = -64000; PRAGMA wal_autocheckpoint = 12000;").map_err(sqlite::engine)?;
        migrate_events(&mut db)?;
        let writer = Writer::on_thread(db)?;
        Ok(Self { reads: Reads::Sqlite(Arc::new(Readers::open(&path)?)), writer })
    }

    /// Over the tables on a server.
    pub(crate) fn on_server(server: &Arc<Postgres>) -> Self {
        let writer = Writer::on_server(server.connector().clone());
        Self { reads: Reads::Postgres(Arc::clone(server)), writer }
    }

    /// Records a batch, whole or not at all. Answers how many flags were not counted because their environment has
    /// too many that were ever evaluated.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn record(&self, batch: Batch) -> Result<u64> {
        self.writer.work(Work::Record(Arc::new(batch), None)).await
    }

    /// Removes an instance, and its contexts that are in no other. Whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn remove_instance(&self, env: &str, hash: &str) -> Result<bool> {
        let work = Work::Instance { env: env.into(), hash: hash.into() };
        Ok(self.writer.work(work).await? > 0)
    }

    /// Removes a context and the instances it is in. Whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn remove_context(&self, env: &str, kind: &str, key: &str) -> Result<bool> {
        let work = Work::Context { env: env.into(), kind: kind.into(), key: key.into() };
        Ok(self.writer.work(work).await? > 0)
    }

    /// Removes what was counted before, and events of metrics, at most so many of those of an environment. Whether
    /// there is more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn expire_counts(&self, before: impl Into<PerEnv<CountsBefore>>, at_most: usize) -> Result<bool> {
        let before = before.into();
        Ok(self.writer.work(Work::ExpireCounts { before, at_most }).await? as usize >= at_most)
    }

    /// Removes what was not seen since `before`, at most so many of an environment. Whether there is more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn expire(&self, before: impl Into<PerEnv<Millis>>, at_most: usize) -> Result<bool> {
        let before = before.into();
        Ok(self.writer.work(Work::Expire { before, at_most }).await? as usize >= at_most)
    }

    /// Removes what is kept of an environment, at most so many rows of each sort. Whether there is more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn remove_environment(&self, env: &str, at_most: usize) -> Result<bool> {
        Ok(self.writer.work(Work::Environment { env: env.into(), at_most }).await? as usize >= at_most)
    }

    /// Ids of the environments that something was ever recorded of.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn environments(&self) -> Result<Vec<String>> {
        self.rows(Query::long("SELECT name FROM seen_envs ORDER BY name", Vec::new()), |row| Ok(row.text(0)?.into()))
            .await
    }

    /// Writes what was handed in, then lets go.
    pub(crate) async fn close(&self) {
        self.writer.close().await;
        if let Reads::Sqlite(readers) = &self.reads {
            readers.close();
        }
    }

    /// Runs a statement that reads.
    pub(crate) async fn rows<T: Send + 'static>(&self, query: Query, map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        match &self.reads {
            Reads::Sqlite(readers) if !query.long => readers.rows(&query, map),
            Reads::Sqlite(readers) => {
                let readers = Arc::clone(readers);
                let task = tokio::task::spawn_blocking(move || readers.rows(&query, map));
                task.await.map_err(|e| StoreError::Unavailable(format!("reading was interrupted: {e}")))?
            }
            Reads::Postgres(server) => server.rows(query, map).await,
        }
    }

    /// The number of an environment, if anything is kept of it.
    async fn env(&self, name: &str) -> Result<Option<i64>> {
        let query = Query::point("SELECT id FROM seen_envs WHERE name = $1", vec![name.into()]);
        Ok(self.rows(query, |row| row.int(0)).await?.pop())
    }

    /// A list parameter as a table of one column.
    const fn list(&self) -> (&'static str, &'static str) {
        match &self.reads {
            Reads::Sqlite(_) => ("(SELECT value FROM json_each(", "))"),
            Reads::Postgres(_) => ("(SELECT unnest(", "::text[]) COLLATE \"C\")"),
        }
    }

    /// A list of texts as a table of one column.
    const fn texts(&self) -> (&'static str, &'static str) {
        match &self.reads {
            Reads::Sqlite(_) => ("(SELECT value FROM json_each(", "))"),
            Reads::Postgres(_) => ("(SELECT unnest(", "::text[]))"),
        }
    }

    /// A list of numbers, given as texts, as a table of one column.
    const fn numbers(&self) -> (&'static str, &'static str) {
        match &self.reads {
            Reads::Sqlite(_) => ("(SELECT CAST(value AS INTEGER) FROM json_each(", "))"),
            Reads::Postgres(_) => ("(SELECT unnest(", "::text[])::bigint)"),
        }
    }
}

fn migrate_events(db: &mut rusqlite::Connection) -> Result<()> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(sqlite::engine)?;
    tx.execute_batch(migrate::TABLE).map_err(sqlite::engine)?;
    let found: i64 = tx.query_row(migrate::APPLIED, [], |row| row.get(0)).map_err(sqlite::engine)?;
    let (found, known) = (found as u64, migrate::EVENTS.last().map_or(0, |last| last.number));
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    for step in migrate::EVENTS.iter().filter(|step| step.number > found) {
        tx.execute_batch(step.text).map_err(sqlite::engine)?;
        tx.execute(migrate::NOTE, (step.number as i64, step.name)).map_err(sqlite::engine)?;
        tracing::info!(number = step.number, name = step.name, "migration of events applied");
    }
    tx.commit().map_err(sqlite::engine)
}
