//! A stream loaded into an empty place.

use super::piece::{Cell, Head, Piece, Stream};
use super::schema::{self, Table};
use super::{KEY_FILE, verified};
use crate::postgres::{self, Connector};
use crate::{Archive, Result, StoreConfig, StoreError, migrate, sqlite};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};
use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{IsNull, Type, to_sql_checked};

/// Where the files are until they are whole.
const DRAFT: &str = "restoring";
/// What may be in an empty directory.
const NOTHING: [&str; 3] = [KEY_FILE, "wigwag.lock", "lost+found"];

/// Loads and verifies, whole or not at all.
pub(super) async fn into(stream: Stream, to: &StoreConfig) -> Result<()> {
    match to {
        StoreConfig::Sqlite { dir } => directory(stream, dir).await,
        StoreConfig::Postgres { url, .. } => server(stream, url).await,
    }
}

fn broke() -> StoreError {
    StoreError::Unavailable("reading broke off".into())
}

fn failed(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}

async fn directory(stream: Stream, dir: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| failed(dir, &e))?;
    for entry in fs::read_dir(dir).map_err(|e| failed(dir, &e))? {
        let name = entry.map_err(|e| failed(dir, &e))?.file_name();
        if !NOTHING.iter().any(|nothing| name == *nothing) {
            let told = format!("{} is not empty, there is {}", dir.display(), name.to_string_lossy());
            return Err(StoreError::Invalid(told));
        }
    }
    let _lock = sqlite::lock(dir)?;
    let draft = dir.join(DRAFT);
    fs::create_dir(&draft).map_err(|e| failed(&draft, &e))?;
    let loaded = drafted(stream, &draft, dir).await;
    if loaded.is_err() {
        let _left_behind = fs::remove_dir_all(&draft);
    }
    loaded
}

async fn drafted(stream: Stream, draft: &Path, dir: &Path) -> Result<()> {
    let (head, at) = (stream.head.clone(), draft.to_path_buf());
    let task = tokio::task::spawn_blocking(move || files(stream, &at));
    let made = task.await.map_err(|e| StoreError::Unavailable(format!("loading was interrupted: {e}")))??;
    verified(&Archive::file(&draft.join("wigwag.db"))?, &head).await?;
    // The file without which there is no database comes last.
    for path in made.iter().rev() {
        File::open(path).and_then(|file| file.sync_all()).map_err(|e| failed(path, &e))?;
        let name = path.file_name().unwrap_or_default();
        fs::rename(path, dir.join(name)).map_err(|e| failed(path, &e))?;
    }
    fs::remove_dir_all(draft).map_err(|e| failed(draft, &e))?;
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| failed(dir, &e))
}

/// Makes the two files, or the first one where nothing of events goes along.
fn files(mut stream: Stream, dir: &Path) -> Result<Vec<PathBuf>> {
    let with_events = stream.tables.iter().any(|table| table.events);
    let mut files = vec![Loading::begin(dir.join("wigwag.db"), &stream.head, false)?];
    if with_events {
        files.push(Loading::begin(dir.join("events.db"), &stream.head, true)?);
    }
    let tables = std::mem::take(&mut stream.tables);
    let (mut next, mut current) = (tables.iter(), None);
    loop {
        match stream.pieces.blocking_recv().ok_or_else(broke)?? {
            Piece::Table => {
                let table = next.next().ok_or_else(broke)?;
                current = files.get(usize::from(table.events)).map(|file| (file, table));
            }
            Piece::Rows(rows) => {
                let (file, table) = current.ok_or_else(broke)?;
                file.rows(table, &rows)?;
            }
            Piece::End => break,
        }
    }
    files.into_iter().map(|file| file.end(&stream.head)).collect()
}

/// A file that nobody else has open and that is thrown away when something goes wrong.
struct Loading {
    db: Connection,
    path: PathBuf,
    /// Statements that make the indexes: one pass at the end is much quicker.
    indexes: Vec<String>,
}

impl Loading {
    fn begin(path: PathBuf, head: &Head, events: bool) -> Result<Self> {
        let db = sqlite::connect(&path, OpenFlags::default())?;
        db.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN").map_err(sqlite::engine)?;
        schema::make(&db, head.schema, events)?;
        let text = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
        let mut statement = db.prepare(text).map_err(sqlite::engine)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(sqlite::engine)?;
        let indexes: Vec<(String, String)> = rows.collect::<Result<_, _>>().map_err(sqlite::engine)?;
        drop(statement);
        for (name, _) in &indexes {
            db.execute_batch(&format!("DROP INDEX {name}")).map_err(sqlite::engine)?;
        }
        // Migrations put rows into some tables.
        for table in schema::tables(head.schema)?.iter().filter(|table| table.events == events) {
            db.execute_batch(&format!("DELETE FROM {}", table.name)).map_err(sqlite::engine)?;
        }
        Ok(Self { db, path, indexes: indexes.into_iter().map(|(_, sql)| sql).collect() })
    }

    fn rows(&self, table: &Table, rows: &[Vec<Cell>]) -> Result<()> {
        let places = vec!["?"; table.columns.len()].join(", ");
        let text = format!("INSERT INTO {} ({}) VALUES ({places})", table.name, table.names());
        let mut statement = self.db.prepare_cached(&text).map_err(sqlite::engine)?;
        for row in rows {
            statement.execute(params_from_iter(row)).map_err(sqlite::engine)?;
        }
        Ok(())
    }

    fn end(self, head: &Head) -> Result<PathBuf> {
        for sql in &self.indexes {
            self.db.execute_batch(sql).map_err(sqlite::engine)?;
        }
        for (table, last) in &head.counters {
            // Only tables whose numbers are never given twice are in there; their own rows may have put them in.
            let text = "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1";
            let noted = self.db.execute(text, (table, last)).map_err(sqlite::engine)?;
            let text = "INSERT INTO sqlite_sequence (name, seq) SELECT name, ?2 FROM sqlite_schema
                 WHERE type = 'table' AND name = ?1 AND sql LIKE '%AUTOINCREMENT%'";
            if noted == 0 {
                self.db.execute(text, (table, last)).map_err(sqlite::engine)?;
            }
        }
        self.db.execute_batch("COMMIT").map_err(sqlite::engine)?;
        self.db.close().map_err(|(_, e)| sqlite::engine(e))?;
        Ok(self.path)
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

async fn server(stream: Stream, url: &str) -> Result<()> {
    let head = stream.head.clone();
    let (client, driver) = Connector::new(url)?.connect().await?;
    let begin = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0";
    client.batch_execute(begin).await.map_err(postgres::engine)?;
    empty(&client).await?;
    let archive = Archive::over(client, driver);
    let client = archive.client().ok_or(StoreError::Closed)?;
    tables(stream, client).await?;
    client.batch_execute("ANALYZE").await.map_err(postgres::engine)?;
    verified(&archive, &head).await?;
    client.batch_execute("COMMIT").await.map_err(postgres::engine)
}

async fn empty(client: &Client) -> Result<()> {
    let encoding: String = client
        .query_one("SELECT current_setting('server_encoding')", &[])
        .await
        .and_then(|row| row.try_get(0))
        .map_err(postgres::engine)?;
    if encoding != "UTF8" {
        return Err(StoreError::Invalid(format!("the database must be in UTF8, this one is in {encoding}")));
    }
    let text = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
         AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY c.relname LIMIT 1";
    match client.query_opt(text, &[]).await.map_err(postgres::engine)? {
        None => Ok(()),
        Some(row) => {
            let name: String = row.try_get(0).map_err(postgres::engine)?;
            Err(StoreError::Invalid(format!("the database is not empty, there is the table {name}: make a new one")))
        }
    }
}

async fn tables(mut stream: Stream, client: &Client) -> Result<()> {
    client.batch_execute(migrate::TABLE).await.map_err(postgres::engine)?;
    for step in migrate::ALL.iter().filter(|step| step.number <= stream.head.schema) {
        client.batch_execute(step.postgres).await.map_err(postgres::engine)?;
        client.execute(migrate::NOTE, &[&(step.number as i64), &step.name]).await.map_err(postgres::engine)?;
    }
    for table in schema::tables(stream.head.schema)? {
        client.batch_execute(&format!("DELETE FROM {}", table.name)).await.map_err(postgres::engine)?;
    }
    let all = std::mem::take(&mut stream.tables);
    let mut next = all.iter();
    let mut piece = stream.pieces.recv().await.ok_or_else(broke)??;
    while let Piece::Table = piece {
        let table = next.next().ok_or_else(broke)?;
        piece = one(&mut stream, client, table).await?;
        count_on(client, table, stream.head.counters.get(&table.name).copied()).await?;
    }
    Ok(())
}

/// Loads a table; answers the piece that comes after it.
async fn one(stream: &mut Stream, client: &Client, table: &Table) -> Result<Piece> {
    let text = format!("COPY {} ({}) FROM STDIN BINARY", table.name, table.names());
    let types: Vec<Type> = table.columns.iter().map(|column| column.kind.postgres()).collect();
    let sink = client.copy_in(&text).await.map_err(postgres::engine)?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    loop {
        match stream.pieces.recv().await.ok_or_else(broke)?? {
            Piece::Rows(rows) => {
                for row in &rows {
                    writer.as_mut().write_raw(row).await.map_err(postgres::engine)?;
                }
            }
            after => {
                writer.as_mut().finish().await.map_err(postgres::engine)?;
                return Ok(after);
            }
        }
    }
}

/// The next number given is a new one.
async fn count_on(client: &Client, table: &Table, last: Option<i64>) -> Result<()> {
    let text = "SELECT a.attname::text, pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)
         FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attidentity <> ''";
    for row in client.query(text, &[&table.name]).await.map_err(postgres::engine)? {
        let (column, sequence): (String, String) =
            (row.try_get(0).map_err(postgres::engine)?, row.try_get(1).map_err(postgres::engine)?);
        let text = format!(
            "SELECT setval($1::text::regclass, m.v) FROM (SELECT GREATEST($2, MAX({column})) AS v FROM {}) m
             WHERE m.v > 0",
            table.name
        );
        client.query_opt(&text, &[&sequence, &last.unwrap_or(0)]).await.map_err(postgres::engine)?;
    }
    Ok(())
}

impl tokio_postgres::types::ToSql for Cell {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) => n.to_sql_checked(ty, out),
            Self::Text(text) => text.as_str().to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.as_slice().to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true // Which of them it is, only the value knows: `to_sql` checks.
    }

    to_sql_checked!();
}
