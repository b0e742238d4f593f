//! Connections that only read: WAL lets them go on while the writer writes.

use super::{connect, engine, prepare};
use crate::sql::{Query, Row, Val};
use crate::{Result, StoreError};
use parking_lot::{Mutex, MutexGuard};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A small pool; a closed one holds no connections.
pub(crate) struct Readers {
    connections: Vec<Mutex<Option<Connection>>>,
    next: AtomicUsize,
}

impl Readers {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let open = |_| connect(path, flags).map(|connection| Mutex::new(Some(connection)));
        let connections = (0..cores.clamp(2, 8) + 2).map(open).collect::<Result<_>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    /// A free connection, or the next one in turn when all are busy.
    fn take(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connections.iter().find_map(Mutex::try_lock).unwrap_or_else(|| {
            let turn = self.next.fetch_add(1, Ordering::Relaxed);
            self.connections[turn % self.connections.len()].lock()
        })
    }

    pub(crate) fn rows<T>(&self, query: &Query, map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        let guard = self.take();
        rows(guard.as_ref().ok_or(StoreError::Closed)?, query, map)
    }

    pub(crate) fn each<T>(&self, queries: &[Query], map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<Option<T>>> {
        let guard = self.take();
        let connection = guard.as_ref().ok_or(StoreError::Closed)?;
        let tx = connection.unchecked_transaction().map_err(engine)?;
        let found = queries.iter().map(|query| Ok(rows(&tx, query, map)?.pop())).collect();
        tx.commit().map_err(engine)?;
        found
    }

    pub(crate) fn close(&self) {
        for connection in &self.connections {
            connection.lock().take();
        }
    }
}

/// Runs one statement on one connection.
pub(crate) fn rows<T>(connection: &Connection, query: &Query, map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    let mut statement = prepare(connection, &query.text).map_err(engine)?;
    let mut found = statement.query(params_from_iter(&query.params)).map_err(engine)?;
    let mut all = Vec::new();
    while let Some(row) = found.next().map_err(engine)? {
        all.push(map(&Row::Sqlite(row))?);
    }
    Ok(all)
}

impl ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Int(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Texts(list) => {
                let json =
                    serde_json::to_string(list).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
                ToSqlOutput::Owned(json.into())
            }
        })
    }
}
