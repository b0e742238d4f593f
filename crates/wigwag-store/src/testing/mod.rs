//! Stores for tests, of this crate and of those above it.

pub mod behind;
pub mod earlier;
pub(crate) mod faults;
mod secured;
mod server;

use crate::{Result, Store, StoreConfig, StoreError};
pub use faults::Faults;
pub use secured::Secured;
pub use server::{Database, Server, database, shared};

/// What goes when a temporary store goes.
pub(crate) enum Home {
    Dir(#[allow(dead_code, reason = "held for its drop")] tempfile::TempDir),
    Database(#[allow(dead_code, reason = "held for its drop")] Database),
}

impl Store {
    /// An embedded store in a temporary directory, which goes with its last clone.
    ///
    /// # Errors
    /// When the directory cannot be made or opened.
    pub async fn temporary() -> Result<Self> {
        let dir = tempfile::tempdir().map_err(|e| StoreError::Unavailable(e.to_string()))?;
        let store = Self::open(&StoreConfig::sqlite(dir.path())).await?;
        Ok(store.keep(Home::Dir(dir)))
    }
}

/// A store in a new database on PostgreSQL: the server that `WIGWAG_TEST_POSTGRES_URL` names, otherwise
/// a private one that this process shares and that ends with it.
///
/// # Errors
/// When there is no PostgreSQL: the message says how to install it.
pub async fn postgres() -> Result<Store> {
    let database = database().await?;
    let store = Store::open(&StoreConfig::postgres_with(&*database.url, 4)).await?;
    Ok(store.keep(Home::Database(database)))
}
