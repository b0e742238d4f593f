//! Rules for a flag's configuration in one environment.

use std::collections::{HashMap, HashSet};

use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, FlagConfig, Prerequisite, Rule, Target};

use super::serve;
use crate::common::{check_clauses, check_context_kind};
use crate::flags::facts::Facts;

/// Checks what differs from `old`: a list of ten thousand targets is not walked to turn a flag on.
pub(super) fn check(env: &str, config: &FlagConfig, old: Option<&FlagConfig>, flag: &Flag) -> Result<()> {
    let root = format!("/environments/{env}");
    if let Some(index) = config.off_variation {
        serve::index(&format!("{root}/offVariation"), index, flag)?;
    }
    serve::check(&format!("{root}/fallthrough"), &config.fallthrough, flag)?;
    if old.is_none_or(|old| old.targets != config.targets) {
        check_targets(&root, &config.targets, flag)?;
    }
    if old.is_none_or(|old| old.rules != config.rules) {
        check_rules(&root, &config.rules, flag)?;
    }
    if config.check_ratio.is_some() && flag.migration_settings.is_none() {
        let path = format!("{root}/migrationSettings/checkRatio");
        return Err(Error::field(&path, "only a migration flag has a check ratio"));
    }
    Ok(())
}

fn check_targets(root: &str, targets: &[Target], flag: &Flag) -> Result<()> {
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    let mut lists = HashSet::new();
    for target in targets {
        let list = if target.context_kind == "user" { "targets" } else { "contextTargets" };
        let path = format!("{root}/{list}");
        check_context_kind(&format!("{path}/contextKind"), &target.context_kind)?;
        serve::index(&format!("{path}/variation"), target.variation, flag)?;
        if !lists.insert((&target.context_kind, target.variation)) {
            return Err(Error::field(&path, "two lists target the same variation and context kind"));
        }
        for key in &target.values {
            match seen.insert((&target.context_kind, key), target.variation) {
                None => {}
                Some(other) if other == target.variation => {
                    return Err(Error::field(&path, format_args!("the context key '{key}' is listed twice")));
                }
                Some(_) => {
                    let rule = format!("the context key '{key}' would be targeted in more than one variation");
                    return Err(Error::field(&path, rule));
                }
            }
        }
    }
    Ok(())
}

fn check_rules(root: &str, rules: &[Rule], flag: &Flag) -> Result<()> {
    let mut ids = HashSet::new();
    for (i, rule) in rules.iter().enumerate() {
        let path = format!("{root}/rules/{i}");
        if !ids.insert(rule.id.as_str()) {
            return Err(Error::field(&format!("{path}/_id"), "another rule has the same _id"));
        }
        serve::check(&path, &rule.serve, flag)?;
        check_clauses(&path, &rule.clauses)?;
    }
    Ok(())
}

/// Only prerequisites that were not there before are looked up.
pub(super) fn check_prerequisites(
    env: &str,
    config: &FlagConfig,
    old: Option<&FlagConfig>,
    flag: &Flag,
    facts: &Facts,
) -> Result<()> {
    for (i, one) in config.prerequisites.iter().enumerate() {
        let path = format!("/environments/{env}/prerequisites/{i}");
        if one.key == flag.key {
            return Err(Error::field(&path, "a flag cannot be its own prerequisite"));
        }
        if config.prerequisites[..i].iter().any(|other| other.key == one.key) {
            return Err(Error::field(&path, format_args!("the flag '{}' is already a prerequisite", one.key)));
        }
        if !old.is_some_and(|old| old.prerequisites.contains(one)) {
            check_new_prerequisite(&path, one, facts)?;
        }
    }
    Ok(())
}

fn check_new_prerequisite(path: &str, one: &Prerequisite, facts: &Facts) -> Result<()> {
    let Some(other) = facts.flags.get(&one.key) else {
        return Err(Error::field(&format!("{path}/key"), format_args!("there is no flag with the key '{}'", one.key)));
    };
    if other.archived_at.is_some() {
        return Err(Error::field(&format!("{path}/key"), format_args!("the flag '{}' is archived", one.key)));
    }
    serve::index(&format!("{path}/variation"), one.variation, other)
}
