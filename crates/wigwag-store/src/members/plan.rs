//! Planning what a batch does to members: pure, the same for both engines.

use super::log::note;
use super::{GONE, IN_FORCE, MemberList, MemberOp, MemberPlace, MemberSet, MemberWrite, STAGED};
use crate::{Commit, DocKey, Expect, Result, StoreError};
use std::collections::{BTreeSet, HashMap};

/// A set as the database has it; those thrown away are not among them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetRow {
    pub(crate) id: i64,
    pub(crate) list: MemberList,
    pub(crate) state: i64,
}

/// The sets of documents, by id.
pub(crate) type Sets = HashMap<DocKey, Vec<SetRow>>;

/// What is to be done to the tables.
#[derive(Debug)]
pub(crate) enum Effect<'a> {
    /// Adds keys to a set.
    Add { set: i64, keys: &'a [String] },
    /// Removes keys from a set.
    Remove { set: i64, keys: &'a [String] },
    /// Gives a set another state.
    State { set: i64, state: i64 },
    /// Throws away all sets of a document that goes.
    Drop(DocKey),
    /// Notes what was done.
    Note { place: MemberPlace, write: &'a MemberWrite, body: String },
}

/// The documents whose members commits write.
pub(crate) fn owners<'c>(commits: &[&'c Commit]) -> BTreeSet<&'c DocKey> {
    commits.iter().flat_map(|commit| &commit.members).map(|write| &write.owner).collect()
}

/// The lists that must have a set for keys to go into.
pub(crate) fn lists_needed<'c>(commits: &[&'c Commit]) -> Vec<(&'c DocKey, MemberList)> {
    let writes = commits.iter().flat_map(|commit| &commit.members);
    writes
        .filter_map(|write| match &write.op {
            MemberOp::Add { list, .. } => Some((&write.owner, *list)),
            _ => None,
        })
        .collect()
}

/// What one commit, to become the change `seq`, does, given the sets as those before it leave them; answers also how it leaves them.
pub(crate) fn plan<'a>(sets: &Sets, commit: &'a Commit, seq: u64) -> Result<(Sets, Vec<Effect<'a>>)> {
    let (mut after, mut effects) = (Sets::new(), Vec::new());
    for (n, write) in (0..).zip(&commit.members) {
        effects.push(Effect::Note { place: MemberPlace { seq, n }, write, body: note(&write.op)? });
        let now =
            after.entry(write.owner.clone()).or_insert_with(|| sets.get(&write.owner).cloned().unwrap_or_default());
        let in_force = |list| {
            let fits = move |set: &&SetRow| set.state == IN_FORCE && set.list == list;
            now.iter().filter(fits).map(|set| set.id).collect::<Vec<_>>()
        };
        match &write.op {
            MemberOp::Add { list, keys } => {
                let Some(&set) = in_force(*list).first() else { return Err(changed(&write.owner)) };
                effects.push(Effect::Add { set, keys });
            }
            MemberOp::Remove { list, keys } => {
                effects.extend(in_force(*list).into_iter().map(|set| Effect::Remove { set, keys }));
            }
            MemberOp::Merge(set) => switch(now, *set, false, &mut effects).ok_or_else(|| changed(&write.owner))?,
            MemberOp::Replace(set) => switch(now, *set, true, &mut effects).ok_or_else(|| changed(&write.owner))?,
        }
    }
    Ok((after, effects))
}

/// Puts a staged set in force; nothing if it is not staged.
fn switch(now: &mut Vec<SetRow>, set: MemberSet, alone: bool, effects: &mut Vec<Effect<'_>>) -> Option<()> {
    let list = now.iter().find(|row| row.id == set.0 && row.state == STAGED)?.list;
    if alone {
        let others = now.iter().filter(|row| row.list == list && row.state == IN_FORCE);
        effects.extend(others.map(|row| Effect::State { set: row.id, state: GONE }));
        now.retain(|row| row.list != list || row.state != IN_FORCE);
    }
    now.iter_mut().filter(|row| row.id == set.0).for_each(|row| row.state = IN_FORCE);
    effects.push(Effect::State { set: set.0, state: IN_FORCE });
    Some(())
}

/// The sets are not what the commit takes for granted.
fn changed(owner: &DocKey) -> StoreError {
    StoreError::Conflict { key: owner.clone(), expected: Expect::Any, found: None }
}
