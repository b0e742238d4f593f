//! An environment as automatic configuration and archives describe it (sdk-protocol.md 9.1, 9.4).

use serde::{Deserialize, Serialize};
use wigwag_live::Settings;
use wigwag_model::clock::Millis;
use wigwag_model::doc::{EnvKey, KeyValue};

/// An environment: its names and its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EnvRep {
    /// The client-side ID.
    #[serde(rename = "envID", alias = "envId")]
    pub(crate) id: String,
    pub(crate) env_key: String,
    pub(crate) env_name: String,
    pub(crate) proj_key: String,
    pub(crate) proj_name: String,
    pub(crate) mob_key: String,
    pub(crate) sdk_key: SdkKeyRep,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sdk_keys: Vec<KeyRep>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) mobile_keys: Vec<KeyRep>,
    /// Minutes.
    pub(crate) default_ttl: u32,
    pub(crate) secure_mode: bool,
    /// Rises with every change of this environment.
    pub(crate) version: u64,
}

/// The SDK key, and the one before it while that is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SdkKeyRep {
    pub(crate) value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expiring: Option<ExpiringRep>,
}

/// A key that is on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExpiringRep {
    pub(crate) value: String,
    pub(crate) timestamp: Millis,
}

/// One of several keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRep {
    pub(crate) value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expiry: Option<Millis>,
}

impl EnvRep {
    /// What it is called in logs: no key.
    pub(crate) fn shown(&self) -> String {
        if self.env_key.is_empty() { self.id.clone() } else { format!("{}/{}", self.proj_key, self.env_key) }
    }

    /// The keys that SDKs may come with, the one in use upstream first.
    pub(crate) fn settings(&self) -> Settings {
        let mut sdk_keys = vec![key(&self.sdk_key.value, None)];
        let expiring = self.sdk_key.expiring.iter().map(|key| (&key.value, Some(key.timestamp)));
        for (value, expiry) in expiring.chain(self.sdk_keys.iter().map(|key| (&key.value, key.expiry))) {
            if !sdk_keys.iter().any(|known| known.value.clear() == Some(value)) {
                sdk_keys.push(key(value, expiry));
            }
        }
        let mut mobile_keys: Vec<EnvKey> = Vec::new();
        let current = (!self.mob_key.is_empty()).then_some((&self.mob_key, None));
        for (value, expiry) in current.into_iter().chain(self.mobile_keys.iter().map(|key| (&key.value, key.expiry))) {
            if !mobile_keys.iter().any(|known| known.value.clear() == Some(value)) {
                mobile_keys.push(key(value, expiry));
            }
        }
        Settings {
            id: self.id.as_str().into(),
            sdk_keys,
            mobile_keys,
            ttl_minutes: self.default_ttl,
            secure_mode: self.secure_mode,
        }
    }
}

fn key(value: &str, expiry: Option<Millis>) -> EnvKey {
    EnvKey::new(KeyValue::Clear(value.to_owned()), expiry)
}
