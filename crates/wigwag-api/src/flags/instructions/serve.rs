//! What is served: the default rule, the off variation, and what a rule serves.

use serde_json::{Map, Value};
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, Rollout, Serve, WeightedVariation};

use super::{Instruction, Params, on_config, variation_index};
use crate::flags::defaults::FULL_WEIGHT;
use crate::flags::input::context_kind;

pub(super) const ALL: &[Instruction] = &[
    on_config("updateFallthroughVariationOrRollout", "updateFallthrough", |config, flag, params, _| {
        if params.has("progressiveRolloutConfiguration") {
            return Err(Error::field("progressiveRolloutConfiguration", "progressive rollouts are not supported yet"));
        }
        config.fallthrough = serve(params, flag)?;
        Ok(())
    }),
    on_config("updateOffVariation", "updateOffVariation", |config, flag, params, _| {
        config.off_variation = Some(params.variation("variationId", flag)?);
        Ok(())
    }),
];

/// `variationId`, or else `rolloutWeights` with `rolloutBucketBy` and `rolloutContextKind`.
pub(super) fn serve(params: Params<'_>, flag: &Flag) -> Result<Serve> {
    match (params.has("variationId"), params.optional("rolloutWeights")) {
        (true, None) => Ok(Serve::Variation(params.variation("variationId", flag)?)),
        (false, Some(weights)) => {
            let weights = weights.as_object().ok_or_else(|| Error::field("rolloutWeights", "must be an object"))?;
            Ok(Serve::Rollout(rollout(params, weights, flag)?))
        }
        (true, Some(_)) => Err(Error::Invalid("takes variationId or rolloutWeights, not both".to_owned())),
        (false, None) => Err(Error::Invalid("Missing field variationId or rolloutWeights".to_owned())),
    }
}

/// Buckets in the order of the flag's variations; those that are not named get nobody.
fn rollout(params: Params<'_>, weights: &Map<String, Value>, flag: &Flag) -> Result<Rollout> {
    let mut buckets: Vec<_> = (0..flag.variations.len())
        .map(|index| WeightedVariation { variation: index, weight: 0, untracked: false })
        .collect();
    for (id, weight) in weights {
        let index = variation_index("rolloutWeights", id, flag)?;
        let weight = weight.as_u64().and_then(|w| u32::try_from(w).ok()).filter(|w| *w <= FULL_WEIGHT);
        let rule = || Error::field(&format!("rolloutWeights.{id}"), "must be a whole number from 0 to 100000");
        buckets[index].weight = weight.ok_or_else(rule)?;
    }
    let total: u64 = buckets.iter().map(|bucket| u64::from(bucket.weight)).sum();
    if total != u64::from(FULL_WEIGHT) {
        let rule = format!("the weights must add up to {FULL_WEIGHT} (100%), not {total}");
        return Err(Error::field("rolloutWeights", rule));
    }
    let text = |name| params.optional_text(name).map(|text| text.filter(|t| !t.is_empty()).map(str::to_owned));
    Ok(Rollout {
        context_kind: context_kind(text("rolloutContextKind")?),
        bucket_by: text("rolloutBucketBy")?,
        variations: buckets,
        kind: None,
        seed: None,
    })
}
