//! The body that creates a flag, and the flag it describes.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{
    ClientSideAvailability, CustomProperty, Defaults, Flag, FlagKind, Maintainer, Prerequisite, Project, Variation,
};

use super::migration::{self, MigrationSettingsPost};
use crate::common::unique;
use crate::flags::facts::{Facts, Wanted};
use crate::flags::input::VariationInput;
use crate::flags::instructions::{member, team, variation_index};
use crate::flags::validate::ValueType;

/// What clients send to create a flag.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureFlagBody {
    /// Human name; migration flags may leave it out and get their key.
    pub(super) name: Option<String>,
    /// Chosen key.
    pub(super) key: String,
    /// Human description.
    pub(super) description: Option<String>,
    /// Older form of `clientSideAvailability.usingEnvironmentId`.
    pub(super) include_in_snippet: Option<bool>,
    /// The project's default unless given.
    pub(super) client_side_availability: Option<AvailabilityPost>,
    /// `true` and `false` unless given.
    pub(super) variations: Option<Vec<VariationInput>>,
    /// `true` unless given.
    pub(super) temporary: Option<bool>,
    /// Tags.
    pub(super) tags: Option<Vec<String>>,
    /// By key.
    #[schemars(with = "Option<BTreeMap<String, CustomProperty>>")]
    pub(super) custom_properties: Option<IndexMap<String, CustomProperty>>,
    /// The first and the last variation unless given.
    pub(super) defaults: Option<Defaults>,
    /// `migration` or `holdout`.
    pub(super) purpose: Option<String>,
    /// For migration flags.
    pub(super) migration_settings: Option<MigrationSettingsPost>,
    /// The creator unless given.
    pub(super) maintainer_id: Option<String>,
    /// Instead of a member.
    pub(super) maintainer_team_key: Option<String>,
    /// Prerequisites in all environments.
    pub(super) initial_prerequisites: Option<Vec<FlagPrerequisitePost>>,
    /// On in all environments from the start.
    pub(super) is_flag_on: Option<bool>,
    /// Views to link to.
    pub(super) view_keys: Option<Vec<String>>,
}

/// Which client-side SDKs see a new flag.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AvailabilityPost {
    using_environment_id: Option<bool>,
    using_mobile_key: Option<bool>,
}

/// A prerequisite by the id of its variation.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlagPrerequisitePost {
    key: String,
    variation_id: String,
}

impl FeatureFlagBody {
    /// What to look up before the flag can be made.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            flags: self.initial_prerequisites.iter().flatten().map(|one| one.key.clone()).collect(),
            members: self.maintainer_id.iter().cloned().collect(),
            teams: self.maintainer_team_key.iter().cloned().collect(),
        }
    }

    /// The flag, with the defaults of behaviour.md 10.
    pub(super) fn flag(&self, project: &Project, creator: Option<&str>, facts: &Facts<'_>) -> Result<Flag> {
        let migration = migration::settings(self)?;
        let variations = match &migration {
            Some(settings) => migration::variations(settings.stage_count, facts.ids),
            None => self.variations(facts),
        };
        let last = variations.len().saturating_sub(1);
        let defaults = match migration {
            Some(_) => Defaults { on_variation: 0, off_variation: 0 },
            None => self.defaults.unwrap_or(Defaults { on_variation: 0, off_variation: last }),
        };
        Ok(Flag {
            key: self.key.clone(),
            name: self.name(migration.is_some())?,
            description: self.description.clone().unwrap_or_default(),
            kind: kind(&variations),
            variations,
            defaults,
            temporary: self.temporary.unwrap_or(true),
            tags: unique(self.tags.clone().unwrap_or_default()),
            maintainer: self.maintainer(facts)?.or_else(|| creator.map(|id| Maintainer::Member(id.to_owned()))),
            client_side_availability: self.availability(project.default_client_side_availability),
            custom_properties: self.custom_properties.clone().unwrap_or_default(),
            archived_at: None,
            deprecated_at: None,
            views: Vec::new(),
            purpose: self.purpose.clone().filter(|purpose| !purpose.is_empty()),
            migration_settings: migration,
            created_at: facts.now,
        })
    }

    pub(super) fn name(&self, may_be_left_out: bool) -> Result<String> {
        match &self.name {
            Some(name) => Ok(name.clone()),
            None if may_be_left_out => Ok(self.key.clone()),
            None => Err(Error::missing("name")),
        }
    }

    fn variations(&self, facts: &Facts<'_>) -> Vec<Variation> {
        let boolean =
            |value: bool| Variation { id: facts.ids.uuid(), value: json!(value), name: None, description: None };
        match &self.variations {
            Some(list) => list.iter().map(|one| one.clone().without_id().into_variation(facts.ids)).collect(),
            None => vec![boolean(true), boolean(false)],
        }
    }

    /// The maintainer named in the body, if any.
    pub(super) fn maintainer(&self, facts: &Facts<'_>) -> Result<Option<Maintainer>> {
        let named = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
        match (named(&self.maintainer_id), named(&self.maintainer_team_key)) {
            (Some(_), Some(_)) => {
                let rule = "a flag has a member or a team as its maintainer, not both: see maintainerTeamKey";
                Err(Error::field("maintainerId", rule))
            }
            (Some(id), None) => member("maintainerId", &id, facts).map(Some),
            (None, Some(key)) => team("maintainerTeamKey", &key, facts).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// What the body says, over `base`.
    pub(super) fn availability(&self, base: ClientSideAvailability) -> ClientSideAvailability {
        let sent = self.client_side_availability;
        let environment_id = sent.and_then(|sent| sent.using_environment_id).or(self.include_in_snippet);
        ClientSideAvailability {
            using_mobile_key: sent.and_then(|sent| sent.using_mobile_key).unwrap_or(base.using_mobile_key),
            using_environment_id: environment_id.unwrap_or(base.using_environment_id),
        }
    }

    pub(super) fn prerequisites(&self, flag: &str, facts: &Facts<'_>) -> Result<Vec<Prerequisite>> {
        let mut list = Vec::new();
        for (i, one) in self.initial_prerequisites.iter().flatten().enumerate() {
            let path = |name| format!("initialPrerequisites[{i}].{name}");
            let other = facts.flags.get(&one.key).filter(|other| other.key != flag);
            let unknown = || Error::field(&path("key"), format_args!("there is no flag with the key '{}'", one.key));
            let variation = variation_index(&path("variationId"), &one.variation_id, other.ok_or_else(unknown)?)?;
            list.push(Prerequisite { key: one.key.clone(), variation });
        }
        Ok(list)
    }
}

/// Boolean for exactly true and false, in either order.
fn kind(variations: &[Variation]) -> FlagKind {
    match variations {
        [a, b] if ValueType::of(&a.value) == ValueType::Boolean && ValueType::of(&b.value) == ValueType::Boolean => {
            FlagKind::Boolean
        }
        _ => FlagKind::Multivariate,
    }
}
