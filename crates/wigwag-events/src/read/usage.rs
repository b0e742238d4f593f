//! Evaluations: counted by the SDK in summaries, or told one by one.

use serde_json::{Map, Value};
use wigwag_store::volume::{Count, Usage};

use super::Sender;

/// Counters of one flag that are read in one summary: versions can be made up too.
const MAX_COUNTERS: usize = 200;
/// Kinds noted of one flag in one batch.
const MAX_KINDS: usize = 20;

/// The counters of a summary. Flags that the SDK did not know are left out: anybody could make them up.
pub(super) fn of_summary(sender: &Sender<'_>, event: &Map<String, Value>, into: &mut Vec<Usage>) {
    let Some(features) = event.get("features").and_then(Value::as_object) else { return };
    for (flag, told) in features {
        let counters = told.get("counters").and_then(Value::as_array).into_iter().flatten();
        let known = counters.filter(|counter| counter.get("unknown") != Some(&Value::Bool(true)));
        let count = |c: &Value| {
            let (variation, version) = (index(c.get("variation")), index(c.get("version")).unwrap_or(0));
            Some(Count { variation, version, count: c.get("count")?.as_u64()? })
        };
        let counts: Vec<_> = known.take(MAX_COUNTERS).filter_map(count).collect();
        if counts.is_empty() {
            continue;
        }
        let kinds = told.get("contextKinds").and_then(Value::as_array).into_iter().flatten();
        into.push(Usage {
            env: sender.env.clone(),
            flag: flag.clone(),
            at: sender.at(event.get("endDate")),
            application: sender.application.clone(),
            sender: sender.sender.clone(),
            fallback: told.get("default").map(Value::to_string),
            kinds: kinds.filter_map(Value::as_str).map(str::to_owned).take(MAX_KINDS).collect(),
            counts,
        });
    }
}

/// One evaluation, from an SDK that does not sum up.
pub(super) fn of_feature(sender: &Sender<'_>, event: &Map<String, Value>) -> Option<Usage> {
    if event.get("excludeFromSummaries") == Some(&Value::Bool(true)) || event.get("version").is_none_or(Value::is_null)
    {
        return None;
    }
    Some(Usage {
        env: sender.env.clone(),
        flag: event.get("key")?.as_str()?.to_owned(),
        at: sender.at(event.get("creationDate")),
        application: sender.application.clone(),
        sender: sender.sender.clone(),
        fallback: event.get("default").map(Value::to_string),
        kinds: kinds(event),
        counts: vec![Count {
            variation: index(event.get("variation")),
            version: index(event.get("version")).unwrap_or(0),
            count: 1,
        }],
    })
}

fn index(number: Option<&Value>) -> Option<u32> {
    number.and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok())
}

/// Kinds of the context that an event has in whatever form.
fn kinds(event: &Map<String, Value>) -> Vec<String> {
    let keys_of = |object: &Map<String, Value>| -> Vec<String> {
        object.keys().filter(|kind| *kind != "kind").take(MAX_KINDS).cloned().collect()
    };
    if let Some(keys) = event.get("contextKeys").and_then(Value::as_object) {
        return keys_of(keys);
    }
    let Some(context) = event.get("context").and_then(Value::as_object) else { return vec!["user".to_owned()] };
    match context.get("kind").and_then(Value::as_str) {
        Some("multi") => keys_of(context),
        Some(kind) => vec![kind.to_owned()],
        None => vec!["user".to_owned()],
    }
}
