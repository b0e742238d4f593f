//! What the audit entry of a change says: behaviour.md 13.3 and 13.4.

mod config;
mod flag;
mod text;

use wigwag_kit::Target;
use wigwag_kit::links::path;
use wigwag_model::doc::{Environment, Kind, Project};

use super::access::spec;
use super::diff::{ConfigPart, Diff, FlagPart};
use super::state::FlagState;
use crate::read::flag_site;

/// The verb, and the markdown list of what changed: empty where the verb says it all.
pub(crate) fn sentence(before: &FlagState, after: &FlagState, diff: &Diff) -> (&'static str, String) {
    match verb(after, diff) {
        Some(verb) => (verb, String::new()),
        None => ("updated the flag", description(before, after, diff)),
    }
}

fn verb(after: &FlagState, diff: &Diff) -> Option<&'static str> {
    let flag = &after.flag;
    match diff.flag[..] {
        [FlagPart::Archived] if diff.configs.is_empty() => {
            return Some(if flag.archived_at.is_some() { "archived the flag" } else { "restored the flag" });
        }
        [FlagPart::Deprecated] if diff.configs.is_empty() => {
            return Some(if flag.deprecated_at.is_some() { "deprecated the flag" } else { "restored the flag" });
        }
        [] => {}
        _ => return None,
    }
    let only_on = diff.configs.values().all(|parts| parts[..] == [ConfigPart::On]);
    let mut on = diff.configs.keys().filter_map(|env| after.configs.get(env)).map(|config| config.on);
    match (only_on, on.next()) {
        (true, Some(true)) if on.all(|on| on) => Some("turned on the flag"),
        (true, Some(false)) if on.all(|on| !on) => Some("turned off the flag"),
        _ => None,
    }
}

/// Bullets, one a line. Where several environments change, each bullet says which.
pub(crate) fn description(before: &FlagState, after: &FlagState, diff: &Diff) -> String {
    let mut bullets = Vec::new();
    for part in &diff.flag {
        flag::describe(*part, &before.flag, &after.flag, &mut bullets);
    }
    for (env, parts) in &diff.configs {
        let (Some(old), Some(new)) = (before.configs.get(env), after.configs.get(env)) else { continue };
        let from = bullets.len();
        for part in parts {
            config::describe(*part, (&before.flag, old), (&after.flag, new), &mut bullets);
        }
        if diff.configs.len() > 1 {
            bullets[from..].iter_mut().for_each(|bullet| text::say_where(bullet, env));
        }
    }
    bullets.iter().map(|bullet| format!("* {bullet}\n")).collect()
}

/// What the entry is about: the flag in the environments that changed.
pub(crate) fn target(project: &Project, state: &FlagState, environments: &[&Environment]) -> Target {
    let flag = &state.flag;
    let only = match environments {
        [one] => Some(*one),
        _ => None,
    };
    let env = only.map_or("~", |environment| &environment.key);
    let (kind, scope) = match only {
        Some(_) => (Kind::FlagConfig, env),
        None => (Kind::Flag, ""),
    };
    Target {
        kind: "flag".to_owned(),
        name: flag.name.clone(),
        resources: environments.iter().map(|env| spec(project, env, flag).to_string()).collect(),
        href: path(&["flags", &project.key, &flag.key]),
        site: flag_site(&project.key, env, &flag.key),
        project: project.key.clone(),
        environment: only.map(|environment| environment.name.clone()),
        document: Some([kind.as_str().to_owned(), project.key.clone(), scope.to_owned(), flag.key.clone()]),
    }
}
