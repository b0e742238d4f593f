//! Changes to the settings of an environment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_kit::{Change, Ctx, Dialects, Error, Patch, Reply, Request, Result};
use wigwag_model::doc::{ApprovalSettings, Environment};
use wigwag_store::Expect;

use super::{of, target};
use crate::common::{Bullets, authorise_patch, check_name, check_tags};
use crate::read::{Loaded, environment_rep, environment_spec, put_environment};
use wigwag_kit::resource::retried;

/// The members that can be patched, each with its action (access-control.md 7).
const EDITABLE: [(&str, &str); 10] = [
    ("name", "updateName"),
    ("color", "updateColor"),
    ("defaultTtl", "updateTtl"),
    ("secureMode", "updateSecureMode"),
    ("defaultTrackEvents", "updateDefaultTrackEvents"),
    ("tags", "updateTags"),
    ("requireComments", "updateRequireComments"),
    ("confirmChanges", "updateConfirmChanges"),
    ("critical", "updateCritical"),
    ("approvalSettings", "updateApprovalSettings"),
];

/// The actions of [`EDITABLE`].
pub(super) const ACTIONS: &[&str] = &[
    "updateName",
    "updateColor",
    "updateTtl",
    "updateSecureMode",
    "updateDefaultTrackEvents",
    "updateTags",
    "updateRequireComments",
    "updateConfirmChanges",
    "updateCritical",
    "updateApprovalSettings",
];

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Edit {
    name: String,
    color: String,
    #[serde(default)]
    default_ttl: u32,
    #[serde(default)]
    secure_mode: bool,
    #[serde(default)]
    default_track_events: bool,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    require_comments: bool,
    #[serde(default)]
    confirm_changes: bool,
    #[serde(default)]
    critical: bool,
    #[serde(default)]
    approval_settings: ApprovalSettings,
    /// Not built: whoever sets it must learn that it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_approval_settings: Option<Value>,
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::JSON)?;
    retried(patch.pins(), || attempt(&ctx, &request, &patch)).await
}

async fn attempt(ctx: &Ctx, request: &Request, patch: &Patch) -> Result<Reply> {
    let (project, mut environment) = of(ctx, request).await?;
    let project_key = &project.value.key;
    let rep = environment_rep(ctx, project_key, &environment);
    let proofs = authorise_patch(ctx, &environment.spec, patch, &EDITABLE)?;
    let before = environment.value.clone();
    let after = apply(patch.edited(&rep, &Edit::of(&before))?, &before)?;
    let Some(proofs) = proofs.filter(|_| after != before) else { return Reply::json(&rep) };
    environment.value = after;
    let mut change = Change::new(proofs, "updated the environment", target(project_key, &environment))
        .comment(patch.comment())
        .description(describe(&before, &environment.value))
        .delta(patch.delta());
    let Loaded { value, version, key, .. } = &environment;
    put_environment(&mut change, ctx, key.clone(), Expect::Version(*version), value)?;
    change.commit(ctx).await?;
    environment.spec = environment_spec(&project.spec, &environment.value);
    Reply::json(&environment_rep(ctx, project_key, &environment))
}

impl Edit {
    fn of(environment: &Environment) -> Self {
        let e = environment.clone();
        Self {
            name: e.name,
            color: e.color,
            default_ttl: e.default_ttl,
            secure_mode: e.secure_mode,
            default_track_events: e.default_track_events,
            tags: e.tags,
            require_comments: e.require_comments,
            confirm_changes: e.confirm_changes,
            critical: e.critical,
            approval_settings: e.approval_settings,
            resource_approval_settings: None,
        }
    }
}

fn apply(edit: Edit, before: &Environment) -> Result<Environment> {
    check_name("name", &edit.name)?;
    check_color("color", &edit.color)?;
    check_ttl("defaultTtl", edit.default_ttl)?;
    check_approvals(&edit.approval_settings)?;
    if edit.resource_approval_settings.is_some() {
        return Err(Error::field("resourceApprovalSettings", "approvals of other resources are not supported yet"));
    }
    Ok(Environment {
        name: edit.name,
        color: edit.color,
        default_ttl: edit.default_ttl,
        secure_mode: edit.secure_mode,
        default_track_events: edit.default_track_events,
        tags: check_tags("tags", edit.tags)?,
        require_comments: edit.require_comments,
        confirm_changes: edit.confirm_changes,
        critical: edit.critical,
        approval_settings: edit.approval_settings,
        ..before.clone()
    })
}

pub(super) fn check_color(field: &str, color: &str) -> Result<()> {
    if color.len() == 6 && color.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Error::field(field, "must be six hex digits, without #"))
}

pub(super) fn check_ttl(field: &str, minutes: u32) -> Result<()> {
    if minutes <= 60 { Ok(()) } else { Err(Error::field(field, "must be 0 to 60 minutes")) }
}

fn check_approvals(settings: &ApprovalSettings) -> Result<()> {
    if !(1..=5).contains(&settings.min_num_approvals) {
        return Err(Error::field("approvalSettings.minNumApprovals", "must be 1 to 5"));
    }
    if settings.required && !settings.required_approval_tags.is_empty() {
        return Err(Error::field(
            "approvalSettings",
            "required and requiredApprovalTags cannot both be set: either every change needs approval, or those of tagged flags",
        ));
    }
    check_tags("approvalSettings.requiredApprovalTags", settings.required_approval_tags.clone()).map(drop)
}

fn describe(before: &Environment, after: &Environment) -> String {
    let mut bullets = Bullets::default();
    bullets.changed("name", &before.name, &after.name);
    bullets.changed("color", &format!("#{}", before.color), &format!("#{}", after.color));
    bullets.changed("TTL", &before.default_ttl, &after.default_ttl);
    bullets.turned("secure mode", before.secure_mode, after.secure_mode);
    bullets.turned("event tracking for new flags", before.default_track_events, after.default_track_events);
    bullets.turned("required comments", before.require_comments, after.require_comments);
    bullets.turned("confirmation of changes", before.confirm_changes, after.confirm_changes);
    bullets.turned("the critical mark", before.critical, after.critical);
    bullets.tags(&before.tags, &after.tags);
    if before.approval_settings != after.approval_settings {
        bullets.line("Changed the approval settings");
    }
    bullets.markdown()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_editable_member_declares_its_action() {
        assert_eq!(super::EDITABLE.map(|(_, action)| action), super::ACTIONS);
    }
}
