//! The instructions: for contexts, and the older ones for users.

use wigwag_kit::Result;
use wigwag_kit::patch::Instruction;
use wigwag_model::doc::{ExpiringTarget, Flag, FlagConfig};

use super::{name, targeted};
use crate::common::{ExpirySpelling, check_expiry};
use crate::flags::facts::Facts;
use crate::flags::instructions::variation_index;

/// Applies one instruction to the configuration of `flag`.
///
/// # Errors
/// 400: an unknown kind, a parameter that is missing or wrong, a context that is not targeted with
/// the variation, another plan in the way, or none to change, or one of another version.
pub(super) fn apply(
    config: &mut FlagConfig,
    flag: &Flag,
    spelling: ExpirySpelling,
    sent: Instruction<'_>,
    facts: &Facts<'_>,
) -> Result<()> {
    spelling.check(sent)?;
    let wanted = target(flag, spelling, sent)?;
    let at = config.expiring_targets.iter().position(|one| name(one) == name(&wanted));
    if sent.kind() == spelling.add {
        if at.is_some() {
            return Err(sent.problem(spelling.key, "already expires; update or remove that first"));
        }
        if !targeted(&config.targets).contains(&name(&wanted)) {
            return Err(sent.problem(spelling.key, "is not individually targeted with that variation"));
        }
        let expires_at = time(sent, facts)?;
        config.expiring_targets.push(ExpiringTarget { id: facts.ids.object_id(), expires_at, ..wanted });
        return Ok(());
    }
    let missing = || sent.problem(spelling.key, "does not expire with that variation");
    let at = at.ok_or_else(missing)?;
    if sent.kind() == spelling.remove {
        config.expiring_targets.remove(at);
        return Ok(());
    }
    let one = &mut config.expiring_targets[at];
    if let Some(version) = sent.optional::<u64>("version")?.filter(|version| *version != one.version) {
        let problem = format!("the expiring target is at version {}, not {version}", one.version);
        return Err(sent.problem("version", problem));
    }
    let expires_at = time(sent, facts)?;
    if one.expires_at != expires_at {
        one.expires_at = expires_at;
        one.version += 1;
    }
    Ok(())
}

/// The target an instruction is about; it has neither id nor time yet.
fn target(flag: &Flag, spelling: ExpirySpelling, sent: Instruction<'_>) -> Result<ExpiringTarget> {
    let id = sent.required::<String>("variationId")?;
    let variation = variation_index("variationId", &id, flag)
        .map_err(|_| sent.problem("variationId", format_args!("must be a valid variation id '{id}'")))?;
    let (context_kind, context_key) = spelling.context(sent)?;
    Ok(ExpiringTarget { id: String::new(), version: 1, context_kind, context_key, variation, expires_at: 0 })
}

fn time(sent: Instruction<'_>, facts: &Facts<'_>) -> Result<i64> {
    let at = sent.required("value")?;
    check_expiry(sent, at, facts.now).map(|()| at)
}
