//! PostgreSQL: pools that read, one connection that writes, one that listens; what is hot is kept in memory.

mod address;
mod connect;
mod followed;
mod known;
mod listen;
mod load;
mod look;
mod members;
mod pools;
mod reading;
mod save;
mod session;
mod statistics;
mod tls;
mod writer;

use crate::members::Chore;
use crate::queue::{self, Task};
use crate::sql::{Query, Row, Val};
use crate::{Commit, Committed, Result, ServerLimits, StoreError};
use bytes::BytesMut;
pub use connect::check_address;
pub(crate) use connect::{Connector, INDEX_ONLY, is_silent};
use followed::Followed;
use parking_lot::Mutex;
use pools::{Pools, Primary};
use std::error::Error;
use std::sync::{Arc, Weak};
use std::time::Instant;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// The advisory lock under which sequences are given out and migrations run.
const LOCK: i64 = 0x7769_6777_6167;
/// The channel on which committed sequences are announced.
const CHANNEL: &str = "wigwag";

/// The engine behind a [`crate::Store`] on a server.
pub(crate) struct Postgres {
    pools: Pools,
    /// Held by those who follow the log: it ends with them, and whoever watches learns that the store is closed.
    head: Weak<watch::Sender<u64>>,
    followed: Arc<Followed>,
    /// Held by whoever takes in what others wrote.
    following: tokio::sync::Mutex<()>,
    /// When the newest look at the end of the log began, and whether it was seen.
    looked: tokio::sync::Mutex<Option<(Instant, Result<()>)>>,
    jobs: Mutex<Option<mpsc::Sender<Task>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    listener: JoinHandle<()>,
    connector: Connector,
}

impl Postgres {
    /// Connects and brings the schema up to date.
    pub(crate) async fn open(url: &str, size: usize, limits: &ServerLimits, head: watch::Sender<u64>) -> Result<Self> {
        let connector = Connector::within(url, limits)?;
        let pools = Pools::new(&connector, size, limits)?;
        connect::prepare_database(&connector).await?;
        let head = Arc::new(head);
        let (jobs, queue) = mpsc::channel(queue::BOUND);
        let (writer, followed) = writer::Task::start(connector.clone(), Arc::clone(&head)).await?;
        let listener = tokio::spawn(listen::run(connector.clone(), Arc::clone(&followed), Arc::clone(&head)));
        let head = Arc::downgrade(&head);
        Ok(Self {
            pools,
            head,
            followed,
            following: tokio::sync::Mutex::default(),
            looked: tokio::sync::Mutex::default(),
            jobs: Mutex::new(Some(jobs)),
            writer: Mutex::new(Some(tokio::spawn(writer.run(queue)))),
            listener,
            connector,
        })
    }

    /// How to reach the server.
    pub(crate) const fn connector(&self) -> &Connector {
        &self.connector
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<Committed> {
        let jobs = self.jobs.lock().clone().ok_or(StoreError::Closed)?;
        queue::submit(jobs, commit).await
    }

    pub(crate) async fn chore(&self, chore: Chore) -> Result<u64> {
        let jobs = self.jobs.lock().clone().ok_or(StoreError::Closed)?;
        queue::submit_chore(jobs, chore).await
    }

    /// Runs a statement that reads: once more on another connection if the first one breaks, on a replica while the
    /// primary is away.
    pub(crate) async fn rows<T>(&self, query: Query, map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        #[cfg(feature = "testing")]
        if crate::testing::faults::due(&self.connector.place(), &query.text) {
            return Err(StoreError::Engine("a test wants it to fail".into()));
        }
        let rows = self.pools.read(&query, &self.connector).await?;
        rows.iter().map(|row| map(&Row::Postgres(row))).collect()
    }

    /// Runs a statement that writes a row beside the log, at once and without the writer. It may be run twice.
    pub(crate) async fn note<T>(&self, query: Query, map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        let rows = self.pools.write(&query, &self.connector).await?;
        rows.iter().map(|row| map(&Row::Postgres(row))).collect()
    }

    /// Connections that read from the primary: open, and of these in use.
    pub(crate) fn connections(&self) -> (usize, usize) {
        self.pools.open()
    }

    /// Whether a replica stands in for the primary.
    pub(crate) fn is_on_replica(&self) -> bool {
        self.pools.primary() == Primary::Away
    }

    /// How many reads replicas have answered.
    pub(crate) fn reads_of_replicas(&self) -> u64 {
        self.pools.stood_in()
    }

    /// Writes what was accepted, then hangs up.
    pub(crate) async fn close(&self) {
        self.jobs.lock().take();
        let writer = self.writer.lock().take();
        if let Some(writer) = writer
            && let Err(e) = writer.await
        {
            tracing::error!("the writer ended badly: {e}");
        }
        self.listener.abort();
        self.pools.close();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// What an error of PostgreSQL means to the caller.
pub(crate) fn engine(error: tokio_postgres::Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        let reason = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        // Without an answer from the server: the connection, unless a value did not fit its type.
        return if error.is_closed() || lost(&error) {
            StoreError::Unavailable(reason)
        } else {
            StoreError::Engine(reason)
        };
    };
    let reason = format!("{} ({})", db.message(), db.code().code());
    match db.code().code().get(..2) {
        // Connection, resources, lock timeout, intervention, system, transaction rolled back, read-only.
        Some("08" | "53" | "55" | "57" | "58" | "40" | "25") => StoreError::Unavailable(reason),
        Some("XX") => StoreError::Corrupt(reason),
        _ => StoreError::Engine(reason),
    }
}

fn lost(error: &tokio_postgres::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}

impl Val {
    pub(crate) const fn postgres_type(&self) -> Type {
        match self {
            Self::Int(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Bytes(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Val {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Int(n) => n.to_sql_checked(ty, out),
            Self::Text(text) => (&**text).to_sql_checked(ty, out),
            Self::Texts(list) => list.to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true // Which of them it is, only the value knows: `to_sql` checks.
    }

    to_sql_checked!();
}
