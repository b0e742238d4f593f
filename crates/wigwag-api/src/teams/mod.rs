//! Teams of members. semantic-patch.md 10.

mod bulk;
mod instructions;
mod parts;
mod projects;
pub mod rep;
mod upload;

use std::collections::HashSet;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::patch::{self, Instruction, Patch};
use wigwag_kit::resource::{About, Account, Search, Stored};
use wigwag_kit::{
    Collection, Ctx, Dialects, Error, Operations, Page, Request, Resource, Result, Spec, Standard, filter, sort,
};
use wigwag_model::doc::{Kind, PermissionGrant, Team};
use wigwag_model::key::MAX_KEY;
use wigwag_store::{IndexFacts, Predicate};

use crate::common::{Giving, check_key, check_name, check_role_attributes, unique};
use crate::read::{self, GivenRoles, MemberSummary};

pub use rep::{TeamRep, TeamRole};

const VIEW: Access = Access::Actions(&["viewTeam"]);

/// The operations on teams.
#[must_use]
pub fn ops() -> Operations {
    let bulk = Operations::operation("patchTeams", Access::Actions(&["updateTeamMembers"]), bulk::patch)
        .body::<patch::Body>()
        .reply::<bulk::BulkRep>();
    Standard::<Teams>::new()
        .list("getTeams")
        .create("postTeam")
        .get("getTeam")
        .patch("patchTeam")
        .delete("deleteTeam")
        .table()
        .with(bulk)
        .with(
            Operations::operation("getTeamMaintainers", VIEW, parts::maintainers).reply::<Collection<MemberSummary>>(),
        )
        .with(Operations::operation("getTeamRoles", VIEW, parts::roles).reply::<Collection<TeamRole>>())
        .with(
            Operations::operation("postTeamMembers", Access::Actions(&["updateTeamMembers"]), upload::upload)
                .body_limit(upload::LARGEST + 64 * 1024)
                .reply::<upload::UploadRep>(),
        )
}

/// A new team.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamPost {
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// Ids of its members.
    #[serde(default, rename = "memberIDs")]
    member_ids: Option<Vec<String>>,
    /// Keys of its custom roles.
    #[serde(default)]
    custom_role_keys: Option<Vec<String>>,
    /// Values that the policies of its roles may refer to.
    #[serde(default)]
    #[schemars(with = "Option<std::collections::BTreeMap<String, Vec<String>>>")]
    role_attributes: Option<IndexMap<String, Vec<String>>>,
    /// Rights on the team itself.
    #[serde(default)]
    permission_grants: Option<Vec<GrantPost>>,
}

/// Rights on a team: either a named set of actions, or actions.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrantPost {
    /// A named set of actions: `maintainTeam`.
    #[serde(default)]
    action_set: Option<String>,
    /// Actions by name.
    #[serde(default)]
    actions: Option<Vec<String>>,
    /// Who may.
    #[serde(default, rename = "memberIDs")]
    member_ids: Option<Vec<String>>,
}

impl GrantPost {
    fn read(self, field: &str) -> Result<PermissionGrant> {
        let actions = self.actions.unwrap_or_default();
        match &self.action_set {
            Some(set) if set != "maintainTeam" => {
                return Err(Error::field(&format!("{field}.actionSet"), "must be maintainTeam"));
            }
            Some(_) if !actions.is_empty() => {
                return Err(Error::field(field, "must have either actionSet or actions"));
            }
            None if actions.is_empty() => return Err(Error::missing(&format!("{field}.actionSet"))),
            _ => {}
        }
        let member_ids = self.member_ids.unwrap_or_default();
        Ok(PermissionGrant { action_set: self.action_set, actions, member_ids })
    }
}

/// Members and roles that a patch names and that exist.
#[derive(Default)]
pub struct Facts {
    members: HashSet<String>,
    roles: GivenRoles,
}

impl Facts {
    async fn load(ctx: &Ctx, ids: &[&str], roles: &[String]) -> Result<Self> {
        let members = read::members_by_id(ctx, ids.iter().copied()).await?.into_keys().collect();
        Ok(Self { members, roles: GivenRoles::named(ctx, roles).await? })
    }

    fn check(&self, field: &str, ids: &[String]) -> Result<()> {
        match ids.iter().find(|id| !self.members.contains(*id)) {
            None => Ok(()),
            Some(id) => Err(Error::field(field, format_args!("there is no member {id}"))),
        }
    }
}

/// Most members of one team.
const MOST_MEMBERS: usize = 50_000;

/// The kind.
pub enum Teams {}

impl Resource for Teams {
    type Doc = Team;
    type Parent = Account;
    type Create = TeamPost;
    type Edit = Edit;
    type Facts = Facts;
    type Rep = TeamRep;

    const ABOUT: About = About {
        kind: Kind::Team,
        noun: "team",
        create: "createTeam",
        delete: "deleteTeam",
        view: Some("viewTeam"),
        dialects: Dialects::SEMANTIC,
        edits: &[],
        instructions: instructions::ACTIONS,
        secrets: &[],
    };

    async fn create(ctx: &Ctx, _: &Account, input: TeamPost) -> Result<Team> {
        let grants = input.permission_grants.unwrap_or_default().into_iter().enumerate();
        let grants: Result<Vec<_>> = grants.map(|(i, g)| g.read(&format!("permissionGrants[{i}]"))).collect();
        let (grants, members) = (grants?, unique(input.member_ids.unwrap_or_default()));
        let granted = grants.iter().flat_map(|g| &g.member_ids);
        let named: Vec<&str> = members.iter().chain(granted).map(String::as_str).collect();
        let roles = input.custom_role_keys.unwrap_or_default();
        let facts = Facts::load(ctx, &named, &roles).await?;
        facts.check("memberIDs", &members)?;
        grants.iter().try_for_each(|g| facts.check("permissionGrants.memberIDs", &g.member_ids))?;
        let now = ctx.app.clock.now();
        Ok(Team {
            external_id: None,
            key: input.key,
            name: input.name,
            description: input.description.unwrap_or_default(),
            member_ids: members,
            custom_role_keys: facts.roles.keys("customRoleKeys", &roles)?,
            role_attributes: input.role_attributes.unwrap_or_default(),
            permission_grants: grants,
            created_at: now,
            modified_at: now,
        })
    }

    fn key(team: &Team) -> &str {
        &team.key
    }

    fn name(team: &Team) -> &str {
        &team.name
    }

    fn spec(team: &Team, _: &Account) -> Spec {
        read::team_spec(team)
    }

    fn href(team: &Team, _: &Account) -> String {
        path(&["teams", &team.key])
    }

    fn site(team: &Team, _: &Account) -> String {
        format!("/settings/teams/{}", team.key)
    }

    fn edit(team: &Team) -> Edit {
        Edit {
            name: team.name.clone(),
            description: team.description.clone(),
            members: team.member_ids.clone(),
            custom_roles: team.custom_role_keys.clone(),
            role_attributes: team.role_attributes.clone(),
            permission_grants: team.permission_grants.clone(),
        }
    }

    /// Teams are changed by instructions only.
    fn set(_: &mut Team, _: Edit) {}

    fn check(team: &Team) -> Result<()> {
        check_key("key", &team.key, MAX_KEY)?;
        check_name("name", &team.name)?;
        check_role_attributes("roleAttributes", &team.role_attributes)?;
        if team.member_ids.len() > MOST_MEMBERS {
            return Err(Error::field("memberIDs", format_args!("must be at most {MOST_MEMBERS} members")));
        }
        Ok(())
    }

    async fn given(ctx: &Ctx, before: Option<&Team>, after: &Team) -> Result<()> {
        Giving::of(ctx).await?.team(before, after)
    }

    fn touch(team: &mut Team, ctx: &Ctx) {
        team.modified_at = ctx.app.clock.now();
    }

    fn deletable(team: &Team) -> Result<()> {
        if team.member_ids.is_empty() {
            return Ok(());
        }
        Err(Error::Conflict("The team still has members. Remove them first".to_owned()))
    }

    async fn facts(ctx: &Ctx, _: &Account, patch: &Patch) -> Result<Facts> {
        let Patch::Semantic(all) = patch else { return Ok(Facts::default()) };
        let members: Vec<&str> = all.iter().flat_map(|i| instructions::members(&i)).collect();
        let roles: Vec<String> = all.iter().flat_map(|i| instructions::roles(&i)).map(str::to_owned).collect();
        Facts::load(ctx, &members, &roles).await
    }

    fn instruct(team: &mut Team, facts: &Facts, instruction: &Instruction<'_>) -> Result<()> {
        instructions::apply(team, facts, instruction)
    }

    fn index(team: &Team) -> IndexFacts {
        read::team_index(team)
    }

    fn search(request: &Request) -> Result<Search> {
        let mut all = Vec::new();
        for term in filter::colon::parse(request.query("filter").unwrap_or(""), &["query", "nomembers"])? {
            all.push(match term.field.as_str() {
                "query" => Predicate::any_contains(&["name", "key"], &term.value),
                _ => {
                    let none = Predicate::NumberRange { field: "memberCount".to_owned(), min: None, max: Some(0) };
                    if term.flag()? { none } else { Predicate::Not(Box::new(none)) }
                }
            });
        }
        let sort = sort::parse(request, &["name", "memberCount"])?;
        let page = Page::of(request, Some(20), crate::common::largest_page(request.version))?;
        Ok(Search { filter: Predicate::And(all), sort, page })
    }

    fn rep(team: &Team, version: u64, parent: &Account) -> TeamRep {
        rep::plain(team, version, parent)
    }

    async fn reps(ctx: &Ctx, request: &Request, at: &Account, teams: Vec<Stored<Team>>) -> Result<Vec<TeamRep>> {
        rep::expanded(ctx, request, at, teams).await
    }
}

/// What instructions change; for the description of an audit entry.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    name: String,
    description: String,
    members: Vec<String>,
    custom_roles: Vec<String>,
    role_attributes: IndexMap<String, Vec<String>>,
    permission_grants: Vec<PermissionGrant>,
}
