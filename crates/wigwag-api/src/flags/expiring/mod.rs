//! Individual targets that are removed at a time (semantic-patch.md 4, behaviour.md 16).
//!
//! They are part of the configuration, so that a change of either is one change of the document.
//! The operations about contexts and the older ones about users work on the same list.

mod execute;
mod for_user;
mod instructions;
mod operations;
mod rep;

use std::collections::HashSet;

use wigwag_model::doc::{ExpiringTarget, FlagConfig, Target};

use super::state::FlagState;

pub(crate) use execute::due_kind;
pub(super) use for_user::{get_for_user, patch_for_user};
pub(super) use operations::{get, get_users, patch, patch_users};
pub(super) use rep::{ContextItem, List, Patched, UserItem};

/// What it takes to tell one target from another.
type Name<'a> = (&'a str, usize, &'a str);

fn name(one: &ExpiringTarget) -> Name<'_> {
    (&one.context_kind, one.variation, &one.context_key)
}

fn targeted(targets: &[Target]) -> HashSet<Name<'_>> {
    targets.iter().flat_map(names).collect()
}

fn names(target: &Target) -> impl Iterator<Item = Name<'_>> {
    target.values.iter().map(|value| (target.context_kind.as_str(), target.variation, value.as_str()))
}

/// Forgets what was planned for targets that are gone.
pub(crate) fn settle(state: &mut FlagState) {
    for config in state.configs.values_mut().filter(|config| !config.expiring_targets.is_empty()) {
        let targeted = targeted(&config.targets);
        config.expiring_targets.retain(|one| targeted.contains(&name(one)));
    }
}

/// Whether something else is planned for the targets of `new`. What ends with its target does not
/// count: that is part of the change of targets.
pub(crate) fn differs(old: &FlagConfig, new: &FlagConfig) -> bool {
    if old.expiring_targets == new.expiring_targets {
        return false;
    }
    let targeted = targeted(&new.targets);
    let left = old.expiring_targets.iter().filter(|one| targeted.contains(&name(one)));
    !left.eq(&new.expiring_targets)
}
