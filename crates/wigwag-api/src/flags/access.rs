//! The actions a change needs: access-control.md 6.

use wigwag_kit::{Ctx, Proof, Proofs, Result, Spec};
use wigwag_model::doc::{Environment, Flag, Project, ViewLink};

use super::diff::{ConfigPart, Diff, FlagPart};

/// Actions that a patch may need, depending on what it changes.
pub(crate) const PATCH: &[&str] = &[
    "updateName",
    "updateDescription",
    "updateTags",
    "updateTemporary",
    "updateFlagCustomProperties",
    "updateMaintainer",
    "updateFlagVariations",
    "updateFlagDefaultVariations",
    "updateClientSideFlagAvailability",
    "updateGlobalArchived",
    "updateDeprecated",
    "updateOn",
    "updateRules",
    "updateFlagRuleDescription",
    "updateTargets",
    "updateFallthrough",
    "updateOffVariation",
    "updatePrerequisites",
    "updateTrackEvents",
    "updateFlagFallthroughTrackEvents",
    "updateFlagSalt",
    "updateFlagConfigMigrationSettings",
    "deleteFlag",
    "bypassRequiredApproval",
];

/// The action of planning the removal of targets.
pub(crate) const EXPIRING: &str = "updateExpiringTargets";

impl FlagPart {
    /// The action needed in every environment. Any of those that follow does as well.
    pub(crate) const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["updateName"],
            Self::Description => &["updateDescription"],
            Self::Tags => &["updateTags"],
            Self::Temporary => &["updateTemporary"],
            Self::CustomProperties => &["updateFlagCustomProperties"],
            Self::Maintainer => &["updateMaintainer"],
            Self::Variations => &["updateFlagVariations"],
            Self::Defaults => &["updateFlagDefaultVariations"],
            Self::ClientSide => &["updateClientSideFlagAvailability", "updateIncludeInSnippet"],
            Self::Archived => &["updateGlobalArchived", "updateArchived"],
            Self::Deprecated => &["updateDeprecated"],
        }
    }
}

impl ConfigPart {
    /// The action needed in the environment. Any of those that follow does as well.
    pub(crate) const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::On => &["updateOn"],
            Self::Rules => &["updateRules"],
            Self::RuleDescriptions => &["updateFlagRuleDescription", "updateRules"],
            Self::Targets => &["updateTargets"],
            Self::Fallthrough => &["updateFallthrough"],
            Self::OffVariation => &["updateOffVariation"],
            Self::Prerequisites => &["updatePrerequisites"],
            Self::TrackEvents | Self::DebugEvents => &["updateTrackEvents"],
            Self::TrackEventsFallthrough => &["updateFlagFallthroughTrackEvents", "updateTrackEvents"],
            Self::Salt => &["updateFlagSalt"],
            Self::MigrationSettings => &["updateFlagConfigMigrationSettings"],
            Self::ExpiringTargets => &[EXPIRING],
        }
    }
}

/// The flag in one environment, as policies name it.
pub(crate) fn spec(project: &Project, environment: &Environment, flag: &Flag) -> Spec {
    Spec::project(&project.key, &project.tags)
        .env(&environment.key, &environment.tags, environment.critical)
        .then("flag", &flag.key, &flag.tags)
        .in_views(&ViewLink::keys(&flag.views))
}

/// Proofs that the caller may make the change: flag-wide parts in every environment, others
/// where they happen. Policies see the flag's tags as they were. `None`: nothing changes.
///
/// # Errors
/// The first action that is denied.
pub(crate) fn authorise(
    ctx: &Ctx,
    project: &Project,
    environments: &[&Environment],
    before: &Flag,
    diff: &Diff,
) -> Result<Option<Proofs>> {
    let mut proofs = Vec::new();
    for environment in environments {
        let parts = diff.configs.get(&environment.key).map(Vec::as_slice).unwrap_or_default();
        if diff.flag.is_empty() && parts.is_empty() {
            continue;
        }
        let spec = spec(project, environment, before);
        for part in &diff.flag {
            proofs.push(any(ctx, part.actions(), &spec)?);
        }
        for part in parts {
            proofs.push(any(ctx, part.actions(), &spec)?);
        }
    }
    Ok(Proofs::from_list(proofs))
}

/// Proof of one action in every environment.
///
/// # Errors
/// The first environment in which it is denied.
pub(crate) fn everywhere(
    ctx: &Ctx,
    action: &'static str,
    project: &Project,
    environments: &[&Environment],
    flag: &Flag,
) -> Result<Vec<Proof>> {
    let one = |environment: &&Environment| ctx.authorise(action, &spec(project, environment, flag));
    environments.iter().map(one).collect()
}

fn any(ctx: &Ctx, actions: &[&'static str], spec: &Spec) -> Result<Proof> {
    let [first, others @ ..] = actions else {
        return Err(wigwag_kit::Error::Internal("a part of a flag without an action".to_owned()));
    };
    match others.iter().find(|action| !ctx.may(first, spec) && ctx.may(action, spec)) {
        Some(other) => ctx.authorise(other, spec),
        None => ctx.authorise(first, spec),
    }
}
