//! Removing targets whose time has come.

use std::collections::HashSet;

use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{Kind, Segment, SegmentList};
use wigwag_store::DocKey;

use super::settle;
use crate::due::DueKind;
use crate::segments::{access, diff, index, lists, load, write};

/// The work that segments with expiring targets have.
pub(crate) fn due_kind() -> DueKind {
    DueKind { kind: Kind::Segment, fact: index::EXPIRES_AT, apply: |ctx, key| Box::pin(expire(ctx, key)) }
}

async fn expire(ctx: Ctx, key: DocKey) -> Result<()> {
    match retried(false, || once(&ctx, &key)).await {
        // The segment or its environment went meanwhile, and the plan with it.
        Err(Error::NotFound(_)) => Ok(()),
        outcome => outcome,
    }
}

async fn once(ctx: &Ctx, key: &DocKey) -> Result<()> {
    let found = load::find(ctx, &key.project, &key.env, &key.key).await?;
    let mut after = found.segment.clone();
    remove(&found.segment, &mut after, ctx.app.clock.now());
    settle(&mut after);
    let parts = diff::between(&found.segment, &after);
    let Some(proofs) = access::authorise(ctx, &found, &parts)? else { return Ok(()) };
    let change = write::change(&found, &after, &parts, proofs).comment(Some("The targets expired"));
    write::save(ctx, change, found, after, Vec::new()).await.map(drop)
}

/// Takes the targets whose time has come off their lists.
fn remove(before: &Segment, after: &mut Segment, now: i64) {
    let due = || before.expiring_targets.iter().filter(|one| one.expires_at <= now);
    let places: HashSet<(SegmentList, &str)> = due().map(|one| (one.list, one.context_kind.as_str())).collect();
    for (list, kind) in places {
        let here = due().filter(|one| one.list == list && one.context_kind == kind);
        lists::remove(after, list, kind, &here.map(|one| one.context_key.as_str()).collect());
    }
}
