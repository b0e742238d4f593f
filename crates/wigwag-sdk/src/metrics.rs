//! What operators see of SDK traffic.

use std::fmt;

use http::HeaderValue;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use wigwag_live::Live;

use crate::auth::key_in;
use crate::events::Kinds;
use crate::refused::Refused;

/// Counters of SDK traffic, registered under `wigwag_sdk_…`.
#[derive(Clone, Default)]
pub struct SdkMetrics {
    requests: Family<RequestLabels, Counter>,
    events: Family<EventLabels, Counter>,
    refused_batches: Counter,
    refused: Refused,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct EventLabels {
    kind: &'static str,
}

impl SdkMetrics {
    pub(crate) fn register(registry: &mut Registry, live: Live) -> Self {
        let metrics = Self { refused: Refused::register(registry), ..Self::default() };
        registry.register("wigwag_sdk_requests", "SDK requests answered", metrics.requests.clone());
        registry.register("wigwag_sdk_events", "Events received from SDKs, by kind", metrics.events.clone());
        let refused = metrics.refused_batches.clone();
        registry.register("wigwag_sdk_event_batches_refused", "Event batches that could not be read", refused);
        registry.register_collector(Box::new(LiveGauges(live)));
        metrics
    }

    /// Counts a request that showed this credential.
    pub(crate) fn count_request(&self, route: &'static str, status: u16, credential: Option<&HeaderValue>) {
        self.requests.get_or_create(&RequestLabels { route, status }).inc();
        if status == 401 {
            self.refused.note(credential.and_then(key_in), route);
        }
    }

    pub(crate) fn count_events(&self, kinds: &Kinds) {
        for (kind, count) in &kinds.0 {
            self.events.get_or_create(&EventLabels { kind }).inc_by(*count);
        }
    }

    pub(crate) fn count_refused_batch(&self) {
        self.refused_batches.inc();
    }
}

/// Figures that `Live` knows anyway.
struct LiveGauges(Live);

impl fmt::Debug for LiveGauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveGauges")
    }
}

impl Collector for LiveGauges {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let figures = [
            ("wigwag_sdk_streams", "SDK streams open", self.0.stream_count()),
            ("wigwag_sdk_environments", "Environments served", self.0.env_count()),
        ];
        for (name, help, value) in figures {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
