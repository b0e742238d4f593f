//! The lists of a segment by context kind: those of users are stored apart from the others.

use std::collections::HashSet;

use wigwag_model::doc::{Segment, SegmentList, SegmentTarget};

/// The context kind that has lists of its own.
pub(super) const USER: &str = "user";

/// As clients spell a list.
pub(super) const fn name(list: SegmentList) -> &'static str {
    match list {
        SegmentList::Included => "included",
        SegmentList::Excluded => "excluded",
    }
}

/// The keys of one kind on a list.
pub(super) fn keys<'a>(segment: &'a Segment, list: SegmentList, kind: &str) -> &'a [String] {
    let (users, others) = match list {
        SegmentList::Included => (&segment.included, &segment.included_contexts),
        SegmentList::Excluded => (&segment.excluded, &segment.excluded_contexts),
    };
    match kind {
        USER => users,
        kind => others.iter().find(|target| target.context_kind == kind).map_or(&[], |target| &target.values),
    }
}

/// Every kind that is on a list, with its keys.
pub(super) fn all(segment: &Segment, list: SegmentList) -> impl Iterator<Item = (&str, &[String])> {
    let others = match list {
        SegmentList::Included => &segment.included_contexts,
        SegmentList::Excluded => &segment.excluded_contexts,
    };
    let others = others.iter().map(|target| (target.context_kind.as_str(), target.values.as_slice()));
    std::iter::once((USER, keys(segment, list, USER))).chain(others)
}

/// Adds keys that are not on the list yet, in their order.
pub(super) fn add(segment: &mut Segment, list: SegmentList, kind: &str, added: Vec<String>) {
    let mut there = among(keys(segment, list, kind), &added);
    let new: Vec<String> = added.into_iter().filter(|key| there.insert(key.clone())).collect();
    let (users, others) = of(segment, list);
    match others.iter_mut().find(|target| target.context_kind == kind) {
        _ if kind == USER => users.extend(new),
        Some(target) => target.values.extend(new),
        None if new.is_empty() => {}
        None => others.push(SegmentTarget { context_kind: kind.to_owned(), values: new }),
    }
}

/// Those of a few keys that are on a list, which may be long.
pub(super) fn among(list: &[String], few: &[String]) -> HashSet<String> {
    let few: HashSet<&String> = few.iter().collect();
    list.iter().filter(|key| few.contains(key)).cloned().collect()
}

/// Takes keys off the list.
pub(super) fn remove(segment: &mut Segment, list: SegmentList, kind: &str, gone: &HashSet<&str>) {
    let (users, others) = of(segment, list);
    if kind == USER {
        users.retain(|key| !gone.contains(key.as_str()));
        return;
    }
    for target in others.iter_mut().filter(|target| target.context_kind == kind) {
        target.values.retain(|key| !gone.contains(key.as_str()));
    }
    others.retain(|target| !target.values.is_empty());
}

fn of(segment: &mut Segment, list: SegmentList) -> (&mut Vec<String>, &mut Vec<SegmentTarget>) {
    match list {
        SegmentList::Included => (&mut segment.included, &mut segment.included_contexts),
        SegmentList::Excluded => (&mut segment.excluded, &mut segment.excluded_contexts),
    }
}
