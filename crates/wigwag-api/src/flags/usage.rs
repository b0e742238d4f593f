//! Where a variation is still used.

use wigwag_model::doc::{FlagConfig, Serve};

use super::state::FlagState;

/// The first place that refers to the variation, as a path of the representation.
pub(crate) fn of_variation(state: &FlagState, index: usize) -> Option<String> {
    let defaults = &state.flag.defaults;
    if defaults.on_variation == index {
        return Some("defaults/onVariation".to_owned());
    }
    if defaults.off_variation == index {
        return Some("defaults/offVariation".to_owned());
    }
    state.configs.iter().find_map(|(env, config)| {
        let place = in_config(config, index)?;
        Some(format!("environments/{env}/{place}"))
    })
}

fn in_config(config: &FlagConfig, index: usize) -> Option<String> {
    if config.off_variation == Some(index) {
        return Some("offVariation".to_owned());
    }
    if serves(&config.fallthrough, index) {
        return Some("fallthrough".to_owned());
    }
    if config.targets.iter().any(|target| target.variation == index) {
        return Some("targets".to_owned());
    }
    let rule = config.rules.iter().position(|rule| serves(&rule.serve, index))?;
    Some(format!("rules/{rule}"))
}

/// A bucket that nobody falls into does not count.
fn serves(serve: &Serve, index: usize) -> bool {
    match serve {
        Serve::Variation(variation) => *variation == index,
        Serve::Rollout(rollout) => rollout.variations.iter().any(|entry| entry.variation == index && entry.weight > 0),
    }
}
