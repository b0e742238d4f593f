//! New SDK and mobile keys for an environment.

use wigwag_kit::{Change, Ctx, Proofs, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{EnvKey, Environment, KeyValue};
use wigwag_store::Expect;

use super::{of, target};
use crate::common::future;
use crate::read::{Loaded, environment_rep, put_environment};
use wigwag_kit::resource::retried;

/// The old SDK key stays valid until `expiry`, if one is given.
pub(super) async fn reset_sdk_key(ctx: Ctx, request: Request) -> Result<Reply> {
    let now = ctx.app.clock.now();
    let expiry = request.query_number("expiry")?.map(|at| future("expiry", at, now)).transpose()?;
    let new_keys = |environment: &mut Environment| {
        let new = EnvKey::new(KeyValue::Clear(ctx.app.ids.sdk_key()), None);
        let old = replaced(&mut environment.sdk_keys, new, now);
        environment.sdk_keys.extend(expiry.map(|ends| EnvKey::new(old, Some(ends))));
    };
    retried(false, || reset(&ctx, &request, "updateApiKey", "reset the SDK key for", &new_keys)).await
}

/// The old mobile key ends at once: its `expiry` is no longer part of the contract.
pub(super) async fn reset_mobile_key(ctx: Ctx, request: Request) -> Result<Reply> {
    let new_keys = |environment: &mut Environment| {
        let new = EnvKey::new(KeyValue::Clear(ctx.app.ids.mobile_key()), None);
        replaced(&mut environment.mobile_keys, new, ctx.app.clock.now());
    };
    retried(false, || reset(&ctx, &request, "updateMobileKey", "reset the mobile key for", &new_keys)).await
}

/// Puts a new default key in place of the old one, whose value it answers. The name stays with the place; others
/// that have expired go.
fn replaced(keys: &mut Vec<EnvKey>, mut new: EnvKey, now: Millis) -> KeyValue {
    let mut rest = std::mem::take(keys).into_iter();
    let mut old = rest.next().unwrap_or_else(|| EnvKey::new(KeyValue::Clear(String::new()), None));
    new.about = old.about.take();
    if let Some(about) = &mut new.about {
        (about.updated_at, about.version) = (now, about.version + 1);
    }
    keys.push(new);
    keys.extend(rest.filter(|key| key.expiry.is_none_or(|ends| ends > now)));
    old.value
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
    put_environment(&mut change, ctx, key.clone(), Expect::Version(*version), value)?;
    change.commit(ctx).await?;
    Reply::json(&environment_rep(ctx, &project.value.key, &environment))
}
