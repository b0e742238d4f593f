//! One flag.

use serde::Serialize;
use wigwag_kit::expand::Expand;
use wigwag_kit::{Ctx, Reply, Request, Result};

use super::answer::{self, Versions};
use super::rep::FlagRep;
use super::{lint, load};
use crate::lint::Finding;

/// A flag with what the linter says of it.
#[derive(Serialize)]
struct Linted<'a> {
    #[serde(flatten)]
    flag: FlagRep<'a>,
    lint: Vec<Finding>,
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let only: Vec<_> = request.query_list("env").collect();
    let found = load::find(&ctx, request.param("projectKey"), request.param("featureFlagKey"), &only).await?;
    let versions = Versions { flag: found.version, configs: &found.versions };
    if !Expand::of(&request).has("lint") {
        return answer::flag(&ctx, &request, &found, &found.state, &versions).await;
    }
    let lint = lint::findings(&ctx, &found, &found.state).await?;
    let maintainers = load::maintainers(&ctx, std::iter::once(&found.state.flag)).await?;
    let shape = answer::shape(&ctx, &request);
    let flag = answer::view(&found, &found.state, &versions, &maintainers, shape).rep();
    Reply::json(&Linted { flag, lint })
}
