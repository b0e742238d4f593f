//! Members of documents that have too many of them for a body: looked up one by one, never all in memory.
//!
//! A document has two lists, of the included and of the excluded. What is in a list is the union of its
//! *sets* in force. Single members are written in the same transaction as documents ([`MemberWrite`]). A
//! file's worth is first *staged* in a set of its own, chunk by chunk among other changes, where nobody
//! sees it; then one commit puts the set in force, beside the others or in their place. Afterwards
//! [`crate::Store::tidy_members`] folds several sets into one and throws away what is in force no more.

mod chore;
mod log;
mod plan;
mod read;

use crate::{DocKey, MAX_KEY_PART, Result, StoreError};
use wigwag_model::clock::Millis;

pub(crate) use chore::Chore;
pub use log::{MemberDone, MemberPlace, MemberRow};
pub(crate) use plan::{Effect, SetRow, Sets, lists_needed, owners, plan};

/// A set of members, staged or in force; no id is ever given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemberSet(pub i64);

/// One of the two lists of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberList {
    /// Members by name, whatever else holds.
    Included,
    /// Not members, unless included.
    Excluded,
}

impl MemberList {
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Included => 1,
            Self::Excluded => 0,
        }
    }

    pub(crate) const fn of(code: i64) -> Self {
        if code == 0 { Self::Excluded } else { Self::Included }
    }
}

/// Where a key stands in the lists of a document; it may be in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// In the list of the included.
    pub included: bool,
    /// In the list of the excluded.
    pub excluded: bool,
}

/// How many members a document has. Until an added set is folded into the older ones, a key that is in
/// both counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberCounts {
    /// Included.
    pub included: u64,
    /// Excluded.
    pub excluded: u64,
}

/// A set that is not in force yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedMembers {
    /// The set.
    pub set: MemberSet,
    /// The document it is meant for.
    pub owner: DocKey,
    /// When something was last added to it.
    pub touched_at: Millis,
    /// Members in it so far.
    pub count: u64,
}

/// What a change does to the members of a document.
#[derive(Clone, Debug)]
pub struct MemberWrite {
    /// The document.
    pub owner: DocKey,
    /// Counts how often its lists began anew, as stores elsewhere see it.
    pub generation: u32,
    /// What to do.
    pub op: MemberOp,
}

/// What a [`MemberWrite`] does.
#[derive(Clone, Debug)]
pub enum MemberOp {
    /// Puts keys into a list; those in it stay.
    Add {
        /// The list.
        list: MemberList,
        /// The keys.
        keys: Vec<String>,
    },
    /// Takes keys out of a list; those not in it do not matter.
    Remove {
        /// The list.
        list: MemberList,
        /// The keys.
        keys: Vec<String>,
    },
    /// Puts a staged set in force, beside what its list has.
    Merge(MemberSet),
    /// Puts a staged set in force instead of what its list has.
    Replace(MemberSet),
}

pub(crate) const STAGED: i64 = 0;
pub(crate) const IN_FORCE: i64 = 1;
pub(crate) const GONE: i64 = 2;

/// Refuses a write that no state of the database could make right.
pub(crate) fn check(write: &MemberWrite) -> Result<()> {
    write.owner.check()?;
    match &write.op {
        MemberOp::Add { keys, .. } | MemberOp::Remove { keys, .. } => check_keys(keys),
        MemberOp::Merge(_) | MemberOp::Replace(_) => Ok(()),
    }
}

fn check_keys(keys: &[String]) -> Result<()> {
    keys.iter().try_for_each(|key| {
        let fault = match key.as_str() {
            "" => "is empty".to_owned(),
            key if key.len() > MAX_KEY_PART => format!("is longer than {MAX_KEY_PART} bytes"),
            key if key.contains('\0') => "holds a NUL character".to_owned(),
            _ => return Ok(()),
        };
        Err(StoreError::Invalid(format!("the key of a member {fault}")))
    })
}
