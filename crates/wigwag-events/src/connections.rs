//! How many streams are open, counted like events.

use std::sync::Arc;
use std::time::Duration;

use wigwag_model::clock::{Clock, Millis};
use wigwag_sdk::{Connections, Peak};
use wigwag_store::Store;
use wigwag_store::volume::{Batch, Measure, Tally};

use crate::Intake;
use crate::read::sender;

/// How often streams are counted: the finest step of what is counted.
const EVERY: Duration = Duration::from_secs(60);

/// Counts every minute until it is dropped. Each server counts under its own name, so that those of several add up.
pub async fn count_connections(store: Store, clock: Clock, connections: Connections, intake: Arc<Intake>) {
    let mut turns = tokio::time::interval(EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let batch = counted(connections.peaks(), intake.name(), clock.now());
        if batch.tallies.is_empty() {
            continue;
        }
        if let Err(error) = store.volume().record(batch).await {
            tracing::warn!(%error, "open streams could not be counted");
        }
    }
}

fn counted(peaks: Vec<Peak>, node: &str, at: Millis) -> Batch {
    let mut batch = Batch::default();
    for peak in peaks {
        let sender = Arc::new(sender(&peak.origin));
        let counts = [(Measure::Connections, peak.most), (Measure::ConnectionMinutes, peak.now)];
        batch.tallies.extend(counts.into_iter().filter(|(_, count)| *count > 0).map(|(measure, count)| Tally {
            env: Arc::clone(&peak.env),
            sender: Arc::clone(&sender),
            measure,
            name: node.into(),
            at,
            count,
        }));
    }
    batch
}
