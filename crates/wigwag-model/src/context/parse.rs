//! Reading context JSON (evaluation §3.4): accepts and rejects as the Go SDK does, and takes
//! `"anonymous": null` for false as Rust and JS do.

use super::{Attributes, Context, Part, legacy};
use crate::kind::Kind;
use crate::reference::AttributeRef;
use serde_json::{Map, Value};

/// Why a JSON value is no valid context.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// Not a JSON object.
    #[error("context must be a JSON object")]
    NotAnObject,
    /// Text that is not JSON.
    #[error("context is not valid JSON: {0}")]
    Json(String),
    /// Illegal characters, a reserved word, or not a string.
    #[error("context kind is not valid: {0}")]
    Kind(String),
    /// No key, or one that is not a string.
    #[error("context key must be a string")]
    Key,
    /// The key is `""`.
    #[error("context key must not be empty")]
    EmptyKey,
    /// A property has the wrong JSON type.
    #[error("context property {0} has the wrong type")]
    Type(&'static str),
    /// A multi context without members.
    #[error("multi-kind context has no members")]
    NoParts,
    /// A multi context with two members of one kind.
    #[error("multi-kind context has two members of kind {0}")]
    DuplicateKind(String),
}

impl Context {
    /// Reads a context from JSON text.
    pub fn from_json(text: &[u8]) -> Result<Context, ContextError> {
        let value = serde_json::from_slice(text).map_err(|e| ContextError::Json(e.to_string()))?;
        Context::from_value(value)
    }

    /// Reads a single-kind, multi-kind or legacy user context from parsed JSON.
    pub fn from_value(value: Value) -> Result<Context, ContextError> {
        let Value::Object(mut object) = value else {
            return Err(ContextError::NotAnObject);
        };
        match object.shift_remove("kind") {
            None => Ok(Context { parts: vec![legacy::user(object)?] }),
            Some(Value::String(kind)) if kind == "multi" => multi(object),
            Some(Value::String(kind)) => Ok(Context { parts: vec![part(&kind, object)?] }),
            Some(other) => Err(ContextError::Kind(other.to_string())),
        }
    }
}

fn multi(members: Map<String, Value>) -> Result<Context, ContextError> {
    let member = |(kind, value): (String, Value)| match value {
        Value::Object(object) if object.contains_key("kind") => Err(ContextError::Type("kind")),
        Value::Object(object) => part(&kind, object),
        _ => Err(ContextError::NotAnObject),
    };
    Context::from_parts(members.into_iter().map(member).collect::<Result<_, _>>()?)
}

fn part(kind: &str, mut object: Map<String, Value>) -> Result<Part, ContextError> {
    let kind = Kind::parse(kind).ok_or_else(|| ContextError::Kind(kind.to_string()))?;
    let key = key(&mut object)?;
    if key.is_empty() {
        return Err(ContextError::EmptyKey);
    }
    let mut part = Part::new(kind, key.into());
    part.name = text(&mut object, "name")?.map(String::into_boxed_str);
    part.anonymous = boolean(&mut object, "anonymous")?;
    part.private = private(object.shift_remove("_meta"))?;
    part.attributes = Attributes::from_distinct(object.into_iter());
    Ok(part)
}

pub(super) fn key(object: &mut Map<String, Value>) -> Result<String, ContextError> {
    match object.shift_remove("key") {
        Some(Value::String(key)) => Ok(key),
        _ => Err(ContextError::Key),
    }
}

/// An optional text property; null is absent.
pub(super) fn text(object: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, ContextError> {
    match object.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ContextError::Type(name)),
    }
}

/// An optional boolean property; null is false.
pub(super) fn boolean(object: &mut Map<String, Value>, name: &'static str) -> Result<bool, ContextError> {
    match object.shift_remove(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(yes)) => Ok(yes),
        Some(_) => Err(ContextError::Type(name)),
    }
}

/// A list of texts; null is empty.
pub(super) fn texts(value: Option<Value>, name: &'static str) -> Result<Vec<String>, ContextError> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(list) => serde_json::from_value(list).map_err(|_| ContextError::Type(name)),
    }
}

/// `_meta.privateAttributes`; references that are not valid address nothing and are dropped.
fn private(meta: Option<Value>) -> Result<Vec<AttributeRef>, ContextError> {
    let list = match meta {
        None | Some(Value::Null) => None,
        Some(Value::Object(mut meta)) => meta.shift_remove("privateAttributes"),
        Some(_) => return Err(ContextError::Type("_meta")),
    };
    let names = texts(list, "_meta.privateAttributes")?;
    Ok(names.iter().filter_map(|name| AttributeRef::parse(name).ok()).collect())
}
