//! What of an event is shown, and to whom.

use serde_json::{Map, Value, json};

use wigwag_model::tail::Wanted;

use crate::read::{keys_of, private};

/// Of longer events only this much is told: kind, key and time.
const LONGEST: usize = 32 << 10;

/// Whether an event is what somebody listens to.
pub(super) fn is_wanted(wanted: &Wanted, event: &Map<String, Value>) -> bool {
    let kind = event.get("kind").and_then(Value::as_str).unwrap_or_default();
    (wanted.kinds.is_empty() || wanted.kinds.iter().any(|each| each == kind))
        && wanted.flag.as_ref().is_none_or(|flag| is_about(flag, kind, event))
        && names(wanted, event)
}

fn is_about(flag: &str, kind: &str, event: &Map<String, Value>) -> bool {
    let is = |value: Option<&Value>| value.and_then(Value::as_str) == Some(flag);
    match kind {
        "feature" | "debug" => is(event.get("key")),
        "summary" => event.get("features").is_some_and(|flags| flags.get(flag).is_some()),
        "migration_op" => is(event.get("evaluation").and_then(|evaluation| evaluation.get("key"))),
        _ => false,
    }
}

fn names(wanted: &Wanted, event: &Map<String, Value>) -> bool {
    let (kind, key) = (wanted.context_kind.as_deref(), wanted.context_key.as_deref());
    let fits = |each: (&str, &str)| kind.is_none_or(|kind| kind == each.0) && key.is_none_or(|key| key == each.1);
    (kind.is_none() && key.is_none()) || keys_of(event).into_iter().any(fits)
}

/// The event without what is private.
pub(super) fn cleaned(mut event: Map<String, Value>) -> Value {
    if let Some(Value::Object(context)) = event.get_mut("context") {
        if context.get("kind").and_then(Value::as_str) == Some("multi") {
            context.values_mut().filter_map(Value::as_object_mut).for_each(|part| drop(private::hide(part)));
        } else {
            private::hide(context);
        }
    }
    if let Some(Value::Object(user)) = event.get_mut("user") {
        private::hide(user);
    }
    let (kind, key, at) = (event.get("kind").cloned(), event.get("key").cloned(), event.get("creationDate").cloned());
    let event = Value::Object(event);
    if event.to_string().len() > LONGEST {
        return json!({"kind": kind, "key": key, "creationDate": at, "cut": true});
    }
    event
}
