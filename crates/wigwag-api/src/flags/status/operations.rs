//! Statuses in one environment and in all.

use std::collections::{BTreeMap, HashMap};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result};
use wigwag_model::doc::{Environment, Flag, FlagConfig, Kind};
use wigwag_store::volume::FlagUse;

use super::rule::{LATELY, Status, status};
use crate::common::rfc3339;
use crate::flags::load::{self, Found};
use crate::read::project_and_environment;

/// The status of a flag in one environment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FlagStatusRep")]
pub(crate) struct StatusRep {
    #[serde(flatten)]
    status: InEnvironment,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FeatureFlagStatus")]
pub(super) struct InEnvironment {
    pub(super) name: Status,
    /// RFC 3339, null if it never was.
    last_requested: Option<String>,
    /// The fallback that code last gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
}

/// The statuses of all flags in one environment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FeatureFlagStatuses")]
pub(crate) struct Statuses {
    #[serde(rename = "_links")]
    links: Links,
    items: Vec<StatusRep>,
}

/// The statuses of a flag by environment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FeatureFlagStatusAcrossEnvironments")]
pub(crate) struct Across {
    #[schemars(with = "BTreeMap<String, InEnvironment>")]
    environments: IndexMap<String, InEnvironment>,
    key: String,
    #[serde(rename = "_links")]
    links: Links,
}

impl InEnvironment {
    pub(super) fn of(ctx: &Ctx, flag: &Flag, config: &FlagConfig, used: Option<&FlagUse>) -> Self {
        Self {
            name: status(flag, config, used, ctx.app.clock.now()),
            last_requested: used.map(|used| rfc3339(used.last_requested)),
            default: used.and_then(|used| serde_json::from_str(used.fallback.as_deref()?).ok()),
        }
    }
}

fn rep(project: &str, environment: &str, flag: &str, status: InEnvironment) -> StatusRep {
    let links =
        Links::new().parent(path(&["flags", project, flag])).own(path(&["flag-statuses", project, environment, flag]));
    StatusRep { status, links }
}

/// How flags were used lately: those that are named, or all.
pub(super) async fn used(ctx: &Ctx, environment: &Environment, flags: Option<&[&str]>) -> Result<Vec<FlagUse>> {
    let since = ctx.app.clock.now() - LATELY;
    Ok(ctx.store().volume().flag_use(&environment.id, flags, since).await?)
}

pub(crate) async fn one(ctx: Ctx, request: Request) -> Result<Reply> {
    let (flag, environment) = (request.param("featureFlagKey"), request.param("environmentKey"));
    let found = load::find(&ctx, request.param("projectKey"), flag, &[environment]).await?;
    let status = in_environment(&ctx, &found, found.environment(environment)?).await?;
    Reply::json(&rep(&found.project.value.key, environment, flag, status))
}

async fn in_environment(ctx: &Ctx, found: &Found, environment: &Environment) -> Result<InEnvironment> {
    let flag = &found.state.flag;
    let missing = || Error::Internal(format!("the flag {} has no configuration in {}", flag.key, environment.key));
    let config = found.state.configs.get(&environment.key).ok_or_else(missing)?;
    let used = used(ctx, environment, Some(&[&flag.key])).await?;
    Ok(InEnvironment::of(ctx, flag, config, used.first()))
}

pub(crate) async fn all(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let all = scan(&ctx, &project.value.key, &environment.value).await?;
    let (project, environment) = (&project.value.key, &environment.value.key);
    let items = all.into_iter().map(|one| rep(project, environment, &one.flag, one.status)).collect();
    Reply::json(&Statuses { links: Links::new().own(path(&["flag-statuses", project, environment])), items })
}

/// A flag and its status.
pub(super) struct Scanned {
    /// Its key.
    pub(super) flag: String,
    pub(super) status: InEnvironment,
}

/// All flags that are not archived, by key.
pub(super) async fn scan(ctx: &Ctx, project: &str, environment: &Environment) -> Result<Vec<Scanned>> {
    let used = used(ctx, environment, None).await?;
    let used: HashMap<&str, &FlagUse> = used.iter().map(|used| (used.flag.as_str(), used)).collect();
    let flags = ctx.store().scan(Kind::Flag, Some(project), Some("")).await?;
    let configs = ctx.store().scan(Kind::FlagConfig, Some(project), Some(&environment.key)).await?;
    let configs: HashMap<_, _> = configs.iter().map(|doc| (&*doc.key.key, doc)).collect();
    let mut all = Vec::new();
    for doc in &flags {
        let flag: Flag = doc.decode()?;
        let Some(config) = configs.get(&*doc.key.key).filter(|_| flag.archived_at.is_none()) else { continue };
        let config: FlagConfig = config.decode()?;
        let status = InEnvironment::of(ctx, &flag, &config, used.get(flag.key.as_str()).copied());
        all.push(Scanned { flag: flag.key, status });
    }
    Ok(all)
}

/// In all environments, or in those that `env` names.
pub(crate) async fn across(ctx: Ctx, request: Request) -> Result<Reply> {
    let only: Vec<&str> = request.query_list("env").map(str::trim).filter(|key| !key.is_empty()).collect();
    let (project, key) = (request.param("projectKey"), request.param("featureFlagKey"));
    let found = load::find(&ctx, project, key, &only).await?;
    let mut environments = IndexMap::new();
    for environment in found.environments() {
        environments.insert(environment.key.clone(), in_environment(&ctx, &found, environment).await?);
    }
    let links = Links::new().parent(path(&["flags", project, key])).own(path(&["flag-status", project, key]));
    Reply::json(&Across { environments, key: key.to_owned(), links })
}
