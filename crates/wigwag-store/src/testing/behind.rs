//! A database behind the back of the servers on it: what tests look at, tamper with and take away.

use super::server::failed;
use crate::{Result, sqlite};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_postgres::{Client, NoTls, Row};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;

/// What is done to a database that nobody but its servers should write to.
#[derive(Clone, Copy, Debug)]
pub enum Tampering {
    /// The first row of the record is changed.
    Record,
    /// It is changed back.
    RecordMended,
    /// A document is not what its last version says.
    Document,
    /// A newer release was here.
    NewerSchema,
    /// It never was.
    NewerSchemaForgotten,
}

impl Tampering {
    const fn statement(self) -> &'static str {
        match self {
            Self::Record => "UPDATE changes SET name = name || 'x' WHERE seq = 1",
            Self::RecordMended => "UPDATE changes SET name = substr(name, 1, length(name) - 1) WHERE seq = 1",
            Self::Document => "UPDATE docs SET body = body || ' ' WHERE kind = 'account'",
            Self::NewerSchema => "INSERT INTO schema_migrations (number, name) VALUES (9999, 'future')",
            Self::NewerSchemaForgotten => "DELETE FROM schema_migrations WHERE number = 9999",
        }
    }
}

/// Does it to the file of an embedded database.
///
/// # Errors
/// The file cannot be written.
pub fn tamper_with_file(dir: &Path, how: Tampering) -> Result<()> {
    let db = Connection::open(dir.join("wigwag.db")).map_err(sqlite::engine)?;
    db.busy_timeout(Duration::from_secs(10)).map_err(sqlite::engine)?;
    db.execute_batch(how.statement()).map_err(sqlite::engine)
}

/// A database that can be tampered with.
pub enum Place {
    /// The directory of an embedded one.
    Dir(PathBuf),
    /// The connection string of one on a server.
    Server(String),
}

impl Place {
    /// Does it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn tamper(&self, how: Tampering) -> Result<()> {
        match self {
            Self::Dir(dir) => tamper_with_file(dir, how),
            Self::Server(url) => Seat::take(url).await?.run(how.statement()).await,
        }
    }
}

/// Whose turn a work is, and until when by the database's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The work.
    pub work: String,
    /// The server.
    pub holder: String,
    /// Until when it is.
    pub until: Millis,
}

/// A delivery as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it arrived.
    pub made: bool,
    /// Whether it is still to be made.
    pub owed: bool,
    /// How often it was tried.
    pub tries: i64,
}

/// A connection to a database on PostgreSQL, of the test's own. It takes one of the server's until it is dropped.
pub struct Seat(Client);

impl Seat {
    /// Takes one.
    ///
    /// # Errors
    /// The server lets nobody in.
    pub async fn take(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(failed)?;
        tokio::spawn(connection);
        Ok(Self(client))
    }

    async fn run(&self, statement: &str) -> Result<()> {
        self.0.batch_execute(statement).await.map_err(failed)
    }

    async fn rows(&self, statement: &str, params: &[&(dyn tokio_postgres::types::ToSql + Sync)]) -> Result<Vec<Row>> {
        self.0.query(statement, params).await.map_err(failed)
    }

    /// The database's clock.
    ///
    /// # Errors
    /// The database cannot be asked; as of all that follow.
    pub async fn now(&self) -> Result<Millis> {
        let now = self.rows("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", &[]).await?;
        now.first().map(|row| row.get(0)).ok_or_else(|| failed("no time"))
    }

    /// All turns, by work.
    ///
    /// # Errors
    /// As of [`Seat::now`].
    pub async fn leases(&self) -> Result<Vec<Lease>> {
        let rows = self.rows("SELECT work, holder, until FROM leases ORDER BY work", &[]).await?;
        Ok(rows.iter().map(|row| Lease { work: row.get(0), holder: row.get(1), until: row.get(2) }).collect())
    }

    /// Every version of the documents of a kind whose keys begin so, in the order of the log: key and text.
    ///
    /// # Errors
    /// As of [`Seat::now`].
    pub async fn versions(&self, kind: Kind, prefix: &str) -> Result<Vec<(String, String)>> {
        let text = "SELECT key, body FROM versions WHERE kind = $1 AND starts_with(key, $2) ORDER BY seq";
        let rows = self.rows(text, &[&kind.as_str(), &prefix]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// How many changes say something of resources that end so.
    ///
    /// # Errors
    /// As of [`Seat::now`].
    pub async fn changes(&self, said: &str, of: &str) -> Result<usize> {
        let text = "SELECT 1 FROM changes WHERE strpos(body, $1) > 0 AND strpos(resources, $2 || '\"') > 0";
        Ok(self.rows(text, &[&said, &of]).await?.len())
    }

    /// All deliveries that were ever planned.
    ///
    /// # Errors
    /// As of [`Seat::now`].
    pub async fn deliveries(&self) -> Result<Vec<Standing>> {
        let rows = self.rows("SELECT state, tries FROM deliveries", &[]).await?;
        let standing = |row: &Row| {
            let state: i64 = row.get(0);
            Standing { owed: state == 0, made: state == 1, tries: row.get(1) }
        };
        Ok(rows.iter().map(standing).collect())
    }

    /// How many replicas get what is written.
    ///
    /// # Errors
    /// As of [`Seat::now`].
    pub async fn replicas(&self) -> Result<usize> {
        Ok(self.rows("SELECT 1 FROM pg_stat_replication", &[]).await?.len())
    }

    /// Ends the connections of programs whose names begin so. How many there were.
    ///
    /// # Errors
    /// As of [`Seat::now`].
    pub async fn end_connections(&self, names: &str) -> Result<usize> {
        let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, $1)";
        Ok(self.rows(text, &[&names]).await?.len())
    }

    /// Gives the server a setting, such as `work_mem = '1MB'`, for good.
    ///
    /// # Errors
    /// The server refuses it.
    pub async fn set(&self, setting: &str) -> Result<()> {
        self.run(&format!("ALTER SYSTEM SET {setting}")).await?;
        self.run("SELECT pg_reload_conf()").await
    }
}
