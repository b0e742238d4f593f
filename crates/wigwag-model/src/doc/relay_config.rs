//! A Relay Proxy configuration.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;

/// Which environments a Relay Proxy serves, and the key it proves itself by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelayConfig {
    /// 24 hex digits.
    pub id: String,
    /// Human name.
    pub name: String,
    /// Statements that select environments, as sent.
    pub policy: Vec<Value>,
    /// SHA-256 of the key, hex. Keys carry 122 random bits, so a plain hash suffices.
    pub key_hash: String,
    /// Last four characters of the key.
    pub ending: String,
    /// The key before the last reset, while it stays valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousRelayKey>,
    /// The member who made it; none where nobody stood behind the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator_id: Option<String>,
    /// When it was created.
    pub created_at: Millis,
    /// When it was last changed.
    pub modified_at: Millis,
}

/// The key of a configuration before its last reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousRelayKey {
    /// SHA-256, hex.
    pub hash: String,
    /// Time after which it is refused.
    pub expiry: Millis,
}
