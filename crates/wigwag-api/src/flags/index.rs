//! What lists can ask of flags and configurations: pure functions of the documents.

use wigwag_model::doc::{Flag, FlagConfig, Maintainer};
use wigwag_store::IndexFacts;

use crate::common::segments;

/// Fact of a configuration: when the first of its targets expires.
pub(crate) const EXPIRES_AT: &str = "expiresAt";

/// Facts of a flag, under the names of the list's filters and sorts.
#[must_use]
pub fn flag(flag: &Flag) -> IndexFacts {
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
        .maybe_text("purpose", flag.purpose.as_deref())
}

/// Facts of a configuration: which flags, segments and context kinds it refers to, when it changed,
/// and when its first target expires.
#[must_use]
pub fn config(config: &FlagConfig) -> IndexFacts {
    let clauses = || config.rules.iter().flat_map(|rule| &rule.clauses);
    let kinds = clauses().filter_map(|clause| clause.context_kind.as_ref());
    let facts = IndexFacts::new()
        .many("prerequisites", config.prerequisites.iter().map(|one| &one.key))
        .many("segments", segments(clauses()))
        .many("contextKinds", kinds.chain(config.targets.iter().map(|target| &target.context_kind)))
        .number("targetingModifiedDate", config.last_modified);
    match config.expiring_targets.iter().map(|one| one.expires_at).min() {
        Some(first) => facts.number(EXPIRES_AT, first),
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
