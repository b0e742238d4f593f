//! What a flag starts with in an environment (behaviour.md 10).

use wigwag_model::clock::Millis;
use wigwag_model::doc::{Environment, Flag, FlagConfig, Rollout, Serve, WeightedVariation};
use wigwag_model::id::Ids;

/// Weights of a rollout add up to this: thousandths of a per cent.
pub(crate) const FULL_WEIGHT: u32 = 100_000;

/// The configuration of `flag` in an environment that does not have one yet: a copy of `source`,
/// the flag's configuration in the environment to copy from, or else off with the flag's defaults.
///
/// Salt and `sel` are always new, and no target expires. A copy keeps the ids of its rules and clauses, which are
/// unique within one configuration only.
#[must_use]
pub fn config_for_new_environment(
    flag: &Flag,
    environment: &Environment,
    source: Option<&FlagConfig>,
    ids: &Ids,
    now: Millis,
) -> FlagConfig {
    match source {
        Some(source) => FlagConfig {
            salt: ids.salt(),
            sel: ids.salt(),
            last_modified: now,
            debug_events_until: None,
            expiring_targets: Vec::new(),
            ..source.clone()
        },
        None => FlagConfig {
            on: false,
            salt: ids.salt(),
            sel: ids.salt(),
            last_modified: now,
            prerequisites: Vec::new(),
            targets: Vec::new(),
            rules: Vec::new(),
            fallthrough: default_rule(flag),
            off_variation: Some(flag.defaults.off_variation),
            track_events: environment.default_track_events,
            track_events_fallthrough: false,
            debug_events_until: None,
            check_ratio: None,
            expiring_targets: Vec::new(),
        },
    }
}

/// The default variation; for a migration flag the rollout that its clients expect to edit.
fn default_rule(flag: &Flag) -> Serve {
    let Some(settings) = &flag.migration_settings else { return Serve::Variation(flag.defaults.on_variation) };
    let weight = |index| if index == flag.defaults.on_variation { FULL_WEIGHT } else { 0 };
    Serve::Rollout(Rollout {
        context_kind: Some(settings.context_kind.clone().unwrap_or_else(|| "user".to_owned())),
        bucket_by: None,
        variations: (0..flag.variations.len())
            .map(|index| WeightedVariation { variation: index, weight: weight(index), untracked: false })
            .collect(),
        kind: None,
        seed: None,
    })
}
