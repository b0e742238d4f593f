//! The whole database as one stream of tables, read from either engine at one moment and loaded into either.
//!
//! Backups are that stream as files, a restore is the way back, and a move between engines is one without files in
//! between: there is one reader and one loader of each engine. Nothing is interpreted on the way, so hashes and sealed
//! secrets stay what they are.

mod file;
mod load;
mod manifest;
mod piece;
mod read;
mod schema;

pub(crate) use read::{applied, schema_on};
#[cfg(feature = "testing")]
pub(crate) use schema::make as make_schema;

pub use manifest::{KEY_FILE, MANIFEST, Manifest, TableFile};
pub use piece::Head;

use crate::{Archive, Chain, Result, StoreConfig, StoreError, sqlite};
use std::path::Path;

/// What goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Also what SDK events told: contexts, evaluations, uses of tokens. It may be most of the database.
    pub events: bool,
}

/// Writes a database as files into `to`, which must not be there yet. Servers may go on meanwhile: what is written is
/// the database as of one moment (what events told as of a moment just after). When this returns, it is on disk.
///
/// # Errors
/// The database cannot be read, or its schema is newer than this release knows; the files cannot be written.
pub async fn backup(from: &StoreConfig, to: &Path, scope: Scope) -> Result<Manifest> {
    file::write(read::open(from, scope).await?, to).await
}

/// Loads the files of a backup into an empty place and verifies what came of it, the chain of changes included. Whole
/// or not at all.
///
/// # Errors
/// The files are not those that were written, the place is not empty, the chain is not that of the manifest.
pub async fn restore(from: &Path, to: &StoreConfig) -> Result<Manifest> {
    let manifest = Manifest::read(from)?;
    load::into(file::open(from, manifest.clone())?, to).await?;
    Ok(manifest)
}

/// Checks the files of a backup by their sums, and all they hold by restoring it into `scratch`, an empty directory
/// that is to be thrown away.
///
/// # Errors
/// As [`restore`] has them.
pub async fn check(from: &Path, scratch: &Path) -> Result<Manifest> {
    restore(from, &StoreConfig::sqlite(scratch)).await
}

/// Moves a database to an empty place, of the same engine or the other, and verifies what came of it. The old one stays
/// as it is.
///
/// # Errors
/// A server uses the old one: what it writes meanwhile would be missing. Otherwise as [`restore`] has them.
pub async fn copy(from: &StoreConfig, to: &StoreConfig, scope: Scope) -> Result<Head> {
    let _lock = match from {
        StoreConfig::Sqlite { dir } if dir.join("wigwag.db").exists() => Some(sqlite::lock(dir)?),
        StoreConfig::Sqlite { .. } => None,
        StoreConfig::Postgres { url, .. } => {
            read::unused(url).await?;
            None
        }
    };
    let stream = read::open(from, scope).await?;
    let head = stream.head.clone();
    load::into(stream, to).await?;
    Ok(head)
}

/// The tables of the database that a connection leads to.
pub(crate) async fn tables_of(client: &tokio_postgres::Client) -> Result<Vec<String>> {
    let schema = read::schema_on(client).await?;
    let tables = read::wanted(schema, Scope { events: true })?;
    Ok(tables.into_iter().map(|table| table.name).collect())
}

/// Whether what was loaded is what was read.
async fn verified(archive: &Archive, head: &Head) -> Result<()> {
    match archive.verify_chain(|_, _| {}).await? {
        Chain::Intact { seq, hash } if seq == head.sequence && hash == head.hash => {}
        Chain::Intact { seq, hash } => {
            let (want, told) = (head.sequence, &head.hash);
            return Err(StoreError::Corrupt(format!("the chain ends at {seq}:{hash}, not at {want}:{told}")));
        }
        Chain::Broken { seq, what } => return Err(StoreError::Corrupt(format!("change {seq}: {what}"))),
    }
    match archive.verify_latest().await?.first() {
        Some(problem) => Err(StoreError::Corrupt(problem.to_string())),
        None => Ok(()),
    }
}
