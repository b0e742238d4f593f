//! Prerequisites must not lead back to the flag.

use std::collections::{BTreeMap, BTreeSet};

use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::FlagConfig;
use wigwag_store::{Doc, DocKey, Expect};

use super::diff::{ConfigPart, Diff};
use super::load::config_key;
use super::state::FlagState;

/// Walks from prerequisites that are new, environment by environment, a level in one round trip.
/// Answers what it has read: two changes at the same moment could close a circle between them, but
/// each requires what the other writes, so that one of them loses and is checked again.
///
/// # Errors
/// 400, naming the way round.
pub(crate) async fn refuse(
    ctx: &Ctx,
    project: &str,
    before: &FlagState,
    after: &FlagState,
    diff: &Diff,
) -> Result<Vec<(DocKey, Expect)>> {
    let mut requires = Vec::new();
    for (env, parts) in &diff.configs {
        let Some(config) = after.configs.get(env).filter(|_| parts.contains(&ConfigPart::Prerequisites)) else {
            continue;
        };
        let old = before.configs.get(env).map(keys).unwrap_or_default();
        let new = keys(config).difference(&old).cloned().collect();
        walk(ctx, project, env, &after.flag.key, new, &mut requires).await?;
    }
    Ok(requires)
}

async fn walk(
    ctx: &Ctx,
    project: &str,
    env: &str,
    flag: &str,
    mut level: BTreeSet<String>,
    requires: &mut Vec<(DocKey, Expect)>,
) -> Result<()> {
    // How each flag was reached.
    let mut from: BTreeMap<String, String> = level.iter().map(|key| (key.clone(), flag.to_owned())).collect();
    while !level.is_empty() {
        let docs: Vec<_> = level.iter().map(|key| config_key(project, env, key)).collect();
        level.clear();
        for doc in read(ctx, docs, requires).await? {
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

/// The documents that are there; all of them must stay as they are, there or not.
async fn read(ctx: &Ctx, docs: Vec<DocKey>, requires: &mut Vec<(DocKey, Expect)>) -> Result<Vec<Doc>> {
    let found = ctx.store().get_many(&docs).await?;
    let expected = |doc: &Option<Doc>| doc.as_ref().map_or(Expect::Absent, |doc| Expect::Version(doc.version));
    requires.extend(docs.into_iter().zip(found.iter().map(expected)));
    Ok(found.into_iter().flatten().collect())
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
