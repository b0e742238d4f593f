//! What a server stands on: its database and its disk, looked at every few seconds.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use wigwag_store::Store;

use crate::config::{Config, Database};

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// The database is called down when it does not answer within this time.
const WITHIN: Duration = Duration::from_secs(5);

/// Looks, and notes what it saw as metrics and for `/status`.
pub(crate) struct Machine {
    status: MachineStatus,
    up: Gauge,
    answers: Gauge<f64, AtomicU64>,
    bytes: Gauge,
    free: Gauge,
    /// Files of an embedded database.
    files: Vec<PathBuf>,
    /// What is on the disk that matters: the data, or the journal of events.
    place: PathBuf,
}

/// What was last seen.
#[derive(Clone)]
pub(crate) struct MachineStatus(Arc<Seen>);

struct Seen {
    engine: &'static str,
    up: AtomicBool,
    micros: AtomicU64,
    bytes: AtomicU64,
    free: AtomicU64,
}

impl Machine {
    pub(crate) fn register(registry: &mut Registry, config: &Config) -> Self {
        let (up, answers, bytes, free) = (Gauge::default(), Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("wigwag_database_up", "1 while the database answers", up.clone());
        registry.register("wigwag_database_answer_seconds", "Time of the last look at the database", answers.clone());
        registry.register("wigwag_database_bytes", "Size of an embedded database on disk", bytes.clone());
        registry.register("wigwag_disk_free_bytes", "Room left where data or the journal are", free.clone());
        let (engine, files, place) = match &config.database {
            Database::Sqlite(dir) => {
                let names = ["wigwag.db", "wigwag.db-wal", "events.db", "events.db-wal"];
                ("sqlite", names.map(|name| dir.join(name)).to_vec(), dir.clone())
            }
            Database::Postgres { .. } => ("postgres", Vec::new(), config.journal.dir.clone()),
        };
        let seen = Seen {
            engine,
            up: AtomicBool::new(false),
            micros: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            free: AtomicU64::new(0),
        };
        Self { status: MachineStatus(Arc::new(seen)), up, answers, bytes, free, files, place }
    }

    pub(crate) fn status(&self) -> MachineStatus {
        self.status.clone()
    }

    /// Looks for as long as the server runs.
    pub(crate) async fn watch(self, store: Store) {
        loop {
            let began = Instant::now();
            let up = matches!(tokio::time::timeout(WITHIN, store.head()).await, Ok(Ok(_)));
            self.note(up, began.elapsed());
            tokio::time::sleep(EVERY).await;
        }
    }

    fn note(&self, up: bool, took: Duration) {
        let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |data| data.len());
        let (bytes, free) = (self.files.iter().map(size).sum::<u64>(), free_bytes(&self.place).unwrap_or(0));
        let seen = &self.status.0;
        if seen.up.swap(up, Ordering::Relaxed) && !up {
            tracing::error!("the database does not answer");
        }
        seen.micros.store(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        seen.bytes.store(bytes, Ordering::Relaxed);
        seen.free.store(free, Ordering::Relaxed);
        let gauged = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.up.set(i64::from(up));
        self.answers.set(took.as_secs_f64());
        self.bytes.set(gauged(bytes));
        self.free.set(gauged(free));
    }
}

impl MachineStatus {
    pub(crate) fn database_is_up(&self) -> bool {
        self.0.up.load(Ordering::Relaxed)
    }

    pub(crate) fn database(&self) -> Value {
        json!({
            "engine": self.0.engine,
            "up": self.database_is_up(),
            "answerMicros": self.0.micros.load(Ordering::Relaxed),
            "bytes": self.0.bytes.load(Ordering::Relaxed),
        })
    }

    pub(crate) fn disk(&self) -> Value {
        json!({"freeBytes": self.0.free.load(Ordering::Relaxed)})
    }
}

/// Room for those who are not root on the disk of a directory, or of the nearest one above it that is there.
pub(crate) fn free_bytes(place: &Path) -> Option<u64> {
    let there = place.ancestors().find(|dir| dir.exists()).unwrap_or_else(|| Path::new("."));
    let stat = rustix::fs::statvfs(there).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
