//! What can go wrong.

use crate::{DocKey, Expect};
use std::path::PathBuf;
use wigwag_model::doc::Kind;

/// Why the store could not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A document is not as the commit expected; nothing was written.
    #[error("{key} is not as expected: {expected:?}, found {found:?}")]
    Conflict {
        /// The document.
        key: DocKey,
        /// What the commit took for granted.
        expected: Expect,
        /// The version of the live document, if there is one.
        found: Option<u64>,
    },
    /// Another document of the kind holds a value that must be unique; nothing was written.
    /// (The value may be a secret: it is not part of the message.)
    #[error("another {} has the same {field}", .kind.as_str())]
    Duplicate {
        /// The kind.
        kind: Kind,
        /// The unique field.
        field: String,
        /// The value.
        value: String,
    },
    /// The request is not one the store can hold; a fault of the caller's.
    #[error("invalid request to the store: {0}")]
    Invalid(String),
    /// The database cannot be reached or cannot write now. Where a commit says this without
    /// [`StoreError::InDoubt`], nothing was written.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The connection broke while a commit was under way and its outcome could not be learnt:
    /// look for the change's id once the database is back.
    #[error("the outcome of the commit is unknown: {0}")]
    InDoubt(String),
    /// Another process has the data directory open.
    #[error("{} is in use by another process; only one may open a data directory", .0.display())]
    Locked(PathBuf),
    /// The database was written by a newer release.
    #[error("the database has schema {found}, this release knows up to {known}: run a release at least as new")]
    NewerSchema {
        /// The number found.
        found: u64,
        /// The newest this binary knows.
        known: u64,
    },
    /// What is stored is not what the store wrote.
    #[error("corrupt data: {0}")]
    Corrupt(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The engine refused a statement.
    #[error("database error: {0}")]
    Engine(String),
}

/// What the store's functions return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
