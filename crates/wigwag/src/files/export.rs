//! `wigwag export`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::api::{Api, path};
use super::shape::{CONFIG, ENVIRONMENT, FLAG, PROJECT, ROLE, SEGMENT, TEAM};
use super::tree::{self, Tree, named};
use super::{FORMAT, HEAD};
use crate::cli::ExportFilesArgs;
use crate::config::Environment;

/// Writes the files; answers what to print.
///
/// # Errors
/// No token, a server that cannot be reached or refuses, a directory that cannot be written.
pub fn run(args: &ExportFilesArgs, environment: Environment<'_>) -> anyhow::Result<String> {
    let api = super::api(&args.api, environment)?;
    let tree = super::runtime()?.block_on(everything(&api, args.project.as_deref()))?;
    tree::write(&args.output, &tree)?;
    let flags = tree.keys().filter(|path| path.iter().any(|part| part == "flags")).count();
    Ok(format!("{} files, {flags} of them flags, are in {}\n", tree.len(), args.output.display()))
}

async fn everything(api: &Api, only: Option<&str>) -> anyhow::Result<Tree> {
    let mut tree = Tree::from([(PathBuf::from(HEAD), json!({"format": FORMAT}))]);
    if let Some(key) = only {
        api.find(&path(&["projects", key])).await?.with_context(|| format!("there is no project {key}"))?;
        project(api, key, &mut tree).await?;
        return Ok(tree);
    }
    for found in api.all("projects", "").await? {
        project(api, key_of(&found)?, &mut tree).await?;
    }
    for found in api.all("roles", "").await? {
        tree.insert(named(Path::new("roles"), key_of(&found)?), ROLE.of(&found));
    }
    for found in api.all("teams", "").await? {
        tree.insert(named(Path::new("teams"), key_of(&found)?), TEAM.of(&found));
    }
    Ok(tree)
}

async fn project(api: &Api, key: &str, tree: &mut Tree) -> anyhow::Result<()> {
    let dir = Path::new("projects").join(key);
    let found = api.find(&path(&["projects", key])).await?.context("a project that was there is gone")?;
    tree.insert(dir.join("project.json"), PROJECT.of(&found));
    for env in api.all(&path(&["projects", key, "environments"]), "").await? {
        let env_key = key_of(&env)?;
        tree.insert(named(&dir.join("environments"), env_key), ENVIRONMENT.of(&env));
        for segment in api.all(&path(&["segments", key, env_key]), "").await? {
            let segment_key = key_of(&segment)?;
            let place = dir.join("segments").join(env_key);
            tree.insert(named(&place, segment_key), SEGMENT.of(&segment));
        }
    }
    // Archived ones are in a list of their own.
    for list in ["", "&filter=state:archived"] {
        for listed in api.all(&path(&["flags", key]), list).await? {
            // Lists tell less of each environment than one flag does.
            if let Some(flag) = api.find(&path(&["flags", key, key_of(&listed)?])).await? {
                tree.insert(named(&dir.join("flags"), key_of(&flag)?), flag_file(&flag));
            }
        }
    }
    Ok(())
}

/// A flag with its environments in the order of their keys.
pub(super) fn flag_file(flag: &Value) -> Value {
    let mut kept = FLAG.of(flag);
    let mut envs: Vec<_> = flag["environments"].as_object().into_iter().flatten().collect();
    envs.sort_by_key(|(key, _)| key.as_str());
    let envs: Map<String, Value> = envs.into_iter().map(|(key, config)| (key.clone(), CONFIG.of(config))).collect();
    kept["environments"] = Value::Object(envs);
    kept
}

pub(super) fn key_of(value: &Value) -> anyhow::Result<&str> {
    value["key"].as_str().context("an item without a key")
}
