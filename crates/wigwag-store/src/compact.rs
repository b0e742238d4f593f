//! Giving back room that is not needed any more.

use crate::portable::tables_of;
use crate::postgres::{self, Connector};
use crate::{Result, StoreConfig, StoreError, sqlite};
use rusqlite::OpenFlags;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Bytes a database takes before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes before.
    pub before: u64,
    /// Bytes after.
    pub after: u64,
}

/// Writes an embedded database anew without what is free in it: no server may use it meanwhile, and the disk needs room
/// for both. On PostgreSQL it makes what is free usable again (`VACUUM`), while servers go on.
///
/// # Errors
/// A server uses the directory, there is no database or no room.
pub async fn compact(config: &StoreConfig) -> Result<Compacted> {
    match config {
        StoreConfig::Sqlite { dir } => {
            let dir = dir.clone();
            let task = tokio::task::spawn_blocking(move || directory(&dir));
            task.await.map_err(|e| StoreError::Unavailable(format!("compacting was interrupted: {e}")))?
        }
        StoreConfig::Postgres { url, .. } => server(url).await,
    }
}

fn directory(dir: &Path) -> Result<Compacted> {
    let path = dir.join("wigwag.db");
    if !path.exists() {
        return Err(StoreError::Unavailable(format!("there is no database at {}", path.display())));
    }
    let _lock = sqlite::lock(dir)?;
    let mut done = Compacted::default();
    for path in [path, dir.join("events.db")].iter().filter(|path| path.exists()) {
        done.before += bytes(path);
        anew(path)?;
        done.after += bytes(path);
    }
    Ok(done)
}

/// Beside it first: it takes the place of the old one once it is whole and on disk.
fn anew(path: &Path) -> Result<()> {
    let failed = |e: std::io::Error| StoreError::Unavailable(format!("{}: {e}", path.display()));
    let draft = beside(path, ".compact");
    if draft.exists() {
        fs::remove_file(&draft).map_err(failed)?;
    }
    let db = sqlite::connect(path, OpenFlags::default())?;
    let told = draft.to_string_lossy().into_owned();
    let written = db.execute("VACUUM INTO ?1", [told]).map_err(sqlite::engine);
    let written = written.and_then(|_| db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(sqlite::engine));
    if let Err(error) = written {
        let _left_behind = fs::remove_file(&draft);
        return Err(error);
    }
    db.close().map_err(|(_, e)| sqlite::engine(e))?;
    let wal = beside(path, "-wal");
    if wal.exists() {
        // It would be taken for that of the new file.
        let _left_behind = fs::remove_file(&draft);
        return Err(StoreError::Unavailable(format!("{} is in use", path.display())));
    }
    File::open(&draft).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)?;
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Of a file of the database and its write-ahead log.
fn bytes(path: &Path) -> u64 {
    let of = |path: &Path| fs::metadata(path).map_or(0, |data| data.len());
    of(path) + of(&beside(path, "-wal"))
}

async fn server(url: &str) -> Result<Compacted> {
    let (client, driver) = Connector::new(url)?.connect().await?;
    let size = async || {
        let row = client.query_one("SELECT pg_database_size(current_database())", &[]).await;
        row.and_then(|row| row.try_get::<_, i64>(0)).map(i64::unsigned_abs).map_err(postgres::engine)
    };
    let before = size().await?;
    for table in tables_of(&client).await? {
        client.batch_execute(&format!("VACUUM (ANALYZE) {table}")).await.map_err(postgres::engine)?;
    }
    let after = size().await?;
    driver.abort();
    Ok(Compacted { before, after })
}
