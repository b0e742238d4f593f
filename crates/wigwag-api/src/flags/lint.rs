//! Findings of the linter: with a flag, or about a flag as a patch would make it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Links, path};
use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::{Ctx, Reply, Request, Result};
use wigwag_model::doc::Flag;
use wigwag_model::key::{MAX_KEY, is_key};

use super::instructions::Effect;
use super::load::{self, Found, config_key, flag_key};
use super::patch;
use super::state::FlagState;
use crate::lint::{Finding, Other, lint};

/// What is probably not meant in a flag.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Findings {
    /// By environment, worst first.
    items: Vec<Finding>,
    #[serde(rename = "_links")]
    links: Links,
    total_count: usize,
}

/// Findings about the flag as the patch in the body would make it, or without a body as it is. Nothing is written.
pub(super) async fn dry_run(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = load::find(&ctx, request.param("projectKey"), request.param("featureFlagKey"), &[]).await?;
    let state = match request.body.is_empty() {
        true => Some(found.state.clone()),
        false => {
            let (after, effect, _) = patch::apply(&ctx, &found, &Patch::read(&request, Dialects::ALL)?).await?;
            (effect != Effect::Deleted).then_some(after)
        }
    };
    let items = match &state {
        Some(state) => findings(&ctx, &found, state).await?,
        None => Vec::new(),
    };
    let flag = path(&["flags", &found.project.value.key, &found.state.flag.key]);
    let links = Links::new().own(request.path.as_str()).to("flag", flag);
    Reply::json(&Findings { total_count: items.len(), items, links })
}

/// Findings about a state of a flag, in the environments that were loaded.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn findings(ctx: &Ctx, found: &Found, state: &FlagState) -> Result<Vec<Finding>> {
    let named = state.configs.values().flat_map(|config| &config.prerequisites).map(|wanted| wanted.key.as_str());
    let named: BTreeSet<&str> = named.filter(|key| is_key(key, MAX_KEY)).collect();
    let (project, environments) = (&found.project.value.key, &found.environments);
    let keys = named.iter().flat_map(|key| {
        let configs = environments.iter().map(|env| config_key(project, &env.value.key, key));
        std::iter::once(flag_key(project, key)).chain(configs)
    });
    let keys: Vec<_> = keys.collect();
    let mut docs = ctx.get_many(&keys).await?.into_iter();
    let mut others = BTreeMap::new();
    for key in named {
        let flag = docs.next().flatten();
        let configs: Vec<_> = docs.by_ref().take(environments.len()).collect();
        let Some(flag) = flag else { continue };
        let flag: Flag = flag.decode()?;
        let (configs, _) = load::configs(ctx, &flag, environments, configs.into_iter())?;
        others.insert(key.to_owned(), Other { flag, configs });
    }
    Ok(lint(&state.flag, &state.configs, &others))
}
