//! Members of the flag itself.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::Flag;

use super::{Shown, decode, maintainer};
use crate::common::{refuse_views, unique};
use crate::flags::facts::Facts;

pub(super) fn read(flag: &mut Flag, shown: Shown<'_>, patched: Shown<'_>, facts: &Facts<'_>) -> Result<()> {
    if let Some(value) = shown.changed(patched, "name") {
        flag.name = decode("/name", value)?;
    }
    if let Some(value) = shown.changed(patched, "description") {
        flag.description = decode::<Option<String>>("/description", value)?.unwrap_or_default();
    }
    if let Some(value) = shown.changed(patched, "temporary") {
        flag.temporary = decode("/temporary", value)?;
    }
    if let Some(value) = shown.changed(patched, "tags") {
        flag.tags = unique(decode::<Option<_>>("/tags", value)?.unwrap_or_default());
    }
    if let Some(value) = shown.changed(patched, "archived") {
        flag.archived_at = decode::<bool>("/archived", value)?.then_some(facts.now);
    }
    if let Some(value) = shown.changed(patched, "deprecated") {
        flag.deprecated_at = decode::<bool>("/deprecated", value)?.then_some(facts.now);
    }
    if let Some(value) = shown.changed(patched, "customProperties") {
        flag.custom_properties = decode::<Option<IndexMap<_, _>>>("/customProperties", value)?.unwrap_or_default();
    }
    if let Some(value) = shown.changed(patched, "defaults") {
        flag.defaults = decode("/defaults", value)?;
    }
    client_side(flag, shown, patched)?;
    maintainer::read(flag, shown, patched, facts)?;
    refuse_what_is_not_patched(shown, patched)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Availability {
    using_mobile_key: Option<bool>,
    using_environment_id: Option<bool>,
}

/// `includeInSnippet` is the older name of `clientSideAvailability.usingEnvironmentId`; the newer
/// one wins where both change.
fn client_side(flag: &mut Flag, shown: Shown<'_>, patched: Shown<'_>) -> Result<()> {
    let availability = &mut flag.client_side_availability;
    if let Some(value) = shown.changed(patched, "includeInSnippet") {
        availability.using_environment_id = decode("/includeInSnippet", value)?;
    }
    if let Some(value) = shown.changed(patched, "clientSideAvailability") {
        let sent: Availability = decode("/clientSideAvailability", value)?;
        availability.using_mobile_key = sent.using_mobile_key.unwrap_or(availability.using_mobile_key);
        availability.using_environment_id = sent.using_environment_id.unwrap_or(availability.using_environment_id);
    }
    Ok(())
}

/// Members that clients add to start something which is not here, or not here by a patch.
fn refuse_what_is_not_patched(shown: Shown<'_>, patched: Shown<'_>) -> Result<()> {
    match shown.changed(patched, "releasePipelineKey") {
        None | Some(Value::Null) => {}
        Some(_) => return Err(Error::field("/releasePipelineKey", "release pipelines are not supported yet")),
    }
    refuse_views(shown.changed(patched, "viewKeys"), "flags")
}
