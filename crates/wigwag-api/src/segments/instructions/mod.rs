//! Semantic patch: a pure function on the segment (semantic-patch.md 5).

mod clauses;
mod rules;
mod targets;

use wigwag_kit::Result;
use wigwag_kit::patch::{Instruction, Instructions};
use wigwag_model::doc::Segment;
use wigwag_model::doc::SegmentList::{Excluded, Included};
use wigwag_model::id::Ids;

use super::big;
use crate::common::unique;
use targets::Budget;

/// The segment after all instructions, in their order.
///
/// # Errors
/// An unknown kind, a parameter that is missing or wrong, something that cannot be done. The message says where.
pub(super) fn apply(before: &Segment, sent: &Instructions, ids: &Ids) -> Result<Segment> {
    let mut after = before.clone();
    let mut budget = Budget::default();
    for instruction in sent.iter() {
        one(&mut after, instruction, ids, &mut budget)?;
    }
    Ok(after)
}

fn one(segment: &mut Segment, sent: Instruction<'_>, ids: &Ids, budget: &mut Budget) -> Result<()> {
    match sent.kind() {
        "updateName" => segment.name = sent.required("value")?,
        "addTags" => {
            let added: Vec<String> = sent.required("values")?;
            segment.tags.extend(added);
            segment.tags = unique(std::mem::take(&mut segment.tags));
        }
        "removeTags" => {
            let gone: Vec<String> = sent.required("values")?;
            segment.tags.retain(|tag| !gone.contains(tag));
        }
        "addIncludedTargets" => targets::add(segment, Included, targets::kind(sent)?, sent, budget)?,
        "addExcludedTargets" => targets::add(segment, Excluded, targets::kind(sent)?, sent, budget)?,
        "removeIncludedTargets" => targets::remove(segment, Included, targets::kind(sent)?, sent, budget)?,
        "removeExcludedTargets" => targets::remove(segment, Excluded, targets::kind(sent)?, sent, budget)?,
        "addIncludedUsers" => targets::add(segment, Included, targets::user(), sent, budget)?,
        "addExcludedUsers" => targets::add(segment, Excluded, targets::user(), sent, budget)?,
        "removeIncludedUsers" => targets::remove(segment, Included, targets::user(), sent, budget)?,
        "removeExcludedUsers" => targets::remove(segment, Excluded, targets::user(), sent, budget)?,
        "addRule" => rules::add(&mut segment.rules, sent, ids)?,
        "removeRule" => {
            let id: String = sent.required("ruleId")?;
            segment.rules.retain(|rule| rule.id != id);
        }
        "reorderRules" => rules::reorder(&mut segment.rules, sent)?,
        "updateRuleDescription" => {
            let description: String = sent.required("description")?;
            rules::rule(&mut segment.rules, sent)?.description = Some(description).filter(|text| !text.is_empty());
        }
        "updateRuleRolloutAndContextKind" => rules::rollout(&mut segment.rules, sent)?,
        "addClauses" => clauses::add(&mut segment.rules, sent, ids)?,
        "removeClauses" => clauses::remove(&mut segment.rules, sent)?,
        "updateClause" => clauses::update(&mut segment.rules, sent, ids)?,
        "addValuesToClause" => clauses::add_values(&mut segment.rules, sent)?,
        "removeValuesFromClause" => clauses::remove_values(&mut segment.rules, sent)?,
        // Members of big segments are no part of the document.
        kind if big::is_of_members(kind) => {}
        _ => return Err(sent.unsupported()),
    }
    Ok(())
}
