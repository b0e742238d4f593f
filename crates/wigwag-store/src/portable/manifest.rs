//! What a backup says of itself.

use super::piece::Head;
use super::schema::Column;
use crate::{Result, StoreError};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Its name.
pub const MANIFEST: &str = "manifest.json";
/// The keys that seal secrets, where they were asked for.
pub const KEY_FILE: &str = "secret.key";
/// The way of writing backups that this release has. Another number is another way.
pub(super) const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// How it is written; 1.
    pub format: u32,
    /// The release that wrote it.
    pub release: String,
    /// Where the database stood.
    #[serde(flatten)]
    pub head: Head,
    /// Whether what events told is in it.
    pub events: bool,
    /// Its files, a table each.
    pub tables: Vec<TableFile>,
}

/// A table as a file: one row a line, a JSON array of its columns' values, bytes in base64; gzip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// The table.
    pub table: String,
    /// The file's name.
    pub file: String,
    /// Its columns.
    pub(super) columns: Vec<Column>,
    /// How many rows.
    pub rows: u64,
    /// How many bytes the file has.
    pub bytes: u64,
    /// Its SHA-256 (hex).
    pub sha256: String,
}

impl Manifest {
    /// Reads the manifest of the backup in this directory.
    ///
    /// # Errors
    /// There is none, it cannot be read, or a newer release wrote it.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(|e| {
            StoreError::Unavailable(format!("there is no backup in {}: {}: {e}", dir.display(), path.display()))
        })?;
        let wrong = |e: serde_json::Error| StoreError::Corrupt(format!("{}: {e}", path.display()));
        let format = serde_json::from_str::<serde_json::Value>(&text).map_err(wrong)?["format"].as_u64();
        if format != Some(u64::from(FORMAT)) {
            let told = format!("{} has a format this release does not know: use the one that wrote it", path.display());
            return Err(StoreError::Invalid(told));
        }
        serde_json::from_str(&text).map_err(wrong)
    }
}
