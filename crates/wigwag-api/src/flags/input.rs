//! Clauses and rollouts as clients send them, in instructions and in JSON patches alike.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Clause, Rollout, Variation, WeightedVariation};
use wigwag_model::id::Ids;

/// A clause as sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClauseInput {
    #[serde(default, rename = "_id")]
    id: Option<String>,
    #[serde(default)]
    context_kind: Option<String>,
    #[serde(default)]
    attribute: String,
    op: String,
    values: Vec<Value>,
    #[serde(default)]
    negate: bool,
}

impl ClauseInput {
    /// Instructions always mint ids.
    pub(crate) fn without_id(self) -> Self {
        Self { id: None, ..self }
    }

    /// The clause to store: with an id, and with a context kind unless it matches segments.
    pub(crate) fn into_clause(self, ids: &Ids) -> Clause {
        let kind = self.context_kind.filter(|kind| !kind.is_empty());
        let kind = if self.op == "segmentMatch" { kind } else { kind.or_else(|| Some("user".to_owned())) };
        Clause {
            id: id_or_new(self.id, ids),
            context_kind: kind,
            attribute: self.attribute,
            op: self.op,
            values: self.values,
            negate: self.negate,
        }
    }
}

/// Keeps an id that was sent; an empty one counts as none.
pub(crate) fn id_or_new(id: Option<String>, ids: &Ids) -> String {
    id.filter(|id| !id.is_empty()).unwrap_or_else(|| ids.uuid())
}

/// A rollout as JSON patches send it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolloutInput {
    variations: Vec<WeightInput>,
    #[serde(default)]
    bucket_by: Option<String>,
    #[serde(default)]
    context_kind: Option<String>,
    #[serde(default)]
    seed: Option<i64>,
    #[serde(default)]
    experiment_allocation: Option<Value>,
}

#[derive(Deserialize)]
struct WeightInput {
    variation: usize,
    weight: u32,
    #[serde(default, rename = "_untracked")]
    untracked: bool,
}

impl RolloutInput {
    /// The rollout to store.
    ///
    /// # Errors
    /// It belongs to an experiment, which Wigwag cannot run yet.
    pub(crate) fn into_rollout(self, path: &str) -> Result<Rollout> {
        if self.experiment_allocation.is_some() {
            let path = format!("{path}/experimentAllocation");
            return Err(Error::field(&path, "experiments are not supported yet"));
        }
        let weight =
            |w: WeightInput| WeightedVariation { variation: w.variation, weight: w.weight, untracked: w.untracked };
        Ok(Rollout {
            context_kind: context_kind(self.context_kind),
            bucket_by: self.bucket_by.filter(|attribute| !attribute.is_empty()),
            variations: self.variations.into_iter().map(weight).collect(),
            kind: None,
            seed: self.seed,
        })
    }
}

/// SDKs read `bucketBy` as a reference only beside a kind, so there always is one.
pub(crate) fn context_kind(kind: Option<String>) -> Option<String> {
    Some(kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| "user".to_owned()))
}

/// A variation as sent.
#[derive(Clone, Deserialize, JsonSchema)]
pub(crate) struct VariationInput {
    /// Left out of new variations.
    #[serde(default, rename = "_id")]
    pub(crate) id: Option<String>,
    /// Any JSON; all variations of a flag have values of one type.
    pub(crate) value: Value,
    /// Human name.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// Human description.
    #[serde(default)]
    pub(crate) description: Option<String>,
}

impl VariationInput {
    /// The variation to store; empty texts count as none.
    pub(crate) fn into_variation(self, ids: &Ids) -> Variation {
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        Variation {
            id: id_or_new(self.id, ids),
            value: self.value,
            name: text(self.name),
            description: text(self.description),
        }
    }

    /// New flags always mint ids.
    pub(crate) fn without_id(self) -> Self {
        Self { id: None, ..self }
    }
}

/// Without repetitions, the first of each staying where it is.
pub(crate) fn unique(sent: Vec<String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::with_capacity(sent.len());
    for one in sent {
        if !list.contains(&one) {
            list.push(one);
        }
    }
    list
}
