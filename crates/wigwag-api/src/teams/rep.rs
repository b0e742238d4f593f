//! A team as clients see it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::resource::{Account, Stored};
use wigwag_kit::{ApiVersion, Collection, Ctx, Expand, Links, Page, Request, Resource, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Project, Team};

use super::Teams;
use super::projects::Writes;
use crate::read::{self, GivenRoles, MemberSummary, summary_of};

/// A team.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Team")]
pub struct TeamRep {
    /// Itself, its parent and its roles and maintainers.
    #[serde(rename = "_links")]
    links: Links,
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
    /// What it is for.
    description: String,
    /// When it was created.
    #[serde(rename = "_creationDate")]
    created_at: Millis,
    /// When it was last changed.
    #[serde(rename = "_lastModified")]
    modified_at: Millis,
    /// Counts its changes.
    #[serde(rename = "_version")]
    version: u64,
    /// Whether an identity provider keeps it.
    #[serde(rename = "_idpSynced")]
    idp_synced: bool,
    /// With `expand=members`.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Count>,
    /// With `expand=roles`.
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Collection<TeamRole>>,
    /// With `expand=roleAttributes`.
    #[serde(rename = "roleAttributes", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<std::collections::BTreeMap<String, Vec<String>>>")]
    role_attributes: Option<IndexMap<String, Vec<String>>>,
    /// With `expand=projects`: those that its roles let it write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    projects: Option<Projects>,
    /// With `expand=maintainers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    maintainers: Option<Collection<MemberSummary>>,
}

/// How many there are.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    total_count: u64,
}

/// A role of a team.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TeamCustomRole")]
pub struct TeamRole {
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
    /// Projects that it lets its holders write to.
    projects: Projects,
}

/// Projects that somebody may write to.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TeamProjects")]
pub struct Projects {
    total_count: u64,
    items: Vec<ProjectSummary>,
}

/// A project in short.
#[derive(Serialize, JsonSchema)]
pub struct ProjectSummary {
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_id")]
    id: String,
    key: String,
    name: String,
}

impl Projects {
    fn of(writable: Vec<&Project>) -> Self {
        let item = |project: &&Project| ProjectSummary {
            links: Links::new().own(path(&["projects", &project.key])),
            id: project.id.clone(),
            key: project.key.clone(),
            name: project.name.clone(),
        };
        Self { total_count: writable.len() as u64, items: writable.iter().map(item).collect() }
    }
}

/// What roles and projects of teams are shown from; empty where nobody asks.
#[derive(Default)]
pub(super) struct Around {
    roles: GivenRoles,
    writes: Writes,
}

impl Around {
    /// GivenRoles by key, and the projects that the caller sees.
    pub(super) async fn load(ctx: &Ctx, keys: Vec<String>) -> Result<Self> {
        Ok(Self { roles: GivenRoles::named(ctx, &keys).await?, writes: Writes::load(ctx).await? })
    }

    /// A role of a team; one that is gone goes by its key.
    pub(super) fn role(&self, team: &Team, key: &str) -> TeamRole {
        let role = self.roles.get(key);
        let projects = role.map(|role| self.writes.of(&[role], &team.role_attributes)).unwrap_or_default();
        let name = role.map_or(key, |role| &role.name).to_owned();
        TeamRole { key: key.to_owned(), name, projects: Projects::of(projects) }
    }

    fn projects(&self, team: &Team) -> Projects {
        let roles: Vec<_> = team.custom_role_keys.iter().filter_map(|key| self.roles.get(key)).collect();
        Projects::of(self.writes.of(&roles, &team.role_attributes))
    }
}

/// Without expansions.
pub(super) fn plain(team: &Team, version: u64, parent: &Account) -> TeamRep {
    let own = Teams::href(team, parent);
    TeamRep {
        links: Links::new()
            .parent(path(&["teams"]))
            .to("roles", format!("{own}/roles"))
            .to("maintainers", format!("{own}/maintainers"))
            .own(own),
        key: team.key.clone(),
        name: team.name.clone(),
        description: team.description.clone(),
        created_at: team.created_at,
        modified_at: team.modified_at,
        version,
        idp_synced: false,
        members: None,
        roles: None,
        role_attributes: None,
        projects: None,
        maintainers: None,
    }
}

/// With what `expand` asks for; members are loaded for all teams at once.
pub(super) async fn expanded(
    ctx: &Ctx,
    request: &Request,
    parent: &Account,
    teams: Vec<Stored<Team>>,
) -> Result<Vec<TeamRep>> {
    let expand = Expand::of(request);
    // Lists stopped to show what is costly.
    let list = request.method == http::Method::GET && request.params.is_empty();
    let costly = |name: &str| expand.has(name) && !(list && ctx.version >= ApiVersion::V20240415);
    let around = match costly("roles") || costly("projects") {
        true => {
            Around::load(ctx, teams.iter().flat_map(|t| t.value.custom_role_keys.iter().cloned()).collect()).await?
        }
        false => Around::default(),
    };
    let wanted = teams.iter().filter(|_| expand.has("maintainers")).flat_map(|t| maintainers(&t.value));
    let members = read::members_by_id(ctx, wanted).await?;
    let mut reps = Vec::with_capacity(teams.len());
    for Stored { value: team, version } in &teams {
        let mut rep = plain(team, *version, parent);
        let part = |name: &str| Request::new(http::Method::GET, &format!("{}/{name}", Teams::href(team, parent)));
        let page = Page { limit: Some(25), offset: 0 };
        if expand.has("members") {
            rep.members = Some(Count { total_count: team.member_ids.len() as u64 });
        }
        if costly("roles") {
            let role = |key: &String| around.role(team, key);
            let total = team.custom_role_keys.len() as u64;
            let items = page.cut(team.custom_role_keys.iter().map(role)).collect();
            rep.roles = Some(Collection::new(items, total, &page, &part("roles")?));
        }
        if expand.has("roleAttributes") {
            rep.role_attributes = Some(team.role_attributes.clone());
        }
        if costly("projects") {
            rep.projects = Some(around.projects(team));
        }
        if expand.has("maintainers") {
            let all: Vec<_> = maintainers(team).filter_map(|id| members.get(id)).map(summary_of).collect();
            let total = all.len() as u64;
            let items = page.cut(all).collect();
            rep.maintainers = Some(Collection::new(items, total, &page, &part("maintainers")?));
        }
        reps.push(rep);
    }
    Ok(reps)
}

/// Those with the grant `maintainTeam`.
pub(super) fn maintainers(team: &Team) -> impl Iterator<Item = &str> {
    let grants = team.permission_grants.iter().filter(|g| g.action_set.as_deref() == Some("maintainTeam"));
    grants.flat_map(|g| &g.member_ids).map(String::as_str)
}
