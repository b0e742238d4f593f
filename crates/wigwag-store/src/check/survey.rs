//! A look at a database from outside: nothing is made, migrated or locked.

use crate::portable::{applied, schema_on};
use crate::postgres::{Connector, engine};
use crate::{Result, StoreConfig, StoreError, migrate, sqlite};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::Path;
use wigwag_model::clock::Millis;

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Number of the newest migration applied; 0 where there is no database yet.
    pub schema: u64,
    /// The newest that this release knows.
    pub known: u64,
    /// Sequence and date of the newest change.
    pub newest: Option<(u64, Millis)>,
    /// Whether servers seem to use it.
    pub in_use: bool,
    /// What only a server has.
    pub server: Option<ServerSurvey>,
}

/// How a server is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSurvey {
    /// Such as `17.5 (Debian …)`.
    pub version: String,
    /// As a number: 170005.
    pub number: i64,
    /// Encoding of the database.
    pub encoding: String,
    /// Whether it syncs at all.
    pub fsync: bool,
    /// Connections it takes.
    pub most_connections: i64,
    /// Connections it has, of everybody.
    pub connections: i64,
    /// Its clock.
    pub clock: Millis,
    /// Whether it is a replica, which takes no writes.
    pub is_replica: bool,
    /// How what is sent to it is kept from others.
    pub encryption: Encryption,
}

/// How what is sent to a server is kept from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It stays on this machine.
    Local,
    /// Not at all.
    None,
    /// By this protocol (`TLSv1.3`), with whoever answers.
    Unverified(String),
    /// By this protocol, with whom a certificate proves to be the server.
    Verified(String),
}

const NEWEST: &str = "SELECT seq, at FROM changes ORDER BY seq DESC LIMIT 1";

const SERVER: &str = "SELECT current_setting('server_version'), current_setting('server_version_num')::bigint,
     current_setting('server_encoding'), current_setting('fsync') = 'on', current_setting('max_connections')::bigint,
     (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
     (extract(epoch FROM clock_timestamp()) * 1000)::bigint, pg_is_in_recovery(),
     (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
       AND application_name = 'wigwag' AND pid <> pg_backend_pid()),
     (SELECT version FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid())";

/// Looks at a database.
///
/// # Errors
/// It cannot be reached or read.
pub async fn survey(config: &StoreConfig) -> Result<Survey> {
    match config {
        StoreConfig::Sqlite { dir } => {
            let dir = dir.clone();
            let task = tokio::task::spawn_blocking(move || directory(&dir));
            task.await.map_err(|e| StoreError::Unavailable(format!("looking was interrupted: {e}")))?
        }
        StoreConfig::Postgres { url, .. } => server(url).await,
    }
}

fn directory(dir: &Path) -> Result<Survey> {
    let path = dir.join("wigwag.db");
    let mut seen = Survey { known: migrate::newest(), in_use: is_locked(dir), ..Survey::default() };
    if !path.exists() {
        return Ok(seen);
    }
    let db = opened(&path)?;
    seen.schema = applied(&db)?;
    if seen.schema > 0 {
        let newest = db.query_row(NEWEST, [], |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?)));
        seen.newest = match newest {
            Err(rusqlite::Error::QueryReturnedNoRows) => None,
            found => Some(found.map_err(sqlite::engine)?),
        };
    }
    Ok(seen)
}

fn opened(path: &Path) -> Result<Connection> {
    sqlite::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn is_locked(dir: &Path) -> bool {
    // A lock that is taken here goes with the file.
    File::open(dir.join("wigwag.lock")).is_ok_and(|file| file.try_lock().is_err())
}

async fn server(url: &str) -> Result<Survey> {
    let connector = Connector::new(url)?;
    let (client, driver) = connector.connect().await?;
    let row = client.query_one(SERVER, &[]).await.map_err(engine)?;
    let read = || -> std::result::Result<(ServerSurvey, i64), tokio_postgres::Error> {
        let seen = ServerSurvey {
            version: row.try_get(0)?,
            number: row.try_get(1)?,
            encoding: row.try_get(2)?,
            fsync: row.try_get(3)?,
            most_connections: row.try_get(4)?,
            connections: row.try_get(5)?,
            clock: row.try_get(6)?,
            is_replica: row.try_get(7)?,
            encryption: connector.encryption(row.try_get(9)?),
        };
        Ok((seen, row.try_get(8)?))
    };
    let (server, ours) = read().map_err(engine)?;
    let schema = schema_on(&client).await?;
    let mut newest = None;
    if schema > 0 {
        let found = client.query_opt(NEWEST, &[]).await.map_err(engine)?;
        let found = found.map(|row| Ok((row.try_get::<_, i64>(0)?.unsigned_abs(), row.try_get(1)?))).transpose();
        newest = found.map_err(engine)?;
    }
    driver.abort();
    Ok(Survey { schema, known: migrate::newest(), newest, in_use: ours > 0, server: Some(server) })
}

/// Reads every page of the files of an embedded database; what does not add up, at most ten lines. PostgreSQL has its
/// own ways to see to that.
///
/// # Errors
/// A file cannot be read at all.
pub async fn integrity(config: &StoreConfig) -> Result<Vec<String>> {
    let StoreConfig::Sqlite { dir } = config else { return Ok(Vec::new()) };
    let dir = dir.clone();
    let check = move || {
        let mut told = Vec::new();
        for path in ["wigwag.db", "events.db"].map(|name| dir.join(name)).iter().filter(|path| path.exists()) {
            let db = opened(path)?;
            let mut statement = db.prepare("PRAGMA integrity_check(10)").map_err(sqlite::engine)?;
            let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(sqlite::engine)?;
            for line in lines {
                let line = line.map_err(sqlite::engine)?;
                if line != "ok" {
                    told.push(format!("{}: {line}", path.display()));
                }
            }
        }
        told.truncate(10);
        Ok(told)
    };
    let task = tokio::task::spawn_blocking(check);
    task.await.map_err(|e| StoreError::Unavailable(format!("checking was interrupted: {e}")))?
}
