//! Keeps persistent stores up to date: after every change of members, and often enough for SDKs to see that it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use wigwag_kit::{App, Ctx, Error, Resource as _, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Environment, Kind, PersistentStore};
use wigwag_outbound::Outbound;
use wigwag_store::{Doc, DocKey, Turn};

use super::PersistentStores;
use super::config::{self, Target};
use super::dynamodb;
use super::redis::{self, Stopped};
use super::rep::{Standing, StoreError, StoreStatus};
use crate::common::{News, system};
use crate::read::revisions::Surroundings;

/// How often a store is told that it has everything. SDKs call it stale after two minutes.
const EVERY: Duration = Duration::from_secs(30);
/// Changes come in bursts, which are looked at once.
const BURST: Duration = Duration::from_millis(100);
/// A store that had everything within so long is available, in milliseconds.
const FRESH: Millis = 5 * 60 * 1000;
/// How often it is told that a store has everything, in milliseconds.
const TOLD: u64 = 5_000;
/// Failures kept of each store.
const ERRORS: usize = 10;

/// What this work is called where servers take turns, and where it is told how it goes.
const WORK: &str = "persistent-stores";

/// How it goes with each store that was ever looked after, by its id; told by the server whose turn it is.
pub(super) async fn statuses(ctx: &Ctx) -> Result<HashMap<String, Standing>> {
    let read = |(id, body): (String, String)| Some((id, serde_json::from_str(&body).ok()?));
    Ok(ctx.store().reports(WORK).await?.into_iter().filter_map(read).collect())
}

impl Standing {
    pub(super) fn status(self, now: Millis) -> StoreStatus {
        let available = self.last_sync.is_some_and(|at| now.saturating_sub(at) < FRESH);
        StoreStatus { available, potentially_stale: !available || self.last_error > self.last_sync, standing: self }
    }

    fn note(&mut self, now: Millis, outcome: std::result::Result<(), String>) {
        match outcome {
            Ok(()) => self.last_sync = Some(now),
            Err(message) => {
                self.last_error = Some(now);
                self.errors.insert(0, StoreError { status_code: 0, message, timestamp: now });
                self.errors.truncate(ERRORS);
            }
        }
    }

    /// Whether it is worth telling after what was told before: that all is well, only every now and then.
    fn is_news_after(&self, told: &Self) -> bool {
        let apart = |now: Option<Millis>, then: Option<Millis>| match (now, then) {
            (Some(now), Some(then)) => now.abs_diff(then) >= TOLD,
            (now, then) => now != then,
        };
        self.last_error != told.last_error
            || apart(self.last_sync, told.last_sync)
            || (told.last_error > told.last_sync && self.last_sync > self.last_error)
    }
}

/// Keeps stores up to date.
pub struct StoreKeeper {
    ctx: Ctx,
    outbound: Outbound,
    turn: Option<Turn>,
}

impl StoreKeeper {
    /// Over an open store; calls go out by `outbound`.
    #[must_use]
    pub fn new(app: Arc<App>, outbound: Outbound) -> Self {
        Self { ctx: system(app), outbound, turn: None }
    }

    /// Only while it is this server's turn. Were two to write at once, because one stood still and does not know yet
    /// that its turn is over, versions in the stores would move forward only.
    #[must_use]
    pub fn in_turn_of(self, node: &str) -> Self {
        let turn = self.ctx.store().turn(WORK, node);
        Self { turn: Some(turn), ..self }
    }

    /// Goes on for ever, or until the store is closed. It may be dropped at any point.
    pub async fn run(self) {
        let Some(turn) = &self.turn else { return self.keep().await };
        let mut head = self.ctx.store().watch();
        while head.has_changed().is_ok() {
            if turn.while_mine(self.keep()).await.is_some() {
                return;
            }
            // Changes alone do not end the wait; that there will be none any more does.
            let closed = async { while head.changed().await.is_ok() {} };
            tokio::select! {
                () = tokio::time::sleep(Turn::RENEW) => {}
                () = closed => {}
            }
        }
    }

    /// Goes on until the store is closed.
    async fn keep(&self) {
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
        let mut told = statuses(&self.ctx).await?;
        let each = docs.iter().map(|doc| {
            let told = told.remove(&*doc.key.key).unwrap_or_default();
            self.look_after(doc, told)
        });
        let each: Vec<_> = each.collect();
        join_all(each).await.into_iter().collect::<Result<()>>()?;
        for gone in told.keys() {
            self.ctx.store().drop_report(WORK, gone).await?;
        }
        Ok(!docs.is_empty())
    }

    async fn look_after(&self, doc: &Doc, told: Standing) -> Result<()> {
        let store: PersistentStore = doc.decode()?;
        if !store.on {
            return Ok(());
        }
        let (id, now) = (store.id.clone(), self.ctx.app.clock.now());
        let outcome = match self.sync(doc, store, now).await {
            Ok(()) => Ok(()),
            Err(Stopped::There(failure)) => Err(failure.to_string()),
            // Its database is ours: no fault of the store's.
            Err(Stopped::Here(Error::Unavailable)) => return Err(Error::Unavailable),
            Err(Stopped::Here(error)) => Err(error.to_string()),
        };
        if let Err(why) = &outcome {
            tracing::warn!(store = id, why, "a persistent store cannot be brought up to date");
        }
        let mut standing = told.clone();
        standing.note(now, outcome);
        if standing.is_news_after(&told) {
            let body = serde_json::to_string(&standing).map_err(|error| Error::Internal(error.to_string()))?;
            self.ctx.store().report(WORK, &id, &body).await?;
        }
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
