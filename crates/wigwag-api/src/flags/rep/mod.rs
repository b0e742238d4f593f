//! Flags on the wire: what clients read, and what JSON patches are applied to.

mod config;
mod flag;
mod rules;
mod summary;

use config::FlagConfigRep;
pub use flag::FlagRep;
pub(crate) use flag::{Maintainers, View};

use wigwag_kit::ApiVersion;

/// How much of an environment's configuration is shown (behaviour.md 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A summary instead of rules, targets and prerequisites.
    Summary,
    /// Everything, and the summary.
    Full,
}

/// What shapes the representation besides the flag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) version: ApiVersion,
    pub(crate) detail: Detail,
    /// `expand=migrationSettings`.
    pub(crate) migration_settings: bool,
}
