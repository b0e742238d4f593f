//! Feature flags: what a flag is in every environment, and what it does in each.
//!
//! Every change arrives at a new [`FlagState`]: instructions by a pure function, JSON and merge
//! patches through the representation. What the caller must be allowed to do, what the audit
//! entry says and which documents are written all follow from the state before and after.

mod access;
mod answer;
mod audit;
mod conditions;
mod copy;
mod create;
mod cycles;
mod defaults;
mod delete;
mod dependants;
mod dependent;
mod diff;
mod differences;
mod expanded;
mod expiring;
mod facts;
mod filters;
mod get;
mod guard;
mod index;
mod input;
pub mod instructions;
mod lint;
mod list;
mod load;
mod migration_safety;
mod own;
mod patch;
mod patch_json;
mod rep;
mod settings;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod usage;
mod validate;
pub mod what_if;
mod write;

use wigwag_kit::Operations;
use wigwag_kit::operation::{Access, on};
use wigwag_kit::patch::Body;

pub use create::FeatureFlagBody;
pub use defaults::config_for_new_environment;
pub(crate) use expiring::due_kind;
pub use facts::{Facts, Wanted};
pub use index::{config as config_index, flag as flag_index};
pub use rep::FlagRep;
pub use state::FlagState;

/// Flags may hold ten thousand targets.
const PATCH_LIMIT: usize = 8 * 1024 * 1024;

/// The operations of flags.
#[must_use]
pub fn ops() -> Operations {
    let view = Access::Actions(&["viewProject"]);
    let copies = Access::Actions(&["copyFlagConfigTo", "copyFlagConfigFrom", "bypassRequiredApproval"]);
    let expires = Access::Actions(&[access::EXPIRING, "bypassRequiredApproval"]);
    Operations::new()
        .with(
            Operations::operation("getFeatureFlags", view, list::list)
                .reply::<list::Flags<'static>>()
                .as_of()
                .partial("filters on experiments, rollouts, releases, and in older versions on data export"),
        )
        .with(Operations::operation("getFeatureFlag", view, get::get).reply::<FlagRep<'static>>().as_of())
        .with(
            Operations::operation(
                "postFeatureFlag",
                Access::Actions(&["createFlag", "cloneFlag", "linkFlagToView"]),
                create::create,
            )
            .body::<FeatureFlagBody>()
            .reply::<FlagRep<'static>>(),
        )
        .with(
            Operations::operation("patchFeatureFlag", Access::Actions(access::PATCH), patch::patch)
                .body_limit(PATCH_LIMIT)
                .body::<Body>()
                .reply::<FlagRep<'static>>()
                .partial("releasePipelineKey, experimentAllocation, guarded and progressive rollouts"),
        )
        .with(
            Operations::operation("copyFeatureFlag", copies, copy::copy)
                .body::<copy::FlagCopyConfigPost>()
                .reply::<FlagRep<'static>>()
                .changes(),
        )
        .with(
            Operations::operation("getDependentFlags", view, dependent::everywhere)
                .reply::<dependent::Dependents<dependent::MultiEnvironment>>()
                .as_of(),
        )
        .with(
            Operations::operation("getDependentFlagsByEnv", view, dependent::in_environment)
                .reply::<dependent::Dependents<dependent::DependentFlag>>()
                .as_of(),
        )
        .with(
            Operations::operation("postMigrationSafetyIssues", view, migration_safety::judge)
                .body_limit(PATCH_LIMIT)
                .body::<Body>()
                .reply::<Vec<migration_safety::Issue>>()
                .partial("the contract has no rule for findings: this one follows from what stages read and write"),
        )
        .with(
            Operations::operation("getExpiringContextTargets", view, expiring::get)
                .reply::<expiring::List<expiring::ContextItem<'static>>>()
                .as_of(),
        )
        .with(
            Operations::operation("patchExpiringTargets", expires, expiring::patch)
                .body::<Body>()
                .reply::<expiring::Patched<expiring::ContextItem<'static>>>(),
        )
        .with(
            Operations::operation("getExpiringUserTargets", view, expiring::get_users)
                .reply::<expiring::List<expiring::UserItem<'static>>>()
                .as_of(),
        )
        .with(
            Operations::operation("patchExpiringUserTargets", expires, expiring::patch_users)
                .body::<Body>()
                .reply::<expiring::Patched<expiring::UserItem<'static>>>(),
        )
        .with(
            Operations::operation("getExpiringFlagsForUser", view, expiring::get_for_user)
                .reply::<expiring::List<expiring::UserItem<'static>>>(),
        )
        .with(
            Operations::operation("patchExpiringFlagsForUser", expires, expiring::patch_for_user)
                .body::<Body>()
                .reply::<expiring::Patched<expiring::UserItem<'static>>>(),
        )
        .and(uses())
        .and(own::ops())
        .with(Operations::operation("deleteFeatureFlag", Access::Actions(&["deleteFlag"]), delete::by_request))
}

/// What flags give one context, and how they are used.
fn uses() -> Operations {
    let view = Access::Actions(&["viewProject"]);
    let target = Access::Actions(&["updateTargets", "bypassRequiredApproval"]);
    let (all, each) = (
        "/api/v2/users/{projectKey}/{environmentKey}/{userKey}/flags",
        "/api/v2/users/{projectKey}/{environmentKey}/{userKey}/flags/{featureFlagKey}",
    );
    // What the path was called in 2016.
    let old = "/api/v2/users/{projectKey}/{environmentKey}/{userKey}/features/{featureFlagKey}";
    Operations::new()
        .with(on("getUserFlagSettings", view, settings::all).reply::<settings::FlagSettings>())
        .with(on("getUserFlagSetting", view, settings::one).reply::<settings::FlagSetting>())
        .with(on("putFlagSetting", target, settings::for_user).body::<settings::ValuePut>())
        .with(on("putContextFlagSetting", target, settings::for_context).body::<settings::ValuePut>())
        .beside("REPORT", all, "reportUserFlagSettings", view, settings::reported)
        .beside("REPORT", each, "reportUserFlagSetting", view, settings::reported)
        .beside("GET", old, "getUserFeatureSetting", view, settings::one)
        .beside_with(204, "PUT", old, "putFeatureSetting", target, settings::for_user)
        .with(on("getFeatureFlagStatus", view, status::one).reply::<status::StatusRep>())
        .with(on("getFeatureFlagStatuses", view, status::all).reply::<status::Statuses>())
        .with(on("getFeatureFlagStatusAcrossEnvironments", view, status::across).reply::<status::Across>())
}
