//! A webhook.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Sealed;
use crate::clock::Millis;

/// An HTTP callback for changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// 24 hex digits.
    pub id: String,
    /// Human name, may be empty.
    #[serde(default)]
    pub name: String,
    /// Where audit entries are posted.
    pub url: String,
    /// Key of the signature; none for unsigned calls. In the clear only in memory, and in what was stored before
    /// secrets were sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The same, as it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_secret: Option<Sealed>,
    /// Policy statements that select entries, as sent; none selects flag changes in production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<Vec<Value>>,
    /// Whether it is called.
    pub on: bool,
    /// Tags, in the order given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When it was created.
    pub created_at: Millis,
}
