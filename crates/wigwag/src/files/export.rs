//! `wigwag export`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::api::{Api, path};
use super::shape::{CONFIG, ENVIRONMENT, FLAG, MEMBER, PROJECT, ROLE, SEGMENT, TEAM, WEBHOOK};
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
    let roles = api.all("roles", "").await?;
    for found in &roles {
        tree.insert(named(Path::new("roles"), key_of(found)?), ROLE.of(found));
    }
    for listed in api.all("teams", "").await? {
        // Lists tell less of each team than one does.
        let asked = format!("{}?expand=roles,roleAttributes", path(&["teams", key_of(&listed)?]));
        if let Some(found) = api.find(&asked).await? {
            tree.insert(named(Path::new("teams"), key_of(&found)?), team_file(&found));
        }
    }
    for found in api.all("members", "&expand=roleAttributes").await? {
        let email = found["email"].as_str().context("a member without an address")?;
        tree.insert(
            named(Path::new("members"), &utf8_percent_encode(email, IN_NAMES).to_string()),
            member_file(&found, &roles),
        );
    }
    webhooks(api, &mut tree).await?;
    Ok(tree)
}

/// What stands for itself in the name of a file.
const IN_NAMES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'+').remove(b'@');

fn team_file(team: &Value) -> Value {
    let roles = team["roles"]["items"].as_array().into_iter().flatten();
    let mut told = team.clone();
    told["customRoleKeys"] = sorted(roles.filter_map(|role| role["key"].as_str()));
    TEAM.of(&told)
}

/// A member; roles and teams by their keys, which are the same on another server.
fn member_file(member: &Value, roles: &[Value]) -> Value {
    let ids = member["customRoles"].as_array().into_iter().flatten();
    let key = |id: &Value| roles.iter().find(|role| role["_id"] == *id)?["key"].as_str();
    let teams = member["teams"].as_array().into_iter().flatten();
    let mut told = member.clone();
    told["customRoles"] = sorted(ids.filter_map(key));
    told["teamKeys"] = sorted(teams.filter_map(|team| team["key"].as_str()));
    MEMBER.of(&told)
}

fn sorted<'a>(keys: impl Iterator<Item = &'a str>) -> Value {
    let mut keys: Vec<&str> = keys.collect();
    keys.sort_unstable();
    keys.into()
}

/// Webhooks have no keys: their files go by what people call them, numbered where that is not enough.
async fn webhooks(api: &Api, tree: &mut Tree) -> anyhow::Result<()> {
    let mut all: Vec<Value> = api.all("webhooks", "").await?.iter().map(webhook_file).collect();
    all.sort_by_key(ToString::to_string);
    for kept in all {
        let called = kept["name"].as_str().or(kept["url"].as_str()).unwrap_or_default().to_lowercase();
        let words = called.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let slug = words.collect::<Vec<_>>().join("-");
        let names = (1..).map(|n| if n == 1 { slug.clone() } else { format!("{slug}-{n}") });
        let free = names.map(|name| named(Path::new("webhooks"), &name)).find(|file| !tree.contains_key(file));
        tree.insert(free.context("no name is free")?, kept);
    }
    Ok(())
}

pub(super) fn webhook_file(webhook: &Value) -> Value {
    let mut told = webhook.clone();
    told["sign"] = webhook.get("secret").is_some().into();
    WEBHOOK.of(&told)
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
