//! What runs: plans, claims, delivers, and waits for more.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinSet;
use tokio::time::Instant;
use wigwag_kit::{App, Ctx, Result};
use wigwag_model::clock::Millis;
use wigwag_outbound::Outbound;
use wigwag_store::{NextTry, Turn};

use super::cause;
use super::metrics::DeliveryMetrics;
use super::plan::Planner;
use super::subscriber::SubscriberKind;
use crate::common::system;
use crate::read::Views;

/// How long a claim holds: longer than any try takes. When a process ends in the midst of one, the next try is
/// made after so long.
const LEASE: Millis = 60_000;
/// The longest sleep: the clock may be set meanwhile, and other processes note deliveries too.
const LONGEST: Duration = Duration::from_secs(60);
/// The shortest, so that a clock that is behind does not make it spin.
const SHORTEST: Duration = Duration::from_millis(20);
/// Changes come in bursts, which are looked at once.
const BURST: Duration = Duration::from_millis(25);
/// How long deliveries are kept once they are settled.
const KEPT: Millis = 30 * 24 * 3_600_000;
/// How often old ones are thrown away.
const TIDY: Millis = 3_600_000;

/// Wakes the deliverer of this process when somebody asked for a delivery.
#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Wakes it.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Tells subscribers of changes.
pub struct Deliverer {
    ctx: Ctx,
    kinds: Vec<SubscriberKind>,
    views: Views,
    outbound: Outbound,
    metrics: DeliveryMetrics,
    planner: Mutex<Planner>,
    tidied: Mutex<Millis>,
    turn: Option<Turn>,
    /// Whether the turn was ours when it was last looked at.
    held: AtomicBool,
}

impl Deliverer {
    /// For these kinds of subscribers.
    #[must_use]
    pub fn new(
        app: Arc<App>,
        kinds: Vec<SubscriberKind>,
        views: Views,
        outbound: Outbound,
        metrics: DeliveryMetrics,
    ) -> Self {
        let ctx = system(app);
        let (planner, tidied) = (Mutex::default(), Mutex::new(Millis::MIN));
        Self { ctx, kinds, views, outbound, metrics, planner, tidied, turn: None, held: AtomicBool::new(false) }
    }

    /// Only while it is this server's turn. Claims hold by the clocks of servers, turns by the database's: two servers
    /// whose clocks are apart do not deliver at once.
    #[must_use]
    pub fn in_turn(self, turn: Turn) -> Self {
        Self { turn: Some(turn), ..self }
    }

    pub(super) const fn ctx(&self) -> &Ctx {
        &self.ctx
    }

    pub(super) fn kinds(&self) -> &[SubscriberKind] {
        &self.kinds
    }

    pub(super) const fn views(&self) -> &Views {
        &self.views
    }

    pub(super) const fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// Plans what is in the log and makes everything that is due now; answers when all of that is settled. Answers
    /// when something is due next.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn pass(&self) -> Result<Option<Millis>> {
        loop {
            self.plan().await?;
            let owed = self.owed().await?;
            if owed.is_empty() {
                return Ok(self.ctx.store().next_delivery(self.ctx.app.clock.now()).await?);
            }
            let lanes = owed.iter().map(|subscriber| self.lane(subscriber));
            join_all(lanes).await.into_iter().collect::<Result<()>>()?;
        }
    }

    /// Goes on for ever, or until the store is closed. It may be dropped at any point: what was not settled is
    /// tried again.
    pub async fn run(self: Arc<Self>) {
        let mut head = self.ctx.store().watch();
        let bell = self.ctx.app.extension::<Bell>().cloned().unwrap_or_default();
        let (mut lanes, mut busy) = (JoinSet::new(), HashSet::new());
        // Until when nothing is due of what was noted, as far as that is known.
        let mut idle = None;
        loop {
            head.mark_unchanged();
            let pause = match self.turned(&mut lanes, &mut busy, idle).await {
                Ok(pause) => {
                    idle = Some(Instant::now() + pause);
                    pause
                }
                Err(error) => {
                    tracing::warn!("deliveries must wait: {}", cause(&error));
                    idle = None;
                    LONGEST
                }
            };
            tokio::select! {
                Some(done) = lanes.join_next(), if !lanes.is_empty() => {
                    idle = None;
                    match done {
                        Ok(subscriber) => drop(busy.remove(&subscriber)),
                        Err(error) => {
                            tracing::error!("a delivery ended badly: {error}");
                            busy.clear();
                        }
                    }
                }
                () = bell.0.notified() => idle = None,
                () = tokio::time::sleep(pause) => idle = None,
                changed = head.changed() => match changed {
                    Ok(()) => tokio::time::sleep(BURST).await,
                    Err(_) => return,
                },
            }
        }
    }

    /// The same as [`Deliverer::turn`], on the server whose turn it is. It looks often enough to take the turn over,
    /// and for deliveries that were asked for at other servers.
    async fn turned(
        self: &Arc<Self>,
        lanes: &mut JoinSet<String>,
        busy: &mut HashSet<String>,
        idle: Option<Instant>,
    ) -> Result<Duration> {
        if !self.is_ours().await {
            self.held.store(false, Ordering::Relaxed);
            return Ok(Turn::RENEW);
        }
        let is_shared = self.turn.is_none() && !self.ctx.store().is_alone();
        if !is_shared && busy.is_empty() && !self.held.load(Ordering::Relaxed) {
            // What whoever was at it before was telling is told again. They are not at it any more: turns last longer
            // than calls do.
            self.ctx.store().release_deliveries().await?;
            self.held.store(true, Ordering::Relaxed);
        }
        let pause = self.turn(lanes, busy, idle).await?;
        let is_alone = self.turn.is_none() || self.ctx.store().is_alone();
        Ok(if is_alone { pause } else { pause.min(Turn::RENEW) })
    }

    async fn is_ours(&self) -> bool {
        match &self.turn {
            Some(turn) => turn.is_mine().await,
            None => true,
        }
    }

    /// Plans, and starts a lane for each subscriber that is owed something. How long there is nothing to do. What was
    /// noted before is not looked at again while it is `idle`, unless others may note something too.
    async fn turn(
        self: &Arc<Self>,
        lanes: &mut JoinSet<String>,
        busy: &mut HashSet<String>,
        idle: Option<Instant>,
    ) -> Result<Duration> {
        let noted = self.plan().await?;
        if let Some(until) = idle
            && !noted
            && self.ctx.store().is_alone()
        {
            return Ok(until.saturating_duration_since(Instant::now()));
        }
        for subscriber in self.owed().await? {
            if !busy.insert(subscriber.clone()) {
                continue;
            }
            let this = Arc::clone(self);
            lanes.spawn(async move {
                if let Err(error) = this.lane(&subscriber).await {
                    tracing::warn!(subscriber, "deliveries must wait: {}", cause(&error));
                }
                subscriber
            });
        }
        self.tidy().await?;
        let (store, now) = (self.ctx.store(), self.ctx.app.clock.now());
        self.metrics.owed(store.deliveries_owed().await?);
        let next = store.next_delivery(now).await?.map(|at| u64::try_from(at - now).unwrap_or(0));
        Ok(next.map_or(LONGEST, |wait| Duration::from_millis(wait).clamp(SHORTEST, LONGEST)))
    }

    async fn plan(&self) -> Result<bool> {
        self.planner.lock().await.plan(&self.ctx, &self.kinds).await
    }

    async fn owed(&self) -> Result<Vec<String>> {
        Ok(self.ctx.store().subscribers_owed(self.ctx.app.clock.now()).await?)
    }

    /// Makes what a subscriber is owed, one after the other, until nothing of it is due.
    async fn lane(&self, subscriber: &str) -> Result<()> {
        let (store, app) = (self.ctx.store(), &self.ctx.app);
        while self.is_ours().await {
            let (claim, now) = (app.ids.object_id(), app.clock.now());
            let Some(delivery) = store.claim_delivery(subscriber, &claim, now, now + LEASE).await? else {
                return Ok(());
            };
            let (outcome, next) = self.attempt(&delivery).await;
            if !store.finish_delivery(&delivery, &claim, &outcome, next).await? {
                tracing::warn!(delivery = delivery.id, "a try took so long that another process made it too");
                continue;
            }
            match next {
                NextTry::Done => self.metrics.made(),
                NextTry::At(_) => self.metrics.failed(),
                NextTry::GiveUp => {
                    self.metrics.given_up();
                    tracing::warn!(subscriber, delivery = delivery.id, "a delivery was given up: {}", outcome.error);
                }
            }
        }
        Ok(())
    }

    async fn tidy(&self) -> Result<()> {
        let (now, mut tidied) = (self.ctx.app.clock.now(), self.tidied.lock().await);
        if now.saturating_sub(*tidied) >= TIDY && !self.ctx.store().forget_deliveries(now - KEPT).await? {
            *tidied = now;
        }
        Ok(())
    }
}
