//! `targets` and `contextTargets`, which together make one ordered list (behaviour.md 9).

use serde::Deserialize;
use serde_json::Value;
use wigwag_kit::Result;
use wigwag_model::doc::{FlagConfig, Target};

use super::{Shown, decode, items};

const USER: &str = "user";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetInput {
    #[serde(default)]
    context_kind: Option<String>,
    variation: usize,
    #[serde(default)]
    values: Vec<String>,
}

/// Reads both lists when either changed. An empty entry of kind `user` in `contextTargets` holds
/// the place of the one in `targets`. User targets without such an entry come last, or first
/// where there is none at all: then the client does not know of the two lists.
pub(super) fn read(root: &str, config: &mut FlagConfig, shown: Shown<'_>, patched: Shown<'_>) -> Result<()> {
    let unchanged = |name| shown.changed(patched, name).is_none();
    if unchanged("targets") && unchanged("contextTargets") {
        return Ok(());
    }
    let users = list(&format!("{root}/targets"), patched.get("targets"))?;
    let others = list(&format!("{root}/contextTargets"), patched.get("contextTargets"))?;
    let places = others.iter().any(|target| target.context_kind == USER);
    let order = if places { others.into_iter().chain(users) } else { users.into_iter().chain(others) };
    config.targets = merge(order);
    Ok(())
}

fn list(path: &str, value: &Value) -> Result<Vec<Target>> {
    let one = |(i, item): (usize, &Value)| {
        let sent: TargetInput = decode(&format!("{path}/{i}"), item)?;
        let kind = sent.context_kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| USER.to_owned());
        Ok(Target { context_kind: kind, variation: sent.variation, values: sent.values })
    };
    items(path, value)?.iter().enumerate().map(one).collect()
}

/// One entry for each kind and variation, in the place of the first; empty ones go.
fn merge(targets: impl Iterator<Item = Target>) -> Vec<Target> {
    let mut merged: Vec<Target> = Vec::new();
    for target in targets {
        let same = |old: &&mut Target| old.context_kind == target.context_kind && old.variation == target.variation;
        match merged.iter_mut().find(same) {
            Some(old) => old.values.extend(target.values),
            None => merged.push(target),
        }
    }
    merged.retain(|target| !target.values.is_empty());
    merged.iter_mut().for_each(|target| dedupe(&mut target.values));
    merged
}

fn dedupe(values: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::with_capacity(values.len());
    values.retain(|value| seen.insert(value.clone()));
}
