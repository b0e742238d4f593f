//! The instructions: for contexts, and the older ones for users.

use wigwag_kit::Result;
use wigwag_kit::patch::Instruction;
use wigwag_model::doc::{ExpiringTarget, Flag, FlagConfig};

use super::{name, targeted};
use crate::common::future;
use crate::flags::facts::Facts;
use crate::flags::instructions::variation_index;

/// How clients spell the instructions.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    add: &'static str,
    update: &'static str,
    remove: &'static str,
    key: &'static str,
    /// Where the context kind is; users need none.
    kind: Option<&'static str>,
}

/// For targets of any kind.
pub(super) const CONTEXTS: Spelling = Spelling {
    add: "addExpiringTarget",
    update: "updateExpiringTarget",
    remove: "removeExpiringTarget",
    key: "contextKey",
    kind: Some("contextKind"),
};

/// For targets of kind `user`.
pub(super) const USERS: Spelling = Spelling {
    add: "addExpireUserTargetDate",
    update: "updateExpireUserTargetDate",
    remove: "removeExpireUserTargetDate",
    key: "userKey",
    kind: None,
};

/// Applies one instruction to the configuration of `flag`.
///
/// # Errors
/// 400: an unknown kind, a parameter that is missing or wrong, a context that is not targeted with
/// the variation, another plan in the way, or none to change, or one of another version.
pub(super) fn apply(
    config: &mut FlagConfig,
    flag: &Flag,
    spelling: Spelling,
    sent: Instruction<'_>,
    facts: &Facts<'_>,
) -> Result<()> {
    let known = [spelling.add, spelling.update, spelling.remove];
    if !known.contains(&sent.kind()) {
        return Err(sent.unsupported());
    }
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
fn target(flag: &Flag, spelling: Spelling, sent: Instruction<'_>) -> Result<ExpiringTarget> {
    let id = sent.required::<String>("variationId")?;
    let variation = variation_index("variationId", &id, flag)
        .map_err(|_| sent.problem("variationId", format_args!("must be a valid variation id '{id}'")))?;
    let kind = spelling.kind.map(|name| sent.optional::<String>(name)).transpose()?.flatten();
    Ok(ExpiringTarget {
        id: String::new(),
        version: 1,
        context_kind: kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| "user".to_owned()),
        context_key: sent.required(spelling.key)?,
        variation,
        expires_at: 0,
    })
}

fn time(sent: Instruction<'_>, facts: &Facts<'_>) -> Result<i64> {
    let at = sent.required("value")?;
    future("value", at, facts.now)
        .map_err(|_| sent.problem("value", "must be a time in the future, in epoch milliseconds"))
}
