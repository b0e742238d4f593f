//! One segment.

use wigwag_kit::{Ctx, Reply, Request, Result};

use super::big;
use super::load;
use super::rep::SegmentRep;
use super::usage;

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = load::of(&ctx, &request).await?;
    let (project, environment) = (&found.project.value.key, &found.environment.value.key);
    let flags = usage::flags(&ctx, project, environment, &found.segment.key).await?;
    let members = big::shown(&ctx, &found).await?;
    Reply::json(
        &SegmentRep::of(project, environment, &found.segment, found.version).with_flags(flags).with_members(members),
    )
}
