//! Databases as earlier releases left them, made by the migrations that those releases had.

use crate::migrate::{self, ALL};
use crate::portable::make_schema;
use crate::{Result, StoreConfig, StoreError, postgres, sqlite};
use rusqlite::Connection;

/// The numbers that a schema has had, oldest first.
pub fn schemas() -> impl Iterator<Item = u64> {
    ALL.iter().map(|step| step.number)
}

/// Makes an empty database with the schema of an earlier release in a place where there is none.
///
/// # Errors
/// The place cannot be written to.
pub async fn make(config: &StoreConfig, schema: u64) -> Result<()> {
    match config {
        StoreConfig::Sqlite { dir } => {
            for (events, file) in [(false, "wigwag.db"), (true, "events.db")] {
                let db = Connection::open(dir.join(file)).map_err(sqlite::engine)?;
                make_schema(&db, schema, events)?;
            }
            Ok(())
        }
        StoreConfig::Postgres { url, .. } => {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
                .await
                .map_err(|e| StoreError::Unavailable(e.to_string()))?;
            let driver = tokio::spawn(connection);
            client.batch_execute(migrate::TABLE).await.map_err(postgres::engine)?;
            for step in ALL.iter().filter(|step| step.number <= schema) {
                client.batch_execute(step.postgres).await.map_err(postgres::engine)?;
                client.execute(migrate::NOTE, &[&(step.number as i64), &step.name]).await.map_err(postgres::engine)?;
            }
            drop(client);
            let _over = driver.await;
            Ok(())
        }
    }
}
