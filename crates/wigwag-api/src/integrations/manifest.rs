//! What an integration is: data, one file each in `manifests/`. A new one is a new file and a line here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wigwag_kit::{Error, Result};

const FILES: [&str; 4] = [
    include_str!("manifests/datadog.json"),
    include_str!("manifests/http.json"),
    include_str!("manifests/msteams.json"),
    include_str!("manifests/slack.json"),
];

/// An integration.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) form_variables: Vec<Variable>,
    pub(super) endpoint: Endpoint,
    /// JSON whose texts are templates. An object of the one member `$number` is a number; one of `$entry` the whole
    /// entry.
    pub(super) body: Value,
}

/// What has to be known to call it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Variable {
    pub(super) key: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: VariableKind,
    pub(super) required: bool,
    pub(super) secret: bool,
    #[serde(default)]
    pub(super) default: Option<Value>,
    #[serde(default)]
    pub(super) allowed_values: Vec<String>,
    pub(super) description: String,
}

/// What kind of value a variable has.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum VariableKind {
    String,
    Uri,
    Boolean,
    Enum,
}

/// Whom to call; all texts are templates. A header whose value comes out empty is not sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoint {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, String>,
}

static ALL: LazyLock<Vec<Manifest>> =
    // A file that cannot be read is missing: a test reads them all.
    LazyLock::new(|| FILES.iter().filter_map(|text| serde_json::from_str(text).ok()).collect());

/// All of them, by key.
pub(super) fn manifests() -> &'static [Manifest] {
    &ALL
}

/// The integration of this key.
pub(super) fn manifest(key: &str) -> Option<&'static Manifest> {
    ALL.iter().find(|manifest| manifest.key == key)
}

impl Manifest {
    pub(super) fn is_secret(&self, key: &str) -> bool {
        self.form_variables.iter().any(|variable| variable.key == key && variable.secret)
    }

    /// Refuses values that do not fit, by name.
    pub(super) fn check(&self, config: &Map<String, Value>) -> Result<()> {
        for variable in &self.form_variables {
            let field = format!("config.{}", variable.key);
            match config.get(&variable.key) {
                None | Some(Value::Null) if variable.required => return Err(Error::missing(&field)),
                None | Some(Value::Null) => {}
                Some(value) => variable.check(&field, value)?,
            }
        }
        let known = |key: &String| self.form_variables.iter().any(|variable| variable.key == *key);
        match config.keys().find(|key| !known(key)) {
            None => Ok(()),
            Some(key) => {
                let names: Vec<_> = self.form_variables.iter().map(|v| v.key.as_str()).collect();
                let problem = format!("is not a variable of {}; there are: {}", self.key, names.join(", "));
                Err(Error::field(&format!("config.{key}"), problem))
            }
        }
    }
}

/// Longest value, in bytes.
const MAX_VALUE: usize = 4_096;

impl Variable {
    fn check(&self, field: &str, value: &Value) -> Result<()> {
        if let VariableKind::Boolean = self.kind {
            return if value.is_boolean() { Ok(()) } else { Err(Error::field(field, "must be true or false")) };
        }
        let text = value.as_str().ok_or_else(|| Error::field(field, "must be a string"))?;
        if text.is_empty() && self.required {
            return Err(Error::missing(field));
        }
        if text.len() > MAX_VALUE || text.chars().any(char::is_control) {
            return Err(Error::field(field, format_args!("must be at most {MAX_VALUE} bytes of printable text")));
        }
        match self.kind {
            VariableKind::Uri => crate::common::check_web_address(field, text),
            VariableKind::Enum if !self.allowed_values.iter().any(|allowed| allowed == text) => {
                Err(Error::field(field, format_args!("must be one of {}", self.allowed_values.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn every_file_can_be_read() {
        for text in FILES {
            let manifest: Manifest = serde_json::from_str(text).unwrap();
            assert!(super::manifest(&manifest.key).is_some());
        }
    }
}
