//! Members of an environment's configuration.

use serde::Deserialize;
use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{FlagConfig, Prerequisite};

use super::{Shown, decode, environment_keys, items, rules, targets};
use crate::flags::facts::Facts;

/// Members that name variations by index.
const INDEXED: [&str; 5] = ["targets", "contextTargets", "rules", "fallthrough", "offVariation"];

/// Longest salt, in bytes.
const MAX_SALT: usize = 256;

pub(super) fn indexes_changed(shown: Shown<'_>, patched: Shown<'_>) -> bool {
    environment_keys(patched).any(|env| {
        let (shown, patched) = (shown.environment(env), patched.environment(env));
        INDEXED.iter().any(|name| shown.changed(patched, name).is_some())
    })
}

pub(super) fn read(
    env: &str,
    config: &mut FlagConfig,
    shown: Shown<'_>,
    patched: Shown<'_>,
    facts: &Facts<'_>,
) -> Result<()> {
    let root = format!("/environments/{env}");
    if shown.value == patched.value {
        return Ok(());
    }
    if !patched.value.is_object() {
        return Err(Error::field(&root, "must be an object; an environment cannot be taken from a flag"));
    }
    let path = |name: &str| format!("{root}/{name}");
    for (name, member) in [
        ("on", &mut config.on),
        ("trackEvents", &mut config.track_events),
        ("trackEventsFallthrough", &mut config.track_events_fallthrough),
    ] {
        if let Some(value) = shown.changed(patched, name) {
            *member = decode(&path(name), value)?;
        }
    }
    if let Some(value) = shown.changed(patched, "offVariation") {
        config.off_variation = decode(&path("offVariation"), value)?;
    }
    if let Some(value) = shown.changed(patched, "salt") {
        config.salt = salt(&path("salt"), value)?;
    }
    if let Some(value) = shown.changed(patched, "fallthrough") {
        config.fallthrough = rules::serve(&path("fallthrough"), value, Some(&config.fallthrough))?;
    }
    if let Some(value) = shown.changed(patched, "rules") {
        config.rules = rules::read(&path("rules"), value, shown.get("rules"), &config.rules, facts.ids)?;
    }
    if let Some(value) = shown.changed(patched, "prerequisites") {
        config.prerequisites = prerequisites(&path("prerequisites"), value)?;
    }
    if let Some(value) = shown.changed(patched, "migrationSettings") {
        config.check_ratio = check_ratio(&path("migrationSettings"), value)?;
    }
    targets::read(&root, config, shown, patched)
}

fn prerequisites(path: &str, value: &Value) -> Result<Vec<Prerequisite>> {
    let one = |(i, item): (usize, &Value)| decode(&format!("{path}/{i}"), item);
    items(path, value)?.iter().enumerate().map(one).collect()
}

fn salt(path: &str, value: &Value) -> Result<String> {
    let salt: String = decode(path, value)?;
    match salt.is_empty() || salt.len() > MAX_SALT {
        true => Err(Error::field(path, "must have 1 to 256 characters")),
        false => Ok(salt),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Migration {
    check_ratio: Option<u32>,
}

fn check_ratio(path: &str, value: &Value) -> Result<Option<u32>> {
    Ok(decode::<Option<Migration>>(path, value)?.and_then(|sent| sent.check_ratio))
}
