//! Semantic patches of members (semantic-patch.md 5): single ones, and files that were staged before.

use std::collections::BTreeMap;

use wigwag_kit::patch::{Instruction, Patch};
use wigwag_kit::{Change, Ctx, Error, Result};
use wigwag_model::doc::{ImportMode, Segment};
use wigwag_store::{DocKey, MemberList, MemberOp, MemberSet, Membership};

use super::import::{self, Awaited};
use super::targets::{counted, fault};
use crate::segments::load::Found;

/// Most keys in all instructions of one request; a file takes more.
const MOST: usize = 15_000;

const LISTS: [(MemberList, &str, &str); 2] =
    [(MemberList::Included, "included", "updateIncluded"), (MemberList::Excluded, "excluded", "updateExcluded")];

/// What an instruction does to members.
enum Meaning {
    /// Keys come to a list, or leave it.
    Keys(MemberList, bool),
    /// A file is put in force.
    Import,
}

fn meaning(kind: &str) -> Option<Meaning> {
    match kind {
        "addBigSegmentIncludedTargets" => Some(Meaning::Keys(MemberList::Included, true)),
        "addBigSegmentExcludedTargets" => Some(Meaning::Keys(MemberList::Excluded, true)),
        "removeBigSegmentIncludedTargets" => Some(Meaning::Keys(MemberList::Included, false)),
        "removeBigSegmentExcludedTargets" => Some(Meaning::Keys(MemberList::Excluded, false)),
        "processBigSegmentImport" => Some(Meaning::Import),
        _ => None,
    }
}

/// Whether an instruction is about members of a big segment.
pub(in crate::segments) fn is_of_members(kind: &str) -> bool {
    meaning(kind).is_some()
}

/// What a patch does to members: all of it is in the change that writes the segment.
#[derive(Default)]
pub(in crate::segments) struct Moves {
    ops: Vec<MemberOp>,
    said: String,
    /// Whether something happens to a list, in the order of [`LISTS`].
    touched: [bool; 2],
    imports: Vec<Awaited>,
    /// Copies elsewhere begin anew.
    renews: bool,
}

/// Reads and applies the instructions on members, in their order.
///
/// # Errors
/// A segment that is not big, a key that would be on both lists, an import that cannot be put in force.
pub(in crate::segments) async fn moves(ctx: &Ctx, found: &Found, patch: &Patch) -> Result<Moves> {
    let mut moves = Moves::default();
    let Patch::Semantic(sent) = patch else { return Ok(moves) };
    let steps = sent.iter().filter_map(|one| step(one).transpose()).collect::<Result<Vec<_>>>()?;
    if steps.is_empty() {
        return Ok(moves);
    }
    super::check(found)?;
    let mut before = standing(ctx, found, &steps).await?;
    let mut now = before.clone();
    for step in &steps {
        match step {
            Step::Keys(keys) => keys.apply(&mut now)?,
            Step::Import(sent, id) => {
                let Some(import) = import::awaited(ctx, found, *sent, id).await? else { continue };
                if moves.imports.iter().all(|other| other.value.id != import.value.id) {
                    moves.take_difference(&before, &now);
                    moves.take_import(ctx, found, import, &mut now).await?;
                    before.clone_from(&now);
                }
            }
        }
    }
    moves.take_difference(&before, &now);
    Ok(moves)
}

/// An instruction, read.
enum Step<'a> {
    Keys(Keys<'a>),
    Import(Instruction<'a>, String),
}

struct Keys<'a> {
    sent: Instruction<'a>,
    list: MemberList,
    adds: bool,
    keys: Vec<String>,
}

fn step(sent: Instruction<'_>) -> Result<Option<Step<'_>>> {
    Ok(match meaning(sent.kind()) {
        None => None,
        Some(Meaning::Import) => Some(Step::Import(sent, sent.required("importId")?)),
        Some(Meaning::Keys(list, adds)) => {
            let keys: Vec<String> = sent.required("values")?;
            if let Some(fault) = keys.iter().find_map(|key| fault(key)) {
                return Err(sent.problem("values", format_args!("a key {fault}")));
            }
            Some(Step::Keys(Keys { sent, list, adds, keys }))
        }
    })
}

type Standing = BTreeMap<String, Membership>;

/// Where the keys stand that are named.
async fn standing(ctx: &Ctx, found: &Found, steps: &[Step<'_>]) -> Result<Standing> {
    let named = |step: &Step<'_>| match step {
        Step::Keys(keys) => keys.keys.clone(),
        Step::Import(..) => Vec::new(),
    };
    let keys: Vec<String> = steps.iter().flat_map(named).collect();
    if keys.len() > MOST {
        let rule = format_args!("a request has at most {MOST} operations on targets: import a file instead");
        return Err(Error::field("instructions", rule));
    }
    let asked: Vec<_> = keys.into_iter().map(|key| (found.key(), key)).collect();
    let answers = ctx.store().memberships(&asked).await?;
    Ok(asked.into_iter().map(|(_, key)| key).zip(answers).collect())
}

impl Keys<'_> {
    fn apply(&self, standing: &mut Standing) -> Result<()> {
        for key in &self.keys {
            let now = standing.entry(key.clone()).or_default();
            let (own, other) = match self.list {
                MemberList::Included => (&mut now.included, now.excluded),
                MemberList::Excluded => (&mut now.excluded, now.included),
            };
            if self.adds && other {
                let rule = format_args!("the context key '{key}' would be both included and excluded");
                return Err(self.sent.problem("values", rule));
            }
            *own = self.adds;
        }
        Ok(())
    }
}

impl Moves {
    /// The actions it takes.
    pub(in crate::segments) fn actions(&self) -> impl Iterator<Item = &'static str> {
        LISTS.iter().zip(self.touched).filter(|(_, touched)| *touched).map(|((_, _, action), _)| *action)
    }

    /// What single keys are moved between two states.
    fn take_difference(&mut self, before: &Standing, after: &Standing) {
        for ((list, name, _), touched) in LISTS.into_iter().zip(&mut self.touched) {
            let on = |at: &Membership| match list {
                MemberList::Included => at.included,
                MemberList::Excluded => at.excluded,
            };
            let was = |key: &String| before.get(key).is_some_and(on);
            let moved = |to: bool| {
                let keys = after.iter().filter(move |(key, now)| on(now) == to && was(key) != to);
                keys.map(|(key, _)| key.clone()).collect::<Vec<_>>()
            };
            let (new, gone) = (moved(true), moved(false));
            for (keys, verb) in [(&new, "Added"), (&gone, "Removed")] {
                if !keys.is_empty() {
                    self.said.push_str(&format!("* {verb} {}\n", counted(keys.len(), name)));
                }
            }
            *touched |= !(new.is_empty() && gone.is_empty());
            self.ops.extend((!gone.is_empty()).then_some(MemberOp::Remove { list, keys: gone }));
            self.ops.extend((!new.is_empty()).then_some(MemberOp::Add { list, keys: new }));
        }
    }

    /// A file that is put in force, and where the keys stand then that are named.
    async fn take_import(&mut self, ctx: &Ctx, found: &Found, import: Awaited, standing: &mut Standing) -> Result<()> {
        let replaces = import.value.mode == ImportMode::Replace;
        let keys: Vec<String> = standing.keys().cloned().collect();
        let new = ctx.store().in_set(MemberSet(import.value.set), &keys).await?;
        for (key, at) in standing.iter_mut() {
            at.included = new.contains(key) || (at.included && !replaces);
        }
        let has_some = !self.ops.is_empty() || ctx.store().member_counts(&found.key()).await?.included > 0;
        self.renews |= replaces && has_some;
        self.touched[0] = true;
        self.said.push_str(&import::said(&import.value));
        self.ops.push(import::op(&import.value));
        self.imports.push(import);
        Ok(())
    }

    /// Adds it to the change that makes `after` of the segment `owner`.
    ///
    /// # Errors
    /// A document cannot be written as JSON: a fault of ours.
    pub(in crate::segments) fn write(self, owner: &DocKey, after: &mut Segment, change: Change) -> Result<Change> {
        let mut change = change.more(&self.said);
        if self.renews {
            after.generation = after.generation.saturating_add(1);
        }
        self.ops.into_iter().for_each(|op| change.members(owner.clone(), after.generation, op));
        for import in self.imports {
            import.finish(owner, &mut change)?;
        }
        Ok(change)
    }
}
