//! What lists can ask of flags and segments: pure functions of the documents. They are here because links to views are
//! part of both.

use wigwag_model::doc::{Flag, Maintainer, Segment};
use wigwag_store::IndexFacts;

use crate::common::segments;

/// The fact of flags and segments that holds the keys of their views.
pub const IN_VIEW: &str = "view";

/// Facts of a flag, under the names of the list's filters and sorts.
#[must_use]
pub fn flag_index(flag: &Flag) -> IndexFacts {
    let (member, team) = match &flag.maintainer {
        Some(Maintainer::Member(id)) => (Some(id), None),
        Some(Maintainer::Team(key)) => (None, Some(key)),
        None => (None, None),
    };
    IndexFacts::new()
        .text("name", &flag.name)
        .many("tags", &flag.tags)
        .number("creationDate", flag.created_at)
        .text("type", if flag.temporary { "temporary" } else { "permanent" })
        .text("state", state(flag))
        .many("sdkAvailability", sdk_availability(flag))
        .maybe_text("maintainerId", member)
        .maybe_text("maintainerTeamKey", team)
        .many(IN_VIEW, flag.views.iter().map(|link| &link.key))
        .maybe_text("purpose", flag.purpose.as_deref())
}

/// Fact of a segment: when the first of its listed contexts expires.
pub const SEGMENT_EXPIRES_AT: &str = "expiresAt";

/// Facts of a segment: what its list filters and sorts by, which segments its rules ask, and when its first listed
/// context expires.
#[must_use]
pub fn segment_index(segment: &Segment) -> IndexFacts {
    let facts = IndexFacts::new()
        .text("name", &segment.name)
        .text("description", &segment.description)
        .many("tags", &segment.tags)
        .number("creationDate", segment.created_at)
        .number("lastModified", segment.last_modified)
        .text("unbounded", if segment.unbounded { "true" } else { "false" })
        .many(IN_VIEW, segment.views.iter().map(|link| &link.key))
        .many("segments", segments(segment.rules.iter().flat_map(|rule| &rule.clauses)));
    match segment.expiring_targets.iter().map(|one| one.expires_at).min() {
        Some(first) => facts.number(SEGMENT_EXPIRES_AT, first),
        None => facts,
    }
}

fn state(flag: &Flag) -> &'static str {
    match (flag.archived_at, flag.deprecated_at) {
        (Some(_), _) => "archived",
        (None, Some(_)) => "deprecated",
        (None, None) => "live",
    }
}

fn sdk_availability(flag: &Flag) -> Vec<&'static str> {
    let availability = flag.client_side_availability;
    match (availability.using_environment_id, availability.using_mobile_key) {
        (true, true) => vec!["client", "mobile"],
        (true, false) => vec!["client"],
        (false, true) => vec!["mobile"],
        (false, false) => vec!["server"],
    }
}
