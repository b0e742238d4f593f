//! Which tables there are at a schema, found out by making them: nothing has to be listed twice.

use crate::migrate::{self, EVENTS};
use crate::sqlite::engine;
use crate::{Result, StoreError};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio_postgres::types::Type;

/// A table, the same on both engines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    /// Whether it is in the file of events on SQLite.
    pub(super) events: bool,
    /// Whether its numbers are never given twice, so that the last one given matters.
    pub(super) numbered: bool,
    pub(super) columns: Vec<Column>,
    /// The columns of its key, in whose order it is read.
    order: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: ColumnKind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ColumnKind {
    Integer,
    Text,
    Bytes,
}

impl ColumnKind {
    pub(super) const fn postgres(self) -> Type {
        match self {
            Self::Integer => Type::INT8,
            Self::Text => Type::TEXT,
            Self::Bytes => Type::BYTEA,
        }
    }
}

impl Table {
    /// The names of its columns, between commas. They are our own: plain words, quoted for those SQL knows.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        names.join(", ")
    }

    /// The statement that reads it.
    pub(super) fn select(&self) -> String {
        let order: Vec<_> = self.order.iter().map(|name| format!("\"{name}\"")).collect();
        format!("SELECT {} FROM {} ORDER BY {}", self.names(), self.name, order.join(", "))
    }
}

/// All tables of a schema.
pub(super) fn tables(schema: u64) -> Result<Vec<Table>> {
    if schema > migrate::newest() {
        return Err(StoreError::NewerSchema { found: schema, known: migrate::newest() });
    }
    let mut all = Vec::new();
    for events in [false, true] {
        let db = Connection::open_in_memory().map_err(engine)?;
        make(&db, schema, events)?;
        all.extend(described(&db, events)?);
    }
    Ok(all)
}

/// Makes the tables of a schema in one of the two files.
pub(crate) fn make(db: &Connection, schema: u64, events: bool) -> Result<()> {
    let main = migrate::ALL.iter().filter(|_| !events).map(|step| (step.number, step.number, step.name, step.sqlite));
    let beside = EVENTS.iter().filter(|_| events).map(|step| (step.along, step.number, step.name, step.text));
    db.execute_batch(migrate::TABLE).map_err(engine)?;
    for (_, number, name, text) in main.chain(beside).filter(|(along, ..)| *along <= schema) {
        db.execute_batch(text).map_err(engine)?;
        db.execute(migrate::NOTE, (number as i64, name)).map_err(engine)?;
    }
    Ok(())
}

/// The number of the file of events that goes with a schema.
pub(super) fn events_number(schema: u64) -> u64 {
    EVENTS.iter().rfind(|step| step.along <= schema).map_or(0, |step| step.number)
}

fn described(db: &Connection, events: bool) -> Result<Vec<Table>> {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
         AND name <> 'schema_migrations' ORDER BY name";
    let names: Vec<String> = column(db, names, "")?;
    names.into_iter().map(|name| describe(db, name, events)).collect()
}

fn describe(db: &Connection, name: String, events: bool) -> Result<Table> {
    let mut columns = Vec::new();
    let names: Vec<String> = column(db, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", &name)?;
    let types: Vec<String> = column(db, "SELECT type FROM pragma_table_info(?1) ORDER BY cid", &name)?;
    for (column, kind) in names.into_iter().zip(types) {
        let kind = match kind.as_str() {
            "INTEGER" => ColumnKind::Integer,
            "TEXT" => ColumnKind::Text,
            "BLOB" => ColumnKind::Bytes,
            other => return Err(StoreError::Engine(format!("{name}.{column} is of the type {other}"))),
        };
        columns.push(Column { name: column, kind });
    }
    let mut order: Vec<String> = column(db, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", &name)?;
    if order.is_empty() {
        let unique = "SELECT i.name FROM pragma_index_info((SELECT name FROM pragma_index_list(?1)
             WHERE \"unique\" ORDER BY name LIMIT 1)) i ORDER BY i.seqno";
        order = column(db, unique, &name)?;
    }
    if order.is_empty() {
        return Err(StoreError::Engine(format!("{name} has no key to be read by")));
    }
    let numbered = "SELECT 1 FROM sqlite_schema WHERE name = ?1 AND sql LIKE '%AUTOINCREMENT%'";
    let numbered = !column::<i64>(db, numbered, &name)?.is_empty();
    Ok(Table { name, events, numbered, columns, order })
}

fn column<T: rusqlite::types::FromSql>(db: &Connection, text: &str, table: &str) -> Result<Vec<T>> {
    let mut statement = db.prepare(text).map_err(engine)?;
    let params = if statement.parameter_count() > 0 { vec![table] } else { Vec::new() };
    let rows = statement.query_map(rusqlite::params_from_iter(params), |row| row.get(0)).map_err(engine)?;
    rows.collect::<Result<_, _>>().map_err(engine)
}
