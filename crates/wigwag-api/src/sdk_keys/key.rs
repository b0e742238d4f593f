//! The keys of an environment under their names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{EnvKey, Environment, KeyAbout};

use crate::read::key_mark;

/// What SDKs a key is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SdkKeyKind")]
pub(super) enum Kind {
    /// On servers.
    #[default]
    Sdk,
    /// On phones and desktops.
    Mobile,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Sdk, Self::Mobile];

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Sdk => "sdk",
            Self::Mobile => "mobile",
        }
    }

    pub(super) const fn keys(self, environment: &Environment) -> &Vec<EnvKey> {
        match self {
            Self::Sdk => &environment.sdk_keys,
            Self::Mobile => &environment.mobile_keys,
        }
    }

    pub(super) const fn keys_mut(self, environment: &mut Environment) -> &mut Vec<EnvKey> {
        match self {
            Self::Sdk => &mut environment.sdk_keys,
            Self::Mobile => &mut environment.mobile_keys,
        }
    }
}

/// Where a key is in its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

impl Place {
    /// Every key, the default ones first.
    pub(super) fn all(environment: &Environment) -> impl Iterator<Item = Self> {
        Kind::ALL.into_iter().flat_map(|kind| (0..kind.keys(environment).len()).map(move |at| Self { kind, at }))
    }

    /// The key of this name.
    pub(super) fn find(environment: &Environment, key: &str) -> Option<Self> {
        Self::all(environment).find(|place| place.about(environment).is_some_and(|about| about.key == key))
    }

    pub(super) fn key(self, environment: &Environment) -> Option<&EnvKey> {
        self.kind.keys(environment).get(self.at)
    }

    /// What can be said of a key. One that nobody named goes by what it is: the default, or a default of before,
    /// told apart by a hash of its value.
    pub(super) fn about(self, environment: &Environment) -> Option<KeyAbout> {
        let key = self.key(environment)?;
        if let Some(about) = &key.about {
            return Some((**about).clone());
        }
        let (suffix, noun) = match self.kind {
            Kind::Sdk => ("", "SDK key"),
            Kind::Mobile => ("-mobile", "mobile key"),
        };
        let (text, name) = match self.at {
            0 => (format!("default{suffix}"), format!("Default {noun}")),
            _ => {
                let mut mark = key_mark(&key.value);
                mark.truncate(8);
                (format!("default{suffix}-{mark}"), format!("Default {noun} of before"))
            }
        };
        Some(KeyAbout {
            key: text,
            name,
            description: String::new(),
            member_id: None,
            created_at: environment.created_at,
            updated_at: environment.created_at,
            version: 1,
        })
    }

    /// Whether it came with the environment or a reset.
    pub(super) fn is_default(self, environment: &Environment) -> bool {
        self.at == 0 || self.key(environment).is_some_and(|key| key.about.is_none())
    }

    /// Whether SDKs get in with it.
    pub(super) fn is_active(self, environment: &Environment, now: Millis) -> bool {
        self.key(environment).is_some_and(|key| key.expiry.is_none_or(|ends| ends > now))
    }
}
