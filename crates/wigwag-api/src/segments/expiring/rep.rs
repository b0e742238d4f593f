//! Expiring targets on the wire.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::Links;
use wigwag_model::clock::Millis;
use wigwag_model::doc::ExpiringSegmentTarget;

use crate::segments::lists;
use crate::segments::load::Found;

/// A target of any kind that expires.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExpiringSegmentTarget")]
pub(crate) struct ContextItem<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    context_kind: &'a str,
    context_key: &'a str,
}

/// A target of kind `user` that expires, in its older form.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExpiringSegmentUserTarget")]
pub(crate) struct UserItem<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    user_key: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExpiringSegmentTargetCommon")]
struct Common<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(rename = "_version")]
    version: u64,
    expiration_date: Millis,
    target_type: &'static str,
    #[serde(rename = "_resourceId")]
    resource: ResourceId<'a>,
}

#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SegmentResourceId")]
struct ResourceId<'a> {
    environment_key: &'a str,
    key: &'a str,
    kind: &'static str,
    project_key: &'a str,
}

/// How one expiring target is shown; none where the form has no word for it.
pub(super) trait Item<'a>: Serialize + Sized {
    fn of(found: &'a Found, one: &'a ExpiringSegmentTarget) -> Option<Self>;
}

impl<'a> Item<'a> for ContextItem<'a> {
    fn of(found: &'a Found, one: &'a ExpiringSegmentTarget) -> Option<Self> {
        let common = Common::of(found, one);
        Some(Self { common, context_kind: &one.context_kind, context_key: &one.context_key })
    }
}

impl<'a> Item<'a> for UserItem<'a> {
    fn of(found: &'a Found, one: &'a ExpiringSegmentTarget) -> Option<Self> {
        let user = one.context_kind == lists::USER;
        user.then(|| Self { common: Common::of(found, one), user_key: &one.context_key })
    }
}

impl<'a> Common<'a> {
    fn of(found: &'a Found, one: &'a ExpiringSegmentTarget) -> Self {
        Self {
            id: &one.id,
            version: one.version,
            expiration_date: one.expires_at,
            target_type: lists::name(one.list),
            resource: ResourceId {
                environment_key: &found.environment.value.key,
                key: &found.segment.key,
                kind: "segment",
                project_key: &found.project.value.key,
            },
        }
    }
}

/// All of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExpiringSegmentTargets_{T}")]
pub(crate) struct List<T> {
    pub(super) items: Vec<T>,
    #[serde(rename = "_links")]
    pub(super) links: Links,
}

/// All of them after a patch, and which instructions could not be followed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PatchedExpiringSegmentTargets_{T}")]
pub(crate) struct Patched<T> {
    #[serde(flatten)]
    pub(super) list: List<T>,
    pub(super) total_instructions: usize,
    pub(super) successful_instructions: usize,
    pub(super) failed_instructions: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<Failed>,
}

/// An instruction that could not be followed.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExpiringTargetError")]
pub(crate) struct Failed {
    pub(super) instruction_index: usize,
    pub(super) message: String,
}
