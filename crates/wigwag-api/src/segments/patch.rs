//! Changing a segment.

use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::Segment;

use super::load::{self, Found};
use super::rep::SegmentRep;
use super::{access, big, cycles, diff, expiring, instructions, patch_json, validate, write};

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::ALL)?;
    let dry_run = request.query_flag("dryRun")?.unwrap_or(false);
    let found = retried(patch.pins(), || once(&ctx, &request, &patch, dry_run)).await?;
    let (project, environment) = (&found.project.value.key, &found.environment.value.key);
    Reply::json(&SegmentRep::of(project, environment, &found.segment, found.version))
}

/// One attempt: the segment as it is then. What it says of members of a big segment is in the same commit.
async fn once(ctx: &Ctx, request: &Request, patch: &Patch, dry_run: bool) -> Result<Found> {
    let found = load::of(ctx, request).await?;
    let mut after = apply(ctx, &found, patch)?;
    let moves = big::moves(ctx, &found, patch).await?;
    let parts = diff::between(&found.segment, &after);
    let Some(proofs) = access::authorise_moves(ctx, &found, &parts, &moves)? else { return Ok(found) };
    write::check_comment(&found.environment.value, patch.comment())?;
    let requires = cycles::refuse(ctx, &found, &after).await?;
    if dry_run {
        return Ok(Found { segment: after, ..found });
    }
    let change = write::change(&found, &after, &parts, proofs).comment(patch.comment()).delta(patch.delta());
    let change = moves.write(&found.key(), &mut after, change)?;
    write::save(ctx, change, found, after, requires).await
}

/// The state that the patch asks for, checked by itself.
fn apply(ctx: &Ctx, found: &Found, patch: &Patch) -> Result<Segment> {
    let (project, environment) = (&found.project.value.key, &found.environment.value.key);
    let ids = &ctx.app.ids;
    let mut after = match patch {
        Patch::Semantic(sent) => {
            if let Some(other) = sent.environment_key.as_ref().filter(|key| *key != environment) {
                let problem = format!("the segment is in the environment {environment}, not in {other}");
                return Err(Error::field("environmentKey", problem));
            }
            instructions::apply(&found.segment, sent, ids)?
        }
        Patch::Json { .. } | Patch::Merge { .. } => {
            let rep = SegmentRep::of(project, environment, &found.segment, found.version);
            let shown = serde_json::to_value(&rep).map_err(|e| Error::Internal(e.to_string()))?;
            let patched = patch.applied(&shown)?;
            patch_json::read(&found.segment, &shown, patched, ids)?
        }
    };
    expiring::settle(&mut after);
    validate::check(Some(&found.segment), &after)?;
    Ok(after)
}
