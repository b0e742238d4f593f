//! Where the data live.

use std::path::PathBuf;

/// Which engine, and where.
#[derive(Clone, Debug)]
pub enum StoreConfig {
    /// The embedded engine.
    Sqlite {
        /// A directory of its own; made if absent.
        dir: PathBuf,
    },
    /// PostgreSQL 15 or newer.
    Postgres {
        /// A `postgres://` URL or a `key=value` connection string. Plain TCP or a unix socket.
        url: String,
        /// Connections for reads (at least 2); one more writes and one listens.
        pool: usize,
    },
}

impl StoreConfig {
    /// The embedded engine in this directory.
    pub fn sqlite(dir: impl Into<PathBuf>) -> Self {
        Self::Sqlite { dir: dir.into() }
    }

    /// PostgreSQL at this address, with a pool of 8.
    pub fn postgres(url: impl Into<String>) -> Self {
        Self::Postgres { url: url.into(), pool: 8 }
    }
}
