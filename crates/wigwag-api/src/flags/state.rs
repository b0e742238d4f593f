//! A flag as one value, and how its indexes follow when variations move.

use std::collections::BTreeMap;

use wigwag_model::doc::{Flag, FlagConfig, Serve, Variation};

/// A flag with what it does in each environment: the value every change works on.
#[derive(Clone, Debug, PartialEq)]
pub struct FlagState {
    /// What the flag is everywhere.
    pub flag: Flag,
    /// What it does, by environment key.
    pub configs: BTreeMap<String, FlagConfig>,
}

impl FlagState {
    /// Makes defaults and configurations follow variations that moved.
    pub(crate) fn renumber(&mut self, moved: &Renumbering) {
        if moved.is_identity() {
            return;
        }
        let defaults = &mut self.flag.defaults;
        defaults.on_variation = moved.new_index(defaults.on_variation);
        defaults.off_variation = moved.new_index(defaults.off_variation);
        self.configs.values_mut().for_each(|config| moved.apply(config));
    }
}

/// Stands in configurations for a variation that was removed while they still serve it.
/// Validation refuses it, so it is never stored.
pub(crate) const GONE: usize = usize::MAX;

/// Where each variation of a list went when the list changed. Variations are the same by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Renumbering(Vec<usize>);

impl Renumbering {
    pub(crate) fn between(before: &[Variation], after: &[Variation]) -> Self {
        Self(before.iter().map(|old| after.iter().position(|new| new.id == old.id).unwrap_or(GONE)).collect())
    }

    /// No index of the old list means anything else in the new one.
    pub(crate) fn is_identity(&self) -> bool {
        self.0.iter().enumerate().all(|(old, new)| old == *new)
    }

    /// A variation that stays has another index.
    pub(crate) fn moves(&self) -> bool {
        self.0.iter().enumerate().any(|(old, new)| *new != GONE && old != *new)
    }

    pub(crate) fn new_index(&self, old: usize) -> usize {
        self.0.get(old).copied().unwrap_or(GONE)
    }

    /// Makes a configuration point at the same variations as before. Those that are gone become
    /// [`GONE`], except where nobody is served: such entries of a rollout are dropped.
    pub(crate) fn apply(&self, config: &mut FlagConfig) {
        for target in &mut config.targets {
            target.variation = self.new_index(target.variation);
        }
        for expiring in &mut config.expiring_targets {
            expiring.variation = self.new_index(expiring.variation);
        }
        for rule in &mut config.rules {
            self.apply_to_serve(&mut rule.serve);
        }
        self.apply_to_serve(&mut config.fallthrough);
        config.off_variation = config.off_variation.map(|old| self.new_index(old));
    }

    fn apply_to_serve(&self, serve: &mut Serve) {
        match serve {
            Serve::Variation(index) => *index = self.new_index(*index),
            Serve::Rollout(rollout) => {
                for entry in &mut rollout.variations {
                    entry.variation = self.new_index(entry.variation);
                }
                rollout.variations.retain(|entry| entry.variation != GONE || entry.weight > 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn variations(ids: &[&str]) -> Vec<Variation> {
        let one = |id: &&str| Variation { id: (*id).to_owned(), value: json!(id), name: None, description: None };
        ids.iter().map(one).collect()
    }

    #[test]
    fn variations_are_followed_by_id() {
        let moved = Renumbering::between(&variations(&["a", "b", "c"]), &variations(&["c", "new", "a"]));
        assert_eq!([0, 1, 2, 9].map(|i| moved.new_index(i)), [2, GONE, 0, GONE]);
        assert!(!moved.is_identity());
        assert!(Renumbering::between(&variations(&["a"]), &variations(&["a", "b"])).is_identity());
    }
}
