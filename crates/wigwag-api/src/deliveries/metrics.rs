//! How deliveries go.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Counters of deliveries; explained in docs/operate/metrics.md.
#[derive(Clone, Default)]
pub struct DeliveryMetrics {
    made: Counter,
    failed: Counter,
    given_up: Counter,
    owed: Gauge,
}

impl DeliveryMetrics {
    /// Registers the counters.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let m = &metrics;
        registry.register("wigwag_deliveries_made", "Deliveries of changes that arrived", m.made.clone());
        registry.register("wigwag_delivery_tries_failed", "Tries of deliveries that failed", m.failed.clone());
        registry.register("wigwag_deliveries_given_up", "Deliveries that will not be tried again", m.given_up.clone());
        registry.register("wigwag_deliveries_owed", "Deliveries still to be made", m.owed.clone());
        metrics
    }

    pub(super) fn made(&self) {
        self.made.inc();
    }

    pub(super) fn failed(&self) {
        self.failed.inc();
    }

    pub(super) fn given_up(&self) {
        self.failed.inc();
        self.given_up.inc();
    }

    pub(super) fn owed(&self, count: u64) {
        self.owed.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Deliveries that arrived, tries that failed, deliveries given up.
    #[must_use]
    pub fn counts(&self) -> (u64, u64, u64) {
        (self.made.get(), self.failed.get(), self.given_up.get())
    }
}
