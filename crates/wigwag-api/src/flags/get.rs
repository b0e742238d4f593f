//! One flag.

use wigwag_kit::{Ctx, Reply, Request, Result};

use super::answer::{self, Versions};
use super::load;

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let only: Vec<_> = request.query_list("env").collect();
    let found = load::find(&ctx, request.param("projectKey"), request.param("featureFlagKey"), &only).await?;
    let versions = Versions { flag: found.version, configs: &found.versions };
    answer::flag(&ctx, &request, &found, &found.state, &versions).await
}
