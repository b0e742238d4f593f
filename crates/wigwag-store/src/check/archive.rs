//! The log and its versions opened for reading alone: to be verified and exported, also while a server writes.

use crate::postgres::{Connector, engine};
use crate::sql::{Query, Row};
use crate::sqlite::Readers;
use crate::{Result, Store, StoreConfig, StoreError};
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_postgres::types::ToSql;

/// A database that is only read. Nothing is created or migrated.
pub struct Archive(Reads);

enum Reads {
    Store(Store),
    Sqlite(Arc<Readers>),
    Postgres(tokio_postgres::Client, JoinHandle<()>),
}

impl Archive {
    /// Opens a database that is there; a server may have it open too.
    ///
    /// # Errors
    /// There is none, or it cannot be reached.
    pub async fn open(config: &StoreConfig) -> Result<Self> {
        match config {
            StoreConfig::Sqlite { dir } => {
                let path = dir.join("wigwag.db");
                if !path.exists() {
                    return Err(StoreError::Unavailable(format!("there is no database at {}", path.display())));
                }
                Ok(Self(Reads::Sqlite(Arc::new(Readers::open(&path)?))))
            }
            StoreConfig::Postgres { url, .. } => {
                let (client, driver) = Connector::new(url)?.connect().await?;
                client.batch_execute("SET default_transaction_read_only = on").await.map_err(engine)?;
                Ok(Self(Reads::Postgres(client, driver)))
            }
        }
    }

    /// That of a store in use.
    #[must_use]
    pub fn of(store: &Store) -> Self {
        Self(Reads::Store(store.clone()))
    }

    /// Over a connection, in whatever transaction it is in.
    pub(crate) const fn over(client: tokio_postgres::Client, driver: JoinHandle<()>) -> Self {
        Self(Reads::Postgres(client, driver))
    }

    /// That of a file which no server has open.
    pub(crate) fn file(path: &std::path::Path) -> Result<Self> {
        Ok(Self(Reads::Sqlite(Arc::new(Readers::open(path)?))))
    }

    /// The connection, for those of [`Archive::over`].
    pub(crate) const fn client(&self) -> Option<&tokio_postgres::Client> {
        match &self.0 {
            Reads::Postgres(client, _) => Some(client),
            _ => None,
        }
    }

    pub(super) async fn rows<T: Send + 'static>(
        &self,
        text: &'static str,
        params: Vec<crate::sql::Val>,
        map: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let query = Query::long(text, params);
        match &self.0 {
            Reads::Store(store) => store.rows(query, map).await,
            Reads::Sqlite(readers) => {
                let readers = Arc::clone(readers);
                let task = tokio::task::spawn_blocking(move || readers.rows(&query, map));
                task.await.map_err(|e| StoreError::Unavailable(format!("reading was interrupted: {e}")))?
            }
            Reads::Postgres(client, _) => {
                let statement = client.prepare(text).await.map_err(engine)?;
                let params: Vec<_> = query.params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
                let rows = client.query(&statement, &params).await.map_err(engine)?;
                rows.iter().map(|row| map(&Row::Postgres(row))).collect()
            }
        }
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        if let Reads::Postgres(_, driver) = &self.0 {
            driver.abort();
        }
    }
}
