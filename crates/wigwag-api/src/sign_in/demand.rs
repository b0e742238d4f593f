//! Of whom a second factor is demanded: kept with the account, held to by whoever begins and finds sessions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result, Spec};
use wigwag_model::doc::RequireMfa;
use wigwag_store::{Expect, IndexFacts};

use crate::bootstrap::{self, account_key, account_target};
use crate::common::Bullets;

pub(super) const ACTION: &str = "updateRequireMfa";
pub(super) const PATH: &str = "/internal/require-mfa";

/// Of whom a second factor is demanded.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequireMfaRep {
    /// `none`; `admins`: members whose base role is admin or owner; or `everyone`.
    require_mfa: RequireMfa,
}

/// What is demanded now.
pub(super) async fn current(ctx: &Ctx) -> Result<RequireMfa> {
    let found = bootstrap::found(ctx.store()).await?;
    Ok(found.map(|found| found.account.require_mfa).unwrap_or_default())
}

pub(super) async fn get(ctx: Ctx, _: Request) -> Result<Reply> {
    ctx.authorise("viewAccount", &Spec::account())?;
    Reply::json(&RequireMfaRep { require_mfa: current(&ctx).await? })
}

pub(super) async fn put(ctx: Ctx, request: Request) -> Result<Reply> {
    let put: RequireMfaRep = request.json()?;
    retried(false, || attempt(&ctx, put.require_mfa)).await?;
    Reply::json(&put)
}

async fn attempt(ctx: &Ctx, wanted: RequireMfa) -> Result<()> {
    let proof = ctx.authorise(ACTION, &Spec::account())?;
    let found = bootstrap::found(ctx.store()).await?;
    let found = found.ok_or_else(|| Error::Internal("there is no account".to_owned()))?;
    let mut account = found.account;
    let before = account.require_mfa;
    if wanted == before {
        return Ok(());
    }
    let has_factor = ctx.caller.acting_member().is_some_and(|member| member.sign_in.totp.is_some());
    if wanted > before && !has_factor {
        let text = "This would lock you out: set up a second factor of your own first (a service token has none)";
        return Err(Error::Conflict(text.to_owned()));
    }
    account.require_mfa = wanted;
    let mut lines = Bullets::default();
    lines.changed("members of whom a second factor is demanded", &named(before), &named(wanted));
    let change = Change::new(Proofs::of(proof), "updated the account", account_target(&account));
    let mut change = change.description(lines.markdown());
    change.put(account_key(), Expect::Version(found.version), &account, IndexFacts::new())?;
    change.commit(ctx).await.map(drop)
}

const fn named(demand: RequireMfa) -> &'static str {
    match demand {
        RequireMfa::None => "none",
        RequireMfa::Admins => "admins",
        RequireMfa::Everyone => "everyone",
    }
}
