//! Flags that have a flag as their prerequisite, as clients read them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Reply, Request, Result};
use wigwag_model::doc::{Environment, Flag};

use super::dependants;
use super::load::{self, Found, flag_key};
use crate::read::SiteLink;

/// The dependent flags of a flag, in all environments or in one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Dependents_{T}")]
pub(crate) struct Dependents<T> {
    items: Vec<T>,
    #[serde(rename = "_links")]
    links: Links,
    /// The prerequisite itself.
    #[serde(rename = "_site")]
    site: SiteLink,
}

/// A dependent flag in one environment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DependentFlag")]
pub(crate) struct DependentFlag {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    key: String,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_site")]
    site: SiteLink,
}

/// A dependent flag, with the environments where it depends.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MultiEnvironmentDependentFlag")]
pub(crate) struct MultiEnvironment {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    key: String,
    environments: Vec<DependentFlagEnvironment>,
}

#[derive(Serialize, JsonSchema)]
struct DependentFlagEnvironment {
    name: String,
    key: String,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_site")]
    site: SiteLink,
}

pub(super) async fn everywhere(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = load::find(&ctx, request.param("projectKey"), request.param("featureFlagKey"), &[]).await?;
    let items = by_flag(&ctx, &found).await?.into_iter().map(|(key, (name, keys))| MultiEnvironment {
        environments: environments(&found, &key, &keys),
        name,
        key,
    });
    Reply::json(&dependents(&request, &found, items.collect()))
}

pub(super) async fn in_environment(ctx: Ctx, request: Request) -> Result<Reply> {
    let environment = request.param("environmentKey");
    let found = load::find(&ctx, request.param("projectKey"), request.param("featureFlagKey"), &[environment]).await?;
    let project = &found.project.value.key;
    let items = by_flag(&ctx, &found).await?.into_iter().map(|(key, (name, _))| DependentFlag {
        links: Links::new().own(path(&["flags", project, &key])),
        site: SiteLink::of(project, environment, &key),
        name,
        key,
    });
    Reply::json(&dependents(&request, &found, items.collect()))
}

fn dependents<T>(request: &Request, found: &Found, items: Vec<T>) -> Dependents<T> {
    let (project, flag) = (&found.project.value.key, &found.state.flag.key);
    let links = Links::new().own(&*request.path).parent(path(&["flags", project, flag]));
    Dependents { items, links, site: SiteLink::of(project, "~", flag) }
}

/// Name and environments of the flags that depend on it in the environments that were loaded, by key.
async fn by_flag(ctx: &Ctx, found: &Found) -> Result<BTreeMap<String, (Option<String>, Vec<String>)>> {
    let project = &found.project.value.key;
    let mut flags: BTreeMap<String, (Option<String>, Vec<String>)> = BTreeMap::new();
    for one in dependants::of(ctx, project, &found.state.flag.key).await? {
        if found.state.configs.contains_key(&one.environment) {
            flags.entry(one.flag).or_default().1.push(one.environment);
        }
    }
    let keys: Vec<_> = flags.keys().map(|key| flag_key(project, key)).collect();
    for doc in ctx.get_many(&keys).await?.into_iter().flatten() {
        let flag: Flag = doc.decode()?;
        if let Some((name, _)) = flags.get_mut(&*doc.key.key) {
            *name = Some(flag.name);
        }
    }
    Ok(flags)
}

/// In the project's order.
fn environments(found: &Found, flag: &str, keys: &[String]) -> Vec<DependentFlagEnvironment> {
    let project = &found.project.value.key;
    let one = |environment: &Environment| DependentFlagEnvironment {
        name: environment.name.clone(),
        key: environment.key.clone(),
        links: Links::new().own(format!("{}?env={}", path(&["flags", project, flag]), environment.key)),
        site: SiteLink::of(project, &environment.key, flag),
    };
    found.environments().into_iter().filter(|environment| keys.contains(&environment.key)).map(one).collect()
}
