//! Keeps persistent stores up to date: after every change of members, and often enough for SDKs to see that it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use wigwag_kit::{App, Ctx, Error, Resource as _, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Environment, Kind, PersistentStore};
use wigwag_outbound::Outbound;
use wigwag_store::{Doc, DocKey};

use super::PersistentStores;
use super::config::{self, Target};
use super::dynamodb;
use super::redis::{self, Stopped};
use super::rep::{StoreError, StoreStatus};
use crate::common::{News, system};
use crate::read::revisions::Surroundings;

/// How often a store is told that it has everything. SDKs call it stale after two minutes.
const EVERY: Duration = Duration::from_secs(30);
/// Changes come in bursts, which are looked at once.
const BURST: Duration = Duration::from_millis(100);
/// A store that had everything within so long is available, in milliseconds.
const FRESH: Millis = 5 * 60 * 1000;
/// Failures kept of each store.
const ERRORS: usize = 10;

/// How keeping stores up to date goes, since this process started. Clones are one.
#[derive(Clone, Default)]
pub struct StoreStatuses(Arc<Mutex<HashMap<String, StoreStatus>>>);

impl StoreStatuses {
    pub(super) fn of(&self, id: &str, now: Millis) -> StoreStatus {
        let mut status = self.0.lock().get(id).cloned().unwrap_or_default();
        status.available = status.last_sync.is_some_and(|at| now.saturating_sub(at) < FRESH);
        status.potentially_stale = !status.available || status.last_error > status.last_sync;
        status
    }

    fn note(&self, id: &str, now: Millis, outcome: std::result::Result<(), String>) {
        let mut all = self.0.lock();
        let status = all.entry(id.to_owned()).or_default();
        match outcome {
            Ok(()) => status.last_sync = Some(now),
            Err(message) => {
                status.last_error = Some(now);
                status.errors.insert(0, StoreError { status_code: 0, message, timestamp: now });
                status.errors.truncate(ERRORS);
            }
        }
    }
}

/// Keeps stores up to date.
pub struct StoreKeeper {
    ctx: Ctx,
    outbound: Outbound,
    statuses: StoreStatuses,
}

impl StoreKeeper {
    /// Over an open store; calls go out by `outbound`.
    #[must_use]
    pub fn new(app: Arc<App>, outbound: Outbound, statuses: StoreStatuses) -> Self {
        Self { ctx: system(app), outbound, statuses }
    }

    /// Goes on for ever, or until the store is closed. It may be dropped at any point.
    pub async fn run(self) {
        let mut news = News::of(self.ctx.store());
        loop {
            news.look();
            // As long as there is no store, only a store is of interest.
            let kinds: &[Kind] = match self.look().await {
                Ok(false) => &[Kind::PersistentStore],
                Ok(true) => &[],
                Err(error) => {
                    tracing::warn!(%error, "persistent stores cannot be looked after");
                    &[]
                }
            };
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                open = news.come(kinds, BURST) => if !open {
                    return;
                },
            }
        }
    }

    /// Brings all stores that are on up to date, each for itself.
    ///
    /// # Errors
    /// The documents cannot be read. What is wrong with a store is noted in its status.
    pub async fn pass(&self) -> Result<()> {
        self.look().await.map(drop)
    }

    /// The same. Whether there is any store.
    async fn look(&self) -> Result<bool> {
        let docs = self.ctx.store().scan(Kind::PersistentStore, None, None).await?;
        join_all(docs.iter().map(|doc| self.look_after(doc))).await.into_iter().collect::<Result<()>>()?;
        Ok(!docs.is_empty())
    }

    async fn look_after(&self, doc: &Doc) -> Result<()> {
        let store: PersistentStore = doc.decode()?;
        if !store.on {
            return Ok(());
        }
        let now = self.ctx.app.clock.now();
        let outcome = match self.sync(doc, store.clone(), now).await {
            Ok(()) => Ok(()),
            Err(Stopped::There(failure)) => Err(failure.to_string()),
            // Its database is ours: no fault of the store's.
            Err(Stopped::Here(Error::Unavailable)) => return Err(Error::Unavailable),
            Err(Stopped::Here(error)) => Err(error.to_string()),
        };
        if let Err(why) = &outcome {
            tracing::warn!(store = store.id, why, "a persistent store cannot be brought up to date");
        }
        self.statuses.note(&store.id, now, outcome);
        Ok(())
    }

    async fn sync(&self, doc: &Doc, store: PersistentStore, now: Millis) -> std::result::Result<(), Stopped> {
        let DocKey { project, env, .. } = &doc.key;
        let target = PersistentStores::opened(store, &self.ctx)
            .and_then(|store| config::read(&store.integration_key, &store.config));
        let target = target.map_err(Stopped::Here)?;
        let key = DocKey::in_project(Kind::Environment, &**project, &**env);
        let found = self.ctx.store().get(&key).await.map_err(|error| Stopped::Here(error.into()))?;
        // It went, and its stores go with it.
        let Some(found) = found else { return Ok(()) };
        let environment: Environment = found.decode().map_err(|error| Stopped::Here(error.into()))?;
        let at = Surroundings {
            store: self.ctx.store().clone(),
            project: project.to_string(),
            environment: env.to_string(),
            id: environment.id,
        };
        match target {
            Target::Redis(target) => redis::sync(&self.outbound, &target, &at, now).await,
            Target::DynamoDb(table) => dynamodb::sync(&self.outbound, &table, &at, now).await,
        }
    }
}
