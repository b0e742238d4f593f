//! `_summary`: how each variation is used, without the lists themselves.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_model::doc::{Flag, FlagConfig, Serve};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FlagSummary")]
pub(super) struct Summary {
    /// By index, written as text.
    #[schemars(with = "BTreeMap<String, VariationSummary>")]
    variations: IndexMap<String, VariationSummary>,
    prerequisites: usize,
}

#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VariationSummary {
    /// Rules that serve it.
    rules: usize,
    /// Rules whose rollout names it with a weight of 0.
    null_rules: usize,
    /// Individual targets of kind `user`.
    targets: usize,
    /// Individual targets of other kinds.
    context_targets: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_fallthrough: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_off: bool,
    /// Weight in the default rule's rollout.
    #[serde(skip_serializing_if = "Option::is_none")]
    rollout: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_by: Option<String>,
}

impl Summary {
    pub(super) fn of(flag: &Flag, config: &FlagConfig) -> Self {
        let mut all: Vec<_> = flag.variations.iter().map(|_| VariationSummary::default()).collect();
        for target in &config.targets {
            if let Some(one) = all.get_mut(target.variation) {
                let user = target.context_kind == "user";
                *(if user { &mut one.targets } else { &mut one.context_targets }) += target.values.len();
            }
        }
        config.rules.iter().for_each(|rule| count_rule(&rule.serve, &mut all));
        mark_fallthrough(&config.fallthrough, &mut all);
        if let Some(off) = config.off_variation.and_then(|index| all.get_mut(index)) {
            off.is_off = true;
        }
        let variations = all.into_iter().enumerate().map(|(index, one)| (index.to_string(), one)).collect();
        Self { variations, prerequisites: config.prerequisites.len() }
    }
}

fn count_rule(serve: &Serve, all: &mut [VariationSummary]) {
    match serve {
        Serve::Variation(index) => all.get_mut(*index).into_iter().for_each(|one| one.rules += 1),
        Serve::Rollout(rollout) => {
            for entry in &rollout.variations {
                if let Some(one) = all.get_mut(entry.variation) {
                    *(if entry.weight > 0 { &mut one.rules } else { &mut one.null_rules }) += 1;
                }
            }
        }
    }
}

fn mark_fallthrough(serve: &Serve, all: &mut [VariationSummary]) {
    match serve {
        Serve::Variation(index) => all.get_mut(*index).into_iter().for_each(|one| one.is_fallthrough = true),
        Serve::Rollout(rollout) => {
            for entry in &rollout.variations {
                if let Some(one) = all.get_mut(entry.variation) {
                    one.is_fallthrough = true;
                    one.rollout = Some(one.rollout.unwrap_or(0) + entry.weight);
                    one.bucket_by.clone_from(&rollout.bucket_by);
                }
            }
        }
    }
}
