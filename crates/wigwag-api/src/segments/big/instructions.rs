//! Semantic patches of single members (semantic-patch.md 5).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use wigwag_kit::patch::{Instruction, Patch};
use wigwag_kit::{Ctx, Error, Proofs, Result};
use wigwag_store::{MemberList, MemberOp, Membership};

use super::targets::{counted, fault};
use crate::segments::load::Found;
use crate::segments::write;

/// Most keys in all instructions of one request; a file takes more.
const MOST: usize = 15_000;

/// What an instruction does: the list, and whether keys come to it.
fn meaning(kind: &str) -> Option<(MemberList, bool)> {
    match kind {
        "addBigSegmentIncludedTargets" => Some((MemberList::Included, true)),
        "addBigSegmentExcludedTargets" => Some((MemberList::Excluded, true)),
        "removeBigSegmentIncludedTargets" => Some((MemberList::Included, false)),
        "removeBigSegmentExcludedTargets" => Some((MemberList::Excluded, false)),
        _ => None,
    }
}

/// Applies a patch if it is about members, and answers the segment as found next time; gives it back if it is not.
///
/// # Errors
/// Instructions on members beside others, a key that would be on both lists, an action that is denied.
pub(in crate::segments) async fn patch(
    ctx: &Ctx,
    found: Found,
    patch: &Patch,
    dry_run: bool,
) -> Result<ControlFlow<Found, Found>> {
    let Patch::Semantic(sent) = patch else { return Ok(ControlFlow::Continue(found)) };
    if !sent.iter().any(|one| meaning(one.kind()).is_some()) {
        return Ok(ControlFlow::Continue(found));
    }
    let found = super::big(found)?;
    let steps = sent.iter().map(step).collect::<Result<Vec<_>>>()?;
    let before = before(ctx, &found, &steps).await?;
    let after = apply(&before, &steps)?;
    let (ops, said, lists) = difference(&before, &after);
    let proofs = lists.into_iter().map(|action| ctx.authorise(action, &found.spec())).collect::<Result<Vec<_>>>()?;
    let Some(proofs) = Proofs::from_list(proofs) else { return Ok(ControlFlow::Break(found)) };
    write::check_comment(&found.environment.value, patch.comment())?;
    if dry_run {
        return Ok(ControlFlow::Break(found));
    }
    let change = super::change(&found, proofs, said, ops).comment(patch.comment()).delta(sent.delta());
    let after = found.segment.clone();
    write::save(ctx, change, found, after, Vec::new()).await.map(ControlFlow::Break)
}

/// An instruction, read.
struct Step<'a> {
    sent: Instruction<'a>,
    list: MemberList,
    adds: bool,
    keys: Vec<String>,
}

fn step(sent: Instruction<'_>) -> Result<Step<'_>> {
    let Some((list, adds)) = meaning(sent.kind()) else {
        return Err(sent.problem("kind", "cannot be in one request with instructions on members of a big segment"));
    };
    let keys: Vec<String> = sent.required("values")?;
    if let Some(fault) = keys.iter().find_map(|key| fault(key)) {
        return Err(sent.problem("values", format_args!("a key {fault}")));
    }
    Ok(Step { sent, list, adds, keys })
}

type Standing = BTreeMap<String, Membership>;

/// Where the keys stand that are named.
async fn before(ctx: &Ctx, found: &Found, steps: &[Step<'_>]) -> Result<Standing> {
    let keys: Vec<_> = steps.iter().flat_map(|step| &step.keys).collect();
    if keys.len() > MOST {
        let rule = format_args!("a request has at most {MOST} operations on targets: import a file instead");
        return Err(Error::field("instructions", rule));
    }
    let asked: Vec<_> = keys.into_iter().map(|key| (found.key(), key.clone())).collect();
    let answers = ctx.store().memberships(&asked).await?;
    Ok(asked.into_iter().map(|(_, key)| key).zip(answers).collect())
}

fn apply(before: &Standing, steps: &[Step<'_>]) -> Result<Standing> {
    let mut after = before.clone();
    for step in steps {
        for key in &step.keys {
            let now = after.entry(key.clone()).or_default();
            let (own, other) = match step.list {
                MemberList::Included => (&mut now.included, now.excluded),
                MemberList::Excluded => (&mut now.excluded, now.included),
            };
            if step.adds && other {
                let rule = format_args!("the context key '{key}' would be both included and excluded");
                return Err(step.sent.problem("values", rule));
            }
            *own = step.adds;
        }
    }
    Ok(after)
}

/// What is to be written, what is said of it, and the actions it takes.
fn difference(before: &Standing, after: &Standing) -> (Vec<MemberOp>, String, Vec<&'static str>) {
    let (mut ops, mut said, mut actions) = (Vec::new(), String::new(), Vec::new());
    let lists =
        [(MemberList::Included, "included", "updateIncluded"), (MemberList::Excluded, "excluded", "updateExcluded")];
    for (list, name, action) in lists {
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
                said.push_str(&format!("* {verb} {}\n", counted(keys.len(), name)));
            }
        }
        if !(new.is_empty() && gone.is_empty()) {
            actions.push(action);
        }
        ops.extend((!gone.is_empty()).then_some(MemberOp::Remove { list, keys: gone }));
        ops.extend((!new.is_empty()).then_some(MemberOp::Add { list, keys: new }));
    }
    (ops, said, actions)
}
