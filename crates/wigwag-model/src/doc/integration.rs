//! A subscription of an integration to the audit log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Sealed;
use crate::clock::Millis;

/// An audit log subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// 24 hex digits.
    pub id: String,
    /// Which integration: `slack`, `datadog`…
    pub integration_key: String,
    /// Human name.
    pub name: String,
    /// Values of the integration's variables. The secret ones are here in memory only.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// The secret values, as they are stored.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sealed: BTreeMap<String, Sealed>,
    /// Policy statements that select entries, as sent; none selects flag changes in production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<Vec<Value>>,
    /// Whether it is told of entries.
    pub on: bool,
    /// Tags, in the order given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When it was created.
    pub created_at: Millis,
}
