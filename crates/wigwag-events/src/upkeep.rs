//! Forgetting: contexts that were not seen for long, what was counted long ago, and environments that are gone.

use std::time::Duration;

use tokio::time::Instant;
use wigwag_model::clock::{Clock, Millis};
use wigwag_model::doc::{Environment, KeptDays, Kind};
use wigwag_store::volume::{CountsBefore, PerEnv};
use wigwag_store::{Store, Turn};

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
    /// The days of contexts, of what is counted, of events of metrics.
    #[must_use]
    pub fn in_days(&self) -> [u32; 3] {
        [self.contexts, self.counts, self.metrics].map(|age| u32::try_from(age / DAY).unwrap_or(u32::MAX))
    }

    /// As an environment has it, where it says so.
    #[must_use]
    pub fn as_said(self, said: KeptDays) -> Self {
        let days = |said: Option<u32>, usual| said.map_or(usual, |days| Millis::from(days) * DAY);
        Self {
            contexts: days(said.contexts, self.contexts),
            counts: days(said.counts, self.counts),
            metrics: days(said.metric_events, self.metrics),
        }
    }

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

/// Goes on until it is dropped. `exists` says whether an environment with this id is there. Something is done only
/// while it is this server's turn.
pub async fn upkeep(store: Store, clock: Clock, keep: Retention, turn: Turn, exists: impl Fn(&str) -> bool + Send) {
    // A start has better things to do.
    let mut next = Instant::now() + EVERY;
    let mut looks = tokio::time::interval(Turn::RENEW);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        // Asked each time, so that the turn is held on to.
        if !turn.is_mine().await || Instant::now() < next {
            continue;
        }
        next = Instant::now() + EVERY;
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
    let keep = kept(store, keep).await?;
    let contexts = keep.each(|keep| now - keep.contexts);
    while volume.expire(contexts.clone(), AT_ONCE).await? {
        tokio::time::sleep(PAUSE).await;
    }
    let before = keep.each(|keep| {
        let steps = [FINE[0].min(keep.counts), FINE[1].min(keep.counts), keep.counts].map(|age| now - age);
        CountsBefore { steps, metrics: now - keep.metrics }
    });
    while volume.expire_counts(before.clone(), AT_ONCE).await? {
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

/// How long things are kept in each environment.
async fn kept(store: &Store, usual: Retention) -> wigwag_store::Result<PerEnv<Retention>> {
    let mut kept = PerEnv::from(usual);
    for doc in store.scan(Kind::Environment, None, None).await? {
        match doc.decode::<Environment>() {
            Ok(environment) if environment.kept_days.is_usual() => {}
            Ok(environment) => {
                kept.own.insert(environment.id, usual.as_said(environment.kept_days));
            }
            // What cannot be read is not the reason to forget what it may want kept, nor to keep everything.
            Err(error) => tracing::error!(%error, key = %doc.key.key, "an environment cannot be read"),
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::Arc;
    use wigwag_store::volume::{Batch, ContextFilter, PageOf, Part, Sighting};
    use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Write};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn each_environment_keeps_as_long_as_it_says() {
        const NOW: Millis = 1_700_000_000_000;
        for store in [Store::temporary().await.unwrap(), wigwag_store::testing::postgres().await.unwrap()] {
            for (key, days) in [("short", "{\"contexts\":2}"), ("long", "{\"contexts\":60}"), ("usual", "{}")] {
                let body = format!(
                    r#"{{"id":"{key}","key":"{key}","name":"","color":"","sdkKeys":[],"mobileKeys":[],"createdAt":0,"keptDays":{days}}}"#
                );
                let write = Write::create(DocKey::in_project(Kind::Environment, "p", key), body, IndexFacts::new());
                let change = NewChange { id: key.into(), ..NewChange::default() };
                store.commit(Commit::new(vec![write], change)).await.unwrap();
                let sighting = |age: Millis| {
                    let name = format!("{age}");
                    let part = Part { kind: "user".into(), key: name, body: None };
                    let (env, at): (Arc<str>, _) = (key.into(), NOW - age * DAY);
                    Sighting { env, at, application: "".into(), anonymous: Vec::new(), parts: vec![part] }
                };
                let sightings = [1, 10, 40, 70].map(sighting).to_vec();
                store.volume().record(Batch { sightings, ..Batch::default() }).await.unwrap();
            }
            once(&store, NOW, Retention::default(), &|_: &str| true).await.unwrap();
            let page = PageOf { limit: 9, after: None, ascending: false, count: false };
            for (env, left) in [("short", &["1"][..]), ("long", &["1", "10", "40"]), ("usual", &["1", "10"])] {
                let found = store.volume().contexts(env, &ContextFilter::every(), page).await.unwrap();
                assert_eq!(found.items.iter().map(|each| each.key.as_str()).collect::<Vec<_>>(), left, "{env}");
            }
        }
    }
}
