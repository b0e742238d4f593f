//! OpenFeature's evaluation contexts as ours, by the conventions of LaunchDarkly's OpenFeature providers.

use serde_json::{Map, Value};
use wigwag_model::context::Context;

use super::answer::Failure;

/// The context of a request. `targetingKey` (or `key`) is its key, `kind` its kind (`user` where absent); of
/// kind `multi` every object in it is a context of that kind.
pub(super) fn read(body: &[u8]) -> Result<Context, Failure> {
    let mut body: Map<String, Value> = serde_json::from_slice(body).map_err(Failure::unreadable)?;
    let mut context = match body.shift_remove("context") {
        Some(Value::Object(context)) => context,
        None => Map::new(),
        Some(_) => return Err(Failure::unreadable("context must be an object")),
    };
    let read = if context.get("kind").is_some_and(|kind| kind == "multi") {
        context.shift_remove("kind");
        let parts = context.into_iter().filter_map(|(kind, part)| match part {
            Value::Object(part) => Some(single(part, Some(kind))),
            _ => None,
        });
        Context::multi(parts.collect::<Result<Vec<_>, _>>()?)
    } else {
        return single(context, None);
    };
    read.map_err(|error| Failure::context(&error))
}

fn single(mut attributes: Map<String, Value>, kind: Option<String>) -> Result<Context, Failure> {
    let given = attributes.shift_remove("kind");
    let targeting = attributes.shift_remove("targetingKey");
    let own = attributes.shift_remove("key");
    let is_key = |key: &Value| key.as_str().is_some_and(|key| !key.is_empty());
    let Some(key) = [targeting, own].into_iter().flatten().find(is_key) else {
        return Err(Failure::no_targeting_key());
    };
    let kind = kind.map(Value::String).or(given).unwrap_or_else(|| "user".into());
    // Built-in attributes of another type would make the whole context invalid: as good as not given.
    attributes.retain(|name, value| match name.as_str() {
        "name" => value.is_string(),
        "anonymous" => value.is_boolean(),
        "_meta" => false,
        _ => true,
    });
    if let Some(private) = attributes.shift_remove("privateAttributes").filter(Value::is_array) {
        attributes.insert("_meta".to_owned(), serde_json::json!({ "privateAttributes": private }));
    }
    attributes.insert("kind".to_owned(), kind);
    attributes.insert("key".to_owned(), key);
    Context::from_value(Value::Object(attributes)).map_err(|error| Failure::context(&error))
}
