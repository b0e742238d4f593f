//! Events that metrics are made of: `custom`, `click`, `pageview` (sdk-protocol.md 6.4, 6.10).

use std::sync::Arc;

use wigwag_sdk::Event;
use wigwag_store::volume::{Measure, MetricEvent};

use super::Sender;
use super::counts::Counts;

/// An event with the keys of its context, counted by its own key.
pub(super) fn of_event<'b>(
    sender: &Sender,
    event: &mut Event<'b>,
    keys: &Arc<str>,
    counts: &mut Counts<'b>,
) -> Option<MetricEvent> {
    let measure = match event.kind.text() {
        Some("click") => Measure::Clicks,
        Some("pageview") => Measure::PageViews,
        _ => Measure::MetricEvents,
    };
    let key = std::mem::take(&mut event.key).into_text().filter(|key| !key.is_empty())?;
    let at = sender.at(event.creation_date.number());
    let key = counts.add(sender, measure, key, at);
    let value = event.metric_value.number();
    Some(MetricEvent { env: sender.env.clone(), key, at, value, contexts: Arc::clone(keys) })
}
