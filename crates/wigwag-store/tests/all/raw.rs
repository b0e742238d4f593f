//! A database opened beside the store: what somebody with a SQL prompt could do to it.

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
