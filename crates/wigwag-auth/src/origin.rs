//! Where a permission comes from, so that decisions can be explained.

use wigwag_model::doc::Role;

/// What holds a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A base role.
    Base(Role),
    /// What readers and writers may do with their own access tokens.
    OwnTokens,
    /// A custom role.
    Custom {
        /// Its key.
        key: String,
        /// Its name.
        name: String,
        /// Whether it was given to the member or token itself.
        direct: bool,
        /// Keys of the teams that it comes through.
        teams: Vec<String>,
    },
    /// The statements of an access token.
    Inline,
    /// A permission grant of the team with this key.
    Grant(String),
    /// A policy asked by itself, such as that of a webhook.
    Policy,
}

impl Origin {
    /// As refusals name it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Base(role) => Some(role_name(*role)),
            Self::Custom { name, .. } => Some(name),
            Self::Inline => Some("inline role"),
            Self::OwnTokens | Self::Grant(_) | Self::Policy => None,
        }
    }
}

/// A base role as the API spells it.
#[must_use]
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::NoAccess => "no_access",
        Role::Reader => "reader",
        Role::Writer => "writer",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}
