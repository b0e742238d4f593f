//! A project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ClientSideAvailability;
use crate::clock::Millis;

/// A project: the home of flags and environments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// 24 hex digits.
    pub id: String,
    /// Chosen key.
    pub key: String,
    /// Human name.
    pub name: String,
    /// Tags, in the order given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Older form of `default_client_side_availability.using_environment_id`, kept in step with it.
    #[serde(default)]
    pub include_in_snippet_by_default: bool,
    /// What new flags get.
    pub default_client_side_availability: ClientSideAvailability,
    /// Rule for the keys of new flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naming_convention: Option<NamingConvention>,
    /// Templates of the console for new flags, as put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_defaults: Option<Value>,
    /// Settings that clients store and read back unchanged (`requireViewAssociationForNewFlags`…).
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub settings: serde_json::Map<String, Value>,
    /// When it was created.
    pub created_at: Millis,
}

/// How the keys of new flags must be written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NamingConvention {
    /// `camelCase`, `upperCamelCase`, `snakeCase`, `kebabCase`, `constantCase` or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// What every key starts with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}
