//! What people noted of an application that SDKs report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// Notes on an application. That it is there at all is told by events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// The id that SDKs report.
    pub key: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Where it runs, if somebody said so: `browser`, `mobile` or `server`.
    #[serde(default)]
    pub kind: Option<String>,
    /// When it was deleted. It is there again once it is reported later.
    #[serde(default)]
    pub deleted_at: Option<Millis>,
    /// Notes on its versions.
    #[serde(default)]
    pub versions: BTreeMap<String, ApplicationVersion>,
}

/// Notes on a version of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationVersion {
    /// Whether it is supported.
    pub supported: bool,
    /// When it was deleted. It is there again once it is reported later.
    #[serde(default)]
    pub deleted_at: Option<Millis>,
}

impl Default for ApplicationVersion {
    fn default() -> Self {
        Self { supported: true, deleted_at: None }
    }
}
