//! The store: one interface, two engines.

use crate::dialect::{self, Dialect};
use crate::postgres::Postgres;
use crate::sql::{Query, Row};
use crate::sqlite::Sqlite;
use crate::{Commit, Committed, Result, StoreConfig, StoreError, Volume};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// Documents, their versions and facts, and the log of changes. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Engine,
    volume: Volume,
    head: watch::Receiver<u64>,
    /// Matches up to which a list fetches their keys (`list::FEW` but in tests).
    few: AtomicUsize,
    /// What a temporary store lives in; goes after the engine.
    #[cfg(feature = "testing")]
    home: parking_lot::Mutex<Option<crate::testing::Home>>,
    #[cfg(feature = "testing")]
    place: String,
}

/// Which database is behind a [`Store`].
pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Arc<Postgres>),
}

impl Store {
    /// Opens the database, creating what is missing and bringing its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has the directory, [`StoreError::NewerSchema`]
    /// when a newer release wrote the database, otherwise what keeps the database from opening.
    pub async fn open(config: &StoreConfig) -> Result<Self> {
        let (sender, head) = watch::channel(0);
        let (engine, volume) = match config {
            StoreConfig::Sqlite { dir } => {
                let dir = dir.clone();
                // The directory is locked by the first of the two files.
                let open = move || Ok::<_, StoreError>((Sqlite::open(&dir, sender)?, Volume::in_directory(&dir)?));
                let opened = tokio::task::spawn_blocking(open).await;
                let opened = opened.map_err(|e| StoreError::Unavailable(format!("opening was interrupted: {e}")));
                let (sqlite, volume) = opened??;
                (Engine::Sqlite(sqlite), volume)
            }
            StoreConfig::Postgres { url, pool, limits } => {
                let postgres = Arc::new(Postgres::open(url, *pool, limits, sender).await?);
                let volume = Volume::on_server(&postgres);
                (Engine::Postgres(postgres), volume)
            }
        };
        Ok(Self(Arc::new(Inner {
            engine,
            volume,
            head,
            few: AtomicUsize::new(crate::list::FEW),
            #[cfg(feature = "testing")]
            home: parking_lot::Mutex::default(),
            #[cfg(feature = "testing")]
            place: crate::testing::faults::place(config),
        })))
    }

    /// Moves the bound between the two ways of reading a list, so that small tests reach both.
    #[cfg(feature = "testing")]
    pub fn set_few(&self, few: usize) {
        self.0.few.store(few, Ordering::Relaxed);
    }

    /// What the store is called among those that statements fail in.
    #[cfg(feature = "testing")]
    pub(crate) fn place(&self) -> &str {
        &self.0.place
    }

    /// Documents that match up to which a list reads all of them; where there are more, it goes through the index in
    /// order until it has a page.
    #[must_use]
    pub fn few(&self) -> usize {
        self.0.few.load(Ordering::Relaxed)
    }

    /// Keeps the place of a temporary store for as long as the store is there.
    #[cfg(feature = "testing")]
    pub(crate) fn keep(self, home: crate::testing::Home) -> Self {
        *self.0.home.lock() = Some(home);
        self
    }

    /// Makes a change, whole or not at all. Once this returns, it is on disk. Commits that arrive
    /// together are written together, yet none can harm another.
    ///
    /// The change goes through even if the caller stops waiting.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] and [`StoreError::Duplicate`] when the database is not as the commit
    /// takes for granted, [`StoreError::Invalid`] when it could never be; [`StoreError::Unavailable`]
    /// when nothing can be written now; [`StoreError::InDoubt`] when the outcome is unknown.
    pub async fn commit(&self, commit: Commit) -> Result<Committed> {
        crate::plan::check(&commit)?;
        match self.engine() {
            Engine::Sqlite(sqlite) => sqlite.commit(commit).await,
            Engine::Postgres(postgres) => postgres.commit(commit).await,
        }
    }

    /// The newest committed sequence known to this process; it only rises.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.head.clone()
    }

    /// The newest committed sequence, made known to this process: whatever any process was told is done when
    /// this is asked is part of it.
    ///
    /// # Errors
    /// When the database (of a server: its primary) cannot be asked.
    pub async fn look(&self) -> Result<u64> {
        if let Engine::Postgres(postgres) = self.engine() {
            postgres.look().await?;
        }
        Ok(*self.0.head.borrow())
    }

    /// Connections that read from the server: open, and of these in use; none with an embedded database.
    #[must_use]
    pub fn connections(&self) -> Option<(usize, usize)> {
        match self.engine() {
            Engine::Sqlite(_) => None,
            Engine::Postgres(postgres) => Some(postgres.connections()),
        }
    }

    /// Whether a replica is read from, because the primary does not answer.
    #[must_use]
    pub fn is_on_replica(&self) -> bool {
        matches!(self.engine(), Engine::Postgres(postgres) if postgres.is_on_replica())
    }

    /// How many reads replicas have answered so far; what they answer may be older than [`Store::watch`] tells.
    #[must_use]
    pub fn reads_of_replicas(&self) -> u64 {
        if let Engine::Postgres(postgres) = self.engine() { postgres.reads_of_replicas() } else { 0 }
    }

    /// Writes what was accepted, then lets go of the database. Other clones get [`StoreError::Closed`].
    pub async fn close(self) {
        self.0.volume.close().await;
        if let Engine::Postgres(postgres) = self.engine() {
            return postgres.close().await;
        }
        let closing = tokio::task::spawn_blocking(move || {
            if let Engine::Sqlite(sqlite) = self.engine() {
                sqlite.close();
            }
        });
        if let Err(e) = closing.await {
            tracing::error!("closing the store failed: {e}");
        }
    }

    /// What SDK events told: contexts and usage.
    #[must_use]
    pub fn volume(&self) -> &Volume {
        &self.0.volume
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn dialect(&self) -> &'static Dialect {
        match self.engine() {
            Engine::Sqlite(_) => &dialect::SQLITE,
            Engine::Postgres(_) => &dialect::POSTGRES,
        }
    }

    /// Runs a statement that reads.
    pub(crate) async fn rows<T: Send + 'static>(&self, query: Query, map: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        match self.engine() {
            Engine::Sqlite(sqlite) => sqlite.rows(query, map).await,
            Engine::Postgres(postgres) => postgres.rows(query, map).await,
        }
    }

    /// Runs a statement that finds one row at most.
    pub(crate) async fn one<T: Send + 'static>(
        &self,
        query: Query,
        map: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.rows(query, map).await?.pop())
    }
}
