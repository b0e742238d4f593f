//! Targeting rules.

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Clause, Flag, FlagConfig, Rule};

use super::{Instruction, Params, decode, on_config, serve};
use crate::common::ClauseInput;
use crate::flags::facts::Facts;

const RULES: &str = "updateRules";

pub(super) const ALL: &[Instruction] = &[
    on_config("addRule", RULES, add),
    on_config("removeRule", RULES, |config, _, params, _| {
        let id = params.text("ruleId")?;
        config.rules.retain(|rule| rule.id != id);
        Ok(())
    }),
    on_config("replaceRules", RULES, replace),
    on_config("reorderRules", RULES, reorder),
    on_config("updateRuleDescription", "updateFlagRuleDescription", |config, _, params, _| {
        let description = params.text("description")?;
        rule(config, params)?.description = Some(description.to_owned()).filter(|text| !text.is_empty());
        Ok(())
    }),
    on_config("updateRuleTrackEvents", RULES, |config, _, params, _| {
        rule(config, params)?.track_events = params.boolean("trackEvents")?;
        Ok(())
    }),
    on_config("updateRuleVariationOrRollout", RULES, |config, flag, params, _| {
        rule(config, params)?.serve = serve::serve(params, flag)?;
        Ok(())
    }),
];

/// The rule whose id is under `ruleId`.
pub(super) fn rule<'a>(config: &'a mut FlagConfig, params: Params<'_>) -> Result<&'a mut Rule> {
    let id = params.text("ruleId")?;
    let found = config.rules.iter_mut().find(|rule| rule.id == id);
    found.ok_or_else(|| Error::field("ruleId", format_args!("there is no rule with the id '{id}'")))
}

/// The clauses under `name`.
pub(super) fn clauses(params: Params<'_>, name: &str, facts: &Facts<'_>) -> Result<Vec<Clause>> {
    let sent: Vec<ClauseInput> = params.decode(name)?;
    Ok(sent.into_iter().map(|clause| clause.without_id().into_clause(facts.ids)).collect())
}

fn add(config: &mut FlagConfig, flag: &Flag, params: Params<'_>, facts: &Facts<'_>) -> Result<()> {
    let rule = read(params, flag, facts)?;
    let at = match params.optional_text("beforeRuleId")? {
        None => config.rules.len(),
        Some(id) => {
            let found = config.rules.iter().position(|rule| rule.id == id);
            found.ok_or_else(|| Error::field("beforeRuleId", format_args!("there is no rule with the id '{id}'")))?
        }
    };
    config.rules.insert(at, rule);
    Ok(())
}

fn replace(config: &mut FlagConfig, flag: &Flag, params: Params<'_>, facts: &Facts<'_>) -> Result<()> {
    let one = |(i, sent): (usize, &Value)| {
        let map = sent.as_object().ok_or_else(|| Error::field(&format!("rules[{i}]"), "must be an object"))?;
        read(Params(map), flag, facts).map_err(|error| match error {
            Error::Invalid(problem) => Error::field(&format!("rules[{i}]"), problem),
            other => other,
        })
    };
    config.rules = params.list("rules")?.iter().enumerate().map(one).collect::<Result<_>>()?;
    Ok(())
}

fn reorder(config: &mut FlagConfig, _: &Flag, params: Params<'_>, _: &Facts<'_>) -> Result<()> {
    let ids = params.texts("ruleIds")?;
    let mut rest = std::mem::take(&mut config.rules);
    for (i, id) in ids.iter().enumerate() {
        let Some(at) = rest.iter().position(|rule| rule.id == *id) else {
            let rule = format!("'{id}' is not a rule of the flag, or listed twice");
            return Err(Error::field(&format!("ruleIds[{i}]"), rule));
        };
        config.rules.push(rest.remove(at));
    }
    match rest.first() {
        None => Ok(()),
        Some(left) => Err(Error::field("ruleIds", format_args!("must list every rule: '{}' is missing", left.id))),
    }
}

fn read(params: Params<'_>, flag: &Flag, facts: &Facts<'_>) -> Result<Rule> {
    let text = |name| params.optional_text(name).map(|text| text.filter(|t| !t.is_empty()).map(str::to_owned));
    let track = params.optional("trackEvents").map(|value| decode("trackEvents", value)).transpose()?;
    Ok(Rule {
        id: facts.ids.uuid(),
        reference: text("ref")?,
        description: text("description")?,
        clauses: clauses(params, "clauses", facts)?,
        serve: serve::serve(params, flag)?,
        track_events: track.unwrap_or(false),
    })
}
