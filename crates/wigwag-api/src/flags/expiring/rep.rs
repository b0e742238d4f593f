//! Expiring targets on the wire.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::Links;
use wigwag_model::clock::Millis;
use wigwag_model::doc::{ExpiringTarget, Flag};

/// A target of any kind that expires.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExpiringTarget")]
pub(crate) struct ContextItem<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    context_kind: &'a str,
    context_key: &'a str,
}

/// A target of kind `user` that expires, in its older form.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExpiringUserTargetItem")]
pub(crate) struct UserItem<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    user_key: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Common<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(rename = "_version")]
    version: u64,
    expiration_date: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    variation_id: Option<&'a str>,
    #[serde(rename = "_resourceId")]
    resource: ResourceId<'a>,
}

#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ResourceId<'a> {
    environment_key: &'a str,
    /// Older form of `key`.
    flag_key: &'a str,
    key: &'a str,
    kind: &'static str,
    project_key: &'a str,
}

/// Where the targets are.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) project: &'a str,
    pub(super) environment: &'a str,
    pub(super) flag: &'a Flag,
}

/// How one expiring target is shown; none where the form has no word for it.
pub(super) trait Item<'a>: Serialize + Sized {
    fn of(place: Place<'a>, one: &'a ExpiringTarget) -> Option<Self>;
}

impl<'a> Item<'a> for ContextItem<'a> {
    fn of(place: Place<'a>, one: &'a ExpiringTarget) -> Option<Self> {
        let common = Common::of(place, one);
        Some(Self { common, context_kind: &one.context_kind, context_key: &one.context_key })
    }
}

impl<'a> Item<'a> for UserItem<'a> {
    fn of(place: Place<'a>, one: &'a ExpiringTarget) -> Option<Self> {
        (one.context_kind == "user").then(|| Self { common: Common::of(place, one), user_key: &one.context_key })
    }
}

impl<'a> Common<'a> {
    fn of(place: Place<'a>, one: &'a ExpiringTarget) -> Self {
        Self {
            id: &one.id,
            version: one.version,
            expiration_date: one.expires_at,
            variation_id: place.flag.variations.get(one.variation).map(|variation| variation.id.as_str()),
            resource: ResourceId {
                environment_key: place.environment,
                flag_key: &place.flag.key,
                key: &place.flag.key,
                kind: "flag",
                project_key: place.project,
            },
        }
    }
}

/// All of them in one environment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExpiringTargets_{T}")]
pub(crate) struct List<T> {
    pub(super) items: Vec<T>,
    #[serde(rename = "_links")]
    pub(super) links: Links,
}

/// All of them after a patch. A patch is all or nothing, so none of its instructions has failed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PatchedExpiringTargets_{T}")]
pub(crate) struct Patched<T> {
    #[serde(flatten)]
    pub(super) list: List<T>,
    pub(super) total_instructions: usize,
    pub(super) successful_instructions: usize,
    pub(super) failed_instructions: usize,
}
