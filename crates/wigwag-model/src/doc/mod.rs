//! Documents as they are stored: one file a kind, JSON by serde, camel case.
//!
//! A document never holds its own version: the store counts that. Fields added later
//! take `#[serde(default)]`, so that every shape ever stored can be read.

mod account;
mod announcement;
mod application;
mod code_references;
mod context_kind;
mod custom_role;
mod environment;
mod flag;
mod flag_config;
mod flag_extras;
mod integration;
mod ip_allowlist;
mod kind;
mod oauth;
mod persistent_store;
mod project;
mod relay_config;
mod sealed;
mod segment;
mod segment_transfer;
mod sign_in;
mod team;
mod view;
mod webhook;

pub use account::{Account, Limit, Member, PreviousToken, RequireMfa, Role, Token};
pub use announcement::{Announcement, Severity};
pub use application::{Application, ApplicationVersion};
pub use code_references::{
    CodeBranch, CodeExtinction, CodeHunk, CodeReferences, CodeRepository, ReferencedFile, RepositoryHost,
};
pub use context_kind::ContextKind;
pub use custom_role::{BasePermissions, CustomRole};
pub use environment::{ApprovalSettings, EnvKey, Environment, GoneKey, KeptDays, KeyAbout, KeyValue};
pub use flag::{
    ClientSideAvailability, CustomProperty, Defaults, Flag, FlagKind, Maintainer, MigrationSettings, Variation,
};
pub use flag_config::{
    Clause, ExpiringTarget, FlagConfig, Prerequisite, Rollout, Rule, Serve, Target, WeightedVariation,
};
pub use flag_extras::{FlagFollower, FlagLink, Trigger, TriggerAction, TriggerBody};
pub use integration::Integration;
pub use ip_allowlist::{IpAllowlist, IpAllowlistEntry};
pub use kind::Kind;
pub use oauth::{OAuthClient, OAuthGrant};
pub use persistent_store::PersistentStore;
pub use project::{NamingConvention, Project};
pub use relay_config::{PreviousRelayKey, RelayConfig};
pub use sealed::Sealed;
pub use segment::{ExpiringSegmentTarget, Segment, SegmentList, SegmentRule, SegmentTarget};
pub use segment_transfer::{ImportMode, Initiator, SegmentExport, SegmentImport, TransferStatus};
pub use sign_in::{SignIn, Totp};
pub use team::{PermissionGrant, Team};
pub use view::{View, ViewLink};
pub use webhook::Webhook;
