//! Custom roles: named policies for members, teams and tokens. access-control.md 2.3 and 3.
//!
//! They are stored by id and addressed by id or key. A policy is kept and shown as it was sent; what could not mean
//! anything in it is refused with its place.

mod delete;
pub(crate) mod presets;
mod rep;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_auth::policy;
use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::resource::{About, Account, Search, Stored};
use wigwag_kit::{ApiVersion, Ctx, Dialects, Error, Operations, Page, Request, Resource, Result, Spec, Standard};
use wigwag_model::doc::{BasePermissions, CustomRole, Kind};
use wigwag_model::key::MAX_KEY;
use wigwag_store::{IndexFacts, Predicate};

use crate::common::{Giving, check_key, check_name, largest_page};
use crate::read;

pub use rep::CustomRoleRep;

/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 4_096;
/// Most statements of a policy.
const MAX_STATEMENTS: usize = 1_000;

/// The operations on custom roles.
#[must_use]
pub fn ops() -> Operations {
    Standard::<Roles>::new()
        .list("getCustomRoles")
        .create("postCustomRole")
        .get("getCustomRole")
        .patch("patchCustomRole")
        .table()
        .on("deleteCustomRole", Access::Actions(&["deleteRole"]), delete::delete)
}

/// A new custom role.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CustomRolePost")]
pub struct RolePost {
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// Statements; may be empty.
    policy: Vec<Value>,
    /// What its holders may do before the policy is asked; `no_access` when absent.
    #[serde(default)]
    base_permissions: Option<BasePermissions>,
    /// What it is meant for.
    #[serde(default)]
    resource_category: Option<ResourceCategory>,
}

/// What a role is meant for.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResourceCategory {
    /// What belongs to the account.
    Organization,
    /// What belongs to projects.
    Project,
    /// Both.
    Any,
}

impl ResourceCategory {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Project => "project",
            Self::Any => "any",
        }
    }
}

/// A role for projects speaks of nothing else, one for the organization of everything else.
fn check_category(role: &CustomRole) -> Result<()> {
    // The statements that came with a preset need not keep to it, nor need those beside them.
    if role.preset_version.is_some() {
        return Ok(());
    }
    let of_projects = match role.resource_category.as_deref() {
        Some("project") => true,
        Some("organization") => false,
        _ => return Ok(()),
    };
    for (at, statement) in role.policy.iter().enumerate() {
        for list in ["resources", "notResources"] {
            let texts = statement[list].as_array().into_iter().flatten().filter_map(Value::as_str);
            let other = |text: &str| text.starts_with("proj/") != of_projects;
            if let Some((nth, text)) = texts.enumerate().find(|(_, text)| other(text)) {
                let category = if of_projects { "project" } else { "organization" };
                let field = format!("policy[{at}].{list}[{nth}]");
                return Err(Error::field(&field, format_args!("{text} is not for a role of the category {category}")));
            }
        }
    }
    Ok(())
}

/// The part of a role that a patch may touch.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    name: String,
    #[serde(default)]
    description: Option<String>,
    base_permissions: BasePermissions,
    policy: Vec<Value>,
}

/// The kind.
pub enum Roles {}

impl Resource for Roles {
    type Doc = CustomRole;
    type Parent = Account;
    type Create = RolePost;
    type Edit = Edit;
    type Facts = ();
    type Rep = CustomRoleRep;

    const ABOUT: About = About {
        kind: Kind::CustomRole,
        noun: "role",
        create: "createRole",
        delete: "deleteRole",
        view: None,
        dialects: Dialects::JSON_OR_MERGE,
        edits: &[
            ("name", "updateName"),
            ("description", "updateDescription"),
            ("basePermissions", "updateBasePermissions"),
            ("policy", "updatePolicy"),
        ],
        instructions: &[],
        secrets: &[],
    };

    async fn create(ctx: &Ctx, _: &Account, input: RolePost) -> Result<CustomRole> {
        let now = ctx.app.clock.now();
        Ok(CustomRole {
            id: ctx.app.ids.object_id(),
            key: input.key,
            name: input.name,
            description: input.description.unwrap_or_default(),
            base_permissions: input.base_permissions.unwrap_or_default(),
            policy: input.policy,
            resource_category: input.resource_category.map(|category| category.as_str().to_owned()),
            preset_version: None,
            preset_statements: Vec::new(),
            created_at: now,
            modified_at: now,
        })
    }

    fn key(role: &CustomRole) -> &str {
        &role.id
    }

    fn name(role: &CustomRole) -> &str {
        &role.name
    }

    fn spec(role: &CustomRole, _: &Account) -> Spec {
        Spec::top("role", &role.key)
    }

    async fn resolve(ctx: &Ctx, _: &Account, key: &str) -> Result<String> {
        Ok(read::custom_role_id(ctx, key).await?.unwrap_or_else(|| key.to_owned()))
    }

    fn href(role: &CustomRole, _: &Account) -> String {
        path(&["roles", &role.key])
    }

    fn site(role: &CustomRole, _: &Account) -> String {
        format!("/settings/roles/{}", role.key)
    }

    fn edit(role: &CustomRole) -> Edit {
        Edit {
            name: role.name.clone(),
            description: Some(role.description.clone()),
            base_permissions: role.base_permissions,
            policy: role.policy.clone(),
        }
    }

    fn set(role: &mut CustomRole, edit: Edit) {
        role.name = edit.name;
        role.description = edit.description.unwrap_or_default();
        role.base_permissions = edit.base_permissions;
        role.policy = edit.policy;
    }

    fn check(role: &CustomRole) -> Result<()> {
        check_key("key", &role.key, MAX_KEY)?;
        check_name("name", &role.name)?;
        if role.description.chars().count() > MAX_DESCRIPTION {
            let problem = format_args!("must be at most {MAX_DESCRIPTION} characters long");
            return Err(Error::field("description", problem));
        }
        if role.policy.len() > MAX_STATEMENTS {
            return Err(Error::field("policy", format_args!("must hold at most {MAX_STATEMENTS} statements")));
        }
        policy::check(&role.policy).map_err(|problem| Error::Invalid(format!("policy{problem}")))?;
        presets::check(role)?;
        check_category(role)
    }

    /// A new role is nobody's yet.
    async fn given(ctx: &Ctx, before: Option<&CustomRole>, after: &CustomRole) -> Result<()> {
        match before {
            Some(before) => Giving::of(ctx).await?.role(before, after),
            None => Ok(()),
        }
    }

    fn touch(role: &mut CustomRole, ctx: &Ctx) {
        role.modified_at = ctx.app.clock.now();
    }

    fn index(role: &CustomRole) -> IndexFacts {
        IndexFacts::new().text("name", &role.name).unique(read::ROLE_KEY, role.key.as_str())
    }

    fn search(request: &Request) -> Result<Search> {
        let default = (request.version >= ApiVersion::V20240415).then_some(20);
        let page = Page::of(request, default, largest_page(request.version))?;
        Ok(Search { filter: Predicate::All, sort: Vec::new(), page })
    }

    fn rep(role: &CustomRole, _: u64, parent: &Account) -> CustomRoleRep {
        rep::plain(role, parent)
    }

    async fn reps(ctx: &Ctx, _: &Request, at: &Account, roles: Vec<Stored<CustomRole>>) -> Result<Vec<CustomRoleRep>> {
        rep::counted(ctx, at, roles).await
    }
}
