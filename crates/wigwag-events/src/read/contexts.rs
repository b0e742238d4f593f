//! Contexts in events: whole, as keys only, or as the users of older SDKs (sdk-protocol.md 6.4, 6.7, 6.8).

use serde_json::{Map, Value, json};
use wigwag_model::context::Context;
use wigwag_model::kind::Kind;
use wigwag_store::volume::{Part, Sighting};

use super::Sender;

/// Longer keys are not kept.
pub(super) const MAX_KEY: usize = 1000;
/// Longer kinds are not kept.
pub(super) const MAX_KIND: usize = 100;
/// Of longer contexts only kind, key and name are kept.
const MAX_BODY: usize = 32 << 10;
/// The kind of users.
pub(super) const USER: &str = "user";

/// The context of an event, without its anonymous parts. Nothing if the event has none, if it is not
/// valid, or if nothing of it is to be kept.
pub(super) fn of_event(sender: &Sender<'_>, event: &mut Map<String, Value>) -> Option<Sighting> {
    let mut anonymous = Vec::new();
    let mut parts = if let Some(context) = event.remove("context") {
        whole(context, &mut anonymous)?
    } else if let Some(Value::Object(keys)) = event.remove("contextKeys") {
        keys.into_iter().filter_map(|(kind, key)| bare(kind, key.as_str()?)).collect()
    } else if let Some(user) = event.remove("user") {
        legacy(user, &mut anonymous)?
    } else {
        let anonymous = event.get("contextKind").and_then(Value::as_str) == Some("anonymousUser");
        let key = event.get("userKey").and_then(Value::as_str).filter(|_| !anonymous);
        key.and_then(|key| bare(USER.to_owned(), key)).into_iter().collect()
    };
    if parts.is_empty() {
        return None;
    }
    parts.sort_by(|a, b| a.kind.cmp(&b.kind));
    parts.dedup_by(|a, b| a.kind == b.kind);
    Some(Sighting {
        env: sender.env.clone(),
        at: sender.at(event.get("creationDate").or_else(|| event.get("endDate"))),
        application: sender.application.clone(),
        anonymous,
        parts,
    })
}

/// A part of which only the key is known.
fn bare(kind: String, key: &str) -> Option<Part> {
    let fits = kind.len() <= MAX_KIND && !key.is_empty() && key.len() <= MAX_KEY && Kind::parse(&kind).is_some();
    fits.then(|| Part { kind, key: key.to_owned(), body: None })
}

/// The parts of a context as SDKs write it today; a context without kind is a user.
fn whole(context: Value, anonymous: &mut Vec<String>) -> Option<Vec<Part>> {
    let Value::Object(mut object) = context else { return None };
    let Some(kind) = object.remove("kind") else { return legacy(Value::Object(object), anonymous) };
    let kind = kind.as_str()?.to_owned();
    if kind != "multi" {
        return Some(part(kind, object, anonymous)?.into_iter().collect());
    }
    let mut parts = Vec::with_capacity(object.len());
    for (kind, member) in object {
        let Value::Object(member) = member else { return None };
        parts.extend(part(kind, member, anonymous)?);
    }
    Some(parts)
}

/// One part: nothing if it is anonymous, an error if it is not valid.
fn part(kind: String, mut object: Map<String, Value>, anonymous: &mut Vec<String>) -> Option<Option<Part>> {
    Kind::parse(&kind)?;
    let key = object.remove("key")?.as_str().filter(|key| !key.is_empty())?.to_owned();
    if object.get("anonymous") == Some(&Value::Bool(true)) {
        anonymous.push(kind);
        return Some(None);
    }
    if key.len() > MAX_KEY || kind.len() > MAX_KIND {
        return Some(None);
    }
    let mut meta = object.remove("_meta").unwrap_or_default();
    let mut redacted = meta.get_mut("redactedAttributes").map(Value::take);
    if let Some(Value::Array(private)) = meta.get("privateAttributes") {
        // No SDK of today leaves the values in; one that does must not have them stored.
        let names = private.iter().filter_map(Value::as_str).filter(|name| hide(&mut object, name));
        let names: Vec<Value> = names.map(Value::from).collect();
        match &mut redacted {
            Some(Value::Array(redacted)) => redacted.extend(names),
            _ => redacted = Some(names.into()),
        }
    }
    object.retain(|name, value| !value.is_null() && !name.is_empty() && name != "kind" && name != "anonymous");
    Some(Some(made(kind, key, object, redacted)))
}

/// Takes an attribute away that is named or referred to. Whether it was there.
pub(crate) fn hide(object: &mut Map<String, Value>, reference: &str) -> bool {
    let Some(path) = reference.strip_prefix('/') else { return object.shift_remove(reference).is_some() };
    let mut names = path.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect::<Vec<_>>();
    let (Some(last), mut at) = (names.pop(), object) else { return false };
    for name in names {
        let Some(Value::Object(inner)) = at.get_mut(&name) else { return false };
        at = inner;
    }
    at.shift_remove(&last).is_some()
}

fn made(kind: String, key: String, attributes: Map<String, Value>, redacted: Option<Value>) -> Part {
    let mut body = Map::new();
    body.insert("kind".into(), kind.as_str().into());
    body.insert("key".into(), key.as_str().into());
    let name = attributes.get("name").cloned();
    let mut full = body.clone();
    full.extend(attributes);
    if let Some(redacted) = redacted.filter(|list| list.as_array().is_some_and(|list| !list.is_empty())) {
        full.insert("_meta".into(), json!({ "redactedAttributes": redacted }));
    }
    let text = Value::Object(full).to_string();
    let text = if text.len() <= MAX_BODY {
        text
    } else {
        body.extend(name.filter(|name| name.to_string().len() < MAX_KEY).map(|name| ("name".to_owned(), name)));
        Value::Object(body).to_string()
    };
    Part { kind, key, body: Some(text) }
}

/// A user of an older SDK as a context (sdk-protocol.md 7.5).
fn legacy(user: Value, anonymous: &mut Vec<String>) -> Option<Vec<Part>> {
    let hidden = user.get("privateAttrs").cloned();
    let context = Context::from_value(user).ok()?;
    let Ok(Value::Object(mut object)) = serde_json::to_value(&context) else { return None };
    object.remove("kind");
    object.remove("_meta");
    if let Some(hidden) = hidden {
        object.insert("_meta".into(), json!({ "redactedAttributes": hidden }));
    }
    Some(part(USER.to_owned(), object, anonymous)?.into_iter().collect())
}
