//! Rules, and what rules and the default rule serve.

use serde::Deserialize;
use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Rollout, Rule, Serve};
use wigwag_model::id::Ids;

use super::{decode, items};
use crate::common::{ClauseInput, id_or_new};
use crate::flags::input::RolloutInput;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleInput {
    #[serde(default, rename = "_id")]
    id: Option<String>,
    #[serde(default, rename = "ref")]
    reference: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    clauses: Vec<ClauseInput>,
    #[serde(default)]
    track_events: Option<bool>,
}

#[derive(Deserialize)]
struct ServeInput {
    #[serde(default)]
    variation: Option<usize>,
    #[serde(default)]
    rollout: Option<RolloutInput>,
}

/// The list of rules. Those that were not touched stay as they are in `old`.
pub(super) fn read(path: &str, list: &Value, shown: &Value, old: &[Rule], ids: &Ids) -> Result<Vec<Rule>> {
    let shown = shown.as_array().map(Vec::as_slice).unwrap_or_default();
    let one = |(i, item): (usize, &Value)| {
        let id = item.get("_id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let same = id.and_then(|id| old.iter().position(|rule| rule.id == id));
        match same {
            Some(at) if shown.get(at) == Some(item) => Ok(old[at].clone()),
            same => rule(&format!("{path}/{i}"), item, same.map(|at| &old[at]), ids),
        }
    };
    items(path, list)?.iter().enumerate().map(one).collect()
}

fn rule(path: &str, item: &Value, old: Option<&Rule>, ids: &Ids) -> Result<Rule> {
    let sent: RuleInput = decode(path, item)?;
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Rule {
        id: id_or_new(sent.id, ids),
        reference: text(sent.reference),
        description: text(sent.description),
        clauses: sent.clauses.into_iter().map(|clause| clause.into_clause(ids)).collect(),
        serve: serve(path, item, old.map(|rule| &rule.serve))?,
        track_events: sent.track_events.unwrap_or(false),
    })
}

/// `variation` or `rollout`. Where a patch sets one beside the other, the one that is new wins.
pub(super) fn serve(path: &str, value: &Value, old: Option<&Serve>) -> Result<Serve> {
    let sent: ServeInput = decode(path, value)?;
    let rollout = sent.rollout.map(|rollout| rollout.into_rollout(&format!("{path}/rollout"))).transpose()?;
    match (sent.variation, rollout, old) {
        (Some(variation), None, _) => Ok(Serve::Variation(variation)),
        (None, Some(rollout), _) => Ok(Serve::Rollout(rollout)),
        (Some(variation), Some(rollout), Some(Serve::Variation(old))) if variation == *old => {
            Ok(Serve::Rollout(rollout))
        }
        (Some(variation), Some(rollout), Some(Serve::Rollout(old))) if same(&rollout, old) => {
            Ok(Serve::Variation(variation))
        }
        (Some(_), Some(_), _) => Err(Error::field(path, "takes a variation or a rollout, not both")),
        (None, None, _) => Err(Error::field(path, "needs a variation or a rollout")),
    }
}

fn same(sent: &Rollout, old: &Rollout) -> bool {
    let shown = Rollout { kind: None, ..old.clone() };
    *sent == shown
}
