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
mod save;
mod session;
mod statistics;
mod tls;
mod writer;

use crate::members::Chore;
use crate::plan::Head;
use crate::queue::{self, Task};
use crate::read::feed;
use crate::recent::Recent;
use crate::sql::{Query, Row, Val};
use crate::{Commit, Committed, Doc, DocKey, FeedRow, Result, ServerLimits, StoreError};
use bytes::BytesMut;
pub use connect::check_address;
pub(crate) use connect::{Connector, INDEX_ONLY, is_silent};
use followed::Followed;
use parking_lot::Mutex;
use pools::{Pools, Primary};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use wigwag_model::doc::Kind;

/// The advisory lock under which sequences are given out and migrations run.
const LOCK: i64 = 0x7769_6777_6167;
/// How long a look at the end of the log may take.
const LOOK_WITHIN: Duration = Duration::from_secs(2);
/// Changes that a reader of documents waits for to be taken in; where there are more it asks the database.
const NEAR: u64 = 16;
/// Changes that are taken in at once.
const AT_ONCE: usize = 64;
/// Changes after which following begins anew.
const FAR: u64 = 1024;
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

    /// Makes the end of the log known. Those who ask while one look is under way share the next.
    pub(crate) async fn look(&self) -> Result<()> {
        let asked = Instant::now();
        let mut looked = self.looked.lock().await;
        if let Some((began, outcome)) = looked.as_ref()
            && *began > asked
        {
            return outcome.clone();
        }
        let began = Instant::now();
        let found = tokio::time::timeout(LOOK_WITHIN, self.newest()).await;
        let found = found.unwrap_or_else(|_| Err(StoreError::Unavailable("the end of the log is not known".into())));
        if found.is_err() {
            self.followed.not_seen();
        }
        let outcome = found.and_then(|newest| {
            let head = self.head.upgrade().ok_or(StoreError::Closed)?;
            queue::publish(&head, newest.seq);
            Ok(())
        });
        *looked = Some((began, outcome.clone()));
        outcome
    }

    /// The end of the log. What was taken in of it is seen to be in it.
    async fn newest(&self) -> Result<Head> {
        let look = look::Look::from(&self.followed);
        let found = self.note(look.query(), look::row).await?;
        look.seen(&self.followed, found)
    }

    /// Comes when changes were found missing.
    pub(crate) async fn changes_lost(&self) {
        let mut losses = self.followed.losses();
        // An error would mean that the store is gone, which it is not.
        let _lost = losses.wait_for(|lost| *lost).await;
    }

    /// Takes in what others wrote, up to the newest change that is known of. Those who ask meanwhile share it.
    async fn follow(&self) -> Result<()> {
        let head = self.known_head()?;
        let _one_at_a_time = self.following.lock().await;
        loop {
            let position = self.followed.position();
            match head.saturating_sub(position.end.seq) {
                0 => return Ok(()),
                FAR.. => self.followed.skip_to(self.newest().await?),
                _ => {
                    let rows = self.note(feed::query(position.end.seq, AT_ONCE), feed::row).await?;
                    if rows.is_empty() {
                        return Ok(());
                    }
                    self.followed.read(&position, feed::gathered(rows));
                }
            }
        }
    }

    /// The newest change that this process knows of.
    fn known_head(&self) -> Result<u64> {
        Ok(*self.head.upgrade().ok_or(StoreError::Closed)?.borrow())
    }

    /// What is kept in memory, if that is as new as anything known; up to `near` changes are waited for.
    async fn recent(&self, near: u64) -> Option<&Recent> {
        let head = self.known_head().ok()?;
        let behind = head.saturating_sub(self.followed.position().end.seq);
        if behind > 0
            && (behind <= near || behind >= FAR)
            && let Err(error) = self.follow().await
        {
            tracing::debug!("the log is not followed: {error}");
        }
        self.followed.recent(head)
    }

    /// The documents under several keys as they are at one moment; `text` reads them.
    pub(crate) async fn docs(
        &self,
        keys: &[DocKey],
        text: &'static str,
        map: fn(&Row<'_>) -> Result<Doc>,
    ) -> Result<Vec<Option<Doc>>> {
        if let Some(found) = self.recent(NEAR).await.and_then(|recent| recent.get(keys)) {
            return Ok(found);
        }
        let (position, stood_in) = (self.followed.position(), self.pools.stood_in());
        let part =
            |part: fn(&DocKey) -> &str| Val::from(keys.iter().map(|key| part(key).to_owned()).collect::<Vec<_>>());
        let params = vec![part(|k| k.kind.as_str()), part(|k| &k.project), part(|k| &k.env), part(|k| &k.key)];
        let found = self.rows(Query::point(text, params), map).await?;
        let found: HashMap<DocKey, Doc> = found.into_iter().map(|doc| (doc.key.clone(), doc)).collect();
        let found: Vec<_> = keys.iter().map(|key| found.get(key).cloned()).collect();
        // A replica may be behind.
        if self.pools.stood_in() == stood_in {
            self.followed.keep(&position, keys, &found);
        }
        Ok(found)
    }

    /// The few documents that a project itself has of a kind; `query` reads them.
    pub(crate) async fn few(
        &self,
        kind: Kind,
        project: &str,
        query: Query,
        map: fn(&Row<'_>) -> Result<Doc>,
    ) -> Result<Vec<Doc>> {
        if let Some(found) = self.recent(NEAR).await.and_then(|recent| recent.list(kind, project)) {
            return Ok(found.to_vec());
        }
        let (position, stood_in) = (self.followed.position(), self.pools.stood_in());
        let found: Arc<[Doc]> = self.rows(query, map).await?.into();
        if self.pools.stood_in() == stood_in {
            self.followed.keep_list(&position, kind, project, &found);
        }
        Ok(found.to_vec())
    }

    /// The changes after `after`, if memory reaches back so far.
    pub(crate) async fn recent_feed(&self, after: u64, limit: usize) -> Option<Vec<FeedRow>> {
        self.recent(FAR).await?.feed(after, limit)
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
