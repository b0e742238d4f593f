//! Clauses of a rule.

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Clause, FlagConfig};

use super::rules::{clauses, rule};
use super::{Instruction, Params, on_config};
use crate::common::ClauseInput;
use crate::common::same_value;

const RULES: &str = "updateRules";

pub(super) const ALL: &[Instruction] = &[
    on_config("addClauses", RULES, |config, _, params, facts| {
        let added = clauses(params, "clauses", facts)?;
        rule(config, params)?.clauses.extend(added);
        Ok(())
    }),
    on_config("removeClauses", RULES, |config, _, params, _| {
        let gone = params.texts("clauseIds")?;
        rule(config, params)?.clauses.retain(|clause| !gone.contains(&clause.id.as_str()));
        Ok(())
    }),
    on_config("updateClause", RULES, |config, _, params, facts| {
        let sent: ClauseInput = params.decode("clause")?;
        let old = clause(config, params)?;
        *old = Clause { id: old.id.clone(), ..sent.into_clause(facts.ids) };
        Ok(())
    }),
    on_config("addValuesToClause", RULES, |config, _, params, _| {
        let added = params.list("values")?;
        let values = &mut clause(config, params)?.values;
        for value in added {
            if !contains(values, value) {
                values.push(value.clone());
            }
        }
        Ok(())
    }),
    on_config("removeValuesFromClause", RULES, |config, _, params, _| {
        let gone = params.list("values")?;
        clause(config, params)?.values.retain(|value| !contains(gone, value));
        Ok(())
    }),
];

/// The clause under `clauseId` of the rule under `ruleId`.
fn clause<'a>(config: &'a mut FlagConfig, params: Params<'_>) -> Result<&'a mut Clause> {
    let id = params.text("clauseId")?;
    let found = rule(config, params)?.clauses.iter_mut().find(|clause| clause.id == id);
    found.ok_or_else(|| Error::field("clauseId", format_args!("there is no clause with the id '{id}' in the rule")))
}

fn contains(list: &[Value], value: &Value) -> bool {
    list.iter().any(|one| same_value(one, value))
}
