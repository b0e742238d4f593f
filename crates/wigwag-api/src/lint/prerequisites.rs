//! Prerequisites that can never hold.

use std::collections::{BTreeMap, BTreeSet};

use wigwag_model::doc::{FlagConfig, Serve};

use super::{Notes, Other, Severity};

const CODE: &str = "prerequisite-never-holds";

pub(super) fn check(config: &FlagConfig, others: &BTreeMap<String, Other>, notes: &mut Notes<'_>) {
    for (at, wanted) in config.prerequisites.iter().enumerate() {
        let path = format!("prerequisites/{at}");
        let (key, variation) = (&wanted.key, wanted.variation);
        let Some(other) = others.get(key) else {
            notes.note(Severity::Error, CODE, &path, format!("There is no flag {key}"));
            continue;
        };
        if other.flag.archived_at.is_some() {
            notes.note(Severity::Error, CODE, &path, format!("The flag {key} is archived"));
            continue;
        }
        let Some(there) = other.configs.get(notes.environment) else { continue };
        if !there.on {
            let message = format!("The flag {key} is off here, and a flag that is off never meets a prerequisite");
            notes.note(Severity::Warning, CODE, &path, message);
        }
        if !served(there).contains(&variation) {
            let message = format!("The flag {key} never serves its variation {variation} here");
            notes.note(Severity::Error, CODE, &path, message);
        }
    }
}

/// The variations that somebody can get while the flag is on.
fn served(config: &FlagConfig) -> BTreeSet<usize> {
    let mut all: BTreeSet<usize> =
        config.targets.iter().filter(|target| !target.values.is_empty()).map(|target| target.variation).collect();
    for serve in config.rules.iter().map(|rule| &rule.serve).chain([&config.fallthrough]) {
        match serve {
            Serve::Variation(variation) => drop(all.insert(*variation)),
            Serve::Rollout(rollout) => {
                all.extend(rollout.variations.iter().filter(|entry| entry.weight > 0).map(|entry| entry.variation));
            }
        }
    }
    // One whose own prerequisites fail serves its off variation, which does not count.
    all
}
