//! Removing targets whose time has come.

use std::collections::HashSet;

use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Proofs, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{FlagConfig, Kind};
use wigwag_store::DocKey;

use super::{name, settle};
use crate::due::DueKind;
use crate::flags::diff::Diff;
use crate::flags::load;
use crate::flags::{access, index, write};

/// The work that configurations with expiring targets have.
pub(crate) fn due_kind() -> DueKind {
    DueKind { kind: Kind::FlagConfig, fact: index::EXPIRES_AT, apply: |ctx, key| Box::pin(expire(ctx, key)) }
}

async fn expire(ctx: Ctx, key: DocKey) -> Result<()> {
    match retried(false, || once(&ctx, &key)).await {
        // The flag or its environment went meanwhile, and the plan with it.
        Err(Error::NotFound(_)) => Ok(()),
        outcome => outcome,
    }
}

async fn once(ctx: &Ctx, key: &DocKey) -> Result<()> {
    let found = load::find(ctx, &key.project, &key.key, &[&key.env]).await?;
    let mut after = found.state.clone();
    for config in after.configs.values_mut() {
        remove(config, ctx.app.clock.now());
    }
    settle(&mut after);
    let diff = Diff::between(&found.state, &after);
    if diff.configs.is_empty() {
        return Ok(());
    }
    let (project, flag) = (&found.project.value, &found.state.flag);
    let proofs = access::everywhere(ctx, "updateTargets", project, &found.environments(), flag)?;
    let proofs = Proofs::from_list(proofs).ok_or_else(|| Error::Internal("no environment was loaded".to_owned()))?;
    let change = write::change(&found, &after, &diff, proofs).comment(Some("The targets expired"));
    write::save(ctx, change, &found, after, &diff, write::Others::default()).await.map(drop)
}

/// Removes the targets whose time has come.
fn remove(config: &mut FlagConfig, now: Millis) {
    let due: HashSet<_> = config.expiring_targets.iter().filter(|one| one.expires_at <= now).map(name).collect();
    for target in &mut config.targets {
        let (kind, variation) = (target.context_kind.as_str(), target.variation);
        target.values.retain(|key| !due.contains(&(kind, variation, key)));
    }
    config.targets.retain(|target| !target.values.is_empty());
}
