//! A new flag that does what another one does.

use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, FlagConfig};

use super::FeatureFlagBody;
use crate::common::same_value;
use crate::common::unique;
use crate::flags::facts::Facts;
use crate::flags::state::FlagState;

/// A copy of `source` under the body's key and name: variations, and targeting in all environments
/// including on and off. What else the body names wins over the source. Every id is new.
pub(super) fn state(body: &FeatureFlagBody, source: &FlagState, facts: &Facts<'_>) -> Result<FlagState> {
    let from = &source.flag;
    refuse_others(body, from)?;
    let mut variations = from.variations.clone();
    variations.iter_mut().for_each(|variation| variation.id = facts.ids.uuid());
    let tags = body.tags.clone().map(unique);
    let flag = Flag {
        key: body.key.clone(),
        name: body.name(false)?,
        description: body.description.clone().unwrap_or_else(|| from.description.clone()),
        kind: from.kind,
        variations,
        defaults: from.defaults,
        temporary: body.temporary.unwrap_or(from.temporary),
        tags: tags.unwrap_or_else(|| from.tags.clone()),
        maintainer: body.maintainer(facts)?.or_else(|| from.maintainer.clone()),
        client_side_availability: body.availability(from.client_side_availability),
        custom_properties: body.custom_properties.clone().unwrap_or_else(|| from.custom_properties.clone()),
        archived_at: None,
        deprecated_at: None,
        views: Vec::new(),
        purpose: from.purpose.clone(),
        migration_settings: from.migration_settings.clone(),
        created_at: facts.now,
    };
    let configs = source.configs.iter().map(|(env, config)| (env.clone(), copy(config, facts))).collect();
    Ok(FlagState { flag, configs })
}

fn copy(source: &FlagConfig, facts: &Facts<'_>) -> FlagConfig {
    let mut config = source.clone();
    config.salt = facts.ids.salt();
    config.sel = facts.ids.salt();
    config.last_modified = facts.now;
    config.debug_events_until = None;
    config.expiring_targets.clear();
    for rule in &mut config.rules {
        rule.id = facts.ids.uuid();
        rule.clauses.iter_mut().for_each(|clause| clause.id = facts.ids.uuid());
    }
    config
}

/// What comes from the source can be given as well only if it says the same.
fn refuse_others(body: &FeatureFlagBody, source: &Flag) -> Result<()> {
    let variations = body.variations.as_deref().is_some_and(|list| {
        list.len() != source.variations.len()
            || !list.iter().zip(&source.variations).all(|(sent, old)| same_value(&sent.value, &old.value))
    });
    let purpose = body.purpose.as_deref().is_some_and(|sent| sent != source.purpose.as_deref().unwrap_or_default());
    let other = [
        ("variations", variations),
        ("defaults", body.defaults.is_some_and(|sent| sent != source.defaults)),
        ("purpose", purpose),
        ("initialPrerequisites", body.initial_prerequisites.as_ref().is_some_and(|list| !list.is_empty())),
        ("isFlagOn", body.is_flag_on == Some(true)),
    ];
    match other.into_iter().find(|(_, other)| *other) {
        None => Ok(()),
        Some((name, _)) => Err(Error::field(name, "comes from the flag that is cloned")),
    }
}
