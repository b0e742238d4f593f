//! What differs between the state before and after a change. Permissions, audit entries and
//! what is written all follow from it, however the change was worded.

use std::borrow::Cow;
use std::collections::BTreeMap;

use wigwag_model::doc::{Flag, FlagConfig, Rule};

use super::expiring;
use super::state::{FlagState, Renumbering};

/// A part of the flag that changed, for all environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlagPart {
    Name,
    Description,
    Tags,
    Temporary,
    CustomProperties,
    Maintainer,
    Variations,
    Defaults,
    ClientSide,
    Archived,
    Deprecated,
}

/// A part of the configuration that changed in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfigPart {
    On,
    Rules,
    /// Nothing about rules but descriptions.
    RuleDescriptions,
    Targets,
    Fallthrough,
    OffVariation,
    Prerequisites,
    TrackEvents,
    TrackEventsFallthrough,
    DebugEvents,
    Salt,
    MigrationSettings,
    ExpiringTargets,
}

/// All parts that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Diff {
    pub(crate) flag: Vec<FlagPart>,
    /// By environment key; environments without a change are absent.
    pub(crate) configs: BTreeMap<String, Vec<ConfigPart>>,
    /// SDKs see a change in every environment.
    pub(crate) everywhere: bool,
}

impl Diff {
    /// Indexes that only follow variations which moved are no change of a configuration.
    pub(crate) fn between(before: &FlagState, after: &FlagState) -> Self {
        let moved = Renumbering::between(&before.flag.variations, &after.flag.variations);
        let mut follows = Cow::Borrowed(before);
        if !moved.is_identity() {
            follows.to_mut().renumber(&moved);
        }
        let mut configs = BTreeMap::new();
        for (env, new) in &after.configs {
            let parts = follows.configs.get(env).map_or_else(Vec::new, |old| config_parts(old, new));
            if !parts.is_empty() {
                configs.insert(env.clone(), parts);
            }
        }
        Self { flag: flag_parts(&follows.flag, &after.flag), configs, everywhere: sdks_see(&before.flag, &after.flag) }
    }

    /// Whether the configuration in `env` must be written.
    pub(crate) fn touches(&self, env: &str) -> bool {
        self.everywhere || self.configs.contains_key(env)
    }
}

fn flag_parts(old: &Flag, new: &Flag) -> Vec<FlagPart> {
    let parts = [
        (old.name != new.name, FlagPart::Name),
        (old.description != new.description, FlagPart::Description),
        (old.tags != new.tags, FlagPart::Tags),
        (old.temporary != new.temporary, FlagPart::Temporary),
        (!same_properties(old, new), FlagPart::CustomProperties),
        (old.maintainer != new.maintainer, FlagPart::Maintainer),
        (old.variations != new.variations, FlagPart::Variations),
        (old.defaults != new.defaults, FlagPart::Defaults),
        (old.client_side_availability != new.client_side_availability, FlagPart::ClientSide),
        (old.archived_at.is_some() != new.archived_at.is_some(), FlagPart::Archived),
        (old.deprecated_at.is_some() != new.deprecated_at.is_some(), FlagPart::Deprecated),
    ];
    parts.into_iter().filter(|(changed, _)| *changed).map(|(_, part)| part).collect()
}

/// Maps compare without order; here the order is kept too, so it counts.
fn same_properties(old: &Flag, new: &Flag) -> bool {
    old.custom_properties.iter().eq(new.custom_properties.iter())
}

fn config_parts(old: &FlagConfig, new: &FlagConfig) -> Vec<ConfigPart> {
    let descriptions_only = old.rules != new.rules && without_descriptions(&old.rules, &new.rules);
    let parts = [
        (old.on != new.on, ConfigPart::On),
        (old.rules != new.rules && !descriptions_only, ConfigPart::Rules),
        (descriptions_only, ConfigPart::RuleDescriptions),
        (old.targets != new.targets, ConfigPart::Targets),
        (old.fallthrough != new.fallthrough, ConfigPart::Fallthrough),
        (old.off_variation != new.off_variation, ConfigPart::OffVariation),
        (old.prerequisites != new.prerequisites, ConfigPart::Prerequisites),
        (old.track_events != new.track_events, ConfigPart::TrackEvents),
        (old.track_events_fallthrough != new.track_events_fallthrough, ConfigPart::TrackEventsFallthrough),
        (old.debug_events_until != new.debug_events_until, ConfigPart::DebugEvents),
        (old.salt != new.salt, ConfigPart::Salt),
        (old.check_ratio != new.check_ratio, ConfigPart::MigrationSettings),
        (expiring::differs(old, new), ConfigPart::ExpiringTargets),
    ];
    parts.into_iter().filter(|(changed, _)| *changed).map(|(_, part)| part).collect()
}

/// Rules that are the same but for what they are described as.
fn without_descriptions(old: &[Rule], new: &[Rule]) -> bool {
    let same = |(old, new): (&Rule, &Rule)| {
        old.id == new.id
            && old.reference == new.reference
            && old.clauses == new.clauses
            && old.serve == new.serve
            && old.track_events == new.track_events
    };
    old.len() == new.len() && old.iter().zip(new).all(same)
}

/// Whether SDKs are sent something else for the flag, whatever its configuration.
fn sdks_see(old: &Flag, new: &Flag) -> bool {
    !old.variations.iter().map(|v| (&v.id, &v.value)).eq(new.variations.iter().map(|v| (&v.id, &v.value)))
        || old.client_side_availability != new.client_side_availability
        || old.archived_at.is_some() != new.archived_at.is_some()
}
