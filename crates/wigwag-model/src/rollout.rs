//! What a rule or the fallthrough serves: one variation, or a rollout over several.

use crate::lenient;
use serde::{Deserialize, Serialize};

/// A fixed variation or a rollout. With both, the variation wins; with neither, evaluation yields
/// `MALFORMED_FLAG`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VariationOrRollout {
    /// Index into the flag's variations.
    #[serde(default, deserialize_with = "lenient::optional_int", skip_serializing_if = "Option::is_none")]
    pub variation: Option<i64>,
    /// A split over several variations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
}

impl VariationOrRollout {
    /// Serves one variation.
    pub fn fixed(variation: i64) -> Self {
        VariationOrRollout { variation: Some(variation), rollout: None }
    }

    /// Serves a rollout.
    pub fn split(rollout: Rollout) -> Self {
        VariationOrRollout { variation: None, rollout: Some(rollout) }
    }
}

/// A split by hash bucket (sdk-protocol §4.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// Plain rollout or experiment.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub kind: RolloutKind,
    /// Kind whose attribute is hashed. Absent: `user`, and `bucket_by` is a literal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// The parts, in order.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub variations: Vec<WeightedVariation>,
    /// Attribute that is hashed, `key` if absent; experiments ignore it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// Replaces flag key and salt in the hash input.
    #[serde(default, deserialize_with = "lenient::optional_int", skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
}

/// The two sorts of rollout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RolloutKind {
    /// Percentage rollout.
    #[default]
    Rollout,
    /// Experiment: buckets by key and marks its results.
    Experiment,
}

impl<'de> Deserialize<'de> for RolloutKind {
    /// A word that is not known means a plain rollout (evaluation §7.4).
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Ok(if word == "experiment" { RolloutKind::Experiment } else { RolloutKind::Rollout })
    }
}

/// One part of a rollout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WeightedVariation {
    /// Index into the flag's variations.
    #[serde(default, deserialize_with = "lenient::int")]
    pub variation: i64,
    /// Share in thousandths of a percent: 100000 is everybody.
    #[serde(default, deserialize_with = "lenient::int")]
    pub weight: i64,
    /// Experiments: served, but not counted in the experiment.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub untracked: bool,
}
