//! Forgetting: contexts that were not seen for long, what was counted long ago, and environments that are gone.

use std::time::Duration;

use wigwag_model::clock::{Clock, Millis};
use wigwag_store::Store;
use wigwag_store::volume::CountsBefore;

/// Milliseconds in a day.
const DAY: Millis = 24 * 60 * 60 * 1000;

/// How long each kind of thing is kept, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Contexts after they were last seen.
    pub contexts: Millis,
    /// What is counted, day by day. Hours go after 62 days and minutes after two.
    pub counts: Millis,
    /// Events of metrics.
    pub metrics: Millis,
}

impl Retention {
    /// Of whole days.
    #[must_use]
    pub const fn days(contexts: Millis, counts: Millis, metrics: Millis) -> Self {
        Self { contexts: contexts * DAY, counts: counts * DAY, metrics: metrics * DAY }
    }
}

/// Contexts for 30 days, counts for 400, events of metrics for 90.
impl Default for Retention {
    fn default() -> Self {
        Self::days(30, 400, 90)
    }
}

/// How long counts of minutes and of hours are kept.
const FINE: [Millis; 2] = [2 * DAY, 62 * DAY];
/// How often to look.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// Rows removed in one transaction, so that recording does not wait long.
const AT_ONCE: usize = 500;
/// Pause between two transactions.
const PAUSE: Duration = Duration::from_millis(50);

/// Goes on until it is dropped. `exists` says whether an environment with this id is there.
pub async fn upkeep(store: Store, clock: Clock, keep: Retention, exists: impl Fn(&str) -> bool + Send) {
    let mut turns = tokio::time::interval(EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick comes at once; a start has better things to do.
    turns.tick().await;
    loop {
        turns.tick().await;
        if let Err(error) = once(&store, clock.now(), keep, &exists).await {
            tracing::warn!(%error, "old contexts could not be removed");
        }
    }
}

async fn once(
    store: &Store,
    now: Millis,
    keep: Retention,
    exists: &(impl Fn(&str) -> bool + Send),
) -> wigwag_store::Result<()> {
    let volume = store.volume();
    while volume.expire(now - keep.contexts, AT_ONCE).await? {
        tokio::time::sleep(PAUSE).await;
    }
    let steps = [FINE[0].min(keep.counts), FINE[1].min(keep.counts), keep.counts].map(|age| now - age);
    let before = CountsBefore { steps, metrics: now - keep.metrics };
    while volume.expire_counts(before, AT_ONCE).await? {
        tokio::time::sleep(PAUSE).await;
    }
    for env in volume.environments().await? {
        if !exists(&env) {
            while volume.remove_environment(&env, AT_ONCE).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    Ok(())
}
