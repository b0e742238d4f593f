//! Where one key stands in a big segment.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Ctx, Reply, Request, Result};
use wigwag_store::{MAX_MEMBER, Membership};

use super::big;

/// Where a key stands. One that is included and excluded at once counts as included.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BigSegmentTarget")]
pub(super) struct Target<'a> {
    /// The key of the context, of whatever kind.
    user_key: &'a str,
    included: bool,
    excluded: bool,
}

pub(super) async fn context(ctx: Ctx, request: Request) -> Result<Reply> {
    look_up(&ctx, &request, request.param("contextKey")).await
}

pub(super) async fn user(ctx: Ctx, request: Request) -> Result<Reply> {
    look_up(&ctx, &request, request.param("userKey")).await
}

async fn look_up(ctx: &Ctx, request: &Request, key: &str) -> Result<Reply> {
    let found = big::of(ctx, request).await?;
    // No list holds such a key, and PostgreSQL takes no NUL.
    let Membership { included, excluded } = match key.len() > MAX_MEMBER || key.contains('\0') {
        true => Membership::default(),
        false => ctx.store().membership(&found.key(), key).await?,
    };
    Reply::json(&Target { user_key: key, included, excluded })
}
