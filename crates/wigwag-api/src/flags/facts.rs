//! What a change needs to know beyond the flag itself, fetched before it is applied.

use std::collections::{BTreeMap, BTreeSet};

use wigwag_model::clock::Millis;
use wigwag_model::doc::Flag;
use wigwag_model::id::Ids;
use wigwag_store::{DocKey, Expect};

/// The world as a change sees it: all that a pure function cannot find out.
pub struct Facts<'a> {
    /// The time of the change.
    pub now: Millis,
    /// Makes ids for new variations, rules and clauses.
    pub ids: &'a Ids,
    /// Flags named as prerequisites, by key; those that do not exist are absent.
    pub flags: BTreeMap<String, Flag>,
    /// The flags as they were read: a change that relies on them is lost when they are not so any more.
    pub requires: Vec<(DocKey, Expect)>,
    /// Ids of members named as maintainers that exist.
    pub members: BTreeSet<String>,
    /// Keys of teams named as maintainers that exist.
    pub teams: BTreeSet<String>,
}

/// What to fetch for the [`Facts`] of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Keys of flags.
    pub flags: BTreeSet<String>,
    /// Ids of members.
    pub members: BTreeSet<String>,
    /// Keys of teams.
    pub teams: BTreeSet<String>,
}
