//! Forgetting: contexts that were not seen for long, and environments that are gone.

use std::time::Duration;

use wigwag_model::clock::{Clock, Millis};
use wigwag_store::Store;

/// How long contexts and evaluations are kept after they were last seen, in milliseconds: 30 days.
pub const RETENTION: Millis = 30 * 24 * 60 * 60 * 1000;
/// How often to look.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// Rows removed in one transaction, so that recording does not wait long.
const AT_ONCE: usize = 500;
/// Pause between two transactions.
const PAUSE: Duration = Duration::from_millis(50);

/// Goes on until it is dropped. `exists` says whether an environment with this id is there.
pub async fn upkeep(store: Store, clock: Clock, exists: impl Fn(&str) -> bool + Send) {
    let mut turns = tokio::time::interval(EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick comes at once; a start has better things to do.
    turns.tick().await;
    loop {
        turns.tick().await;
        if let Err(error) = once(&store, clock.now(), &exists).await {
            tracing::warn!(%error, "old contexts could not be removed");
        }
    }
}

async fn once(store: &Store, now: Millis, exists: &(impl Fn(&str) -> bool + Send)) -> wigwag_store::Result<()> {
    let volume = store.volume();
    while volume.expire(now - RETENTION, AT_ONCE).await? {
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
