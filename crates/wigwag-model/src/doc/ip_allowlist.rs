//! From which network addresses the account can be used.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// The one allowlist of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpAllowlist {
    /// Whether it holds for people who signed in.
    pub session_enabled: bool,
    /// Whether it holds for access tokens.
    pub token_enabled: bool,
    /// In the order they came.
    pub entries: Vec<IpAllowlistEntry>,
}

/// An address or a block of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpAllowlistEntry {
    /// A UUID.
    pub id: String,
    /// An IPv4 or IPv6 address, or a block in CIDR form.
    pub ip_address: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// The member who added it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<String>,
    /// When it was added.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}
