//! Bare engines: one UPDATE and one INSERT a commit, without versions, checks, facts or a chain.
//! Alone: a transaction for each. Grouped: one connection writes what waits in one transaction.

use super::commits::{next, rate};
use super::{audit_body, config_body};
use anyhow::Result;
use futures_util::future::join_all;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

const SCHEMA: &str = "CREATE TABLE doc (key TEXT PRIMARY KEY, version BIGINT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE audit (seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, body TEXT NOT NULL)";
const CREATE: &str = "INSERT INTO doc (key, version, body) VALUES ($1, 0, '{}')";
const UPDATE: &str = "UPDATE doc SET version = version + 1, body = $1 WHERE key = $2";
const INSERT: &str = "INSERT INTO audit (seq, at, body) VALUES ($1, $2, $3)";

type Grouped = (u64, oneshot::Sender<()>);

/// An engine with nothing around it.
pub(crate) enum Bare {
    Sqlite(Arc<Mutex<rusqlite::Connection>>),
    Postgres(Vec<Arc<Pg>>),
}

pub(crate) struct Pg {
    client: Client,
    update: Statement,
    insert: Statement,
}

impl Bare {
    pub(crate) fn sqlite(path: &Path) -> Result<Self> {
        let db = rusqlite::Connection::open(path)?;
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")?;
        db.execute_batch(SCHEMA)?;
        for writer in 0..64 {
            db.execute(CREATE, [key(writer)])?;
        }
        Ok(Self::Sqlite(Arc::new(Mutex::new(db))))
    }

    pub(crate) async fn postgres(url: &str) -> Result<Self> {
        execute(url, SCHEMA).await?;
        for writer in 0..64 {
            execute(url, &CREATE.replace("$1", &format!("'{}'", key(writer)))).await?;
        }
        let mut connections = Vec::new();
        for _ in 0..64 {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            let (update, insert) = (client.prepare(UPDATE).await?, client.prepare(INSERT).await?);
            connections.push(Arc::new(Pg { client, update, insert }));
        }
        Ok(Self::Postgres(connections))
    }

    /// A transaction for each commit: on the one connection that may write, or on one for each writer.
    pub(crate) async fn single(&self, writers: u64, each: Duration) -> Result<f64> {
        match self {
            Self::Sqlite(db) => {
                let db = Arc::clone(db);
                let once = move |writer| {
                    let db = Arc::clone(&db);
                    async move { tokio::task::block_in_place(|| sqlite(&db, &[writer])) }
                };
                rate(writers, each, once).await
            }
            Self::Postgres(connections) => {
                let connections = connections.clone();
                let once = move |writer: u64| {
                    let pg = Arc::clone(&connections[writer as usize]);
                    async move { pg.commit(&[writer]).await }
                };
                rate(writers, each, once).await
            }
        }
    }

    /// One transaction for all commits that wait.
    pub(crate) async fn grouped(&self, writers: u64, each: Duration) -> Result<f64> {
        let (jobs, mut queue) = mpsc::channel::<Grouped>(1024);
        let writer = match self {
            Self::Sqlite(db) => {
                let db = Arc::clone(db);
                tokio::task::spawn_blocking(move || {
                    let mut waiting = Vec::new();
                    while queue.blocking_recv_many(&mut waiting, 256) > 0 {
                        let (writers, replies): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
                        sqlite(&db, &writers)?;
                        replies.into_iter().for_each(|reply| reply.send(()).unwrap_or_default());
                    }
                    anyhow::Ok(())
                })
            }
            Self::Postgres(connections) => {
                let pg = Arc::clone(&connections[0]);
                tokio::spawn(async move {
                    let mut waiting = Vec::new();
                    while queue.recv_many(&mut waiting, 256).await > 0 {
                        let (writers, replies): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
                        pg.commit(&writers).await?;
                        replies.into_iter().for_each(|reply| reply.send(()).unwrap_or_default());
                    }
                    anyhow::Ok(())
                })
            }
        };
        let once = move |writer| {
            let jobs = jobs.clone();
            async move {
                let (reply, done) = oneshot::channel();
                jobs.send((writer, reply)).await?;
                Ok(done.await?)
            }
        };
        let rate = rate(writers, each, once).await?;
        writer.await??;
        Ok(rate)
    }
}

fn key(writer: u64) -> String {
    format!("flag-{writer}")
}

fn sqlite(db: &Mutex<rusqlite::Connection>, writers: &[u64]) -> Result<()> {
    let db = db.lock().map_err(|_| anyhow::anyhow!("a writer panicked"))?;
    db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for writer in writers {
        let n = next();
        db.prepare_cached(UPDATE)?.execute((config_body(n), key(*writer)))?;
        db.prepare_cached(INSERT)?.execute((n as i64, n as i64, audit_body(n)))?;
    }
    db.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

impl Pg {
    async fn write(&self, writer: u64) -> Result<()> {
        let n = next();
        let (body, key, audit, seq) = (config_body(n), key(writer), audit_body(n), n as i64);
        let update: [&(dyn ToSql + Sync); 2] = [&body, &key];
        let insert: [&(dyn ToSql + Sync); 3] = [&seq, &seq, &audit];
        let update = self.client.execute(&self.update, &update);
        let insert = self.client.execute(&self.insert, &insert);
        let (updated, inserted) = futures_util::future::join(update, insert).await;
        updated?;
        inserted?;
        Ok(())
    }

    /// All statements in one round trip.
    async fn commit(&self, writers: &[u64]) -> Result<()> {
        let begin = self.client.batch_execute("BEGIN");
        // In short lists, which are polled, and so sent, in order.
        let writes = join_all(writers.chunks(16).map(|some| join_all(some.iter().map(|writer| self.write(*writer)))));
        let commit = self.client.batch_execute("COMMIT");
        let (begun, written, committed) = futures_util::future::join3(begin, writes, commit).await;
        begun?;
        written.into_iter().flatten().collect::<Result<Vec<_>>>()?;
        Ok(committed?)
    }
}

pub(crate) async fn execute(url: &str, sql: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client.batch_execute(sql).await?)
}
