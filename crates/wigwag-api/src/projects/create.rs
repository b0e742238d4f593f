//! New projects.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{ClientSideAvailability, Environment, NamingConvention, Project};
use wigwag_model::id::Ids;
use wigwag_model::key::MAX_PROJECT_KEY;
use wigwag_store::Expect;

use super::rep::new_project_rep;
use super::{patch, target};
use crate::common::{check_key, check_name, check_tags};
use crate::environments::{self, EnvironmentPost};
use crate::read::{Loaded, environment_key, project_index, project_key, project_spec, put_environment};
use wigwag_kit::resource::retried;

/// What a client says about a new project.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectPost {
    /// Human name.
    pub name: String,
    /// Chosen key, unique in the account.
    pub key: String,
    /// Older form of the next member.
    #[serde(default)]
    pub include_in_snippet_by_default: Option<bool>,
    /// What new flags get.
    #[serde(default)]
    pub default_client_side_availability: Option<ClientSideAvailability>,
    /// Tags.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Environments; `test` and `production` when absent.
    #[serde(default)]
    pub environments: Option<Vec<EnvironmentPost>>,
    /// Rule for the keys of new flags.
    #[serde(default)]
    pub naming_convention: Option<NamingConvention>,
}

impl ProjectPost {
    /// A project with nothing but its name and key said.
    #[must_use]
    pub fn named(name: &str, key: &str) -> Self {
        Self {
            name: name.to_owned(),
            key: key.to_owned(),
            include_in_snippet_by_default: None,
            default_client_side_availability: None,
            tags: None,
            environments: None,
            naming_convention: None,
        }
    }
}

/// A new project and its environments, in the order given.
///
/// # Errors
/// 400 naming the field.
pub fn draft(post: ProjectPost, ids: &Ids, now: Millis) -> Result<(Project, Vec<Environment>)> {
    check_name("name", &post.name)?;
    check_key("key", &post.key, MAX_PROJECT_KEY)?;
    patch::check_naming(post.naming_convention.as_ref())?;
    let included = post.include_in_snippet_by_default.unwrap_or_default();
    let availability = post
        .default_client_side_availability
        .unwrap_or(ClientSideAvailability { using_mobile_key: true, using_environment_id: included });
    let project = Project {
        id: ids.object_id(),
        key: post.key,
        name: post.name,
        tags: check_tags("tags", post.tags.unwrap_or_default())?,
        include_in_snippet_by_default: availability.using_environment_id,
        default_client_side_availability: availability,
        naming_convention: post.naming_convention,
        flag_defaults: None,
        settings: serde_json::Map::new(),
        created_at: now,
    };
    let posts = post.environments.filter(|e| !e.is_empty()).unwrap_or_else(|| environments::defaults().into());
    let mut drafts: Vec<Environment> = Vec::with_capacity(posts.len());
    for (at, post) in posts.into_iter().enumerate() {
        let at = format!("environments[{at}].");
        if drafts.iter().any(|e| e.key == post.key()) {
            return Err(Error::field(&format!("{at}key"), "two environments cannot have the same key"));
        }
        if post.source.is_some() {
            return Err(Error::field(&format!("{at}source"), "a new project has no environment to copy from"));
        }
        drafts.push(environments::draft(post, &at, ids, now)?);
    }
    Ok((project, drafts))
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: ProjectPost = request.json()?;
    retried(false, || attempt(&ctx, post.clone())).await
}

async fn attempt(ctx: &Ctx, post: ProjectPost) -> Result<Reply> {
    let (value, drafts) = draft(post, &ctx.app.ids, ctx.app.clock.now())?;
    let spec = project_spec(&value);
    let proof = ctx.authorise("createProject", &spec)?;
    let key = project_key(&value.key);
    if ctx.store().get(&key).await?.is_some() {
        return Err(Error::Conflict("Account already has a project with that key".to_owned()));
    }
    let project = Loaded { value, version: 1, key, spec };
    let mut change = Change::new(Proofs::of(proof), "created the project", target(&project));
    write(&mut change, ctx, &project.value, &drafts)?;
    change.commit(ctx).await?;
    Reply::json(&new_project_rep(ctx, &project, drafts))
}

/// Writes a new project and its environments.
///
/// # Errors
/// A fault of ours.
pub(crate) fn write(change: &mut Change, ctx: &Ctx, project: &Project, environments: &[Environment]) -> Result<()> {
    change.put(project_key(&project.key), Expect::Absent, project, project_index(project))?;
    for environment in environments {
        let key = environment_key(&project.key, &environment.key);
        put_environment(change, ctx, key, Expect::Absent, environment)?;
    }
    Ok(())
}
