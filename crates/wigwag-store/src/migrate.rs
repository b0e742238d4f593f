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
    migration!(17, "0017_nodes"),
    migration!(18, "0018_metric_events"),
    migration!(19, "0019_reports"),
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

/// One step of the file of events, which only SQLite has.
pub(crate) struct EventsMigration {
    pub(crate) number: u64,
    /// The number of the same step among [`ALL`]: on PostgreSQL these tables are beside the others.
    pub(crate) along: u64,
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! events {
    ($number:literal, $along:literal, $name:literal) => {
        EventsMigration {
            number: $number,
            along: $along,
            name: $name,
            text: include_str!(concat!("../migrations/events/", $name, ".sql")),
        }
    };
}

/// Those of the file of events, oldest first.
pub(crate) const EVENTS: &[EventsMigration] = &[
    events!(1, 3, "0001_start"),
    events!(2, 4, "0002_index"),
    events!(3, 5, "0003_uses"),
    events!(4, 10, "0004_journal"),
    events!(5, 11, "0005_rollups"),
    events!(6, 16, "0006_erasures"),
    events!(7, 18, "0007_metric_events"),
];
