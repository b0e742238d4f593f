//! The end of a segment.

use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Proofs, Reply, Request, Result};
use wigwag_store::Expect;

use super::{audit, load, usage};

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || attempt(&ctx, &request)).await
}

async fn attempt(ctx: &Ctx, request: &Request) -> Result<Reply> {
    let found = load::of(ctx, request).await?;
    let proof = ctx.authorise("deleteSegment", &found.spec())?;
    let (project, environment) = (&found.project.value, &found.environment);
    let unused = usage::refuse_delete(ctx, &project.key, &environment.value.key, &found.segment.key).await?;
    let target = audit::target(project, environment, &found.segment);
    let mut change = Change::new(Proofs::of(proof), "deleted the segment", target);
    unused.into_iter().for_each(|holders| change.require_holders(holders));
    change.delete(found.key(), Expect::Version(found.version));
    change.commit(ctx).await?;
    Ok(Reply::empty())
}
