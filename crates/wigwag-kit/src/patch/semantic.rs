//! Semantic patch: a comment and a list of instructions (semantic-patch.md 1.1).
//! What an instruction does, its resource knows; here is how it is read.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The body of a semantic patch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instructions {
    /// For the audit entry.
    pub comment: Option<String>,
    /// The environment that environment-level instructions are about.
    pub environment_key: Option<String>,
    /// At least one; each an object with a `kind`.
    pub instructions: Vec<Value>,
}

impl Instructions {
    /// The instructions, ready to be read.
    pub fn iter(&self) -> impl Iterator<Item = Instruction<'_>> {
        self.instructions.iter().enumerate().map(|(index, value)| Instruction { index, value })
    }

    /// As audit entries keep it.
    #[must_use]
    pub fn delta(&self) -> Value {
        let mut delta = Map::new();
        if let Some(key) = &self.environment_key {
            delta.insert("environmentKey".to_owned(), key.clone().into());
        }
        delta.insert("instructions".to_owned(), Value::Array(self.instructions.clone()));
        Value::Object(delta)
    }
}

/// Reads the body of a semantic patch.
///
/// # Errors
/// No instructions, an empty list, an instruction without a `kind`.
pub fn read(mut map: Map<String, Value>) -> Result<Instructions> {
    let comment = super::comment(&mut map)?;
    let environment_key = match map.remove("environmentKey") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) => Some(key),
        Some(_) => return Err(Error::field("environmentKey", "must be a string")),
    };
    let instructions = match map.remove("instructions") {
        Some(Value::Array(list)) if !list.is_empty() => list,
        Some(Value::Array(_)) => return Err(Error::field("instructions", "must not be empty")),
        Some(_) => return Err(Error::field("instructions", "must be an array")),
        None => return Err(Error::missing("instructions")),
    };
    for (i, instruction) in instructions.iter().enumerate() {
        match instruction.get("kind") {
            Some(Value::String(_)) => {}
            Some(_) => return Err(Error::field(&format!("instructions[{i}].kind"), "must be a string")),
            None if instruction.is_object() => return Err(Error::missing(&format!("instructions[{i}].kind"))),
            None => return Err(Error::field(&format!("instructions[{i}]"), "must be an object")),
        }
    }
    Ok(Instructions { comment, environment_key, instructions })
}

/// One instruction. Parameters are found without regard to case; others are ignored.
#[derive(Clone, Copy, Debug)]
pub struct Instruction<'a> {
    index: usize,
    value: &'a Value,
}

impl<'a> Instruction<'a> {
    /// What it does.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.value.get("kind").and_then(Value::as_str).unwrap_or_default()
    }

    /// A parameter as it was sent; null counts as absent.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        let members = self.value.as_object()?;
        let exact = members.get(name);
        let found = exact.or_else(|| members.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v));
        found.filter(|v| !v.is_null())
    }

    /// A parameter that may be absent.
    ///
    /// # Errors
    /// A value of another type, by path.
    pub fn optional<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        serde_path_to_error::deserialize(value).map(Some).map_err(|e| {
            let path = match e.path().to_string().as_str() {
                "." => self.path(name),
                inner if inner.starts_with('[') => format!("{}{inner}", self.path(name)),
                inner => format!("{}.{inner}", self.path(name)),
            };
            Error::field(&path, e.into_inner())
        })
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// None, or a value of another type, by path.
    pub fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        self.optional(name)?.ok_or_else(|| Error::missing(&self.path(name)))
    }

    /// A refusal of the parameter `name`.
    #[must_use]
    pub fn problem(&self, name: &str, problem: impl std::fmt::Display) -> Error {
        Error::field(&self.path(name), problem)
    }

    /// The refusal of a kind that the resource does not know.
    #[must_use]
    pub fn unsupported(&self) -> Error {
        Error::field(&self.path("kind"), format_args!("instruction kind '{}' unsupported", self.kind()))
    }

    fn path(&self, name: &str) -> String {
        format!("instructions[{}].{name}", self.index)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use serde_json::json;

    use super::*;

    fn instructions(value: Value) -> Result<Instructions> {
        let Value::Object(map) = value else { panic!("an object") };
        read(map)
    }

    #[test]
    fn parameters_in_any_case() {
        let all = instructions(json!({"comment": "c", "environmentKey": "e",
            "instructions": [{"kind": "k", "OnVariationValue": "x", "values": ["a", 7], "nothing": null}]}));
        let all = all.unwrap();
        let one = all.iter().next().unwrap();
        assert_eq!(one.kind(), "k");
        assert_eq!(one.required::<String>("onVariationValue").unwrap(), "x");
        assert_eq!(one.optional::<String>("nothing").unwrap(), None);
        let error = one.required::<Vec<String>>("values").unwrap_err().to_string();
        assert!(error.starts_with("instructions[0].values[1]: "), "{error}");
        assert_eq!(one.required::<bool>("on").unwrap_err().to_string(), "Missing field instructions[0].on");
        assert!(one.unsupported().to_string().contains("instruction kind 'k' unsupported"));
    }

    #[test]
    fn refusals_name_the_place() {
        for (body, place) in [
            (json!({}), "instructions"),
            (json!({"instructions": []}), "instructions"),
            (json!({"instructions": {}}), "instructions"),
            (json!({"instructions": [{}]}), "instructions[0].kind"),
            (json!({"instructions": [{"kind": "a"}, 3]}), "instructions[1]"),
            (json!({"instructions": [{"kind": 1}]}), "instructions[0].kind"),
            (json!({"instructions": [{"kind": "a"}], "comment": 1}), "comment"),
            (json!({"instructions": [{"kind": "a"}], "environmentKey": 1}), "environmentKey"),
        ] {
            let error = instructions(body.clone()).unwrap_err().to_string();
            assert!(error.contains(place), "{body}: {error}");
        }
    }
}
