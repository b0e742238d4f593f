//! Rollouts whose weights look wrong.

use std::collections::BTreeSet;

use wigwag_model::doc::{FlagConfig, Rollout, Serve};

use super::{Notes, Severity};

const WHOLE: u64 = 100_000;

pub(super) fn check(config: &FlagConfig, notes: &mut Notes<'_>) {
    for (at, rule) in config.rules.iter().enumerate() {
        one(&rule.serve, &format!("rules/{at}/rollout"), notes);
    }
    one(&config.fallthrough, "fallthrough/rollout", notes);
}

fn one(serve: &Serve, path: &str, notes: &mut Notes<'_>) {
    let Serve::Rollout(rollout) = serve else { return };
    total(rollout, path, notes);
    // Experiments split a share of their traffic in their own way.
    if rollout.kind.as_deref() == Some("experiment") {
        return;
    }
    let mut seen = BTreeSet::new();
    for (at, entry) in rollout.variations.iter().enumerate() {
        let path = format!("{path}/variations/{at}");
        if u64::from(entry.weight) == WHOLE {
            let message = format!("Variation {} has all the weight: a rollout that splits nothing", entry.variation);
            notes.note(Severity::Warning, "whole-weight", &path, message);
        }
        if entry.weight == 0 {
            let message = format!("Variation {} has no weight: nobody gets it from here", entry.variation);
            notes.note(Severity::Info, "zero-weight", &path, message);
        }
        if !seen.insert(entry.variation) {
            let message = format!("Variation {} is in the rollout twice", entry.variation);
            notes.note(Severity::Warning, "repeated-variation", &path, message);
        }
    }
}

fn total(rollout: &Rollout, path: &str, notes: &mut Notes<'_>) {
    let total: u64 = rollout.variations.iter().map(|entry| u64::from(entry.weight)).sum();
    if total != WHOLE {
        let message = format!("The weights add up to {total}, not to 100000");
        notes.note(Severity::Error, "weight-total", path, message);
    }
}
