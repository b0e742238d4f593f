//! `wigwag import`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::api::{Api, path};
use super::export::{flag_file, key_of, webhook_file};
use super::shape::{CONFIG, ENVIRONMENT, FLAG, MEMBER, PROJECT, ROLE, SEGMENT, Shape, TEAM, WEBHOOK};
use super::tree::{self, Tree};
use super::{FORMAT, HEAD};
use crate::cli::ImportFilesArgs;
use crate::config::Environment;

/// Makes and changes what differs; answers what to print.
///
/// # Errors
/// No token, files that are not those of an export, a server that cannot be reached or refuses: what was done until then
/// stays, and the import can be called again.
pub fn run(args: &ImportFilesArgs, environment: Environment<'_>) -> anyhow::Result<String> {
    let tree = tree::read(&args.from)?;
    let head = tree.get(Path::new(HEAD)).with_context(|| format!("{} is not an export", args.from.display()))?;
    ensure!(head["format"] == FORMAT, "a newer release wrote {}: use that one", args.from.display());
    let mut import = Import {
        api: super::api(&args.api, environment)?,
        comment: args.comment.clone(),
        dry: args.dry_run,
        told: String::new(),
        done: 0,
    };
    let outcome = super::runtime()?.block_on(import.everything(&tree, args));
    let summary = match (import.done, args.dry_run) {
        (0, _) => "nothing is left to do".to_owned(),
        (n, true) => format!("{n} would be made or changed"),
        (n, false) => format!("{n} were made or changed"),
    };
    outcome.with_context(|| format!("{}stopped; {summary} before", import.told))?;
    Ok(format!("{}{summary}\n", import.told))
}

struct Import {
    api: Api,
    comment: String,
    dry: bool,
    told: String,
    done: usize,
}

/// The files of one project.
#[derive(Default)]
struct ProjectFiles<'a> {
    project: Option<&'a Value>,
    environments: BTreeMap<&'a str, &'a Value>,
    flags: BTreeMap<&'a str, &'a Value>,
    /// By environment and key.
    segments: BTreeMap<(&'a str, &'a str), &'a Value>,
}

impl Import {
    async fn everything(&mut self, tree: &Tree, args: &ImportFilesArgs) -> anyhow::Result<()> {
        let projects = projects(tree)?;
        if let Some(only) = &args.project {
            let files = projects.get(only.as_str());
            let files = files.with_context(|| format!("{} has no project {only}", args.from.display()))?;
            return self.project(args.into.as_ref().unwrap_or(only), files).await;
        }
        for (key, files) in &projects {
            self.project(key, files).await?;
        }
        for (list, shape) in [("roles", &ROLE), ("teams", &TEAM)] {
            for (file, kept) in tree.iter().filter(|(file, _)| file.starts_with(list)) {
                let key = key_of(kept).with_context(|| file.display().to_string())?;
                // What is there already is left to those who govern it.
                if self.api.find(&path(&[list, key])).await?.is_none() {
                    self.make(list, &format!("{list} {key}"), &shape.body(kept)).await?;
                }
            }
        }
        self.members(tree).await?;
        self.webhooks(tree).await
    }

    /// Those who are not there are invited, and choose a password then.
    async fn members(&mut self, tree: &Tree) -> anyhow::Result<()> {
        let files: Vec<_> = tree.iter().filter(|(file, _)| file.starts_with("members")).collect();
        if files.is_empty() {
            return Ok(());
        }
        let address = |member: &Value| member["email"].as_str().map(str::to_lowercase);
        let there: BTreeSet<String> = self.api.all("members", "").await?.iter().filter_map(address).collect();
        for (file, kept) in files {
            let email = address(kept).with_context(|| format!("{}: no email", file.display()))?;
            if there.contains(&email) {
                continue;
            }
            if kept["role"] == "owner" {
                self.tell(&format!("left out member {email}: an owner is made by an owner"));
                continue;
            }
            self.make("members", &format!("member {email}, by an invitation"), &json!([MEMBER.body(kept)])).await?;
        }
        Ok(())
    }

    /// They have no keys: what has the same name and address is the same.
    async fn webhooks(&mut self, tree: &Tree) -> anyhow::Result<()> {
        let files: Vec<_> = tree.iter().filter(|(file, _)| file.starts_with("webhooks")).collect();
        let mut there = if files.is_empty() { Vec::new() } else { self.api.all("webhooks", "").await? };
        for (_, kept) in files {
            let is_same = |found: &Value| found["url"] == kept["url"] && found["name"] == kept["name"];
            let name = format!("webhook {}", kept["name"].as_str().or(kept["url"].as_str()).unwrap_or_default());
            let Some(at) = there.iter().position(is_same) else {
                self.make("webhooks", &name, &WEBHOOK.body(kept)).await?;
                if kept["sign"] == true {
                    self.tell(&format!("{name} gets a new secret: its receiver has to know it"));
                }
                continue;
            };
            let found = there.remove(at);
            let now = webhook_file(&found);
            if now["sign"] != kept["sign"] {
                self.tell(&format!("left the secret of {name} as it is: set or remove it there"));
            }
            let rest = Shape { made: &["on", "statements", "tags"], later: &[] };
            let id = found["_id"].as_str().context("a webhook without an id")?;
            self.patch(&path(&["webhooks", id]), &name, &rest.differences(&now, kept, ""), false).await?;
        }
        Ok(())
    }

    /// Everything is there before anything refers to it.
    async fn project(&mut self, key: &str, files: &ProjectFiles<'_>) -> anyhow::Result<()> {
        let kept = files.project.with_context(|| format!("projects/{key}/project.json is missing"))?;
        let at = path(&["projects", key]);
        let found = self.api.find(&at).await?;
        let is_new = found.is_none();
        if is_new {
            let mut body = PROJECT.body(kept);
            body["key"] = json!(key);
            body["environments"] = files.environments.values().map(|env| ENVIRONMENT.body(env)).collect();
            self.make("projects", &format!("project {key} with its environments"), &body).await?;
        }
        if is_new && self.dry {
            self.tell(&format!("make {} flags, {} segments", files.flags.len(), files.segments.len()));
            self.done += files.flags.len() + files.segments.len();
            return Ok(());
        }
        self.change(&PROJECT, &at, &format!("project {key}"), kept, None).await?;
        for (env, kept) in &files.environments {
            let at = path(&["projects", key, "environments", env]);
            let name = format!("environment {key}/{env}");
            if self.api.find(&at).await?.is_none() {
                self.make(&path(&["projects", key, "environments"]), &name, &ENVIRONMENT.body(kept)).await?;
            } else {
                self.change(&ENVIRONMENT, &at, &name, kept, None).await?;
            }
        }
        self.flags(key, files).await?;
        self.segments(key, files).await?;
        self.configs(key, files).await
    }

    /// Flags themselves, not yet what they are in environments.
    async fn flags(&mut self, key: &str, files: &ProjectFiles<'_>) -> anyhow::Result<()> {
        let own = Shape { later: &[], ..FLAG };
        for (flag, kept) in &files.flags {
            let (at, name) = (path(&["flags", key, flag]), format!("flag {key}/{flag}"));
            if self.api.find(&at).await?.is_none() {
                self.make(&path(&["flags", key]), &name, &FLAG.body(kept)).await?;
            } else {
                let comment = Some(self.comment.clone());
                self.change(&own, &at, &name, kept, comment.as_deref()).await?;
            }
        }
        Ok(())
    }

    /// All of them first: their rules may name each other.
    async fn segments(&mut self, key: &str, files: &ProjectFiles<'_>) -> anyhow::Result<()> {
        for ((env, segment), kept) in &files.segments {
            if self.api.find(&path(&["segments", key, env, segment])).await?.is_none() {
                let name = format!("segment {key}/{env}/{segment}");
                self.make(&path(&["segments", key, env]), &name, &SEGMENT.body(kept)).await?;
            }
        }
        for ((env, segment), kept) in &files.segments {
            let at = path(&["segments", key, env, segment]);
            // Whether it is big is settled when it is made.
            let lists = Shape { made: &["name", "description", "tags"], later: SEGMENT.later };
            let comment = Some(self.comment.clone());
            let name = format!("segment {key}/{env}/{segment}");
            self.change(&lists, &at, &name, kept, comment.as_deref()).await?;
        }
        Ok(())
    }

    /// What flags are in environments, and last what cannot be changed any more afterwards.
    async fn configs(&mut self, key: &str, files: &ProjectFiles<'_>) -> anyhow::Result<()> {
        for (flag, kept) in &files.flags {
            let (at, name) = (path(&["flags", key, flag]), format!("flag {key}/{flag}"));
            let Some(found) = self.api.find(&at).await? else { continue };
            let now = flag_file(&found);
            let mut ops = Vec::new();
            for (env, config) in kept["environments"].as_object().into_iter().flatten() {
                let place = format!("/environments/{}", env.replace('~', "~0").replace('/', "~1"));
                let there = now["environments"].get(env);
                let there = there.with_context(|| format!("{name}: there is no environment {env}"))?;
                ops.extend(CONFIG.differences(there, config, &place));
            }
            self.patch(&at, &name, &ops, true).await?;
            let last = Shape { made: &[], later: FLAG.later };
            self.patch(&at, &name, &last.differences(&now, kept, ""), true).await?;
        }
        Ok(())
    }

    async fn make(&mut self, list: &str, name: &str, body: &Value) -> anyhow::Result<()> {
        self.tell(&format!("make {name}"));
        self.done += 1;
        if self.dry {
            return Ok(());
        }
        self.api.post(list, body).await.with_context(|| format!("cannot make {name}"))
    }

    async fn change(
        &mut self,
        shape: &Shape,
        at: &str,
        name: &str,
        kept: &Value,
        comment: Option<&str>,
    ) -> anyhow::Result<()> {
        // Not there in a dry run that would have made it.
        let Some(now) = self.api.find(at).await? else { return Ok(()) };
        let ops = shape.differences(&shape.of(&now), kept, "");
        self.patch(at, name, &ops, comment.is_some()).await
    }

    async fn patch(&mut self, at: &str, name: &str, ops: &[Value], with_comment: bool) -> anyhow::Result<()> {
        if ops.is_empty() {
            return Ok(());
        }
        let members: Vec<_> = ops.iter().filter_map(|op| op["path"].as_str()).collect();
        self.tell(&format!("change {name}: {}", members.join(" ")));
        self.done += 1;
        if self.dry {
            return Ok(());
        }
        let comment = with_comment.then_some(self.comment.as_str());
        self.api.patch(at, ops, comment).await.with_context(|| format!("cannot change {name}"))
    }

    fn tell(&mut self, what: &str) {
        self.told.push_str(what);
        self.told.push('\n');
    }
}

/// The files by project: `projects/KEY/…`.
fn projects(tree: &Tree) -> anyhow::Result<BTreeMap<&str, ProjectFiles<'_>>> {
    let mut all: BTreeMap<&str, ProjectFiles<'_>> = BTreeMap::new();
    for (file, kept) in tree {
        let parts: Vec<&str> = file.iter().filter_map(|part| part.to_str()).collect();
        let ["projects", project, rest @ ..] = &parts[..] else { continue };
        let files = all.entry(project).or_default();
        let key = || key_of(kept).with_context(|| file.display().to_string());
        match rest {
            ["project.json"] => files.project = Some(kept),
            ["environments", _] => drop(files.environments.insert(key()?, kept)),
            ["flags", _] => drop(files.flags.insert(key()?, kept)),
            ["segments", env, _] => drop(files.segments.insert((env, key()?), kept)),
            _ => {}
        }
    }
    Ok(all)
}
