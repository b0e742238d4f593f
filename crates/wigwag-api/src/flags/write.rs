//! Writing a flag: every change of an existing flag ends here.

use std::collections::{BTreeMap, BTreeSet};

use wigwag_kit::{Change, Ctx, Proofs, Result};
use wigwag_model::doc::{Environment, FlagConfig};
use wigwag_store::{Committed, DocKey, Expect, Holders};

use super::dependants::{self, Dependant};
use super::diff::{Diff, FlagPart};
use super::load::{Found, config_key, flag_key};
use super::state::{FlagState, Renumbering};
use super::{audit, cycles, index};
use crate::common::segments;
use crate::read::segments_in_use;

/// What a change means for other flags.
#[derive(Default)]
pub(crate) struct Others {
    /// Configurations that must follow variations which moved.
    following: Vec<Dependant>,
    /// What was read to find the change sound, and must still be so when it is written.
    requires: Vec<(DocKey, Expect)>,
    /// Who depends on a flag that is archived, all of them archived.
    holders: Option<Holders>,
}

/// A flag as it was written.
pub(crate) struct Outcome {
    pub(crate) state: FlagState,
    /// Store version of the flag's document.
    pub(crate) flag: u64,
    /// Store versions of its configurations, by environment key.
    pub(crate) configs: BTreeMap<String, u64>,
}

/// What the change would do to other flags, and what of them it relies on: `requires` are those that
/// its prerequisites were checked against. Others are read only where it can concern them.
///
/// # Errors
/// 400: a prerequisite that would lead back, a flag or a variation that others need.
pub(crate) async fn check_others(
    ctx: &Ctx,
    found: &Found,
    after: &FlagState,
    diff: &Diff,
    mut requires: Vec<(DocKey, Expect)>,
) -> Result<Others> {
    let (project, key) = (&found.project.value.key, &after.flag.key);
    let mut holders = None;
    if diff.flag.contains(&FlagPart::Archived) && after.flag.archived_at.is_some() {
        let (all, archived) = dependants::refuse_archive(ctx, project, key).await?;
        requires.extend(archived);
        holders = Some(all);
    }
    for (env, config) in after.configs.iter().filter(|(env, _)| diff.touches(env)) {
        let before = found.state.configs.get(env).map(asked).unwrap_or_default();
        let new: BTreeSet<&str> = asked(config).difference(&before).copied().collect();
        requires.extend(segments_in_use(ctx, project, env, &new).await?);
    }
    requires.extend(cycles::refuse(ctx, project, &found.state, after, diff).await?);
    let moved = Renumbering::between(&found.state.flag.variations, &after.flag.variations);
    let following = match moved.is_identity() {
        true => Vec::new(),
        false => dependants::following(ctx, project, key, &moved).await?,
    };
    Ok(Others { following, requires, holders })
}

/// The segments that the rules of a configuration ask for.
pub(crate) fn asked(config: &FlagConfig) -> BTreeSet<&str> {
    segments(config.rules.iter().flat_map(|rule| &rule.clauses)).collect()
}

/// The change from the flag as found to `after`, with what the audit entry says of it.
pub(crate) fn change(found: &Found, after: &FlagState, diff: &Diff, proofs: Proofs) -> Change {
    let (verb, description) = audit::sentence(&found.state, after, diff);
    let target = audit::target(&found.project.value, after, &about(found, diff));
    Change::new(proofs, verb, target).description(description)
}

/// The environments the audit entry names: all, when the flag itself changed.
fn about<'a>(found: &'a Found, diff: &Diff) -> Vec<&'a Environment> {
    let concerned = |env: &&Environment| !diff.flag.is_empty() || diff.configs.contains_key(&env.key);
    found.environments().into_iter().filter(concerned).collect()
}

/// Writes the documents that differ, and those whose version SDKs must see rise.
///
/// # Errors
/// A lost race; a store that cannot be reached.
pub(crate) async fn save(
    ctx: &Ctx,
    mut change: Change,
    found: &Found,
    mut after: FlagState,
    diff: &Diff,
    others: Others,
) -> Result<Outcome> {
    let (project, flag, now) = (&found.project.value.key, &found.state.flag.key, ctx.app.clock.now());
    let mut written = Vec::new();
    if !diff.flag.is_empty() {
        let expect = Expect::Version(found.version);
        change.put(flag_key(project, flag), expect, &after.flag, index::flag(&after.flag))?;
        written.push(None);
    }
    for (env, config) in &mut after.configs {
        if diff.touches(env) || !found.versions.contains_key(env) {
            config.last_modified = now;
            let expect = found.versions.get(env).map_or(Expect::Absent, |version| Expect::Version(*version));
            change.put(config_key(project, env, flag), expect, config, index::config(config))?;
            written.push(Some(env.clone()));
        }
    }
    for mut other in others.following {
        other.config.last_modified = now;
        let key = config_key(project, &other.environment, &other.flag);
        change.put(key, Expect::Version(other.version), &other.config, index::config(&other.config))?;
    }
    others.requires.into_iter().for_each(|(key, expect)| change.require(key, expect));
    others.holders.into_iter().for_each(|holders| change.require_holders(holders));
    let Committed { versions, .. } = change.commit(ctx).await?;
    let mut saved = Outcome { state: after, flag: found.version, configs: found.versions.clone() };
    for (what, version) in written.into_iter().zip(versions) {
        match what {
            None => saved.flag = version,
            Some(env) => drop(saved.configs.insert(env, version)),
        }
    }
    Ok(saved)
}
