//! The parameters of one instruction. Names are matched without regard to case.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wigwag_kit::{Error, Result, json};
use wigwag_model::doc::Flag;

/// One instruction as sent: its `kind` and its parameters side by side.
#[derive(Clone, Copy)]
pub struct Params<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Params<'a> {
    /// The value sent under `name`, null included.
    pub(crate) fn raw(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).or_else(|| {
            let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value)
        })
    }

    /// The value under `name`; null counts as absent.
    pub(crate) fn optional(self, name: &str) -> Option<&'a Value> {
        self.raw(name).filter(|value| !value.is_null())
    }

    fn required(self, name: &str) -> Result<&'a Value> {
        self.optional(name).ok_or_else(|| Error::missing(name))
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.optional(name).is_some()
    }

    pub(crate) fn text(self, name: &str) -> Result<&'a str> {
        text(name, self.required(name)?)
    }

    pub(crate) fn optional_text(self, name: &str) -> Result<Option<&'a str>> {
        self.optional(name).map(|value| text(name, value)).transpose()
    }

    pub(crate) fn boolean(self, name: &str) -> Result<bool> {
        self.required(name)?.as_bool().ok_or_else(|| Error::field(name, "must be true or false"))
    }

    pub(crate) fn list(self, name: &str) -> Result<&'a [Value]> {
        let list = self.required(name)?.as_array().ok_or_else(|| Error::field(name, "must be an array"))?;
        Ok(list)
    }

    pub(crate) fn texts(self, name: &str) -> Result<Vec<&'a str>> {
        self.list(name)?.iter().enumerate().map(|(i, value)| text(&format!("{name}[{i}]"), value)).collect()
    }

    /// The value under `name` as a `T`; errors name the path within it.
    pub(crate) fn decode<T: DeserializeOwned>(self, name: &str) -> Result<T> {
        decode(name, self.required(name)?)
    }

    /// The index of the variation whose id is under `name`.
    pub(crate) fn variation(self, name: &str, flag: &Flag) -> Result<usize> {
        variation_index(name, self.text(name)?, flag)
    }
}

pub(crate) fn decode<T: DeserializeOwned>(path: &str, value: &Value) -> Result<T> {
    json::decode(value.clone()).map_err(|error| match error {
        Error::Invalid(problem) => Error::field(path, problem),
        other => other,
    })
}

pub(crate) fn variation_index(name: &str, id: &str, flag: &Flag) -> Result<usize> {
    let found = flag.variations.iter().position(|variation| variation.id == id);
    found.ok_or_else(|| Error::Invalid(format!("{name} must be a valid variation id '{id}'")))
}

fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str> {
    value.as_str().ok_or_else(|| Error::field(name, "must be a string"))
}
