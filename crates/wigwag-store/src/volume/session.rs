//! The writing connection of either engine. Statements are the same text for both.

use crate::sql::{Row, Val};
use crate::{Result, StoreError};
use futures_util::future::join_all;
use rusqlite::params_from_iter;
use std::collections::HashMap;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

/// Requests on their way to a server at once.
const PIPELINE: usize = 512;
/// The advisory lock of those who record events: one at a time, so that none waits for rows in a circle.
const LOCK: i64 = 0x7769_6777_6577;

/// A connection that writes.
pub(crate) enum Session {
    Sqlite(rusqlite::Connection),
    Postgres(Client, HashMap<&'static str, Statement>),
}

/// How to read a row.
type Read<T> = fn(&Row<'_>) -> Result<T>;

impl Session {
    /// Begins a transaction.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(db) => crate::sqlite::frame(db, "BEGIN IMMEDIATE"),
            Self::Postgres(client, _) => {
                let text = format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})");
                client.batch_execute(&text).await.map_err(crate::postgres::engine)
            }
        }
    }

    /// Ends the transaction and keeps what it wrote.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        self.frame("COMMIT").await
    }

    /// Ends the transaction, if there is one, and undoes what it wrote.
    pub(crate) async fn roll_back(&mut self) -> Result<()> {
        if matches!(self, Self::Sqlite(db) if db.is_autocommit()) {
            return Ok(());
        }
        self.frame("ROLLBACK").await
    }

    async fn frame(&mut self, text: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(db) => crate::sqlite::frame(db, text),
            Self::Postgres(client, _) => client.batch_execute(text).await.map_err(crate::postgres::engine),
        }
    }

    /// Whether the connection is lost.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Self::Postgres(client, _) if client.is_closed())
    }

    /// Whether the engine is PostgreSQL.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(..))
    }

    /// Runs a statement.
    pub(crate) async fn rows<T>(&mut self, text: &'static str, params: Vec<Val>, read: Read<T>) -> Result<Vec<T>> {
        Ok(self.many(text, vec![params], read).await?.pop().unwrap_or_default())
    }

    /// Runs a statement once for each set of parameters; on a server without waiting in between.
    pub(crate) async fn many<T>(
        &mut self,
        text: &'static str,
        many: Vec<Vec<Val>>,
        read: Read<T>,
    ) -> Result<Vec<Vec<T>>> {
        if many.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Sqlite(db) => {
                // `$2` is just a name to SQLite, numbered by where it first appears; `?2` is a number.
                let mut statement =
                    crate::sqlite::prepare(db, &text.replace('$', "?")).map_err(crate::sqlite::engine)?;
                let mut all = Vec::with_capacity(many.len());
                for params in &many {
                    let mut rows = statement.query(params_from_iter(params)).map_err(crate::sqlite::engine)?;
                    let mut found = Vec::new();
                    while let Some(row) = rows.next().map_err(crate::sqlite::engine)? {
                        found.push(read(&Row::Sqlite(row))?);
                    }
                    all.push(found);
                }
                Ok(all)
            }
            Self::Postgres(client, statements) => {
                let statement = match statements.get(text) {
                    Some(statement) => statement.clone(),
                    None => {
                        let types: Vec<_> = many[0].iter().map(Val::postgres_type).collect();
                        let made = client.prepare_typed(text, &types).await.map_err(crate::postgres::engine)?;
                        statements.insert(text, made.clone());
                        made
                    }
                };
                let mut all = Vec::with_capacity(many.len());
                for some in many.chunks(PIPELINE) {
                    let one = async |params: &Vec<Val>| {
                        let params: Vec<_> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
                        client.query(&statement, &params).await
                    };
                    for rows in join_all(some.iter().map(one)).await {
                        let rows = rows.map_err(crate::postgres::engine)?;
                        all.push(rows.iter().map(|row| read(&Row::Postgres(row))).collect::<Result<_>>()?);
                    }
                }
                Ok(all)
            }
        }
    }

    /// Runs a statement that answers nothing once for each set of parameters.
    pub(crate) async fn run(&mut self, text: &'static str, many: Vec<Vec<Val>>) -> Result<()> {
        self.many(text, many, |_| Ok(())).await.map(drop)
    }

    /// Runs a statement that answers one number.
    pub(crate) async fn int(&mut self, text: &'static str, params: Vec<Val>) -> Result<i64> {
        let rows = self.rows(text, params, |row| row.int(0)).await?;
        rows.first().copied().ok_or_else(|| StoreError::Corrupt("a statement answered no row".into()))
    }
}

/// A list parameter as a table of one column, `key`.
macro_rules! both {
    ($session:expr, $head:literal, $n:literal, $tail:literal) => {
        if $session.is_postgres() {
            concat!($head, "(SELECT unnest(", $n, "::text[]) COLLATE \"C\")", $tail)
        } else {
            concat!($head, "(SELECT value FROM json_each(", $n, "))", $tail)
        }
    };
}
pub(crate) use both;

/// Parameters of one run.
macro_rules! vals {
    ($($value:expr),* $(,)?) => { vec![$(crate::sql::Val::from($value)),*] };
}
pub(crate) use vals;
