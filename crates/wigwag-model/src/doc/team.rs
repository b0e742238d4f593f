//! A team.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// A team of members and what it gives them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// Who it is to the directory that provisions it by SCIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Chosen key.
    pub key: String,
    /// Human name.
    pub name: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// Ids of its members, in the order they came.
    #[serde(default)]
    pub member_ids: Vec<String>,
    /// Keys of its custom roles, in the order they came.
    #[serde(default)]
    pub custom_role_keys: Vec<String>,
    /// Values that the policies of its roles may refer to.
    #[serde(default)]
    pub role_attributes: IndexMap<String, Vec<String>>,
    /// Rights on the team itself, given to members.
    #[serde(default)]
    pub permission_grants: Vec<PermissionGrant>,
    /// When it was created.
    pub created_at: Millis,
    /// When it was last changed.
    pub modified_at: Millis,
}

/// Rights on a team for some members: a named set of actions, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionGrant {
    /// A named set of actions, such as `maintainTeam`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_set: Option<String>,
    /// Actions by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// Who may; they need not be members of the team.
    pub member_ids: Vec<String>,
}
