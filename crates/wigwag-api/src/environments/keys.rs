//! New SDK and mobile keys for an environment.

use wigwag_kit::{Change, Ctx, Proofs, Reply, Request, Result};
use wigwag_model::doc::{EnvKey, Environment};
use wigwag_store::Expect;

use super::{of, target};
use crate::common::future;
use crate::read::{Loaded, environment_index, environment_rep};
use wigwag_kit::resource::retried;

/// The old SDK key stays valid until `expiry`, if one is given.
pub(super) async fn reset_sdk_key(ctx: Ctx, request: Request) -> Result<Reply> {
    let now = ctx.app.clock.now();
    let expiry = request.query_number("expiry")?.map(|at| future("expiry", at, now)).transpose()?;
    let new_keys = |environment: &mut Environment| {
        let current = EnvKey { value: ctx.app.ids.sdk_key(), expiry: None };
        let before = std::mem::take(&mut environment.sdk_keys).into_iter().enumerate().filter_map(|(at, old)| {
            let ends = if at == 0 { expiry } else { old.expiry.filter(|ends| *ends > now) }?;
            Some(EnvKey { value: old.value, expiry: Some(ends) })
        });
        environment.sdk_keys = std::iter::once(current).chain(before).collect();
    };
    retried(false, || reset(&ctx, &request, "updateApiKey", "reset the SDK key for", &new_keys)).await
}

/// The old mobile key ends at once: its `expiry` is no longer part of the contract.
pub(super) async fn reset_mobile_key(ctx: Ctx, request: Request) -> Result<Reply> {
    let new_keys = |environment: &mut Environment| {
        environment.mobile_keys = vec![EnvKey { value: ctx.app.ids.mobile_key(), expiry: None }];
    };
    retried(false, || reset(&ctx, &request, "updateMobileKey", "reset the mobile key for", &new_keys)).await
}

async fn reset(
    ctx: &Ctx,
    request: &Request,
    action: &'static str,
    verb: &str,
    new_keys: &(dyn Fn(&mut Environment) + Send + Sync),
) -> Result<Reply> {
    let (project, mut environment) = of(ctx, request).await?;
    let proof = ctx.authorise(action, &environment.spec)?;
    new_keys(&mut environment.value);
    let mut change = Change::new(Proofs::of(proof), verb, target(&project.value.key, &environment));
    let Loaded { value, version, key, .. } = &environment;
    change.put(key.clone(), Expect::Version(*version), value, environment_index(value))?;
    change.commit(ctx).await?;
    Reply::json(&environment_rep(ctx, &project.value.key, &environment))
}
