//! Deleting a flag, by its own operation or by an instruction.

use serde_json::Value;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_store::Expect;

use super::load::{self, Found, config_key, flag_key};
use super::{access, audit, dependants};
use crate::read;
use wigwag_kit::resource::retried;

pub(super) async fn by_request(ctx: Ctx, request: Request) -> Result<Reply> {
    let attempt = || async {
        let found = load::find(&ctx, request.param("projectKey"), request.param("featureFlagKey"), &[]).await?;
        delete(&ctx, found, None, None, false).await
    };
    retried(false, attempt).await
}

/// Deletes the flag in all environments; answers 204.
///
/// # Errors
/// 403 where an environment denies it, 409 where another flag depends on it.
pub(super) async fn delete(
    ctx: &Ctx,
    found: Found,
    comment: Option<&str>,
    delta: Option<Value>,
    dry_run: bool,
) -> Result<Reply> {
    let (project, flag) = (&found.project.value, &found.state.flag);
    let environments = found.environments();
    let proofs = access::everywhere(ctx, "deleteFlag", project, &environments, flag)?;
    let proofs = Proofs::from_list(proofs).ok_or_else(|| Error::Internal("a project without environments".into()))?;
    let nobody = dependants::refuse_delete(ctx, &project.key, &flag.key).await?;
    let target = audit::target(project, &found.state, &environments);
    let mut change = Change::new(proofs, "deleted the flag", target).comment(comment);
    if let Some(delta) = delta {
        change = change.delta(delta);
    }
    change.require_holders(nobody);
    change.delete(flag_key(&project.key, &flag.key), Expect::Version(found.version));
    for (env, version) in &found.versions {
        change.delete(config_key(&project.key, env, &flag.key), Expect::Version(*version));
    }
    read::delete_hanging(ctx, &mut change, &project.key, &flag.key).await?;
    if !dry_run {
        change.commit(ctx).await?;
    }
    Ok(Reply::empty().status(http::StatusCode::NO_CONTENT))
}
