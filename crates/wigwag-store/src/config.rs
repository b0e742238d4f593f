//! Where the data live.

use std::path::PathBuf;
use std::time::Duration;

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
        /// A `postgres://` URL or a `key=value` connection string. TLS as `sslmode` and its like say,
        /// which are those of libpq; `prefer` if nothing is said. Of several hosts the one is taken that can be written to, unless `target_session_attrs` says otherwise.
        url: String,
        /// Connections for reads (at least 2); one more writes and one listens.
        pool: usize,
        /// What a connection may cost, and who answers while it cannot be had.
        limits: ServerLimits,
    },
}

/// How long to wait for a server, and for whom else to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// For a connection, and for one of the pool to be free.
    pub connect: Duration,
    /// For one statement, and for the answer to a transaction; zero: for ever.
    pub statement: Duration,
    /// Addresses of streaming replicas that are read from while the primary is away.
    pub replicas: Vec<String>,
}

/// 10 seconds for a connection, 30 for a statement, no replicas.
impl Default for ServerLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), statement: Duration::from_secs(30), replicas: Vec::new() }
    }
}

impl StoreConfig {
    /// The embedded engine in this directory.
    pub fn sqlite(dir: impl Into<PathBuf>) -> Self {
        Self::Sqlite { dir: dir.into() }
    }

    /// PostgreSQL at this address, with a pool of 8.
    pub fn postgres(url: impl Into<String>) -> Self {
        Self::postgres_with(url, 8)
    }

    /// PostgreSQL at this address, with a pool of this size.
    pub fn postgres_with(url: impl Into<String>, pool: usize) -> Self {
        Self::Postgres { url: url.into(), pool, limits: ServerLimits::default() }
    }
}
