//! Feature flags: what a flag is in every environment, and what it does in each.
//!
//! Every change arrives at a new [`FlagState`]: instructions by a pure function, JSON and merge
//! patches through the representation. What the caller must be allowed to do, what the audit
//! entry says and which documents are written all follow from the state before and after.

mod access;
mod answer;
mod audit;
mod create;
mod cycles;
mod defaults;
mod delete;
mod dependants;
mod diff;
mod facts;
mod filters;
mod get;
mod guard;
mod index;
mod input;
pub mod instructions;
mod list;
mod load;
mod patch;
mod patch_json;
mod rep;
mod state;
#[cfg(test)]
mod tests;
mod usage;
mod validate;

use wigwag_kit::Operations;
use wigwag_kit::operation::Access;
use wigwag_kit::page::Collection;

pub use create::FeatureFlagBody;
pub use defaults::config_for_new_environment;
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
    Operations::new()
        .with(
            Operations::operation("getFeatureFlags", view, list::list)
                .reply::<Collection<FlagRep<'static>>>()
                .as_of()
                .partial("filters on evaluations, code references, experiments, rollouts, releases and views; compare"),
        )
        .with(Operations::operation("getFeatureFlag", view, get::get).reply::<FlagRep<'static>>().as_of())
        .with(
            Operations::operation("postFeatureFlag", Access::Actions(&["createFlag", "cloneFlag"]), create::create)
                .body::<FeatureFlagBody>()
                .reply::<FlagRep<'static>>()
                .partial("viewKeys"),
        )
        .with(
            Operations::operation("patchFeatureFlag", Access::Actions(access::PATCH), patch::patch)
                .body_limit(PATCH_LIMIT)
                .reply::<FlagRep<'static>>()
                .partial("releases, guarded and progressive rollouts"),
        )
        .with(Operations::operation("deleteFeatureFlag", Access::Actions(&["deleteFlag"]), delete::by_request))
}
