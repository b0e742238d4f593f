//! Secrets that are good for one use, by what they are good for.

use wigwag_auth::secret;
use wigwag_kit::{Ctx, Result};
use wigwag_model::clock::Millis;
use wigwag_store::Pass;

const MINUTE: Millis = 60_000;

/// What a pass is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// The second step of signing in.
    Half,
    /// A second factor that is not confirmed yet.
    TotpSetUp,
    /// A code that was used.
    TotpUsed,
    /// Accepting an invitation.
    Invitation,
    /// Setting a new password.
    Reset,
    /// What a device polls with.
    Device,
    /// What a member types for a device.
    DeviceUser,
    /// A single sign-on under way.
    Provider,
}

impl Use {
    const fn name(self) -> &'static str {
        match self {
            Self::Half => "half",
            Self::TotpSetUp => "totp-set-up",
            Self::TotpUsed => "totp-used",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::Device => "device",
            Self::DeviceUser => "device-user",
            Self::Provider => "provider",
        }
    }

    /// How long it is good, in milliseconds.
    pub(super) const fn lasts(self) -> Millis {
        match self {
            Self::Half | Self::Device | Self::DeviceUser | Self::Provider => 10 * MINUTE,
            Self::TotpSetUp => 30 * MINUTE,
            Self::TotpUsed => wigwag_auth::totp::REMEMBERED,
            Self::Invitation => 7 * 24 * 60 * MINUTE,
            Self::Reset => 60 * MINUTE,
        }
    }
}

/// Makes a pass and answers its secret.
pub(super) async fn make(ctx: &Ctx, good_for: Use, member: &str, body: &str) -> Result<String> {
    let secret = hex::encode(ctx.app.ids.key());
    put(ctx, good_for, &secret, member, body).await?;
    Ok(secret)
}

/// Makes a pass of a given secret. False if there is one.
pub(super) async fn put(ctx: &Ctx, good_for: Use, secret: &str, member: &str, body: &str) -> Result<bool> {
    let now = ctx.app.clock.now();
    ctx.store().forget_passes(now).await?;
    let pass = Pass {
        hash: hash(good_for, secret),
        kind: good_for.name().to_owned(),
        member: member.to_owned(),
        expires: now + good_for.lasts(),
        body: body.to_owned(),
    };
    Ok(ctx.store().put_pass(&pass).await?)
}

/// The pass behind a secret, while it is good.
pub(super) async fn find(ctx: &Ctx, good_for: Use, secret: &str) -> Result<Option<Pass>> {
    find_hashed(ctx, good_for, &hash(good_for, secret)).await
}

/// The same by the hash of the secret.
pub(super) async fn find_hashed(ctx: &Ctx, good_for: Use, hash: &str) -> Result<Option<Pass>> {
    let found = ctx.store().pass(good_for.name(), hash).await?;
    Ok(found.filter(|pass| ctx.app.clock.now() < pass.expires))
}

/// Uses a pass up. Of several who try, one succeeds.
pub(super) async fn take(ctx: &Ctx, good_for: Use, secret: &str) -> Result<Option<Pass>> {
    let Some(pass) = find(ctx, good_for, secret).await? else { return Ok(None) };
    Ok(ctx.store().take_pass(&pass.hash).await?.then_some(pass))
}

/// Throws away what a member has of a kind.
pub(super) async fn drop_all(ctx: &Ctx, good_for: Use, member: &str) -> Result<()> {
    ctx.store().drop_passes(member, good_for.name()).await?;
    Ok(())
}

/// How the secret of a pass is stored.
pub(super) fn hash(good_for: Use, value: &str) -> String {
    secret::hash(&format!("{}:{value}", good_for.name()))
}
