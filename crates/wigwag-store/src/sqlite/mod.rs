//! The embedded engine: one connection that writes, a few that read.

mod members;
mod pen;
mod reader;
mod statements;
mod writer;

use crate::members::Chore;
use crate::recent::Recent;
use crate::sql::{Query, Row};
use crate::{Commit, Committed, Doc, DocKey, FeedRow, Result, StoreError, migrate};
use pen::Pen;
pub(crate) use reader::Readers;
use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, OpenFlags, TransactionBehavior};
pub(crate) use statements::frame;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;
use wigwag_model::doc::Kind;
use writer::Writer;

/// The engine behind a [`crate::Store`] in a directory.
pub(crate) struct Sqlite {
    readers: Arc<Readers>,
    writer: Writer,
    recent: Arc<Recent>,
    /// The newest change known to everybody: any read that starts now shows it.
    head: watch::Receiver<u64>,
}

impl Sqlite {
    /// Opens or creates the database in `dir` and brings its schema up to date. Blocks.
    pub(crate) fn open(dir: &Path, head: watch::Sender<u64>) -> Result<Self> {
        // For its owner's eyes only: there are hashes of passwords in it.
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| unavailable(dir, &e))?;
        let lock = lock(dir)?;
        let path = dir.join("wigwag.db");
        let mut connection = connect(&path, OpenFlags::default())?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(engine)?;
        migrate(&mut connection)?;
        let (recent, published) = (Arc::new(Recent::default()), head.subscribe());
        let writer = Writer::start(Pen::new(connection, head, Arc::clone(&recent))?, lock)?;
        Ok(Self { readers: Arc::new(Readers::open(&path)?), writer, recent, head: published })
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<Committed> {
        self.writer.commit(commit).await
    }

    pub(crate) async fn chore(&self, chore: Chore) -> Result<u64> {
        self.writer.chore(chore).await
    }

    /// Runs a statement: at once if short, on a thread for blocking work if long.
    pub(crate) async fn rows<T: Send + 'static>(&self, query: Query, map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        if !query.long {
            return self.readers.rows(&query, map);
        }
        let readers = Arc::clone(&self.readers);
        let task = tokio::task::spawn_blocking(move || readers.rows(&query, map));
        task.await.map_err(|e| StoreError::Unavailable(format!("reading was interrupted: {e}")))?
    }

    /// The documents under some keys as they are at one moment; `query` reads one of them.
    pub(crate) fn docs(
        &self,
        keys: &[DocKey],
        query: fn(&DocKey) -> Query,
        map: fn(&Row<'_>) -> Result<Doc>,
    ) -> Result<Vec<Option<Doc>>> {
        if let Some(found) = self.recent.get(keys) {
            return Ok(found);
        }
        let seq = *self.head.borrow();
        let found = self.readers.each(&keys.iter().map(query).collect::<Vec<_>>(), map)?;
        self.recent.read(seq, keys, &found);
        Ok(found)
    }

    /// The few documents that a project itself has of a kind; `query` reads them.
    pub(crate) fn few(
        &self,
        kind: Kind,
        project: &str,
        query: &Query,
        map: fn(&Row<'_>) -> Result<Doc>,
    ) -> Result<Vec<Doc>> {
        if let Some(found) = self.recent.list(kind, project) {
            return Ok(found.to_vec());
        }
        let seq = *self.head.borrow();
        let found: Arc<[Doc]> = self.readers.rows(query, map)?.into();
        self.recent.read_list(seq, kind, project, &found);
        Ok(found.to_vec())
    }

    /// The changes after `after`, if memory reaches back so far.
    pub(crate) fn recent_feed(&self, after: u64, limit: usize) -> Option<Vec<FeedRow>> {
        self.recent.feed(after, limit)
    }

    /// Writes what was accepted, checkpoints and lets go of the directory.
    pub(crate) fn close(&self) {
        self.readers.close();
        self.writer.close();
    }
}

/// Settings of every connection: an acknowledged commit is on disk.
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags).map_err(engine)?;
    connection.set_prepared_statement_cache_capacity(256);
    // Plans are kept: otherwise a statement is prepared anew whenever another value is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(engine)?;
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA cache_size = -32000;
             PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;",
        )
        .map_err(engine)?;
    Ok(connection)
}

/// A statement, prepared once for each connection. All that a running store asks of a file goes through here.
pub(crate) fn prepare<'db>(db: &'db Connection, text: &str) -> rusqlite::Result<CachedStatement<'db>> {
    #[cfg(feature = "testing")]
    if crate::testing::faults::due_in_file(db.path(), text) {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR);
        return Err(rusqlite::Error::SqliteFailure(code, Some("a test wants it to fail".into())));
    }
    db.prepare_cached(text)
}

/// Takes the directory for this process; the lock goes with the file handle.
pub(crate) fn lock(dir: &Path) -> Result<File> {
    let taken = crate::lock::take_by(&dir.join("wigwag.lock")).map_err(|e| unavailable(dir, &e))?;
    taken.ok_or_else(|| StoreError::Locked(dir.to_path_buf()))
}

fn migrate(connection: &mut Connection) -> Result<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(engine)?;
    tx.execute_batch(migrate::TABLE).map_err(engine)?;
    let found: i64 = tx.query_row(migrate::APPLIED, [], |row| row.get(0)).map_err(engine)?;
    for step in migrate::pending(found as u64)? {
        tx.execute_batch(step.sqlite).map_err(engine)?;
        tx.execute(migrate::NOTE, (step.number as i64, step.name)).map_err(engine)?;
        tracing::info!(number = step.number, name = step.name, "migration applied");
    }
    tx.commit().map_err(engine)
}

fn unavailable(dir: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", dir.display()))
}

/// What an error of SQLite means to the caller.
pub(crate) fn engine(error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode as Code;
    match error.sqlite_error_code() {
        Some(Code::DatabaseCorrupt | Code::NotADatabase) => StoreError::Corrupt(error.to_string()),
        Some(
            Code::DatabaseBusy
            | Code::DatabaseLocked
            | Code::DiskFull
            | Code::SystemIoFailure
            | Code::CannotOpen
            | Code::ReadOnly
            | Code::PermissionDenied
            | Code::OutOfMemory,
        ) => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Engine(error.to_string()),
    }
}
