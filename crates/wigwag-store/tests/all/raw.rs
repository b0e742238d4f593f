//! A database opened beside the store: what somebody with a SQL prompt could do to it.

use std::path::Path;
use tokio_postgres::NoTls;
use wigwag_store::testing::{Database, database};
use wigwag_store::{Result, Store, StoreConfig};

/// A place for a store, which can be opened again and tampered with.
pub(crate) enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(Database),
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        Self::Postgres(database().await.unwrap())
    }

    /// A new place of the same engine.
    pub(crate) async fn another(&self) -> Self {
        match self {
            Self::Sqlite(_) => Self::sqlite(),
            Self::Postgres(_) => Self::postgres().await,
        }
    }

    /// An embedded store in a directory that is there.
    pub(crate) async fn open_dir(dir: &Path) -> Store {
        Store::open(&StoreConfig::sqlite(dir)).await.unwrap()
    }

    /// Inserts rows past the store; `file` is where their table is on SQLite.
    pub(crate) async fn fill(&self, file: &str, table: &str, columns: &[String], rows: &[String]) {
        if rows.is_empty() {
            return;
        }
        let (columns, values) = (columns.join(", "), rows.join(", "));
        match self {
            Self::Sqlite(dir) => {
                let db = rusqlite::Connection::open(dir.path().join(file)).unwrap();
                // A migration has its only row in there.
                let sql = format!("INSERT OR REPLACE INTO {table} ({columns}) VALUES {values}");
                db.execute_batch(&sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
            }
            Self::Postgres(_) => {
                let sql = format!(
                    "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES {values} ON CONFLICT DO NOTHING"
                );
                self.execute(&sql).await;
                let first = columns.split(", ").next().unwrap();
                if ["id", "n"].contains(&first) {
                    let sequence = format!("pg_get_serial_sequence('{table}', '{first}')");
                    self.execute(&format!("SELECT setval({sequence}, (SELECT max({first}) FROM {table}))")).await;
                }
            }
        }
    }

    pub(crate) fn config(&self) -> StoreConfig {
        match self {
            Self::Sqlite(dir) => StoreConfig::sqlite(dir.path()),
            Self::Postgres(database) => StoreConfig::postgres(&database.url),
        }
    }

    pub(crate) async fn open(&self) -> Result<Store> {
        Store::open(&self.config()).await
    }

    /// Runs statements past the store.
    pub(crate) async fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(dir) => {
                let db = rusqlite::Connection::open(dir.path().join("wigwag.db")).unwrap();
                db.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
                db.execute_batch(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
            }
            Self::Postgres(database) => {
                let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
            }
        }
    }

    /// The first column of the first row, as text.
    pub(crate) async fn value(&self, sql: &str) -> String {
        match self {
            Self::Sqlite(dir) => {
                let db = rusqlite::Connection::open(dir.path().join("wigwag.db")).unwrap();
                db.query_row(&format!("SELECT CAST(v AS TEXT) FROM ({sql}) q"), [], |row| row.get(0))
                    .unwrap_or_else(|e| panic!("{sql}: {e}"))
            }
            Self::Postgres(database) => {
                let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.query_one(&format!("SELECT CAST(v AS TEXT) FROM ({sql}) q"), &[]).await.unwrap().get(0)
            }
        }
    }
}

/// Runs each test function of a module on a place of both engines.
macro_rules! in_both_places {
    ($($name:ident;)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(crate::raw::Place::sqlite()).await })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(crate::raw::Place::postgres().await).await })*
        }
    };
}
pub(crate) use in_both_places;
