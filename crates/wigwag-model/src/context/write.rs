//! Writing contexts as JSON; a legacy user comes out as a context of kind `user`.

use super::{Context, Part};
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        match self.parts.as_slice() {
            [part] => {
                map.serialize_entry("kind", part.kind.as_str())?;
                fields(part, &mut map)?;
            }
            parts => {
                map.serialize_entry("kind", "multi")?;
                for part in parts {
                    map.serialize_entry(part.kind.as_str(), &Member(part))?;
                }
            }
        }
        map.end()
    }
}

/// A part inside a multi context: without its kind.
struct Member<'a>(&'a Part);

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        fields(self.0, &mut map)?;
        map.end()
    }
}

fn fields<M: SerializeMap>(part: &Part, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("key", &part.key)?;
    if let Some(name) = &part.name {
        map.serialize_entry("name", name)?;
    }
    if part.anonymous {
        map.serialize_entry("anonymous", &true)?;
    }
    for (name, value) in part.attributes.iter() {
        map.serialize_entry(name, value)?;
    }
    if !part.private.is_empty() {
        let names: Vec<String> = part.private.iter().map(|r| r.to_string()).collect();
        map.serialize_entry("_meta", &json!({ "privateAttributes": names }))?;
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Context::from_value(Value::deserialize(from)?).map_err(D::Error::custom)
    }
}
