//! Rules.

use serde_json::Value;
use wigwag_kit::Result;
use wigwag_kit::patch::Instruction;
use wigwag_model::doc::{Clause, SegmentRule};
use wigwag_model::id::Ids;

use crate::common::ClauseInput;

/// The rule whose id is under `ruleId`.
pub(super) fn rule<'a>(rules: &'a mut [SegmentRule], sent: Instruction<'_>) -> Result<&'a mut SegmentRule> {
    let id: String = sent.required("ruleId")?;
    let found = rules.iter_mut().find(|rule| rule.id == id);
    found.ok_or_else(|| sent.problem("ruleId", format_args!("there is no rule with the id '{id}'")))
}

/// The clauses under `clauses`.
pub(super) fn clauses(sent: Instruction<'_>, ids: &Ids) -> Result<Vec<Clause>> {
    let clauses: Vec<ClauseInput> = sent.required("clauses")?;
    Ok(clauses.into_iter().map(|clause| clause.without_id().into_clause(ids)).collect())
}

pub(super) fn add(rules: &mut Vec<SegmentRule>, sent: Instruction<'_>, ids: &Ids) -> Result<()> {
    let text = |name| sent.optional::<String>(name).map(|text| text.filter(|text| !text.is_empty()));
    rules.push(SegmentRule {
        id: ids.uuid(),
        description: text("description")?,
        clauses: clauses(sent, ids)?,
        weight: weight(sent)?,
        bucket_by: text("bucketBy")?,
        rollout_context_kind: text("rolloutContextKind")?,
    });
    Ok(())
}

pub(super) fn reorder(rules: &mut Vec<SegmentRule>, sent: Instruction<'_>) -> Result<()> {
    let ids: Vec<String> = sent.required("ruleIds")?;
    let mut rest = std::mem::take(rules);
    for id in ids {
        let Some(at) = rest.iter().position(|rule| rule.id == id) else {
            return Err(sent.problem("ruleIds", format_args!("'{id}' is not a rule of the segment, or listed twice")));
        };
        rules.push(rest.remove(at));
    }
    match rest.first() {
        None => Ok(()),
        Some(left) => Err(sent.problem("ruleIds", format_args!("must list every rule: '{}' is missing", left.id))),
    }
}

pub(super) fn rollout(rules: &mut [SegmentRule], sent: Instruction<'_>) -> Result<()> {
    let (weight, kind) = (weight(sent)?, sent.optional::<String>("contextKind")?);
    let rule = rule(rules, sent)?;
    if rule.weight.is_none() {
        return Err(sent.problem("ruleId", format_args!("the rule '{}' has no percentage", rule.id)));
    }
    rule.weight = weight.or(rule.weight);
    if let Some(kind) = kind.filter(|kind| !kind.is_empty()) {
        rule.rollout_context_kind = Some(kind);
    }
    Ok(())
}

/// Thousandths of a per cent under `weight`; clients also send them as text.
fn weight(sent: Instruction<'_>) -> Result<Option<u32>> {
    let Some(value) = sent.value("weight") else { return Ok(None) };
    let number = match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64().and_then(|weight| u32::try_from(weight).ok()),
    };
    number.map(Some).ok_or_else(|| sent.problem("weight", "must be a whole number from 0 to 100000"))
}
