//! Stores for tests, of this crate and of those above it.

use crate::{Result, Store, StoreConfig, StoreError};

/// What goes when a temporary store goes.
pub(crate) enum Home {
    Dir(#[allow(dead_code, reason = "held for its drop")] tempfile::TempDir),
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
