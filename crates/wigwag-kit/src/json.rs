//! Strict reading of JSON bodies.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::named::Named;

/// Parses a body, refusing what clients surely did not mean: a member named twice.
///
/// # Errors
/// An empty body, malformed JSON, a duplicate member.
pub fn parse(body: &[u8]) -> Result<Value> {
    if body.is_empty() {
        return Err(Error::Invalid("The request needs a JSON body".to_owned()));
    }
    let mut de = serde_json::Deserializer::from_slice(body);
    let value = Strict.deserialize(&mut de).and_then(|v| de.end().map(|()| v));
    value.map_err(|e| Error::Invalid(format!("The body is not valid JSON: {e}")))
}

/// Turns a value into `T`, naming the path of what does not fit.
///
/// # Errors
/// A member that is missing or of the wrong type.
pub fn decode<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(Named(value)).map_err(named)
}

/// Reads a large body straight into `T`, without a [`Value`] in between. Members that `T` does not have may
/// be named twice.
///
/// # Errors
/// As [`parse`] and [`decode`].
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    if body.is_empty() {
        return Err(Error::Invalid("The request needs a JSON body".to_owned()));
    }
    let mut de = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut de).map_err(|e| match e.inner().classify() {
        serde_json::error::Category::Data => named(e),
        _ => Error::Invalid(format!("The body is not valid JSON: {}", e.into_inner())),
    })?;
    de.end().map_err(|e| Error::Invalid(format!("The body is not valid JSON: {e}")))?;
    Ok(value)
}

/// The refusal of a value that does not fit, by its path.
fn named(error: serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    let inner = error.into_inner().to_string();
    let missing = inner.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
    match missing.map(|(field, _)| field) {
        Some(field) if path == "." => Error::missing(field),
        Some(field) => Error::missing(&format!("{path}.{field}")),
        None if path == "." => Error::Invalid(inner),
        None => Error::field(&path, inner),
    }
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, de: D) -> std::result::Result<Value, D::Error> {
        de.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, v: bool) -> std::result::Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> std::result::Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> std::result::Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> std::result::Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E>(self, v: &str) -> std::result::Result<Value, E> {
        Ok(v.into())
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Strict)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Strict)?;
            if map.contains_key(&name) {
                return Err(serde::de::Error::custom(format_args!("duplicate member \"{name}\"")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Item {
        n: i64,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Body {
        items: Vec<Item>,
    }

    #[test]
    fn large_bodies_are_refused_by_path_too() {
        let read = |text: &str| super::read::<Body>(text.as_bytes());
        assert_eq!(read(r#" {"items": [{"n": 1, "x": []}], "y": {}} "#).unwrap(), Body { items: vec![Item { n: 1 }] });
        for (text, message) in [
            ("", "needs a JSON body"),
            ("{", "not valid JSON"),
            (r#"{"items": []} x"#, "not valid JSON"),
            ("{}", "Missing field items"),
            (r#"{"items": [{"n": 1}, {}]}"#, "Missing field items[1].n"),
            (r#"{"items": [{"n": "1"}]}"#, "items[0].n: invalid type: string"),
            (r#"{"items": [], "items": []}"#, "duplicate field `items`"),
            ("7", "invalid type: integer"),
        ] {
            let found = read(text).unwrap_err().to_string();
            assert!(found.contains(message), "{text}: {found}");
        }
    }
}
