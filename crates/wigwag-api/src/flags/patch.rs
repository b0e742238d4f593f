//! Changing a flag.

use std::collections::BTreeMap;

use serde_json::Value;
use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::{Change, Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::Environment;
use wigwag_store::{Committed, Expect};

use super::answer::{self, Versions};
use super::dependants::{self, Dependant};
use super::diff::{Diff, FlagPart};
use super::facts::Facts;
use super::instructions::Effect;
use super::load::{self, Found, config_key, flag_key};
use super::rep::{Detail, Shape};
use super::state::{FlagState, Renumbering};
use super::{access, audit, cycles, delete, guard, index, instructions, patch_json, validate};
use wigwag_kit::resource::retried;

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::ALL)?;
    let dry_run = request.query_flag("dryRun")?.unwrap_or(false);
    // Nothing can be pending yet that a change would break, so there is nothing to ignore.
    request.query_flag("ignoreConflicts")?;
    retried(patch.pins(), || once(&ctx, &request, &patch, dry_run)).await
}

async fn once(ctx: &Ctx, request: &Request, patch: &Patch, dry_run: bool) -> Result<Reply> {
    let found = load::find(ctx, request.param("projectKey"), request.param("featureFlagKey"), &[]).await?;
    let (after, effect) = apply(ctx, &found, patch).await?;
    if effect == Effect::Deleted {
        return delete::delete(ctx, found, patch.comment(), Some(patch.delta()), dry_run).await;
    }
    let diff = Diff::between(&found.state, &after);
    let environments = found.environments();
    let before = &found.state;
    let proofs = access::authorise(ctx, &found.project.value, &environments, &before.flag, &diff)?;
    let unchanged = Versions { flag: found.version, configs: &found.versions };
    let Some(mut proofs) = proofs else {
        return answer::flag(ctx, request, &found, before, &unchanged).await;
    };
    guard::check(ctx, &found, &diff, patch.comment(), &mut proofs)?;
    let following = check_others(ctx, &found, &after, &diff).await?;
    if dry_run {
        return answer::flag(ctx, request, &found, &after, &unchanged).await;
    }
    let (verb, description) = audit::sentence(before, &after, &diff);
    let target = audit::target(&found.project.value, &after, &about(&environments, &diff));
    let change =
        Change::new(proofs, verb, target).comment(patch.comment()).description(description).delta(patch.delta());
    let (after, versions) = save(ctx, change, &found, after, &diff, following).await?;
    let versions = Versions { flag: versions.0, configs: &versions.1 };
    answer::flag(ctx, request, &found, &after, &versions).await
}

/// The state that the patch asks for, checked by itself.
async fn apply(ctx: &Ctx, found: &Found, patch: &Patch) -> Result<(FlagState, Effect)> {
    let project = &found.project.value.key;
    let (after, effect, facts) = match patch {
        Patch::Semantic(sent) => {
            let env = sent.environment_key.as_deref();
            env.map(|key| found.environment(key)).transpose()?;
            let facts = load::facts(ctx, project, instructions::wanted(&sent.instructions)).await?;
            let mut after = found.state.clone();
            let effect = instructions::apply(&mut after, env, &sent.instructions, &facts)?;
            (after, effect, facts)
        }
        Patch::Json { .. } | Patch::Merge { .. } => {
            let shown = shown(ctx, found).await?;
            let mut patched = shown.clone();
            patch.apply(&mut patched)?;
            let facts = load::facts(ctx, project, patch_json::wanted(&shown, &patched)).await?;
            (patch_json::read(&found.state, &shown, &patched, &facts)?, Effect::Changed, facts)
        }
    };
    if effect == Effect::Changed {
        check(&found.state, &after, &facts)?;
    }
    Ok((after, effect))
}

fn check(before: &FlagState, after: &FlagState, facts: &Facts<'_>) -> Result<()> {
    if before == after { Ok(()) } else { validate::state(before, after, facts) }
}

/// What clients see of the flag: what paths name and `test` looks at.
async fn shown(ctx: &Ctx, found: &Found) -> Result<Value> {
    let versions = Versions { flag: found.version, configs: &found.versions };
    let maintainers = load::maintainers(ctx, std::iter::once(&found.state.flag)).await?;
    let shape = Shape { version: ctx.version, detail: Detail::Full, migration_settings: true };
    let rep = answer::view(found, &found.state, &versions, &maintainers, shape).rep();
    serde_json::to_value(&rep).map_err(|e| Error::Internal(e.to_string()))
}

/// What the change would do to other flags. Other flags are read only where it can concern them.
async fn check_others(ctx: &Ctx, found: &Found, after: &FlagState, diff: &Diff) -> Result<Vec<Dependant>> {
    let (project, key) = (&found.project.value.key, &after.flag.key);
    if diff.flag.contains(&FlagPart::Archived) && after.flag.archived_at.is_some() {
        dependants::refuse_archive(ctx, project, key).await?;
    }
    cycles::refuse(ctx, project, Some(&found.state), after, diff).await?;
    let moved = Renumbering::between(&found.state.flag.variations, &after.flag.variations);
    match moved.is_identity() {
        true => Ok(Vec::new()),
        false => dependants::following(ctx, project, key, &moved).await,
    }
}

/// The environments the audit entry names: all, when the flag itself changed.
fn about<'a>(environments: &[&'a Environment], diff: &Diff) -> Vec<&'a Environment> {
    let concerned = |env: &&Environment| !diff.flag.is_empty() || diff.configs.contains_key(&env.key);
    environments.iter().copied().filter(concerned).collect()
}

type Saved = (FlagState, (u64, BTreeMap<String, u64>));

/// Writes the documents that differ, and those whose version SDKs must see rise.
async fn save(
    ctx: &Ctx,
    mut change: Change,
    found: &Found,
    mut after: FlagState,
    diff: &Diff,
    following: Vec<Dependant>,
) -> Result<Saved> {
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
    for mut other in following {
        other.config.last_modified = now;
        let key = config_key(project, &other.environment, &other.flag);
        change.put(key, Expect::Version(other.version), &other.config, index::config(&other.config))?;
    }
    let Committed { versions, .. } = change.commit(ctx).await?;
    let mut flag_version = found.version;
    let mut config_versions = found.versions.clone();
    for (what, version) in written.into_iter().zip(versions) {
        match what {
            None => flag_version = version,
            Some(env) => drop(config_versions.insert(env, version)),
        }
    }
    Ok((after, (flag_version, config_versions)))
}
