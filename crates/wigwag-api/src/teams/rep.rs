//! A team as clients see it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::resource::{Account, Stored};
use wigwag_kit::{Collection, Ctx, Expand, Links, Page, Request, Resource, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Team;

use super::Teams;
use crate::read::{self, MemberSummary, summary_of};

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
pub struct TeamRole {
    key: String,
    name: String,
}

/// Projects of a team. Roles grant nothing yet, so there are none.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Projects {
    total_count: u64,
    items: Vec<TeamRole>,
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
        if expand.has("roles") {
            let role = |key: &String| TeamRole { key: key.clone(), name: key.clone() };
            let total = team.custom_role_keys.len() as u64;
            let items = page.cut(team.custom_role_keys.iter().map(role)).collect();
            rep.roles = Some(Collection::new(items, total, &page, &part("roles")?));
        }
        if expand.has("roleAttributes") {
            rep.role_attributes = Some(team.role_attributes.clone());
        }
        if expand.has("projects") {
            rep.projects = Some(Projects::default());
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
fn maintainers(team: &Team) -> impl Iterator<Item = &str> {
    let grants = team.permission_grants.iter().filter(|g| g.action_set.as_deref() == Some("maintainTeam"));
    grants.flat_map(|g| &g.member_ids).map(String::as_str)
}
