//! What differs between two states of a segment.

use wigwag_model::doc::Segment;

/// A part of a segment that has an action of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Name,
    Description,
    Tags,
    Included,
    Excluded,
    Rules,
    ExpiringTargets,
}

/// The parts that differ.
pub(super) fn between(before: &Segment, after: &Segment) -> Vec<Part> {
    let differs = [
        (Part::Name, before.name != after.name),
        (Part::Description, before.description != after.description),
        (Part::Tags, before.tags != after.tags),
        (Part::Included, before.included != after.included || before.included_contexts != after.included_contexts),
        (Part::Excluded, before.excluded != after.excluded || before.excluded_contexts != after.excluded_contexts),
        (Part::Rules, before.rules != after.rules),
        (Part::ExpiringTargets, super::expiring::differs(before, after)),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
}
