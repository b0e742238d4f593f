//! Flags by how they were used.

use wigwag_kit::{Ctx, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Environment;

use super::operations::{Scanned, scan};
use crate::flags::filters::Used;

/// For how long it counts which kinds and applications a flag was evaluated for, in milliseconds: 30 days.
const KNOWN_FOR: Millis = 30 * 24 * 60 * 60 * 1000;

/// Keys of the flags of a project that were used so in an environment.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn used_as(ctx: &Ctx, project: &str, environment: &Environment, wanted: &Used) -> Result<Vec<String>> {
    let (volume, env, lately) = (ctx.store().volume(), &environment.id, ctx.app.clock.now() - KNOWN_FOR);
    Ok(match wanted {
        Used::Since(at) => volume.flags_used(env, None, None, *at).await?,
        Used::Kind(kind) => volume.flags_used(env, Some(kind), None, lately).await?,
        Used::Application(name) => volume.flags_used(env, None, Some(name), lately).await?,
        Used::Status(status) => {
            let all = scan(ctx, project, environment).await?;
            let same = |one: &Scanned| one.status.name.as_str() == status;
            all.into_iter().filter(same).map(|one| one.flag).collect()
        }
    })
}
