//! Feature flags: what a flag is in every environment, and what it does in each.
//!
//! Every change arrives at a new [`FlagState`]: instructions by a pure function, JSON and merge
//! patches through the representation. What the caller must be allowed to do, what the audit
//! entry says and which documents are written all follow from the state before and after.

mod access;
mod audit;
mod defaults;
mod diff;
mod facts;
mod input;
pub mod instructions;
mod patch_json;
mod rep;
mod state;
mod usage;
mod validate;

pub use defaults::config_for_new_environment;
pub use facts::{Facts, Wanted};
pub use state::FlagState;
