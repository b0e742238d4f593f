//! Prerequisites must not lead back to the flag.

use std::collections::{BTreeMap, BTreeSet};

use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::FlagConfig;

use super::diff::{ConfigPart, Diff};
use super::load::config_key;
use super::state::FlagState;

/// Walks from prerequisites that are new, environment by environment, a level in one round trip.
/// Two changes at the same moment could still close a circle between them; SDKs then report
/// the flags as malformed and serve their fallbacks.
///
/// # Errors
/// 400, naming the way round.
pub(crate) async fn refuse(
    ctx: &Ctx,
    project: &str,
    before: Option<&FlagState>,
    after: &FlagState,
    diff: &Diff,
) -> Result<()> {
    for (env, parts) in &diff.configs {
        let Some(config) = after.configs.get(env).filter(|_| parts.contains(&ConfigPart::Prerequisites)) else {
            continue;
        };
        let old = before.and_then(|state| state.configs.get(env)).map(keys).unwrap_or_default();
        let new = keys(config).difference(&old).cloned().collect();
        walk(ctx, project, env, &after.flag.key, new).await?;
    }
    Ok(())
}

async fn walk(ctx: &Ctx, project: &str, env: &str, flag: &str, mut level: BTreeSet<String>) -> Result<()> {
    // How each flag was reached.
    let mut from: BTreeMap<String, String> = level.iter().map(|key| (key.clone(), flag.to_owned())).collect();
    while !level.is_empty() {
        let docs: Vec<_> = level.iter().map(|key| config_key(project, env, key)).collect();
        level.clear();
        for doc in ctx.store().get_many(&docs).await?.into_iter().flatten() {
            for next in keys(&doc.decode()?) {
                if next == flag {
                    let way = way_back(&from, &doc.key.key, flag);
                    let path = format!("/environments/{env}/prerequisites");
                    return Err(Error::field(&path, format_args!("prerequisites would form a cycle: {way}")));
                }
                if !from.contains_key(&next) {
                    from.insert(next.clone(), doc.key.key.to_string());
                    level.insert(next);
                }
            }
        }
    }
    Ok(())
}

fn keys(config: &FlagConfig) -> BTreeSet<String> {
    config.prerequisites.iter().map(|one| one.key.clone()).collect()
}

fn way_back(from: &BTreeMap<String, String>, last: &str, flag: &str) -> String {
    let mut way = vec![flag, last];
    let mut at = last;
    while let Some(previous) = from.get(at).filter(|previous| *previous != flag) {
        way.push(previous);
        at = previous;
    }
    way.push(flag);
    way.reverse();
    way.join(" → ")
}
