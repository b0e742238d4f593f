//! What operators see of events after they were taken.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Counters of the pipeline, registered under `wigwag_events_…`.
#[derive(Clone, Default)]
pub struct EventMetrics {
    pub(crate) repeated: Counter,
    pub(crate) shed: Counter,
    pub(crate) lost: Counter,
    pub(crate) recorded: Counter,
    pub(crate) refused: Counter,
    pub(crate) unclear: Counter,
    pub(crate) waiting: Gauge,
    pub(crate) synced: Counter,
}

impl EventMetrics {
    /// Registers the counters.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let m = &metrics;
        registry.register("wigwag_events_batches_recorded", "Event batches recorded", m.recorded.clone());
        registry.register("wigwag_events_batches_repeated", "Event batches that had come before", m.repeated.clone());
        registry.register("wigwag_events_batches_shed", "Event batches refused for want of room", m.shed.clone());
        registry.register("wigwag_events_batches_lost", "Event batches taken but not recorded", m.lost.clone());
        registry.register("wigwag_events_usage_refused", "Evaluations of flags too many to count", m.refused.clone());
        registry.register("wigwag_events_unclear", "Events of which something made no sense", m.unclear.clone());
        registry.register(
            "wigwag_events_waiting_bytes",
            "Bytes of the journal of events waiting to be recorded",
            m.waiting.clone(),
        );
        registry.register("wigwag_events_journal_syncs", "Times the journal of events was synced", m.synced.clone());
        metrics
    }
}
