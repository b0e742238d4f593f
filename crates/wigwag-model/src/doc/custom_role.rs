//! A custom role.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;

/// A named policy that members, teams and tokens can be given (access-control.md 2.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomRole {
    /// 24 hex digits.
    pub id: String,
    /// Chosen key; never changes.
    pub key: String,
    /// Human name.
    pub name: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// What its holders may do before the policy is asked.
    pub base_permissions: BasePermissions,
    /// Statements as sent, in the order sent.
    #[serde(default)]
    pub policy: Vec<Value>,
    /// `organization`, `project` or `any`; never changes. Absent when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_category: Option<String>,
    /// Present for a role that came with Wigwag: which edition of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset_version: Option<u32>,
    /// The statements of such a role that came with it; those of the account are in `policy`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preset_statements: Vec<Value>,
    /// When it was created.
    pub created_at: Millis,
    /// When it was last changed.
    pub modified_at: Millis,
}

impl CustomRole {
    /// Every statement that counts: those that came with the role, then those of the account.
    #[must_use]
    pub fn statements(&self) -> Vec<Value> {
        self.preset_statements.iter().chain(&self.policy).cloned().collect()
    }
}

/// What a custom role begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BasePermissions {
    /// Nothing.
    #[default]
    NoAccess,
    /// Everything can be seen.
    Reader,
}
