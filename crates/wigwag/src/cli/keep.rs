//! Arguments of what keeps and moves data: backup, restore, copy, compact, doctor.

use std::path::PathBuf;

use super::DatabaseArgs;
use crate::config::Flags;

/// Arguments of `wigwag backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// Directory to write, which must not be there yet. It appears once it is whole and on disk.
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Leave out what SDK events told (contexts, evaluations, uses of tokens): it may be most of the data.
    #[arg(long)]
    pub without_events: bool,
    /// Put the keys that seal secrets beside the data. Whoever has such a backup has the secrets.
    #[arg(long)]
    pub with_keys: bool,
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Arguments of `wigwag restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// Directory that wigwag backup wrote.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// Only find out whether it could be restored: all of it is read, loaded into a temporary directory and verified.
    #[arg(long)]
    pub check: bool,
    /// Where to: an empty directory, or an empty database.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Arguments of `wigwag copy`.
#[derive(Debug, clap::Args)]
pub struct CopyArgs {
    /// The database to read: a data directory, or postgres://…; no server may use it.
    #[arg(long, value_name = "DIR|URL", env = "WIGWAG_COPY_FROM", hide_env_values = true)]
    pub from: String,
    /// The place to fill: an empty or missing directory, or an empty PostgreSQL database.
    #[arg(long, value_name = "DIR|URL", env = "WIGWAG_COPY_TO", hide_env_values = true)]
    pub to: String,
    /// Leave out what SDK events told.
    #[arg(long)]
    pub without_events: bool,
}

/// Arguments of `wigwag bench-self`.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// A directory on the disk to measure; what is written in it is removed.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Seconds for each measurement.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// SDK streams that changes are sent to.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub streams: usize,
}

/// Arguments of `wigwag compact`.
#[derive(Debug, clap::Args)]
pub struct CompactArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Arguments of `wigwag doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Also verify every change, every document and every page of the database: minutes, on a large one.
    #[arg(long)]
    pub deep: bool,
    /// The settings of wigwag serve.
    #[command(flatten)]
    pub settings: Flags,
}

pub(super) const DOCTOR: &str = "\
Examples:
  wigwag doctor --config /etc/wigwag.toml
  WIGWAG_DATABASE_URL=postgres://… wigwag doctor --deep

A line for each thing that a server stands on: ok, warn or fail, and what to do. It takes the settings that wigwag serve
would take and changes nothing; a server may run meanwhile. The exit code is 1 when a line says fail, otherwise 0.";

pub(super) const BACKUP: &str = "\
Examples:
  wigwag backup --output /backups/$(date +%F)
  WIGWAG_DATABASE_URL=postgres://… wigwag backup --output ./before-upgrade

Servers go on meanwhile: the backup is the database as of one moment. It is a directory with a manifest (sequence and
hash of the newest change, SHA-256 of each file) and one compressed file of JSON lines a table, the same from SQLite and
from PostgreSQL. Passwords and tokens in it are hashed and secrets sealed; the keys that open them are not in it unless
--with-keys asks for them: keep a copy apart from it. Events that are still in a server's journal are not in it.";

pub(super) const RESTORE: &str = "\
Examples:
  wigwag restore --from /backups/2026-03-01 --check
  wigwag restore --from /backups/2026-03-01 --data-dir /var/lib/wigwag
  WIGWAG_DATABASE_URL=postgres://…/new wigwag restore --from /backups/2026-03-01

A backup can be restored to either engine, by the release that wrote it or a newer one. It is loaded whole or not at
all, and verified: sums of files, hashes of all changes, documents against their versions. Afterwards put the key file
where the configuration says (secret.key in the data directory, unless the backup has it) and run wigwag serve.";

pub(super) const COPY: &str = "\
Examples:
  wigwag copy --from ./data --to postgres://wigwag@db/wigwag
  WIGWAG_COPY_FROM=postgres://wigwag:secret@db/wigwag wigwag copy --to ./data

Everything goes along: documents, all their versions, the record of changes with its hashes, what events told, members
of segments, sessions, deliveries still owed. The old database stays as it is. Stop its servers first. Secrets stay
sealed: the servers of the new database need the same keys (secret-key-file).";

pub(super) const COMPACT: &str = "\
Examples:
  wigwag compact --data-dir /var/lib/wigwag
  WIGWAG_DATABASE_URL=postgres://… wigwag compact

On SQLite both files are written anew without the room that is free in them: stop the server first; the disk needs room
for a second copy. On PostgreSQL it is VACUUM (ANALYZE), beside running servers.";

pub(super) const BENCH: &str = "\
Examples:
  wigwag bench-self --dir /var/lib/wigwag
  wigwag bench-self --seconds 10 --streams 5000

Starts a server of its own in a directory of its own: run it while nothing else works on the machine. What the figures
mean for how large a machine must be is in docs/operate/sizing.md.";
