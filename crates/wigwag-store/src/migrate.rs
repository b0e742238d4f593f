//! Migrations: numbered, forward only, part of the binary.

use crate::{Result, StoreError};

/// One step of the schema, in both dialects.
pub(crate) struct Migration {
    pub(crate) number: u64,
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! migration {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// All of them, oldest first. A released one never changes.
pub(crate) const ALL: &[Migration] = &[
    migration!(1, "0001_start"),
    migration!(2, "0002_members"),
    migration!(3, "0003_events"),
    migration!(4, "0004_index"),
    migration!(5, "0005_uses"),
    migration!(6, "0006_sign_in"),
    migration!(7, "0007_deliveries"),
    migration!(10, "0010_journal"),
    migration!(11, "0011_rollups"),
    migration!(12, "0012_member_log"),
    migration!(16, "0016_erasures"),
];

/// Where the applied ones are noted (the same text in both dialects).
pub(crate) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)";
pub(crate) const APPLIED: &str = "SELECT COALESCE(MAX(number), 0) FROM schema_migrations";
pub(crate) const NOTE: &str = "INSERT INTO schema_migrations (number, name) VALUES ($1, $2)";

/// The newest schema this binary knows.
#[must_use]
pub fn newest() -> u64 {
    ALL.last().map_or(0, |last| last.number)
}

/// What is left to apply to a database at `found`.
pub(crate) fn pending(found: u64) -> Result<impl Iterator<Item = &'static Migration>> {
    let known = newest();
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    Ok(ALL.iter().filter(move |m| m.number > found))
}

/// Those of the file of events, which only SQLite has: number, name and text, oldest first.
pub(crate) const EVENTS: &[(u64, &str, &str)] = &[
    (1, "0001_start", include_str!("../migrations/events/0001_start.sql")),
    (2, "0002_index", include_str!("../migrations/events/0002_index.sql")),
    (3, "0003_uses", include_str!("../migrations/events/0003_uses.sql")),
    (4, "0004_journal", include_str!("../migrations/events/0004_journal.sql")),
    (5, "0005_rollups", include_str!("../migrations/events/0005_rollups.sql")),
    (6, "0006_erasures", include_str!("../migrations/events/0006_erasures.sql")),
];
