//! Creating flags, from scratch or as a clone of another.

mod body;
mod clone;
mod migration;
mod naming;

use std::collections::BTreeMap;

use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::{Environment, Flag, Project};
use wigwag_store::Expect;

pub use body::FeatureFlagBody;

use super::answer::{self, Versions};
use super::facts::Facts;
use super::load::{self, Found, config_key, flag_key};
use super::state::FlagState;
use super::{access, audit, config_for_new_environment, index, validate, write};
use crate::read::{Loaded, NamedViews, require_views, segments_in_use};

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || attempt(&ctx, &request)).await
}

async fn attempt(ctx: &Ctx, request: &Request) -> Result<Reply> {
    let (project, environments) = load::surroundings(ctx, request.param("projectKey"), &[]).await?;
    let body: FeatureFlagBody = request.json()?;
    let source = match request.query("clone") {
        Some(key) => Some(load::find(ctx, &project.value.key, key, &[]).await?.state),
        None => None,
    };
    let facts = load::facts(ctx, &project.value.key, body.wanted()).await?;
    let envs: Vec<_> = environments.iter().map(|loaded| &loaded.value).collect();
    let views = views(ctx, &project, &body).await?;
    let mut state = match &source {
        Some(source) => clone::state(&body, source, &facts)?,
        None => state(&body, &project.value, &envs, creator(ctx), &facts)?,
    };
    state.flag.views = views.links(facts.now);
    naming::check(&state.flag.key, project.value.naming_convention.as_ref())?;
    validate::new_state(&state, source.as_ref(), &facts)?;
    let mut proofs = proofs(ctx, &project.value, &envs, &state.flag, source.as_ref())?;
    views.authorise(ctx, "linkFlagToView")?.into_iter().for_each(|proof| proofs.add(proof));
    let verb = if source.is_some() { "cloned the flag" } else { "created the flag" };
    let mut change = Change::new(proofs, verb, audit::target(&project.value, &state, &envs));
    // Environments come and go with a new version of their project: then all this is out of date.
    change.require(project.key.clone(), Expect::Version(project.version));
    facts.requires.into_iter().for_each(|(flag, expect)| change.require(flag, expect));
    for (env, config) in &state.configs {
        let asked = segments_in_use(ctx, &project.value.key, env, &write::asked(config)).await?;
        asked.into_iter().for_each(|(segment, expect)| change.require(segment, expect));
    }
    let versions = save(ctx, change, &project.value, &state, views).await?;
    let found = Found { project, environments, state, version: versions.0, versions: versions.1 };
    let versions = Versions { flag: found.version, configs: &found.versions };
    answer::flag(ctx, request, &found, &found.state, &versions).await
}

/// The views that the flag is to be linked to, which a project may require.
async fn views(ctx: &Ctx, project: &Loaded<Project>, body: &FeatureFlagBody) -> Result<NamedViews> {
    let keys = body.view_keys.as_deref().unwrap_or_default();
    require_views(&project.value, "requireViewAssociationForNewFlags", keys)?;
    NamedViews::load(ctx, project, "viewKeys", keys).await
}

/// The member who creates; service tokens leave no maintainer.
fn creator(ctx: &Ctx) -> Option<&str> {
    ctx.caller.acting_member().map(|member| member.id.as_str())
}

fn state(
    body: &FeatureFlagBody,
    project: &Project,
    environments: &[&Environment],
    creator: Option<&str>,
    facts: &Facts<'_>,
) -> Result<FlagState> {
    let flag = body.flag(project, creator, facts)?;
    let prerequisites = body.prerequisites(&flag.key, facts)?;
    let mut configs = BTreeMap::new();
    for environment in environments {
        let mut config = config_for_new_environment(&flag, environment, None, facts.ids, facts.now);
        config.on = body.is_flag_on.unwrap_or(false);
        config.prerequisites.clone_from(&prerequisites);
        configs.insert(environment.key.clone(), config);
    }
    Ok(FlagState { flag, configs })
}

fn proofs(
    ctx: &Ctx,
    project: &Project,
    environments: &[&Environment],
    flag: &Flag,
    source: Option<&FlagState>,
) -> Result<Proofs> {
    let mut list = access::everywhere(ctx, "createFlag", project, environments, flag)?;
    if let Some(FlagState { flag, .. }) = source {
        list.extend(access::everywhere(ctx, "cloneFlag", project, environments, flag)?);
    }
    Proofs::from_list(list).ok_or_else(|| Error::Internal("a project without environments".to_owned()))
}

/// Writes the flag and its configurations in one commit.
async fn save(
    ctx: &Ctx,
    mut change: Change,
    project: &Project,
    state: &FlagState,
    views: NamedViews,
) -> Result<(u64, BTreeMap<String, u64>)> {
    let FlagState { flag, configs } = state;
    change.put(flag_key(&project.key, &flag.key), Expect::Absent, flag, index::flag(flag))?;
    for (env, config) in configs {
        let key = config_key(&project.key, env, &flag.key);
        change.put(key, Expect::Any, config, index::config(config))?;
    }
    views.touched(&mut change, ctx.app.clock.now())?;
    let committed = match change.commit(ctx).await {
        Err(Error::OptimisticLocking(_)) if ctx.store().get(&flag_key(&project.key, &flag.key)).await?.is_some() => {
            return Err(Error::Conflict("A feature with that key already exists".to_owned()));
        }
        outcome => outcome?,
    };
    let mut versions = committed.versions.into_iter();
    let flag_version = versions.next().unwrap_or(1);
    Ok((flag_version, configs.keys().cloned().zip(versions).collect()))
}
