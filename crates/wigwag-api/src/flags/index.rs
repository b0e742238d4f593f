//! What lists can ask of configurations: a pure function of the document. That of flags is `read::flag_index`.

use wigwag_model::doc::FlagConfig;
use wigwag_store::IndexFacts;

use crate::common::segments;

pub use crate::read::flag_index as flag;

/// Fact of a configuration: when the first of its targets expires.
pub(crate) const EXPIRES_AT: &str = "expiresAt";

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
