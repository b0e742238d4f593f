//! Changing a flag.

use serde_json::{Value, json};
use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_store::{DocKey, Expect};

use super::answer::{self, Versions};
use super::diff::Diff;
use super::facts::Facts;
use super::instructions::Effect;
use super::load::{self, Found};
use super::rep::{Detail, Maintainers, Shape, View};
use super::state::FlagState;
use super::{access, delete, expiring, guard, instructions, patch_json, validate, write};

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::ALL)?;
    let dry_run = request.query_flag("dryRun")?.unwrap_or(false);
    // Nothing can be pending yet that a change would break, so there is nothing to ignore.
    request.query_flag("ignoreConflicts")?;
    retried(patch.pins(), || once(&ctx, &request, &patch, dry_run)).await
}

async fn once(ctx: &Ctx, request: &Request, patch: &Patch, dry_run: bool) -> Result<Reply> {
    let found = load::find(ctx, request.param("projectKey"), request.param("featureFlagKey"), &[]).await?;
    let (after, effect, requires) = apply(ctx, &found, patch).await?;
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
    let others = write::check_others(ctx, &found, &after, &diff, requires).await?;
    if dry_run {
        return answer::flag(ctx, request, &found, &after, &unchanged).await;
    }
    let change = write::change(&found, &after, &diff, proofs).comment(patch.comment()).delta(patch.delta());
    let saved = write::save(ctx, change, &found, after, &diff, others).await?;
    answer::saved(ctx, request, &found, &saved).await
}

/// The state that the patch asks for, checked by itself and against other flags, which must stay as
/// they are.
pub(super) async fn apply(
    ctx: &Ctx,
    found: &Found,
    patch: &Patch,
) -> Result<(FlagState, Effect, Vec<(DocKey, Expect)>)> {
    let project = &found.project.value.key;
    let (mut after, effect, facts) = match patch {
        Patch::Semantic(sent) => {
            let env = sent.environment_key.as_deref();
            env.map(|key| found.environment(key)).transpose()?;
            let facts = load::facts(ctx, project, instructions::wanted(&sent.instructions)).await?;
            let mut after = found.state.clone();
            let effect = instructions::apply(&mut after, env, &sent.instructions, &facts)?;
            (after, effect, facts)
        }
        Patch::Json { .. } | Patch::Merge { .. } => {
            let shown = shown(ctx, found, patch).await?;
            let patched = patch.applied(&shown)?;
            let facts = load::facts(ctx, project, patch_json::wanted(&shown, &patched)).await?;
            (patch_json::read(&found.state, &shown, &patched, &facts)?, Effect::Changed, facts)
        }
    };
    expiring::settle(&mut after);
    if effect == Effect::Changed {
        check(&found.state, &after, &facts)?;
    }
    Ok((after, effect, facts.requires))
}

fn check(before: &FlagState, after: &FlagState, facts: &Facts<'_>) -> Result<()> {
    if before == after { Ok(()) } else { validate::state(before, after, facts) }
}

/// What clients see of the flag: what paths name and `test` looks at. What the patch does not name is left out
/// where that is easy, since what is not there before and after has not changed: environments, and the flag itself
/// where a patch is about environments only.
async fn shown(ctx: &Ctx, found: &Found, patch: &Patch) -> Result<Value> {
    let versions = Versions { flag: found.version, configs: &found.versions };
    let (all, none) =
        (Shape { version: ctx.version, detail: Detail::Full, migration_settings: true }, Maintainers::default());
    let mut view = answer::view(found, &found.state, &versions, &none, all);
    if let (Some(shown), Some(named)) = (&mut view.environments, patch.named_in("environments")) {
        shown.retain(|(environment, ..)| named.contains(&environment.key));
    }
    let shown = if patch.is_within("environments") {
        serde_json::to_value(view.environments()).map(|environments| json!({ "environments": environments }))
    } else {
        let maintainers = load::maintainers(ctx, std::iter::once(&found.state.flag)).await?;
        serde_json::to_value(View { maintainers: &maintainers, ..view }.rep())
    };
    shown.map_err(|e| Error::Internal(e.to_string()))
}
