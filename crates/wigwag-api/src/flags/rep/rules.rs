//! Targets, rules and what they serve.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_model::doc::{FlagConfig, Rollout, Rule, Serve, Target, WeightedVariation};

use crate::common::ClauseRep;

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Target")]
pub(super) struct TargetRep<'a> {
    values: &'a [String],
    variation: usize,
    context_kind: &'a str,
}

impl<'a> TargetRep<'a> {
    fn of(target: &'a Target) -> Self {
        Self { values: &target.values, variation: target.variation, context_kind: &target.context_kind }
    }

    const fn empty(variation: usize) -> Self {
        Self { values: &[], variation, context_kind: "user" }
    }
}

fn is_user(target: &&Target) -> bool {
    target.context_kind == "user"
}

pub(super) fn targets(config: &FlagConfig) -> Vec<TargetRep<'_>> {
    config.targets.iter().filter(is_user).map(TargetRep::of).collect()
}

/// The oldest API version has an entry for every variation, in their order (behaviour.md 21.1).
pub(super) fn targets_of_every_variation(config: &FlagConfig, variations: usize) -> Vec<TargetRep<'_>> {
    let of = |variation| {
        let target = config.targets.iter().filter(is_user).find(|target| target.variation == variation);
        target.map_or_else(|| TargetRep::empty(variation), TargetRep::of)
    };
    (0..variations).map(of).collect()
}

pub(super) fn context_targets(config: &FlagConfig) -> Vec<TargetRep<'_>> {
    let one = |target| match is_user(&target) {
        true => TargetRep::empty(target.variation),
        false => TargetRep::of(target),
    };
    config.targets.iter().map(one).collect()
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Rule")]
pub(super) struct RuleRep<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(flatten)]
    serve: ServeRep<'a>,
    clauses: Vec<ClauseRep<'a>>,
    track_events: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

impl<'a> RuleRep<'a> {
    pub(super) fn of(rule: &'a Rule) -> Self {
        Self {
            id: &rule.id,
            serve: ServeRep::of(&rule.serve),
            clauses: rule.clauses.iter().map(ClauseRep::of).collect(),
            track_events: rule.track_events,
            description: rule.description.as_deref(),
            reference: rule.reference.as_deref(),
        }
    }
}

/// One of the two.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VariationOrRolloutRep")]
pub(super) struct ServeRep<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    variation: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollout: Option<RolloutRep<'a>>,
}

impl<'a> ServeRep<'a> {
    pub(super) fn of(serve: &'a Serve) -> Self {
        match serve {
            Serve::Variation(variation) => Self { variation: Some(*variation), rollout: None },
            Serve::Rollout(rollout) => Self { variation: None, rollout: Some(RolloutRep::of(rollout)) },
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Rollout")]
pub(crate) struct RolloutRep<'a> {
    variations: Vec<WeightRep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_kind: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WeightedVariation")]
struct WeightRep {
    variation: usize,
    weight: u32,
    #[serde(rename = "_untracked", skip_serializing_if = "std::ops::Not::not")]
    untracked: bool,
}

impl<'a> RolloutRep<'a> {
    fn of(rollout: &'a Rollout) -> Self {
        let weight =
            |w: &WeightedVariation| WeightRep { variation: w.variation, weight: w.weight, untracked: w.untracked };
        Self {
            variations: rollout.variations.iter().map(weight).collect(),
            seed: rollout.seed,
            bucket_by: rollout.bucket_by.as_deref(),
            context_kind: rollout.context_kind.as_deref(),
        }
    }
}
