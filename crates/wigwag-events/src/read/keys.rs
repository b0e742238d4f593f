//! Kinds and keys of the contexts of an event, in whatever form they come (sdk-protocol.md 6.4, 6.7).

use serde_json::{Map, Value};

use super::contexts::{MAX_KEY, MAX_KIND, USER};

/// One kind's part of a context.
pub(super) struct Key<'e> {
    pub(super) kind: &'e str,
    pub(super) key: &'e str,
    pub(super) anonymous: bool,
}

impl Key<'_> {
    fn fits(&self) -> bool {
        !self.key.is_empty() && self.key.len() <= MAX_KEY && self.kind.len() <= MAX_KIND
    }
}

/// All parts. None of what makes no sense.
pub(super) fn of_event(event: &Map<String, Value>) -> Vec<Key<'_>> {
    let mut all = Vec::new();
    if let Some(context) = event.get("context").and_then(Value::as_object) {
        match context.get("kind").and_then(Value::as_str) {
            Some("multi") => {
                let parts = context.iter().filter(|(kind, _)| *kind != "kind");
                all.extend(parts.filter_map(|(kind, part)| of_part(kind, part.as_object()?)));
            }
            Some(kind) => all.extend(of_part(kind, context)),
            None => all.extend(of_part(USER, context)),
        }
    } else if let Some(keys) = event.get("contextKeys").and_then(Value::as_object) {
        let key = |(kind, key)| Some(Key { kind, key: Value::as_str(key)?, anonymous: false });
        all.extend(keys.iter().map(|(kind, key)| (kind.as_str(), key)).filter_map(key));
    } else if let Some(user) = event.get("user").and_then(Value::as_object) {
        all.extend(of_part(USER, user));
    } else if let Some(key) = event.get("userKey").and_then(Value::as_str) {
        let anonymous = event.get("contextKind").and_then(Value::as_str) == Some("anonymousUser");
        all.push(Key { kind: USER, key, anonymous });
    }
    all.retain(Key::fits);
    all
}

fn of_part<'e>(kind: &'e str, part: &'e Map<String, Value>) -> Option<Key<'e>> {
    let anonymous = part.get("anonymous") == Some(&Value::Bool(true));
    Some(Key { kind, key: part.get("key")?.as_str()?, anonymous })
}
