//! A flag as the place of what hangs on it: its triggers, links and followers.

use wigwag_kit::links::path;
use wigwag_kit::resource::Parent;
use wigwag_kit::{Change, Ctx, Error, Request, Result, Spec, Target};
use wigwag_model::doc::{Environment, Flag, Kind, Project, ViewLink};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{DocKey, Expect, ListQuery, Predicate};

use super::{Loaded, environments, project, project_and_environment};

/// What hangs on a flag and goes with it.
const HANGING: [Kind; 3] = [Kind::Trigger, Kind::FlagLink, Kind::FlagFollower];

/// A flag in its project, and in the environment that the path names, if it names one.
pub struct FlagPlace {
    /// The project.
    pub project: Loaded<Project>,
    /// The environment named, or all.
    pub environments: Vec<Loaded<Environment>>,
    /// Whether the path names an environment.
    pub in_environment: bool,
    /// What the flag is everywhere.
    pub flag: Flag,
    /// The version of the flag's document.
    pub version: u64,
    /// Absolute address of this server.
    pub site: String,
}

impl FlagPlace {
    /// How policies name the flag, in each of the environments.
    #[must_use]
    pub fn specs(&self) -> Vec<Spec> {
        let one = |env: &Loaded<Environment>| {
            let views = ViewLink::keys(&self.flag.views);
            env.spec.clone().then("flag", &self.flag.key, &self.flag.tags).in_views(&views)
        };
        self.environments.iter().map(one).collect()
    }

    /// What audit entries are about: the flag.
    #[must_use]
    pub fn target(&self) -> Target {
        let (project, flag) = (&self.project.value.key, &self.flag);
        let env = if self.in_environment { self.environment() } else { "~" };
        Target {
            kind: "flag".to_owned(),
            name: flag.name.clone(),
            resources: self.specs().iter().map(ToString::to_string).collect(),
            href: path(&["flags", project, &flag.key]),
            site: format!("/{project}/{env}/features/{}", flag.key),
            project: project.clone(),
            environment: self.environment_name().map(str::to_owned),
            document: None,
        }
    }
}

impl Parent for FlagPlace {
    const LOOKED_AT: &'static [&'static str] = &["viewProject"];

    async fn load(ctx: &Ctx, request: &Request) -> Result<Self> {
        let (project_key, env) = (request.param("projectKey"), request.param("environmentKey"));
        let in_environment = request.params.iter().any(|(name, _)| *name == "environmentKey");
        let (project, environments) = if in_environment {
            let (project, environment) = project_and_environment(ctx, project_key, env).await?;
            (project, vec![environment])
        } else {
            let project = project(ctx, project_key).await?;
            let environments = environments(ctx, &project).await?;
            (project, environments)
        };
        let (flag, version) = flag(ctx, &project.value.key, request.param("featureFlagKey")).await?;
        let site = ctx.app.site.clone();
        Ok(Self { project, environments, in_environment, flag, version, site })
    }

    fn key(&self, kind: Kind, key: &str) -> DocKey {
        hanging_key(kind, self.project(), self.environment(), &self.flag.key, key)
    }

    fn project(&self) -> &str {
        &self.project.value.key
    }

    fn environment(&self) -> &str {
        self.environments.first().filter(|_| self.in_environment).map_or("", |env| &env.value.key)
    }

    fn environment_name(&self) -> Option<&str> {
        self.environments.first().filter(|_| self.in_environment).map(|env| &*env.value.name)
    }

    /// Nothing new on a flag that is being deleted.
    fn requires(&self) -> Option<(DocKey, Expect)> {
        Some((DocKey::in_project(Kind::Flag, self.project(), &*self.flag.key), Expect::Version(self.version)))
    }
}

/// Where something that hangs on a flag is stored; `environment` is empty for what hangs on it everywhere.
#[must_use]
pub fn hanging_key(kind: Kind, project: &str, environment: &str, flag: &str, key: &str) -> DocKey {
    DocKey::in_env(kind, project, environment, format!("{flag}/{key}"))
}

/// The part of a flag that all environments share, and its version. The caller must be known to see the project.
///
/// # Errors
/// 404 when there is none.
pub async fn flag(ctx: &Ctx, project: &str, key: &str) -> Result<(Flag, u64)> {
    let not_found = || Error::NotFound(format!("Unknown feature flag key {key}"));
    if !is_key(key, MAX_KEY) {
        return Err(not_found());
    }
    let doc = ctx.store().get(&DocKey::in_project(Kind::Flag, project, key)).await?.ok_or_else(not_found)?;
    Ok((doc.decode()?, doc.version))
}

/// Adds the deletion of everything that hangs on a flag to the flag's own.
///
/// # Errors
/// The store cannot be read.
pub async fn delete_hanging(ctx: &Ctx, change: &mut Change, project: &str, flag: &str) -> Result<()> {
    for kind in HANGING {
        let query = ListQuery::scoped(kind, Some(project), None).filter(Predicate::eq("flag", flag));
        for doc in ctx.store().list(&query).await?.docs {
            change.delete(doc.key, Expect::Version(doc.version));
        }
    }
    Ok(())
}
