//! A store elsewhere that members of big segments are written to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Sealed;
use crate::clock::Millis;

/// A persistent store of an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersistentStore {
    /// 24 hex digits.
    pub id: String,
    /// What it is: `redis`.
    pub integration_key: String,
    /// Human name.
    pub name: String,
    /// How to reach it. The secret values are here in memory only.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// The secret values, as they are stored.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sealed: BTreeMap<String, Sealed>,
    /// Whether it is kept up to date.
    pub on: bool,
    /// Tags, in the order given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When it was created.
    pub created_at: Millis,
}
