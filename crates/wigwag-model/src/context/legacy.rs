//! Legacy users: context JSON without `kind` (evaluation §3.4, sdk-protocol §7.5).

use super::parse::{boolean, key, text, texts};
use super::{Attributes, ContextError, Part};
use crate::kind::Kind;
use crate::reference::AttributeRef;
use serde_json::{Map, Value};

/// Optional texts of a legacy user that became ordinary attributes.
const TOP_LEVEL: [&str; 6] = ["firstName", "lastName", "email", "country", "avatar", "ip"];
/// Names that `custom` cannot set.
const RESERVED: [&str; 5] = ["kind", "key", "name", "anonymous", "_meta"];

pub(super) fn user(mut object: Map<String, Value>) -> Result<Part, ContextError> {
    // The key of a legacy user may be empty.
    let mut part = Part::new(Kind::User, key(&mut object)?.into());
    part.name = text(&mut object, "name")?.map(String::into_boxed_str);
    part.anonymous = boolean(&mut object, "anonymous")?;

    let mut attributes = Map::new();
    for name in TOP_LEVEL {
        if let Some(value) = text(&mut object, name)? {
            attributes.insert(name.to_string(), Value::String(value));
        }
    }
    // `secondary` is checked and dropped: no engine uses it any more.
    text(&mut object, "secondary")?;
    match object.shift_remove("custom") {
        None | Some(Value::Null) => {}
        Some(Value::Object(custom)) => {
            let allowed = custom.into_iter().filter(|(name, _)| !RESERVED.contains(&name.as_str()));
            attributes.extend(allowed);
        }
        Some(_) => return Err(ContextError::Type("custom")),
    }
    part.attributes = Attributes::from_distinct(attributes.into_iter());

    let names = texts(object.shift_remove("privateAttributeNames"), "privateAttributeNames")?;
    part.private = names.iter().filter_map(|name| AttributeRef::literal(name).ok()).collect();
    Ok(part)
}
