//! What a flag is in every environment.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ViewLink;
use crate::clock::Millis;

/// The part of a flag that all environments share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flag {
    /// Chosen key.
    pub key: String,
    /// Human name.
    pub name: String,
    /// Human description, may be empty.
    #[serde(default)]
    pub description: String,
    /// `boolean` or `multivariate`.
    pub kind: FlagKind,
    /// At least one; configurations refer to them by index.
    pub variations: Vec<Variation>,
    /// What new environments start with.
    pub defaults: Defaults,
    /// Meant to be removed one day.
    pub temporary: bool,
    /// Tags, in the order given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The views that it is linked to, the first linked first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<ViewLink>,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<Maintainer>,
    /// Which client-side SDKs see it.
    pub client_side_availability: ClientSideAvailability,
    /// By key, in the order given.
    #[serde(default)]
    pub custom_properties: IndexMap<String, CustomProperty>,
    /// When it was archived, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Millis>,
    /// When it was deprecated, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_at: Option<Millis>,
    /// `migration`, `holdout` or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Present on migration flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration_settings: Option<MigrationSettings>,
    /// When it was created.
    pub created_at: Millis,
}

/// Whether the values are exactly true and false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FlagKind {
    /// Variations `true` and `false`.
    Boolean,
    /// Any other variations.
    Multivariate,
}

/// One of the values a flag can have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variation {
    /// UUID.
    pub id: String,
    /// Any JSON, kept as written.
    pub value: Value,
    /// Optional name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Optional description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Indexes of the variations that new environments start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Defaults {
    /// Served when on and nothing else matches.
    pub on_variation: usize,
    /// Served when off.
    pub off_variation: usize,
}

/// Who looks after a flag: a member's id or a team's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Maintainer {
    /// A member, by id.
    Member(String),
    /// A team, by key.
    Team(String),
}

/// Which client-side SDKs see a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSideAvailability {
    /// SDKs that use a mobile key.
    pub using_mobile_key: bool,
    /// SDKs that use a client-side ID.
    pub using_environment_id: bool,
}

/// Extra data for integrations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomProperty {
    /// Human name.
    pub name: String,
    /// Values, at most 64.
    pub value: Vec<String>,
}

/// How a migration flag stages its migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MigrationSettings {
    /// Context kind, for six stages only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// 2, 4 or 6.
    pub stage_count: u32,
}
