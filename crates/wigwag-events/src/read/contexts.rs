//! Contexts in events: whole, as keys only, or as the users of older SDKs (sdk-protocol.md 6.4, 6.7, 6.8).

use std::sync::Arc;

use serde_json::{Map, Value, json};
use wigwag_model::context::Context;
use wigwag_model::kind::Kind;
use wigwag_store::volume::{Part, hash_of_key};

use super::keys::{self, Form};
use super::private;
use super::usage::MAX_KINDS;

/// Longer keys are not kept.
pub(super) const MAX_KEY: usize = 1000;
/// Longer kinds are not kept.
pub(super) const MAX_KIND: usize = 100;
/// Of longer contexts only kind, key and name are kept.
const MAX_BODY: usize = 32 << 10;
/// The kind of users.
pub(super) const USER: &str = "user";

/// What an event says about its context, in one of the forms.
#[derive(Default)]
pub(super) struct Said {
    /// The parts that are kept, by kind. None if they are not valid.
    pub(super) parts: Vec<Part>,
    /// Kinds of the parts that were left out because they are anonymous.
    pub(super) anonymous: Vec<String>,
    /// All parts, to be counted.
    pub(super) counted: Vec<Counted>,
    /// Kinds and keys of all parts as a JSON object.
    pub(super) keys: Arc<str>,
    /// Kinds of all parts, of some at most.
    pub(super) kinds: Vec<String>,
    /// Something is said, and nothing of it had to be left out.
    pub(super) is_clear: bool,
}

/// A part as it is counted.
pub(super) struct Counted {
    pub(super) kind: Box<str>,
    pub(super) anonymous: bool,
    /// [`hash_of_key`] of its key.
    pub(super) hash: u64,
}

impl Said {
    /// Of the text of the property.
    pub(super) fn by(form: Form, text: &str) -> Self {
        let Ok(Value::Object(told)) = serde_json::from_str(text) else { return Self::of(&[]) };
        let mut said = Self::of(&keys::of(form, &told));
        if let Some(kinds) = kinds(form, &told) {
            said.kinds = kinds;
        }
        let stated = match told.get("kind").and_then(Value::as_str) {
            _ if form == Form::Keys => told.len(),
            Some("multi") if form == Form::Context => told.len() - 1,
            _ => 1,
        };
        let parts = match form {
            Form::Context => whole(told, &mut said.anonymous),
            Form::Keys => Some(told.into_iter().filter_map(|(kind, key)| bare(kind, key.as_str()?)).collect()),
            Form::User => legacy(told, &mut said.anonymous),
        };
        // What is anonymous is counted and not kept, what has no valid kind the other way round.
        let read = if form == Form::Keys { parts.as_ref().map(Vec::len) } else { Some(said.counted.len()) };
        said.is_clear = stated > 0 && read == Some(stated) && parts.is_some();
        said.keep(parts.unwrap_or_default())
    }

    /// Of the key of a user.
    pub(super) fn by_user_key(key: &str, anonymous: bool) -> Self {
        let part = bare(USER.to_owned(), key).filter(|_| !anonymous);
        let said = Self::of(keys::of_user_key(key, anonymous).as_slice());
        Self { is_clear: !said.counted.is_empty(), ..said }.keep(part.into_iter().collect())
    }

    /// Of an event that says nothing.
    pub(super) fn nothing() -> Self {
        Self::of(&[])
    }

    fn of(keys: &[keys::Key<'_>]) -> Self {
        let by_kind: Map<String, Value> = keys.iter().map(|each| (each.kind.to_owned(), each.key.into())).collect();
        let counted = |key: &keys::Key<'_>| Counted {
            kind: key.kind.into(),
            anonymous: key.anonymous,
            hash: hash_of_key(key.kind, key.key),
        };
        Self {
            counted: keys.iter().map(counted).collect(),
            keys: Value::Object(by_kind).to_string().into(),
            kinds: vec![USER.to_owned()],
            ..Self::default()
        }
    }

    fn keep(self, mut parts: Vec<Part>) -> Self {
        parts.sort_by(|a, b| a.kind.cmp(&b.kind));
        parts.dedup_by(|a, b| a.kind == b.kind);
        Self { parts, ..self }
    }
}

/// Kinds that an evaluation counts for; nothing for users.
fn kinds(form: Form, told: &Map<String, Value>) -> Option<Vec<String>> {
    let named = || Some(told.keys().filter(|kind| *kind != "kind").take(MAX_KINDS).cloned().collect());
    match (form, told.get("kind").and_then(Value::as_str)) {
        (Form::Keys, _) | (Form::Context, Some("multi")) => named(),
        (Form::Context, Some(kind)) => Some(vec![kind.to_owned()]),
        (Form::Context, None) | (Form::User, _) => None,
    }
}

/// A part of which only the key is known.
fn bare(kind: String, key: &str) -> Option<Part> {
    let fits = kind.len() <= MAX_KIND && !key.is_empty() && key.len() <= MAX_KEY && Kind::parse(&kind).is_some();
    fits.then(|| Part { kind, key: key.to_owned(), body: None })
}

/// The parts of a context as SDKs write it today; a context without kind is a user.
fn whole(mut object: Map<String, Value>, anonymous: &mut Vec<String>) -> Option<Vec<Part>> {
    let Some(kind) = object.remove("kind") else { return legacy(object, anonymous) };
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
    let redacted = private::hide(&mut object);
    object.remove("_meta");
    object.retain(|name, value| !value.is_null() && !name.is_empty() && name != "kind" && name != "anonymous");
    Some(Some(made(kind, key, object, redacted)))
}

fn made(kind: String, key: String, attributes: Map<String, Value>, redacted: Vec<String>) -> Part {
    let mut body = Map::new();
    body.insert("kind".into(), kind.as_str().into());
    body.insert("key".into(), key.as_str().into());
    let name = attributes.get("name").cloned();
    let mut full = body.clone();
    full.extend(attributes);
    if !redacted.is_empty() {
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
fn legacy(mut user: Map<String, Value>, anonymous: &mut Vec<String>) -> Option<Vec<Part>> {
    // Before it is converted, for a context names private what it has elsewhere and otherwise.
    let redacted = private::hide(&mut user);
    let context = Context::from_value(user.into()).ok()?;
    let Ok(Value::Object(mut object)) = serde_json::to_value(&context) else { return None };
    object.remove("kind");
    object.insert("_meta".into(), json!({ "redactedAttributes": redacted }));
    Some(part(USER.to_owned(), object, anonymous)?.into_iter().collect())
}
