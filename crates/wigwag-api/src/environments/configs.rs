//! What every flag does in a new environment, and the segments that come along from its source.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use wigwag_kit::{Change, Ctx, Proofs, Result};
use wigwag_model::doc::{Environment, Flag, FlagConfig, Kind, Project};
use wigwag_store::{Doc, DocKey, Expect};

use super::target;
use crate::flags::{config_for_new_environment, config_index};
use crate::read::Loaded;
use crate::segments;

/// Rows of the feed in one read.
const BATCH: usize = 64;

/// Writes a configuration of every flag, from the environment `source` where it has one, and the
/// segments of the source, which those configurations ask. Answers the keys of the flags.
pub(super) async fn add(
    ctx: &Ctx,
    project: &Loaded<Project>,
    environment: &Environment,
    source: Option<&str>,
    change: &mut Change,
) -> Result<HashSet<Box<str>>> {
    let project_key = &*project.value.key;
    // Before the configurations: a flag is made together with its own, so that none is missing there.
    let flags = ctx.store().scan(Kind::Flag, Some(project_key), None).await?;
    let mut sources: HashMap<Box<str>, Doc> = HashMap::new();
    if let Some(source) = source {
        let docs = ctx.store().scan(Kind::FlagConfig, Some(project_key), Some(source)).await?;
        sources = docs.into_iter().map(|doc| (doc.key.key.clone(), doc)).collect();
        // After the configurations: a segment that one of them asks cannot be gone.
        segments::clone_into(ctx, project_key, source, &environment.key, change).await?;
    }
    for doc in &flags {
        let from: Option<FlagConfig> = sources.get(&doc.key.key).map(Doc::decode).transpose()?;
        put(ctx, project_key, environment, &doc.decode()?, from.as_ref(), change)?;
    }
    Ok(flags.into_iter().map(|doc| doc.key.key).collect())
}

/// Catches up with flags that were made after the flags were read and before the environment was
/// there: nobody else knew that they need a configuration in it.
pub(super) async fn add_late(
    ctx: &Ctx,
    project: &Loaded<Project>,
    environment: &Loaded<Environment>,
    source: Option<&str>,
    made: &HashSet<Box<str>>,
    meanwhile: Range<u64>,
) -> Result<()> {
    let project_key = &*project.value.key;
    let late = flags_written(ctx, project_key, made, meanwhile).await?;
    for key in late {
        let keys = [
            DocKey::in_project(Kind::Flag, project_key, key.clone()),
            DocKey::in_env(Kind::FlagConfig, project_key, environment.value.key.as_str(), key),
        ];
        let from = source.map(|source| DocKey::in_env(Kind::FlagConfig, project_key, source, keys[0].key.clone()));
        let keys: Vec<_> = keys.into_iter().chain(from).collect();
        let mut docs = ctx.store().get_many(&keys).await?.into_iter();
        let (Some(Some(flag)), Some(None)) = (docs.next(), docs.next()) else { continue };
        let from: Option<FlagConfig> = docs.next().flatten().map(|doc| doc.decode()).transpose()?;
        let proof = ctx.authorise("createEnvironment", &environment.spec)?;
        let mut change = Change::new(Proofs::of(proof), "created the environment", target(project_key, environment))
            .description("* Added a flag that was created meanwhile\n".to_owned());
        put(ctx, project_key, &environment.value, &flag.decode()?, from.as_ref(), &mut change)?;
        change.commit(ctx).await?;
    }
    Ok(())
}

/// The flags of a project, other than those `made`, that a range of changes wrote.
async fn flags_written(
    ctx: &Ctx,
    project: &str,
    made: &HashSet<Box<str>>,
    Range { start, end }: Range<u64>,
) -> Result<HashSet<Box<str>>> {
    let mut found = HashSet::new();
    let mut after = start;
    while after + 1 < end {
        let rows = ctx.store().feed(after, BATCH).await?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        let docs = rows.into_iter().filter(|row| row.seq < end).flat_map(|row| row.docs);
        let flags = docs.filter(|doc| doc.key.kind == Kind::Flag && *doc.key.project == *project);
        found.extend(flags.map(|doc| doc.key.key).filter(|key| !made.contains(key)));
    }
    Ok(found)
}

fn put(
    ctx: &Ctx,
    project: &str,
    environment: &Environment,
    flag: &Flag,
    source: Option<&FlagConfig>,
    change: &mut Change,
) -> Result<()> {
    let config = config_for_new_environment(flag, environment, source, &ctx.app.ids, ctx.app.clock.now());
    let key = DocKey::in_env(Kind::FlagConfig, project, environment.key.as_str(), flag.key.as_str());
    change.put(key, Expect::Absent, &config, config_index(&config))
}
