//! What lists can ask of segments: a pure function of the document.

use wigwag_model::doc::Segment;
use wigwag_store::IndexFacts;

use crate::common::segments;

/// Fact of a segment: when the first of its listed contexts expires.
pub(super) const EXPIRES_AT: &str = "expiresAt";

/// Facts of a segment: what its list filters and sorts by, which segments its rules ask, and when its first listed
/// context expires.
pub(super) fn of(segment: &Segment) -> IndexFacts {
    let facts = IndexFacts::new()
        .text("name", &segment.name)
        .text("description", &segment.description)
        .many("tags", &segment.tags)
        .number("creationDate", segment.created_at)
        .number("lastModified", segment.last_modified)
        .text("unbounded", if segment.unbounded { "true" } else { "false" })
        .many("segments", segments(segment.rules.iter().flat_map(|rule| &rule.clauses)));
    match segment.expiring_targets.iter().map(|one| one.expires_at).min() {
        Some(first) => facts.number(EXPIRES_AT, first),
        None => facts,
    }
}
