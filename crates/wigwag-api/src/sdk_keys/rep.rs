//! A key as clients see it.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Expand};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Environment;

use super::key::{Kind, Place};
use super::spec_of;
use super::views::{Summaries, ViewSummary};
use crate::read::{Loaded, opened_key};

/// An SDK or mobile key.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SdkKey")]
pub(super) struct SdkKeyRep {
    #[serde(rename = "_links")]
    links: Links,
    /// `sdk` or `mobile`.
    kind: Kind,
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// Time after which it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<Millis>,
    /// What SDKs send; masked without `viewSdkKey`.
    value: String,
    /// Whether it came with the environment or a reset.
    is_default: bool,
    /// The member who made it.
    #[serde(rename = "_createdByMemberId", skip_serializing_if = "Option::is_none")]
    member_id: Option<String>,
    /// When it was created.
    #[serde(rename = "_createdAt")]
    pub(super) created_at: Millis,
    /// When it was last changed.
    #[serde(rename = "_updatedAt")]
    updated_at: Millis,
    /// Counts its changes.
    #[serde(rename = "_version")]
    version: u64,
    /// With `expand=environmentSummary`, in the list of a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_summary: Option<EnvironmentSummary>,
    /// With `expand=viewSummaries`: the views that it is held to.
    #[serde(skip_serializing_if = "Option::is_none")]
    view_summaries: Option<Vec<ViewSummary>>,
}

/// An environment in short.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SdkKeysEnvironmentSummary")]
struct EnvironmentSummary {
    #[serde(rename = "_links")]
    links: Links,
    key: String,
    name: String,
    color: String,
}

/// Where a key is.
pub(super) fn href(project: &str, environment: &str, key: &str) -> String {
    path(&["projects", project, "environments", environment, "sdk-keys", key])
}

/// Shows a key. A place where there is none shows an empty one: places are found, never made up.
pub(super) fn shown(
    ctx: &Ctx,
    project: &str,
    environment: &Loaded<Environment>,
    place: Place,
    expand: &Expand,
    views: &Summaries,
) -> SdkKeyRep {
    let env = &environment.value;
    let key = place.key(env);
    let opened = || key.map_or_else(String::new, |key| opened_key(ctx, env, place.kind.text(), &key.value));
    let about = place.about(env).unwrap_or_else(|| wigwag_model::doc::KeyAbout {
        key: String::new(),
        name: String::new(),
        description: String::new(),
        member_id: None,
        created_at: 0,
        updated_at: 0,
        version: 0,
    });
    let home = path(&["projects", project, "environments", &env.key]);
    let may = ctx.may("viewSdkKey", &spec_of(environment, &about.key));
    SdkKeyRep {
        links: Links::new().own(href(project, &env.key, &about.key)).parent(home.clone()),
        kind: place.kind,
        is_default: place.is_default(env),
        value: if may { opened() } else { masked(place.kind) },
        expiry: key.and_then(|key| key.expiry),
        key: about.key,
        name: about.name,
        description: about.description,
        member_id: about.member_id,
        created_at: about.created_at,
        updated_at: about.updated_at,
        version: about.version,
        environment_summary: expand.has("environmentSummary").then(|| EnvironmentSummary {
            links: Links::new().own(home),
            key: env.key.clone(),
            name: env.name.clone(),
            color: env.color.clone(),
        }),
        view_summaries: views.of(key.map(|key| key.views.as_slice()).unwrap_or_default()),
    }
}

/// Shown instead of a key to whom `viewSdkKey` is denied.
fn masked(kind: Kind) -> String {
    let prefix = match kind {
        Kind::Sdk => "sdk",
        Kind::Mobile => "mob",
    };
    format!("{prefix}-xxxxxxxx-xxxx-xxxx-xxxx-************")
}
