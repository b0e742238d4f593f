//! Clauses of a rule.

use serde_json::Value;
use wigwag_kit::Result;
use wigwag_kit::patch::Instruction;
use wigwag_model::doc::{Clause, SegmentRule};
use wigwag_model::id::Ids;

use super::rules::{self, rule};
use crate::common::{ClauseInput, same_value};

pub(super) fn add(rules: &mut [SegmentRule], sent: Instruction<'_>, ids: &Ids) -> Result<()> {
    let added = rules::clauses(sent, ids)?;
    rule(rules, sent)?.clauses.extend(added);
    Ok(())
}

pub(super) fn remove(rules: &mut [SegmentRule], sent: Instruction<'_>) -> Result<()> {
    let gone: Vec<String> = sent.required("clauseIds")?;
    rule(rules, sent)?.clauses.retain(|clause| !gone.contains(&clause.id));
    Ok(())
}

pub(super) fn update(rules: &mut [SegmentRule], sent: Instruction<'_>, ids: &Ids) -> Result<()> {
    let input: ClauseInput = sent.required("clause")?;
    let old = clause(rules, sent)?;
    *old = Clause { id: old.id.clone(), ..input.into_clause(ids) };
    Ok(())
}

pub(super) fn add_values(rules: &mut [SegmentRule], sent: Instruction<'_>) -> Result<()> {
    let added: Vec<Value> = sent.required("values")?;
    let values = &mut clause(rules, sent)?.values;
    for value in added {
        if !contains(values, &value) {
            values.push(value);
        }
    }
    Ok(())
}

pub(super) fn remove_values(rules: &mut [SegmentRule], sent: Instruction<'_>) -> Result<()> {
    let gone: Vec<Value> = sent.required("values")?;
    clause(rules, sent)?.values.retain(|value| !contains(&gone, value));
    Ok(())
}

/// The clause under `clauseId` of the rule under `ruleId`.
fn clause<'a>(rules: &'a mut [SegmentRule], sent: Instruction<'_>) -> Result<&'a mut Clause> {
    let id: String = sent.required("clauseId")?;
    let found = rule(rules, sent)?.clauses.iter_mut().find(|clause| clause.id == id);
    found.ok_or_else(|| sent.problem("clauseId", format_args!("there is no clause with the id '{id}' in the rule")))
}

fn contains(list: &[Value], value: &Value) -> bool {
    list.iter().any(|one| same_value(one, value))
}
