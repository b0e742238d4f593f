//! Views: groups of flags and segments of a project.

use serde::{Deserialize, Serialize};

use super::Maintainer;
use crate::clock::Millis;

/// A view. What is linked to it says so itself ([`ViewLink`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// 24 hex digits.
    pub id: String,
    /// Chosen key, in lower case; never changes.
    pub key: String,
    /// Human name.
    pub name: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// Whether it is meant to have SDK keys of its own: kept and shown.
    #[serde(default)]
    pub generate_sdk_keys: bool,
    /// Tags, in the order given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<Maintainer>,
    /// When it was archived, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Millis>,
    /// When it was created.
    pub created_at: Millis,
    /// When it, or what is linked to it, was last changed.
    pub updated_at: Millis,
}

/// What a flag or a segment knows of a view that it is linked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewLink {
    /// Key of the view, in the same project.
    pub key: String,
    /// When it was linked.
    pub linked_at: Millis,
}

impl ViewLink {
    /// The keys of all.
    #[must_use]
    pub fn keys(links: &[Self]) -> Vec<String> {
        links.iter().map(|link| link.key.clone()).collect()
    }
}
