//! An environment as the API shows it.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::Ctx;
use wigwag_kit::links::{Links, path};
use wigwag_model::doc::{ApprovalSettings, EnvKey, Environment};

use super::{Loaded, opened_key};

/// Shown instead of an SDK key to whom `viewSdkKey` is denied.
const MASKED: &str = "sdk-xxxxxxxx-xxxx-xxxx-xxxx-************";

/// An environment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentRep {
    /// Itself and where its keys are reset.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits; also the client-side ID.
    #[serde(rename = "_id")]
    id: String,
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
    /// The current SDK key, masked without `viewSdkKey`.
    api_key: String,
    /// The current mobile key.
    mobile_key: String,
    /// Six hex digits.
    color: String,
    /// Minutes that PHP SDKs may cache.
    default_ttl: u32,
    /// Browsers must prove their context with a hash.
    secure_mode: bool,
    /// New flags send full events.
    default_track_events: bool,
    /// A change needs a comment.
    require_comments: bool,
    /// The console asks before a change.
    confirm_changes: bool,
    /// Tags.
    tags: Vec<String>,
    /// Production-like.
    critical: bool,
    /// Approvals for flags.
    approval_settings: ApprovalSettings,
}

/// Shows an environment of `project` to the caller.
#[must_use]
pub fn environment_rep(ctx: &Ctx, project: &str, environment: &Loaded<Environment>) -> EnvironmentRep {
    let Loaded { value, spec, .. } = environment;
    let own = ["projects", project, "environments", &value.key];
    let key_path = |kind| path(&[&own[..], &[kind]].concat());
    let opened =
        |kind, keys: &[EnvKey]| keys.first().map_or_else(String::new, |key| opened_key(ctx, value, kind, &key.value));
    let api_key = if ctx.may("viewSdkKey", spec) { opened("sdk", &value.sdk_keys) } else { MASKED.to_owned() };
    EnvironmentRep {
        links: Links::new().own(path(&own)).to("apiKey", key_path("apiKey")).to("mobileKey", key_path("mobileKey")),
        id: value.id.clone(),
        key: value.key.clone(),
        name: value.name.clone(),
        api_key,
        mobile_key: opened("mobile", &value.mobile_keys),
        color: value.color.clone(),
        default_ttl: value.default_ttl,
        secure_mode: value.secure_mode,
        default_track_events: value.default_track_events,
        require_comments: value.require_comments,
        confirm_changes: value.confirm_changes,
        tags: value.tags.clone(),
        critical: value.critical,
        approval_settings: value.approval_settings.clone(),
    }
}
