//! A context kind.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// A kind of context that a project knows. `user` is always there and needs no document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextKind {
    /// The kind.
    pub key: String,
    /// Human name.
    pub name: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// Counted for clients; rises with every change.
    pub version: u64,
    /// Not offered for targeting.
    #[serde(default)]
    pub archived: bool,
    /// `manual`, or `auto-add` if it was met in events before.
    pub created_from: String,
    /// When it was created.
    pub created_at: Millis,
    /// When it last changed.
    pub last_modified: Millis,
}
