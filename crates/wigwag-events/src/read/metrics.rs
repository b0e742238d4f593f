//! Events that metrics are made of: `custom`, `click`, `pageview` (sdk-protocol.md 6.4, 6.10).

use serde_json::{Map, Value};
use wigwag_store::volume::{Batch, Measure, MetricEvent};

use super::{Sender, keys};

/// Keeps an event and counts it by its key.
pub(super) fn of_event(sender: &Sender<'_>, event: &Map<String, Value>, into: &mut Batch) {
    let Some(key) = event.get("key").and_then(Value::as_str).filter(|key| !key.is_empty()) else { return };
    let at = sender.at(event.get("creationDate"));
    let contexts: Map<String, Value> =
        keys::of_event(event).into_iter().map(|each| (each.kind.to_owned(), each.key.into())).collect();
    let measure = match event.get("kind").and_then(Value::as_str) {
        Some("click") => Measure::Clicks,
        Some("pageview") => Measure::PageViews,
        _ => Measure::MetricEvents,
    };
    into.tallies.push(sender.tally(measure, key, at, 1));
    into.metrics.push(MetricEvent {
        env: sender.env.clone(),
        key: key.into(),
        at,
        value: event.get("metricValue").and_then(Value::as_f64),
        contexts: Value::Object(contexts).to_string().into(),
    });
}
