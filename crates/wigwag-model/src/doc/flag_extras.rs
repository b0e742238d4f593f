//! What hangs on a flag and goes with it: triggers, links, followers.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Millis;

/// A URL that switches a flag in one environment when it is posted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// 24 hex digits.
    pub id: String,
    /// Key of the flag.
    pub flag: String,
    /// What calls it: `generic-trigger`, `datadog`…
    pub integration_key: String,
    /// What it does.
    pub action: TriggerAction,
    /// Human description, may be empty.
    #[serde(default)]
    pub comment: String,
    /// The member who made it; none for service tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer_id: Option<String>,
    /// Whether calls do anything.
    pub enabled: bool,
    /// SHA-256 of the secret part of the URL, hex. It carries 122 random bits, so a plain hash suffices.
    pub secret_hash: String,
    /// The secret part of the URL, while it is new; never stored.
    #[serde(skip)]
    pub secret: Option<String>,
    /// How often it did something.
    #[serde(default)]
    pub count: u64,
    /// When it last did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_triggered_at: Option<Millis>,
    /// When it last could not do what it was called for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failed_at: Option<Millis>,
    /// What it was last sent, newest first.
    #[serde(default)]
    pub recent_bodies: Vec<TriggerBody>,
    /// When it was created.
    pub created_at: Millis,
}

/// What a trigger does to its flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TriggerAction {
    /// Turns targeting on.
    TurnFlagOn,
    /// Turns targeting off.
    TurnFlagOff,
}

/// One call of a trigger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerBody {
    /// When it came.
    pub timestamp: Millis,
    /// The JSON object it brought, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_body: Option<Map<String, Value>>,
}

/// A reference from a flag to something elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagLink {
    /// 24 hex digits.
    pub id: String,
    /// Key of the flag.
    pub flag: String,
    /// Chosen key, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The integration it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_key: Option<String>,
    /// Where it leads.
    pub deep_link: String,
    /// When what it leads to belongs to.
    pub timestamp: Millis,
    /// May be empty.
    #[serde(default)]
    pub title: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// What the integration wants kept.
    #[serde(default)]
    pub metadata: IndexMap<String, String>,
    /// Who made it; none for service tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<String>,
    /// When it was created.
    pub created_at: Millis,
}

/// A member who follows a flag in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagFollower {
    /// Key of the flag.
    pub flag: String,
    /// Id of the member.
    pub member_id: String,
    /// Since when.
    pub created_at: Millis,
}
