//! Listed contexts that leave their list at a time (semantic-patch.md 4, behaviour.md 16).
//!
//! They are part of the segment, so that a change of either is one change of the document. The operations about
//! contexts and the older ones about users work on the same plans.

mod execute;
mod instructions;
mod operations;
mod rep;

use std::collections::HashSet;

use wigwag_model::doc::{ExpiringSegmentTarget, Segment, SegmentList};

use super::lists;

pub(crate) use execute::due_kind;
pub(super) use operations::{get, get_users, patch, patch_users};
pub(super) use rep::{ContextItem, List, Patched, UserItem};

/// What it takes to tell one listed context from another.
type Name<'a> = (SegmentList, &'a str, &'a str);

fn name(one: &ExpiringSegmentTarget) -> Name<'_> {
    (one.list, &one.context_kind, &one.context_key)
}

/// Every listed context of the segment.
fn listed(segment: &Segment) -> HashSet<Name<'_>> {
    let both = [SegmentList::Included, SegmentList::Excluded].into_iter();
    let kinds = both.flat_map(|list| lists::all(segment, list).map(move |(kind, keys)| (list, kind, keys)));
    kinds.flat_map(|(list, kind, keys)| keys.iter().map(move |key| (list, kind, key.as_str()))).collect()
}

/// Forgets what was planned for contexts that left their list.
pub(super) fn settle(segment: &mut Segment) {
    if segment.expiring_targets.is_empty() {
        return;
    }
    let mut plans = std::mem::take(&mut segment.expiring_targets);
    let listed = listed(segment);
    plans.retain(|one| listed.contains(&name(one)));
    segment.expiring_targets = plans;
}

/// Whether something else is planned for those who stay. A plan that ends with its context's place on the list does not
/// count: that is part of the change of the list.
pub(super) fn differs(before: &Segment, after: &Segment) -> bool {
    if before.expiring_targets == after.expiring_targets {
        return false;
    }
    let listed = listed(after);
    let left = before.expiring_targets.iter().filter(|one| listed.contains(&name(one)));
    !left.eq(&after.expiring_targets)
}
