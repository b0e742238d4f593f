//! The task that turns changes into snapshots.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use crate::live::Live;
use crate::publisher::Publisher;
use crate::source::{Change, Source, SourceError};
use crate::topic::SHARDS;
use crate::world::World;

/// Waits between attempts to reach a source: the first, doubling up to the last.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How often keys are looked at for expiry, at least.
const EXPIRY_CHECK: Duration = Duration::from_secs(1);

/// What can be tuned.
#[derive(Clone, Copy, Debug)]
pub struct FeederConfig {
    /// How often each stream gets a heartbeat. SDKs give up after 5 minutes of silence, proxies often
    /// after one (sdk-protocol.md 11.1).
    pub heartbeat: Duration,
}

impl Default for FeederConfig {
    fn default() -> Self {
        Self { heartbeat: Duration::from_secs(30) }
    }
}

/// Reads a source in order and publishes to a [`Live`]: its only writer.
pub struct Feeder<S> {
    source: S,
    live: Live,
    publisher: Publisher,
    config: FeederConfig,
}

impl<S: Source> Feeder<S> {
    /// A feeder of `live`. There must be one for each.
    #[must_use]
    pub fn new(source: S, live: Live, config: FeederConfig) -> Self {
        Self { source, publisher: Publisher::new(live.clone()), live, config }
    }

    /// Runs until `live` is closed or the future is dropped. Sources that fail are tried again; what was
    /// last published stays available meanwhile.
    pub async fn run(self) {
        let Self { source, live, publisher, config } = self;
        tokio::select! {
            () = follow(source, publisher) => {}
            () = tend(live, config) => {}
        }
    }
}

async fn follow<S: Source>(mut source: S, mut publisher: Publisher) {
    loop {
        let mut world = load(&mut source).await;
        publisher.publish_all(&world);
        tracing::info!(seq = world.seq(), "snapshots loaded");
        let mut wait = RETRY.0;
        loop {
            match source.next(world.seq()).await {
                Ok(changes) => {
                    wait = RETRY.0;
                    take_in(&mut world, &mut publisher, changes);
                }
                Err(SourceError::Lost(why)) => {
                    tracing::warn!(why, "changes are gone, loading anew");
                    break;
                }
                Err(error) => back_off(&mut wait, &error).await,
            }
        }
    }
}

/// Several changes become visible at once, each keeping its own place in the tail.
fn take_in(world: &mut World, publisher: &mut Publisher, changes: Vec<Change>) {
    let mut touched = std::collections::BTreeSet::new();
    for change in changes {
        touched.append(&mut world.apply(change));
    }
    publisher.publish(world.seq(), touched.iter().map(|name| (name, world.env(name))));
}

async fn load<S: Source>(source: &mut S) -> World {
    let mut wait = RETRY.0;
    loop {
        let loaded = match source.load().await {
            // Takes a while with many flags: off the reactor.
            Ok(state) => tokio::task::spawn_blocking(|| World::rebuild(state)).await,
            Err(error) => {
                back_off(&mut wait, &error).await;
                continue;
            }
        };
        match loaded {
            Ok(world) => return world,
            Err(error) => back_off(&mut wait, &SourceError::Unavailable(error.to_string())).await,
        }
    }
}

async fn back_off(wait: &mut Duration, error: &SourceError) {
    tracing::warn!(%error, retry_ms = wait.as_millis(), "cannot read changes");
    tokio::time::sleep(*wait).await;
    *wait = (*wait * 2).min(RETRY.1);
}

/// One timer for all heartbeats and all expiring keys, until `live` is closed. A [`Feeder`] does it too.
pub async fn tend(live: Live, config: FeederConfig) {
    let step = (config.heartbeat / u32::try_from(SHARDS).unwrap_or(1)).max(Duration::from_millis(1));
    let mut next_expiry = Instant::now();
    let mut ticks = tokio::time::interval(step.min(EXPIRY_CHECK));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut turn, mut next_beat) = (0, Instant::now() + step);
    while !live.is_closed() {
        let now = ticks.tick().await;
        if now >= next_beat {
            live.beat(turn);
            turn = turn.wrapping_add(1);
            next_beat = now + step;
        }
        if now >= next_expiry {
            live.expire_keys();
            next_expiry = now + EXPIRY_CHECK;
        }
    }
}
