//! A project as the API shows it.

use http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use wigwag_kit::links::{Links, path};
use wigwag_kit::{ApiVersion, Collection, Ctx, Expand, Page, Request, Result, page};
use wigwag_model::doc::{ClientSideAvailability, Environment, NamingConvention, Project};

use super::before_expansions;
use crate::read::{self, EnvironmentRep, Loaded, environment_key, environment_rep, environment_spec};

/// Environments embedded in one page of a project.
const EMBEDDED: u32 = 20;

/// A project.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectRep {
    /// Itself, its environments and its flag defaults.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Chosen key.
    key: String,
    /// Older form of `defaultClientSideAvailability.usingEnvironmentId`.
    include_in_snippet_by_default: bool,
    /// What new flags get.
    default_client_side_availability: ClientSideAvailability,
    /// Human name.
    name: String,
    /// Tags.
    tags: Vec<String>,
    /// Rule for the keys of new flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    naming_convention: Option<NamingConvention>,
    /// Environments: a list where they are always embedded, a page where they are expanded.
    #[serde(skip_serializing_if = "Option::is_none")]
    environments: Option<Environments>,
    /// Settings that are stored and read back.
    #[serde(flatten)]
    settings: Map<String, Value>,
}

/// The two forms of embedded environments.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Environments {
    /// All of them.
    List(Vec<EnvironmentRep>),
    /// The first page.
    Page(Collection<EnvironmentRep>),
}

/// How a project shows its environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Embed {
    /// Not at all.
    No,
    /// All, as a list.
    List,
    /// The first page, as an object.
    Page,
}

impl Embed {
    /// What a version shows, given what was expanded (behaviour.md 8).
    pub(super) fn of(version: ApiVersion, expand: &Expand) -> Self {
        match (before_expansions(version), expand.has("environments")) {
            (true, _) => Self::List,
            (false, true) => Self::Page,
            (false, false) => Self::No,
        }
    }
}

/// Shows a project to the caller.
pub(super) async fn project_rep(ctx: &Ctx, project: &Loaded<Project>, embed: Embed) -> Result<ProjectRep> {
    let environments = match embed {
        Embed::No => None,
        Embed::List | Embed::Page => Some(environments(ctx, project, embed).await?),
    };
    Ok(rep(&project.value, environments))
}

/// Shows a project that was just made: its environments in the order they were given.
pub(super) fn new_project_rep(ctx: &Ctx, project: &Loaded<Project>, environments: Vec<Environment>) -> ProjectRep {
    let key = &project.value.key;
    let shown = environments.into_iter().map(|value| {
        let (at, spec) = (environment_key(key, &value.key), environment_spec(&project.spec, &value));
        environment_rep(ctx, key, &Loaded { value, version: 1, key: at, spec })
    });
    rep(&project.value, Some(Environments::List(shown.collect())))
}

fn rep(value: &Project, environments: Option<Environments>) -> ProjectRep {
    let own = path(&["projects", &value.key]);
    ProjectRep {
        links: Links::new()
            .own(own.clone())
            .to("environments", format!("{own}/environments"))
            .to("flagDefaults", format!("{own}/flag-defaults")),
        id: value.id.clone(),
        key: value.key.clone(),
        include_in_snippet_by_default: value.include_in_snippet_by_default,
        default_client_side_availability: value.default_client_side_availability,
        name: value.name.clone(),
        tags: value.tags.clone(),
        naming_convention: value.naming_convention.clone(),
        environments,
        settings: value.settings.clone(),
    }
}

async fn environments(ctx: &Ctx, project: &Loaded<Project>, embed: Embed) -> Result<Environments> {
    let key = &project.value.key;
    let all = read::environments(ctx, project).await?;
    let shown = all.iter().map(|e| environment_rep(ctx, key, e));
    if embed == Embed::List {
        return Ok(Environments::List(shown.collect()));
    }
    let page = Page { limit: Some(EMBEDDED), offset: 0 };
    let total = all.len() as u64;
    let own = Request::new(Method::GET, &path(&["projects", key, "environments"]))?;
    let links = page::links(&page, total, &own);
    Ok(Environments::Page(Collection { items: page.cut(shown).collect(), links, total_count: total }))
}
