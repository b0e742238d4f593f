//! A custom role as clients see it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_kit::resource::{Account, Stored};
use wigwag_kit::{Ctx, Links, Resource, Result};
use wigwag_model::doc::{BasePermissions, CustomRole};

use super::Roles;
use crate::read::Holders;

/// A custom role.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CustomRole")]
pub struct CustomRoleRep {
    /// Itself and the list.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// Statements of the account, as sent.
    policy: Vec<Value>,
    /// What its holders may do before the policy is asked.
    base_permissions: BasePermissions,
    /// `organization`, `project` or `any`.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_category: Option<String>,
    /// Which edition of it, if the role came with Wigwag.
    #[serde(rename = "_presetBundleVersion", skip_serializing_if = "Option::is_none")]
    preset_bundle_version: Option<u32>,
    /// Its statements that came with Wigwag: they count before those of `policy` and cannot be changed.
    #[serde(rename = "_presetStatements", skip_serializing_if = "Option::is_none")]
    preset_statements: Option<Vec<Value>>,
    /// How many hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<AssignedTo>,
}

/// How many hold a role.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssignedTo {
    /// Members it is given to directly.
    members_count: u64,
    /// Teams it is given to.
    teams_count: u64,
}

/// Without counts.
pub(super) fn plain(role: &CustomRole, parent: &Account) -> CustomRoleRep {
    CustomRoleRep {
        links: Links::new().own(Roles::href(role, parent)).parent(wigwag_kit::links::path(&["roles"])),
        id: role.id.clone(),
        key: role.key.clone(),
        name: role.name.clone(),
        description: role.description.clone(),
        policy: role.policy.clone(),
        base_permissions: role.base_permissions,
        resource_category: role.resource_category.clone(),
        preset_bundle_version: role.preset_version,
        preset_statements: role.preset_version.map(|_| role.preset_statements.clone()),
        assigned_to: None,
    }
}

/// With how many hold each.
pub(super) async fn counted(ctx: &Ctx, parent: &Account, roles: Vec<Stored<CustomRole>>) -> Result<Vec<CustomRoleRep>> {
    if roles.is_empty() {
        return Ok(Vec::new());
    }
    let holders = Holders::load(ctx).await?;
    let counted = |role: &CustomRole| {
        let assigned_to = Some(AssignedTo {
            members_count: holders.members_with(role).count() as u64,
            teams_count: holders.teams_with(role).count() as u64,
        });
        CustomRoleRep { assigned_to, ..plain(role, parent) }
    };
    Ok(roles.iter().map(|stored| counted(&stored.value)).collect())
}
