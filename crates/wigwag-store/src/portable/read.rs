//! A database as a stream, as of one moment.

use super::Scope;
use super::piece::{Cell, Gathered, Head, Piece, Stream, WAITING};
use super::schema::{self, Table};
use crate::chain::GENESIS;
use crate::postgres::{self, Connector};
use crate::{Result, StoreConfig, StoreError, migrate, sqlite};
use futures_util::TryStreamExt as _;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

const HEAD: &str = "SELECT seq, hash FROM changes ORDER BY seq DESC LIMIT 1";

type Pieces = mpsc::Sender<Result<Piece>>;
type Begun = oneshot::Sender<Result<(Head, Vec<Table>)>>;

/// Begins to read.
pub(super) async fn open(from: &StoreConfig, scope: Scope) -> Result<Stream> {
    let (pieces, received) = mpsc::channel(WAITING);
    let (begun, heads) = oneshot::channel();
    match from {
        StoreConfig::Sqlite { dir } => {
            let dir = dir.clone();
            drop(tokio::task::spawn_blocking(move || Files { dir, scope }.send(begun, &pieces)));
        }
        StoreConfig::Postgres { url, .. } => {
            let connector = Connector::new(url)?;
            drop(tokio::spawn(server(connector, scope, begun, pieces)));
        }
    }
    let broke = |_| StoreError::Unavailable("reading was interrupted".into());
    let (head, tables) = heads.await.map_err(broke)??;
    Ok(Stream { head, tables, pieces: received })
}

/// Refuses a database that servers are connected to.
pub(super) async fn unused(url: &str) -> Result<()> {
    let (client, driver) = Connector::new(url)?.connect().await?;
    let text = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
         AND application_name = 'wigwag' AND pid <> pg_backend_pid()";
    let found: i64 = client.query_one(text, &[]).await.and_then(|row| row.try_get(0)).map_err(postgres::engine)?;
    driver.abort();
    if found > 0 {
        let told = format!("{found} connections of running servers: stop them, or what they write meanwhile is lost");
        return Err(StoreError::Unavailable(told));
    }
    Ok(())
}

/// What the tables are of a database at `schema`, as far as they go along.
pub(super) fn wanted(schema: u64, scope: Scope) -> Result<Vec<Table>> {
    if schema == 0 {
        return Err(StoreError::Unavailable("there is no Wigwag in this database".into()));
    }
    let mut tables = schema::tables(schema)?;
    tables.retain(|table| scope.events || !table.events);
    Ok(tables)
}

/// The two files of the embedded engine.
struct Files {
    dir: PathBuf,
    scope: Scope,
}

impl Files {
    fn send(&self, begun: Begun, pieces: &Pieces) {
        match self.begin() {
            Err(error) => drop(begun.send(Err(error))),
            Ok((main, events, head, tables)) => {
                if begun.send(Ok((head, tables.clone()))).is_ok()
                    && let Err(error) = rows_of(&tables, &main, events.as_ref(), pieces)
                {
                    // Nobody may be left to be told.
                    let _gone = pieces.blocking_send(Err(error));
                }
            }
        }
    }

    /// Opens the files, each as of now.
    fn begin(&self) -> Result<(Connection, Option<Connection>, Head, Vec<Table>)> {
        let main = opened(&self.dir.join("wigwag.db"))?;
        let schema = applied(&main)?;
        let tables = wanted(schema, self.scope)?;
        let last = main.query_row(HEAD, [], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)));
        let (sequence, hash) = found(last)?.unwrap_or((0, GENESIS.to_owned()));
        let mut counters = counters(&main)?;
        let path = self.dir.join("events.db");
        let events = if self.scope.events && path.exists() { Some(opened(&path)?) } else { None };
        if let Some(events) = &events {
            if applied(events)? != schema::events_number(schema) {
                let told = "events.db is not of the same release as wigwag.db: start its server once, then try again";
                return Err(StoreError::Unavailable(told.into()));
            }
            counters.extend(self::counters(events)?);
        }
        let head = Head { schema, sequence: sequence.unsigned_abs(), hash, counters };
        Ok((main, events, head, tables))
    }
}

fn opened(path: &Path) -> Result<Connection> {
    if !path.exists() {
        return Err(StoreError::Unavailable(format!("there is no database at {}", path.display())));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let db = sqlite::connect(path, flags)?;
    // A transaction that reads sees one moment, from its first statement on.
    db.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").map_err(sqlite::engine)?;
    Ok(db)
}

/// The number of the newest migration in a file; 0 where there is none.
pub(crate) fn applied(db: &Connection) -> Result<u64> {
    let there = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'";
    if db.query_row(there, [], |row| row.get::<_, i64>(0)).map_err(sqlite::engine)? == 0 {
        return Ok(0);
    }
    let number: i64 = db.query_row(migrate::APPLIED, [], |row| row.get(0)).map_err(sqlite::engine)?;
    Ok(number.unsigned_abs())
}

fn counters(db: &Connection) -> Result<BTreeMap<String, i64>> {
    let mut statement = db.prepare("SELECT name, seq FROM sqlite_sequence").map_err(sqlite::engine)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(sqlite::engine)?;
    rows.collect::<Result<_, _>>().map_err(sqlite::engine)
}

fn found<T>(row: rusqlite::Result<T>) -> Result<Option<T>> {
    match row {
        Ok(row) => Ok(Some(row)),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        Err(error) => Err(sqlite::engine(error)),
    }
}

/// Ends early, without an error, when nobody listens any more.
fn rows_of(tables: &[Table], main: &Connection, events: Option<&Connection>, pieces: &Pieces) -> Result<()> {
    for table in tables {
        let Ok(()) = pieces.blocking_send(Ok(Piece::Table)) else { return Ok(()) };
        let Some(db) = (if table.events { events } else { Some(main) }) else { continue };
        let mut statement = db.prepare(&table.select()).map_err(sqlite::engine)?;
        let mut rows = statement.query([]).map_err(sqlite::engine)?;
        let mut gathered = Gathered::default();
        while let Some(row) = rows.next().map_err(sqlite::engine)? {
            let cells = (0..table.columns.len()).map(|n| cell(row.get_ref(n).map_err(sqlite::engine)?));
            if let Some(piece) = gathered.add(cells.collect::<Result<_>>()?) {
                let Ok(()) = pieces.blocking_send(Ok(piece)) else { return Ok(()) };
            }
        }
        if let Some(piece) = gathered.rest() {
            let Ok(()) = pieces.blocking_send(Ok(piece)) else { return Ok(()) };
        }
    }
    let _gone = pieces.blocking_send(Ok(Piece::End));
    Ok(())
}

fn cell(value: ValueRef<'_>) -> Result<Cell> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(n) => Cell::Int(n),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Cell::Text(text.to_owned()),
            Err(error) => return Err(StoreError::Corrupt(error.to_string())),
        },
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        ValueRef::Real(n) => return Err(StoreError::Corrupt(format!("{n} where none can be"))),
    })
}

async fn server(connector: Connector, scope: Scope, begun: Begun, pieces: Pieces) {
    let opened = async {
        let (client, _driver) = connector.connect().await?;
        let (head, tables) = begin(&client, scope).await?;
        Ok((client, head, tables))
    };
    match opened.await {
        Err(error) => drop(begun.send(Err(error))),
        Ok((client, head, tables)) => {
            if begun.send(Ok((head, tables.clone()))).is_ok()
                && let Err(error) = rows_on(&tables, &client, &pieces).await
            {
                let _gone = pieces.send(Err(error)).await;
            }
        }
    }
}

/// Everything is read in one transaction, which sees one moment.
async fn begin(client: &Client, scope: Scope) -> Result<(Head, Vec<Table>)> {
    let text = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0";
    client.batch_execute(text).await.map_err(postgres::engine)?;
    let schema = schema_on(client).await?;
    let tables = wanted(schema, scope)?;
    let last = client.query_opt(HEAD, &[]).await.map_err(postgres::engine)?;
    let last = last.map(|row| Ok((row.try_get::<_, i64>(0)?, row.try_get(1)?))).transpose();
    let (sequence, hash) = last.map_err(postgres::engine)?.unwrap_or((0, GENESIS.to_owned()));
    let mut counters = BTreeMap::new();
    for table in tables.iter().filter(|table| table.numbered) {
        let text = "SELECT s.last_value FROM pg_sequences s WHERE s.last_value IS NOT NULL
             AND (quote_ident(s.schemaname) || '.' || quote_ident(s.sequencename))
               = (SELECT pg_get_serial_sequence(a.attrelid::regclass::text, a.attname) FROM pg_attribute a
                  WHERE a.attrelid = to_regclass($1) AND a.attidentity <> '' LIMIT 1)";
        if let Some(row) = client.query_opt(text, &[&table.name]).await.map_err(postgres::engine)? {
            counters.insert(table.name.clone(), row.try_get(0).map_err(postgres::engine)?);
        }
    }
    Ok((Head { schema, sequence: sequence.unsigned_abs(), hash, counters }, tables))
}

/// The number of the newest migration on a server; 0 where there is none.
pub(crate) async fn schema_on(client: &Client) -> Result<u64> {
    let there = client.query_one("SELECT to_regclass('schema_migrations') IS NOT NULL", &[]).await;
    let schema = match there.and_then(|row| row.try_get(0)).map_err(postgres::engine)? {
        true => client.query_one(migrate::APPLIED, &[]).await.and_then(|row| row.try_get(0)),
        false => Ok(0),
    };
    Ok(i64::unsigned_abs(schema.map_err(postgres::engine)?))
}

async fn rows_on(tables: &[Table], client: &Client, pieces: &Pieces) -> Result<()> {
    for table in tables {
        let Ok(()) = pieces.send(Ok(Piece::Table)).await else { return Ok(()) };
        let none: [&(dyn ToSql + Sync); 0] = [];
        let mut rows = pin!(client.query_raw(&table.select(), none).await.map_err(postgres::engine)?);
        let mut gathered = Gathered::default();
        while let Some(row) = rows.try_next().await.map_err(postgres::engine)? {
            let cells = table.columns.iter().enumerate().map(|(n, column)| value(&row, n, column.kind));
            if let Some(piece) = gathered.add(cells.collect::<Result<_>>()?) {
                let Ok(()) = pieces.send(Ok(piece)).await else { return Ok(()) };
            }
        }
        if let Some(piece) = gathered.rest() {
            let Ok(()) = pieces.send(Ok(piece)).await else { return Ok(()) };
        }
    }
    let _gone = pieces.send(Ok(Piece::End)).await;
    Ok(())
}

fn value(row: &tokio_postgres::Row, n: usize, kind: schema::ColumnKind) -> Result<Cell> {
    let value = match kind {
        schema::ColumnKind::Integer => row.try_get::<_, Option<i64>>(n).map(|v| v.map(Cell::Int)),
        schema::ColumnKind::Text => row.try_get::<_, Option<String>>(n).map(|v| v.map(Cell::Text)),
        schema::ColumnKind::Bytes => row.try_get::<_, Option<Vec<u8>>>(n).map(|v| v.map(Cell::Bytes)),
    };
    Ok(value.map_err(postgres::engine)?.unwrap_or(Cell::Null))
}
