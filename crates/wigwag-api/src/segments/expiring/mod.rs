//! Listed contexts that leave their list at a time (semantic-patch.md 4, behaviour.md 16).
//!
//! They are part of the segment, so that a change of either is one change of the document.

use wigwag_model::doc::{ExpiringSegmentTarget, Segment};

use super::lists;

/// Forgets what was planned for contexts that left their list.
pub(super) fn settle(segment: &mut Segment) {
    let plans = std::mem::take(&mut segment.expiring_targets);
    segment.expiring_targets = plans.into_iter().filter(|one| listed(segment, one)).collect();
}

/// Whether something else is planned for those who stay. A plan that ends with its target does not count: that is
/// part of the change of the list.
pub(super) fn differs(before: &Segment, after: &Segment) -> bool {
    let left = before.expiring_targets.iter().filter(|one| listed(after, one));
    before.expiring_targets != after.expiring_targets && !left.eq(&after.expiring_targets)
}

fn listed(segment: &Segment, one: &ExpiringSegmentTarget) -> bool {
    lists::keys(segment, one.list, &one.context_kind).contains(&one.context_key)
}
