//! Statements that fail because a test says so. A store is told by its place: several live in a process of tests.

use crate::{Result, Store, StoreConfig};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Which statements of a store answer an error. They are counted from 1, beginning when the store is told, up to the
/// first `COMMIT` that is let through: what comes after it reads what was done, and succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    /// None; they are counted all the same.
    Never,
    /// This one.
    At(u64),
    /// This one and all that follow.
    From(u64),
}

struct Plan {
    faults: Faults,
    seen: u64,
    over: bool,
}

/// How many stores are told; nothing else is looked at while none is.
static TOLD: AtomicUsize = AtomicUsize::new(0);
static PLANS: LazyLock<Mutex<HashMap<String, Plan>>> = LazyLock::new(Mutex::default);

impl Store {
    /// Has statements fail from now on, those of background work included.
    pub fn fail(&self, faults: Faults) {
        let mut plans = PLANS.lock();
        plans.insert(self.place().to_owned(), Plan { faults, seen: 0, over: false });
        TOLD.store(plans.len(), Ordering::Release);
    }

    /// Lets statements succeed again. How many were counted since [`Store::fail`].
    pub fn heal(&self) -> u64 {
        let mut plans = PLANS.lock();
        let seen = plans.remove(self.place()).map_or(0, |plan| plan.seen);
        TOLD.store(plans.len(), Ordering::Release);
        seen
    }
}

/// What a store is called here.
pub(crate) fn place(config: &StoreConfig) -> String {
    match config {
        StoreConfig::Sqlite { dir } => dir.canonicalize().unwrap_or_else(|_| dir.clone()).display().to_string(),
        StoreConfig::Postgres { url, .. } => {
            let parsed = url.parse::<tokio_postgres::Config>();
            parsed.ok().and_then(|config| config.get_dbname().map(str::to_owned)).unwrap_or_default()
        }
    }
}

/// Whether the statement that is about to be run in this place has to fail.
pub(crate) fn due(place: &str, text: &str) -> bool {
    if TOLD.load(Ordering::Acquire) == 0 {
        return false;
    }
    let mut plans = PLANS.lock();
    let Some(plan) = plans.get_mut(place) else { return false };
    if plan.over {
        return false;
    }
    plan.seen += 1;
    let fails = match plan.faults {
        Faults::Never => false,
        Faults::At(n) => plan.seen == n,
        Faults::From(n) => plan.seen >= n,
    };
    plan.over = text == "COMMIT" && !fails;
    fails
}

/// The same for a database in a file of the store's directory.
pub(crate) fn due_in_file(file: Option<&str>, text: &str) -> bool {
    let dir = file.and_then(|file| Path::new(file).parent()).and_then(Path::to_str);
    dir.is_some_and(|dir| due(dir, text))
}

/// A statement that the server refuses, so that it gives the transaction up as it does after any other error.
pub(crate) const FAILS: &str = "SELECT 1 / 0";

/// The statement, or one that fails.
pub(crate) fn instead(place: &str, text: &'static str) -> &'static str {
    if due(place, text) { FAILS } else { text }
}

impl Store {
    /// All that the database file holds, as one hash: but for what events told, and for members of documents, which
    /// work in the background throws away. Only of an embedded store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn contents(&self) -> Result<String> {
        let db =
            rusqlite::Connection::open(Path::new(self.place()).join("wigwag.db")).map_err(crate::sqlite::engine)?;
        let read = || -> rusqlite::Result<String> {
            let mut hash = Sha256::new();
            let mut tables = db.prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'member%' ORDER BY name",
            )?;
            for table in tables.query_map([], |row| row.get::<_, String>(0))? {
                let table = table?;
                hash.update(&table);
                let mut statement = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
                let columns = statement.column_count();
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    for column in 0..columns {
                        hash.update(format!("{:?}\0", row.get_ref(column)?));
                    }
                }
            }
            Ok(hex::encode(hash.finalize()))
        };
        read().map_err(crate::sqlite::engine)
    }
}
