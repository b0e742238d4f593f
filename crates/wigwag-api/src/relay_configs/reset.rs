//! A new key for a configuration.

use wigwag_auth::secret;
use wigwag_kit::resource::{Account, Stored, load, retried, save};
use wigwag_kit::{Ctx, Proofs, Reply, Request, Resource, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{PreviousRelayKey, RelayConfig};

use super::{RelayConfigs, with_key};
use crate::common::future;

pub(super) const ACTION: &str = "resetRelayAutoConfiguration";

/// The old key stays valid until `expiry`, if one is given.
pub(super) async fn reset(ctx: Ctx, request: Request) -> Result<Reply> {
    let now = ctx.app.clock.now();
    let expiry = request.query_number("expiry")?.map(|at| future("expiry", at, now)).transpose()?;
    let key = ctx.app.ids.relay_key();
    let stored = retried(false, || attempt(&ctx, request.param("id"), &key, expiry)).await?;
    with_key(&ctx, &request, stored, key).await
}

async fn attempt(ctx: &Ctx, id: &str, key: &str, expiry: Option<Millis>) -> Result<Stored<RelayConfig>> {
    let Stored { value: mut config, version } = load::<RelayConfigs>(ctx, &Account, id).await?;
    let proof = ctx.authorise(ACTION, &RelayConfigs::spec(&config, &Account))?;
    let old = std::mem::replace(&mut config.key_hash, secret::hash(key));
    config.previous = expiry.map(|expiry| PreviousRelayKey { hash: old, expiry });
    config.ending = secret::ending(key);
    RelayConfigs::touch(&mut config, ctx);
    let verb = "reset the relay-proxy-config";
    save::<RelayConfigs>(ctx, &Account, config, Some(version), |change| change, Proofs::of(proof), verb).await
}
