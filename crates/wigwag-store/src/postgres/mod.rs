//! PostgreSQL: two pools that read, one connection that writes, one that listens.

mod connect;
mod listen;
mod load;
mod members;
mod save;
mod session;
mod writer;

use crate::members::Chore;
use crate::queue::{self, Task};
use crate::sql::{Query, Row, Val};
use crate::{Commit, Committed, Doc, DocKey, Result, StoreError};
use bytes::BytesMut;
pub(crate) use connect::{Connector, INDEX_ONLY};
use deadpool_postgres::{Hook, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use parking_lot::Mutex;
use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_postgres::NoTls;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// The advisory lock under which sequences are given out and migrations run.
const LOCK: i64 = 0x7769_6777_6167;
/// The channel on which committed sequences are announced.
const CHANNEL: &str = "wigwag";

/// The engine behind a [`crate::Store`] on a server.
pub(crate) struct Postgres {
    /// For statements that look up what they name.
    points: Pool,
    /// For statements that go through many rows.
    lists: Pool,
    jobs: Mutex<Option<mpsc::Sender<Task>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    listener: JoinHandle<()>,
    connector: Connector,
}

impl Postgres {
    /// Connects and brings the schema up to date.
    pub(crate) async fn open(url: &str, size: usize, head: watch::Sender<u64>) -> Result<Self> {
        let connector = Connector::new(url)?;
        connect::prepare_database(&connector).await?;
        let head = Arc::new(head);
        let (jobs, queue) = mpsc::channel(queue::BOUND);
        let writer = writer::Task::start(connector.clone(), Arc::clone(&head)).await?;
        let listener = tokio::spawn(listen::run(connector.clone(), head));
        Ok(Self {
            points: pool(&connector, size - size / 2, [connect::INDEX_ONLY, connect::PLAN_ANEW])?,
            lists: pool(&connector, size / 2, [connect::PLAN_ANEW, ""])?,
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

    /// Runs a statement; once more on another connection if the first one breaks.
    pub(crate) async fn rows<T>(&self, query: Query, map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        let rows = match self.run(&query).await {
            Err(StoreError::Unavailable(reason)) if !self.points.is_closed() => {
                tracing::debug!("reading again: {reason}");
                self.run(&query).await?
            }
            first => first?,
        };
        rows.iter().map(|row| map(&Row::Postgres(row))).collect()
    }

    async fn run(&self, query: &Query) -> Result<Vec<tokio_postgres::Row>> {
        #[cfg(feature = "testing")]
        if crate::testing::faults::due(&self.connector.place(), &query.text) {
            return Err(StoreError::Engine("a test wants it to fail".into()));
        }
        let take = async |pool: &Pool| pool.get().await.map_err(|e| pool_error(&e));
        let rows = match &query.text {
            Cow::Borrowed(text) => {
                let client = take(&self.points).await?;
                let statement = client.prepare_cached(text).await.map_err(engine)?;
                let params: Vec<_> = query.params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
                client.query(&statement, &params).await
            }
            Cow::Owned(text) => {
                let client = take(&self.lists).await?;
                let params: Vec<_> =
                    query.params.iter().map(|p| (p as &(dyn ToSql + Sync), p.postgres_type())).collect();
                client.query_typed(text, &params).await
            }
        };
        rows.map_err(engine)
    }

    /// The documents under several keys, in one statement.
    pub(crate) async fn get_many(
        &self,
        text: &'static str,
        keys: &[DocKey],
        map: fn(&Row<'_>) -> Result<Doc>,
    ) -> Result<Vec<Option<Doc>>> {
        let part =
            |part: fn(&DocKey) -> &str| Val::from(keys.iter().map(|key| part(key).to_owned()).collect::<Vec<_>>());
        let params = vec![part(|k| k.kind.as_str()), part(|k| &k.project), part(|k| &k.env), part(|k| &k.key)];
        let found = self.rows(Query::point(text, params), map).await?;
        let found: HashMap<DocKey, Doc> = found.into_iter().map(|doc| (doc.key.clone(), doc)).collect();
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
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
        self.points.close();
        self.lists.close();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn pool(connector: &Connector, size: usize, also: [&'static str; 2]) -> Result<Pool> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(connector.config().clone(), NoTls, config);
    let settings = [connect::SETTINGS, also[0], also[1]].join(";");
    let settle = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
        let settings = settings.clone();
        Box::pin(async move { client.batch_execute(&settings).await.map_err(deadpool_postgres::HookError::Backend) })
    });
    Pool::builder(manager)
        .max_size(size.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(Duration::from_secs(30)))
        .create_timeout(Some(Duration::from_secs(10)))
        .recycle_timeout(Some(Duration::from_secs(5)))
        .post_create(settle)
        .build()
        .map_err(|e| StoreError::Engine(e.to_string()))
}

fn pool_error(error: &deadpool_postgres::PoolError) -> StoreError {
    match error {
        deadpool_postgres::PoolError::Closed => StoreError::Closed,
        other => StoreError::Unavailable(other.to_string()),
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
