//! A new value for a token.

use wigwag_auth::{Directory, Reach, secret};
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::PreviousToken;
use wigwag_store::Expect;

use super::{index, rep, target};
use crate::common::future;
use crate::read::{members_by_id, token};
use wigwag_kit::resource::retried;

/// The old value stays valid until `expiry`, if one is given.
pub(super) async fn reset(ctx: Ctx, request: Request) -> Result<Reply> {
    let now = ctx.app.clock.now();
    let expiry = request.query_number("expiry")?.map(|at| future("expiry", at, now)).transpose()?;
    retried(false, || async {
        let mut token = token(&ctx, request.param("id")).await?;
        let proof = ctx.authorise("resetAccessToken", &token.spec)?;
        check_reach(&ctx, &token.value).await?;
        let value = ctx.app.ids.access_token();
        let old = std::mem::replace(&mut token.value.hash, secret::hash(&value));
        token.value.previous = expiry.map(|expiry| PreviousToken { hash: old, expiry });
        token.value.ending = secret::ending(&value);
        token.value.modified_at = now;
        let mut change = Change::new(Proofs::of(proof), "reset the access token", target(&token.value));
        change.put(token.key.clone(), Expect::Version(token.version), &token.value, index(&token.value))?;
        // What can fail comes first: the value is shown once.
        let shown = rep::shown(&ctx, &token.value, Some(value)).await?;
        change.commit(&ctx).await?;
        Reply::json(&shown)
    })
    .await
}

/// Whoever resets a token gets to know its value: refuses where it can do more than the caller.
/// A token may always reset itself.
async fn check_reach(ctx: &Ctx, token: &wigwag_model::doc::Token) -> Result<()> {
    if ctx.caller.token.as_ref().is_some_and(|t| t.id == token.id) {
        return Ok(());
    }
    let members = members_by_id(ctx, [token.member_id.as_str()]).await?;
    let directory = Directory::load(ctx.store()).await?;
    let reach = Reach::of_token(token, members.get(&token.member_id), &directory);
    if Reach::of(&ctx.caller, &directory).covers(&reach) {
        return Ok(());
    }
    Err(Error::Forbidden("A token that can do more than the caller cannot be reset by it".to_owned()))
}
