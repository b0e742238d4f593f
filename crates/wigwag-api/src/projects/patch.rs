//! Changes to the settings of a project.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_kit::{Change, Ctx, Dialects, Error, Patch, Reply, Request, Result};
use wigwag_model::doc::{ClientSideAvailability, NamingConvention, Project};
use wigwag_store::Expect;

use super::rep::{Embed, project_rep};
use super::target;
use crate::common::{Bullets, authorise_patch, check_name, check_tags};
use crate::read::{self, Loaded, project_index, project_spec};
use wigwag_kit::resource::retried;

/// The members that can be patched, each with its action (access-control.md 7). No action is
/// documented for the naming convention: it is a default of flags.
const EDITABLE: [(&str, &str); 8] = [
    ("name", "updateProjectName"),
    ("tags", "updateTags"),
    ("includeInSnippetByDefault", "updateIncludeInSnippetByDefault"),
    ("defaultClientSideAvailability", "updateDefaultClientSideAvailability"),
    ("defaultReleasePipelineKey", "updateDefaultReleasePipeline"),
    ("namingConvention", "updateProjectFlagDefaults"),
    ("requireViewAssociationForNewFlags", "updateViewAssociationRequirements"),
    ("requireViewAssociationForNewSegments", "updateViewAssociationRequirements"),
];

/// The actions of [`EDITABLE`].
pub(super) const ACTIONS: &[&str] = &[
    "updateProjectName",
    "updateTags",
    "updateIncludeInSnippetByDefault",
    "updateDefaultClientSideAvailability",
    "updateDefaultReleasePipeline",
    "updateProjectFlagDefaults",
    "updateViewAssociationRequirements",
];

/// Settings that are stored as they are put: whether new flags and segments must be linked to a view.
const SETTINGS: [&str; 2] = ["requireViewAssociationForNewFlags", "requireViewAssociationForNewSegments"];

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Edit {
    name: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    include_in_snippet_by_default: bool,
    default_client_side_availability: ClientSideAvailability,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_release_pipeline_key: Option<String>,
    /// Not built: whoever sets it must learn that it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifecycle_settings: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    naming_convention: Option<NamingConvention>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    require_view_association_for_new_flags: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    require_view_association_for_new_segments: Option<bool>,
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::JSON)?;
    retried(patch.pins(), || attempt(&ctx, &request, &patch)).await
}

async fn attempt(ctx: &Ctx, request: &Request, patch: &Patch) -> Result<Reply> {
    let mut project = read::project(ctx, request.param("projectKey")).await?;
    let rep = project_rep(ctx, &project, Embed::List).await?;
    let proofs = authorise_patch(ctx, &project.spec, patch, &EDITABLE)?;
    let before = project.value.clone();
    let after = apply(patch.edited(&rep, &Edit::of(&before))?, &before)?;
    let Some(proofs) = proofs.filter(|_| after != before) else { return Reply::json(&rep) };
    project.value = after;
    let mut change = Change::new(proofs, "updated the project", target(&project))
        .comment(patch.comment())
        .description(describe(&before, &project.value))
        .delta(patch.delta());
    let Loaded { value, version, key, .. } = &project;
    change.put(key.clone(), Expect::Version(*version), value, project_index(value))?;
    change.commit(ctx).await?;
    project.spec = project_spec(&project.value);
    Reply::json(&project_rep(ctx, &project, Embed::List).await?)
}

impl Edit {
    fn of(project: &Project) -> Self {
        let setting = |name: &str| project.settings.get(name).and_then(Value::as_bool);
        Self {
            name: project.name.clone(),
            tags: project.tags.clone(),
            include_in_snippet_by_default: project.include_in_snippet_by_default,
            default_client_side_availability: project.default_client_side_availability,
            default_release_pipeline_key: None,
            lifecycle_settings: None,
            naming_convention: project.naming_convention.clone(),
            require_view_association_for_new_flags: setting(SETTINGS[0]),
            require_view_association_for_new_segments: setting(SETTINGS[1]),
        }
    }
}

fn apply(edit: Edit, before: &Project) -> Result<Project> {
    check_name("name", &edit.name)?;
    check_naming(edit.naming_convention.as_ref())?;
    if let Some(key) = edit.default_release_pipeline_key.filter(|key| !key.is_empty()) {
        return Err(Error::field("defaultReleasePipelineKey", format_args!("Unknown release pipeline key {key}")));
    }
    if edit.lifecycle_settings.is_some() {
        return Err(Error::field("lifecycleSettings", "settings of the lifecycle of flags are not supported yet"));
    }
    // Two spellings of one setting: the newer one stands, unless only the older one was changed.
    let mut availability = edit.default_client_side_availability;
    if availability == before.default_client_side_availability {
        availability.using_environment_id = edit.include_in_snippet_by_default;
    }
    let mut settings = before.settings.clone();
    let asked = [edit.require_view_association_for_new_flags, edit.require_view_association_for_new_segments];
    for (name, value) in SETTINGS.into_iter().zip(asked) {
        match value {
            Some(value) => drop(settings.insert(name.to_owned(), value.into())),
            None => drop(settings.shift_remove(name)),
        }
    }
    Ok(Project {
        name: edit.name,
        tags: check_tags("tags", edit.tags)?,
        include_in_snippet_by_default: availability.using_environment_id,
        default_client_side_availability: availability,
        naming_convention: edit.naming_convention,
        settings,
        ..before.clone()
    })
}

/// Refuses a naming convention that nothing could be checked against.
pub(super) fn check_naming(naming: Option<&NamingConvention>) -> Result<()> {
    const CASES: [&str; 6] = ["camelCase", "upperCamelCase", "snakeCase", "kebabCase", "constantCase", "none"];
    let Some(NamingConvention { case, prefix }) = naming else { return Ok(()) };
    if case.as_deref().is_some_and(|case| !CASES.contains(&case)) {
        return Err(Error::field("namingConvention.case", format_args!("must be one of {}", CASES.join(", "))));
    }
    if prefix.as_deref().is_some_and(|prefix| prefix.len() > 64) {
        return Err(Error::field("namingConvention.prefix", "must be at most 64 characters long"));
    }
    Ok(())
}

fn describe(before: &Project, after: &Project) -> String {
    let mut bullets = Bullets::default();
    bullets.changed("name", &before.name, &after.name);
    bullets.tags(&before.tags, &after.tags);
    let (was, is) = (before.default_client_side_availability, after.default_client_side_availability);
    let mut available = |was: bool, is: bool, kind: &str| {
        if was != is {
            let how = if is { "available to" } else { "hidden from" };
            bullets.line(format!("Changed new flags to be {how} {kind} SDKs by default"));
        }
    };
    available(was.using_environment_id, is.using_environment_id, r"client\-side");
    available(was.using_mobile_key, is.using_mobile_key, "mobile");
    if before.naming_convention != after.naming_convention {
        bullets.line("Changed the naming convention of flags");
    }
    if before.settings != after.settings {
        bullets.line("Changed the view requirements");
    }
    bullets.markdown()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_editable_member_declares_its_action() {
        let mut actions = super::EDITABLE.map(|(_, action)| action).to_vec();
        actions.dedup();
        assert_eq!(actions, super::ACTIONS);
    }
}
