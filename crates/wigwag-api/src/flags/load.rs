//! Reading flags with what surrounds them.

use std::collections::BTreeMap;

use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{Environment, Flag, FlagConfig, Kind, Maintainer, Project};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{Doc, DocKey, Expect};

use super::config_for_new_environment;
use super::facts::{Facts, Wanted};
use super::rep::Maintainers;
use super::state::FlagState;
use crate::read::{Loaded, environment_not_found, environments, members_by_id, project};

/// A flag as it is stored, in its project.
pub(crate) struct Found {
    pub(crate) project: Loaded<Project>,
    /// Those asked for, in the project's order.
    pub(crate) environments: Vec<Loaded<Environment>>,
    pub(crate) state: FlagState,
    /// Store version of the flag's document.
    pub(crate) version: u64,
    /// Store versions of the configurations, by environment key. One that is absent was never
    /// stored: its environment was made while the flag was.
    pub(crate) versions: BTreeMap<String, u64>,
}

impl Found {
    pub(crate) fn environments(&self) -> Vec<&Environment> {
        self.environments.iter().map(|loaded| &loaded.value).collect()
    }

    pub(crate) fn environment(&self, key: &str) -> Result<&Environment> {
        let found = self.environments.iter().find(|loaded| loaded.value.key == key);
        found.map(|loaded| &loaded.value).ok_or_else(|| environment_not_found(key))
    }
}

pub(crate) fn flag_key(project: &str, flag: &str) -> DocKey {
    DocKey::in_project(Kind::Flag, project, flag)
}

pub(crate) fn config_key(project: &str, env: &str, flag: &str) -> DocKey {
    DocKey::in_env(Kind::FlagConfig, project, env, flag)
}

pub(crate) fn not_found(flag: &str) -> Error {
    Error::NotFound(format!("Unknown feature flag key {flag}"))
}

/// The project and those of its environments that are named, or all.
///
/// # Errors
/// 404 for a project or environment that does not exist, 403 for a hidden project.
pub(crate) async fn surroundings(
    ctx: &Ctx,
    project_key: &str,
    only: &[&str],
) -> Result<(Loaded<Project>, Vec<Loaded<Environment>>)> {
    let project = project(ctx, project_key).await?;
    let mut list = environments(ctx, &project).await?;
    if let Some(unknown) = only.iter().find(|key| !list.iter().any(|loaded| loaded.value.key == **key)) {
        return Err(environment_not_found(unknown));
    }
    if !only.is_empty() {
        list.retain(|loaded| only.contains(&loaded.value.key.as_str()));
    }
    Ok((project, list))
}

/// One flag with its configurations in the environments named, or in all.
///
/// # Errors
/// 404 for whatever does not exist, 403 for a hidden project.
pub(crate) async fn find(ctx: &Ctx, project: &str, flag: &str, only: &[&str]) -> Result<Found> {
    let (project, environments) = surroundings(ctx, project, only).await?;
    if !is_key(flag, MAX_KEY) {
        return Err(not_found(flag));
    }
    let mut keys = vec![flag_key(&project.value.key, flag)];
    keys.extend(environments.iter().map(|env| config_key(&project.value.key, &env.value.key, flag)));
    let mut docs = ctx.get_many(&keys).await?.into_iter();
    let doc = docs.next().flatten().ok_or_else(|| not_found(flag))?;
    let flag = Flag::clone(&*doc.shared()?);
    let (configs, versions) = configs(ctx, &flag, &environments, docs)?;
    Ok(Found { project, environments, state: FlagState { flag, configs }, version: doc.version, versions })
}

type Configs = (BTreeMap<String, FlagConfig>, BTreeMap<String, u64>);

/// Configurations by environment; the documents come in the order of the environments.
pub(crate) fn configs(
    ctx: &Ctx,
    flag: &Flag,
    environments: &[Loaded<Environment>],
    docs: impl Iterator<Item = Option<Doc>>,
) -> Result<Configs> {
    let (mut configs, mut versions) = (BTreeMap::new(), BTreeMap::new());
    for (environment, doc) in environments.iter().map(|loaded| &loaded.value).zip(docs) {
        let config = match doc {
            Some(doc) => {
                versions.insert(environment.key.clone(), doc.version);
                FlagConfig::clone(&*doc.shared()?)
            }
            None => config_for_new_environment(flag, environment, None, &ctx.app.ids, ctx.app.clock.now()),
        };
        configs.insert(environment.key.clone(), config);
    }
    Ok((configs, versions))
}

/// Fetches what a change needs to know, in one round trip for each kind of thing named.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn facts<'a>(ctx: &'a Ctx, project: &str, wanted: Wanted) -> Result<Facts<'a>> {
    let mut facts = Facts {
        now: ctx.app.clock.now(),
        ids: &ctx.app.ids,
        flags: BTreeMap::new(),
        requires: Vec::new(),
        members: std::collections::BTreeSet::new(),
        teams: std::collections::BTreeSet::new(),
    };
    let keys = wanted.flags.iter().filter(|key| is_key(key, MAX_KEY)).map(|key| flag_key(project, key));
    let teams = wanted.teams.iter().filter(|key| is_key(key, MAX_KEY)).map(|key| team_key(key));
    let members = wanted.members.iter().filter(|id| is_key(id, MAX_KEY));
    let members = members.map(|id| DocKey::account(Kind::Member, id.as_str()));
    let keys: Vec<_> = keys.chain(teams).chain(members).collect();
    if keys.is_empty() {
        return Ok(facts);
    }
    for doc in ctx.store().get_many(&keys).await?.into_iter().flatten() {
        let key = doc.key.key.to_string();
        match doc.key.kind {
            Kind::Flag => {
                facts.flags.insert(key, doc.decode()?);
                facts.requires.push((doc.key, Expect::Version(doc.version)));
            }
            Kind::Team => drop(facts.teams.insert(key)),
            _ => drop(facts.members.insert(key)),
        }
    }
    Ok(facts)
}

fn team_key(key: &str) -> DocKey {
    DocKey::account(Kind::Team, key)
}

/// What a team's document says of its name.
#[derive(serde::Deserialize)]
struct TeamName {
    name: String,
}

/// The maintainers of some flags.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn maintainers<'a>(ctx: &Ctx, flags: impl Iterator<Item = &'a Flag>) -> Result<Maintainers> {
    let (mut members, mut teams) = (Vec::new(), Vec::new());
    for maintainer in flags.filter_map(|flag| flag.maintainer.as_ref()) {
        match maintainer {
            Maintainer::Member(id) => members.push(id.as_str()),
            Maintainer::Team(key) => teams.push(key.as_str()),
        }
    }
    let mut found = Maintainers::default();
    if !members.is_empty() {
        found.members = members_by_id(ctx, members).await?;
    }
    teams.sort_unstable();
    teams.dedup();
    if !teams.is_empty() {
        let keys: Vec<_> = teams.into_iter().map(team_key).collect();
        for doc in ctx.store().get_many(&keys).await?.into_iter().flatten() {
            let TeamName { name } = doc.decode()?;
            found.teams.insert(doc.key.key.to_string(), name);
        }
    }
    Ok(found)
}
