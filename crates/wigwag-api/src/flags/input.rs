//! Rollouts and variations as clients send them, in instructions and in JSON patches alike.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Rollout, Variation, WeightedVariation};
use wigwag_model::id::Ids;

use crate::common::id_or_new;

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
