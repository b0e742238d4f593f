//! An environment, its keys and its settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Sealed;
use crate::clock::Millis;
use crate::lenient::or_default;

/// An environment of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// 24 hex digits; also the client-side ID.
    pub id: String,
    /// Chosen key.
    pub key: String,
    /// Human name.
    pub name: String,
    /// Six hex digits, no `#`.
    pub color: String,
    /// SDK keys in force: the first is the default one, others have names of their own or are expiring.
    pub sdk_keys: Vec<EnvKey>,
    /// Mobile keys in force: the first is the default one, others have names of their own.
    pub mobile_keys: Vec<EnvKey>,
    /// Names of SDK and mobile keys that were deleted, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone_keys: Vec<GoneKey>,
    /// Minutes that PHP SDKs may cache, 0 to 60.
    #[serde(default)]
    pub default_ttl: u32,
    /// Browsers must prove their context with a hash.
    #[serde(default)]
    pub secure_mode: bool,
    /// New flags send full events.
    #[serde(default)]
    pub default_track_events: bool,
    /// A change needs a comment.
    #[serde(default)]
    pub require_comments: bool,
    /// The console asks before a change.
    #[serde(default)]
    pub confirm_changes: bool,
    /// Production-like.
    #[serde(default)]
    pub critical: bool,
    /// Tags, in the order given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Approvals for flags.
    #[serde(default)]
    pub approval_settings: ApprovalSettings,
    /// For how long what SDKs tell is kept.
    #[serde(default, skip_serializing_if = "KeptDays::is_usual")]
    pub kept_days: KeptDays,
    /// When it was created.
    pub created_at: Millis,
}

/// For how many days what SDKs tell is kept; as the server is set where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptDays {
    /// Contexts and instances, after they were last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contexts: Option<u32>,
    /// What is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<u32>,
    /// Events of metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_events: Option<u32>,
}

impl KeptDays {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Environment {
    /// Every SDK and mobile key, each with what its value is sealed for.
    pub fn keys_mut(&mut self) -> impl Iterator<Item = (String, &mut EnvKey)> {
        let (sdk, mobile) = (self.about_keys("sdk"), self.about_keys("mobile"));
        let sdk_keys = self.sdk_keys.iter_mut().map(move |key| (sdk.clone(), key));
        sdk_keys.chain(self.mobile_keys.iter_mut().map(move |key| (mobile.clone(), key)))
    }

    /// What values of `sdk` or of `mobile` keys are sealed for.
    #[must_use]
    pub fn about_keys(&self, kind: &str) -> String {
        format!("environment/{}/{kind}", self.id)
    }
}

/// An SDK or mobile key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvKey {
    /// What SDKs send.
    pub value: KeyValue,
    /// Time after which it is refused and its streams are closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Millis>,
    /// Keys of the views that it is held to: SDKs get nothing but what is linked to one of them. Without any they get
    /// everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<String>,
    /// What people said of it; nothing of those that came with the environment or a reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Box<KeyAbout>>,
}

impl EnvKey {
    /// One that came by itself.
    #[must_use]
    pub const fn new(value: KeyValue, expiry: Option<Millis>) -> Self {
        Self { value, expiry, views: Vec::new(), about: None }
    }
}

/// What SDKs send, as it is stored and as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyValue {
    /// In the clear: in memory, and in what was stored before values were sealed.
    Clear(String),
    /// As it is stored.
    Sealed {
        /// The value, sealed for [`Environment::about_keys`].
        sealed: Sealed,
        /// SHA-256 of it, hex: tells two values apart without opening them. They carry 122 random bits, so a plain
        /// hash suffices.
        hash: String,
    },
}

impl KeyValue {
    /// The value, where it is in the clear.
    #[must_use]
    pub fn clear(&self) -> Option<&str> {
        match self {
            Self::Clear(value) => Some(value),
            Self::Sealed { .. } => None,
        }
    }
}

/// Secrets do not belong in logs.
impl std::fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.clear().is_some() { "KeyValue::Clear" } else { "KeyValue::Sealed" })
    }
}

/// What people said of an SDK or mobile key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyAbout {
    /// Chosen key; unique among all keys of the environment.
    pub key: String,
    /// Human name.
    pub name: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// The member who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<String>,
    /// When it was created.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
    /// Counts its changes.
    pub version: u64,
}

/// The name of a key that was deleted: nobody takes it again for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GoneKey {
    /// Chosen key.
    pub key: String,
    /// When it was deleted.
    pub deleted_at: Millis,
}

/// Approval settings of flags in an environment (behaviour.md 10 and 17).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ApprovalSettings {
    /// Every change needs approval.
    pub required: bool,
    /// Pending changes may be deleted without approval.
    pub bypass_approvals_for_pending_changes: bool,
    /// Approvals needed, 1 to 5.
    pub min_num_approvals: u32,
    /// Requesters may approve their own.
    pub can_review_own_request: bool,
    /// Declined requests may be applied.
    pub can_apply_declined_changes: bool,
    /// Applied by the external service once approved.
    pub auto_apply_approved_changes: bool,
    /// `launchdarkly` for built-in approvals: the name clients expect.
    pub service_kind: String,
    /// Settings of an external service. Terraform's older providers write null where there are none.
    #[serde(deserialize_with = "or_default")]
    pub service_config: serde_json::Map<String, serde_json::Value>,
    /// Tags whose flags need approval; exclusive with `required`. Null likewise.
    #[serde(deserialize_with = "or_default")]
    pub required_approval_tags: Vec<String>,
}

impl Default for ApprovalSettings {
    fn default() -> Self {
        Self {
            required: false,
            bypass_approvals_for_pending_changes: false,
            min_num_approvals: 1,
            can_review_own_request: false,
            can_apply_declined_changes: true,
            auto_apply_approved_changes: false,
            service_kind: "launchdarkly".to_owned(),
            service_config: serde_json::Map::new(),
            required_approval_tags: Vec::new(),
        }
    }
}
