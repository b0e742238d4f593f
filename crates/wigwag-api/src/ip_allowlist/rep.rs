//! The allowlist as clients see it.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::Links;
use wigwag_model::clock::Millis;
use wigwag_model::doc::IpAllowlistEntry;

/// The list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IpAllowlistResponse")]
pub(super) struct AllowlistRep {
    #[serde(rename = "_links")]
    pub(super) links: Links,
    /// Whether it holds for people who signed in.
    #[serde(rename = "sessionAllowlistEnabled")]
    pub(super) session_enabled: bool,
    /// Whether it holds for access tokens.
    #[serde(rename = "apiTokenAllowlistEnabled")]
    pub(super) token_enabled: bool,
    /// How many entries match.
    #[serde(rename = "totalCount")]
    pub(super) total_count: u64,
    /// The page's entries.
    pub(super) entries: Vec<EntryRep>,
}

/// An entry.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IpAllowlistEntryResponse")]
pub(super) struct EntryRep {
    /// A UUID.
    #[serde(rename = "_id")]
    id: String,
    /// An address or a block in CIDR form.
    ip_address: String,
    /// What it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// The member who added it.
    #[serde(rename = "_createdByMemberId", skip_serializing_if = "Option::is_none")]
    member_id: Option<String>,
    /// When it was added.
    #[serde(rename = "_createdAt")]
    created_at: Millis,
    /// When it was last changed.
    #[serde(rename = "_updatedAt")]
    updated_at: Millis,
}

impl EntryRep {
    pub(super) fn of(entry: &IpAllowlistEntry) -> Self {
        Self {
            id: entry.id.clone(),
            ip_address: entry.ip_address.clone(),
            description: entry.description.clone(),
            member_id: entry.member_id.clone(),
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        }
    }
}
