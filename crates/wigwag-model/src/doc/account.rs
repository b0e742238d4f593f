//! The account, its members and their access tokens.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SignIn;
use crate::clock::Millis;

/// The one account of an installation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// 24 hex digits.
    pub id: String,
    /// Shown as the organisation's name.
    pub organization: String,
    /// The keys that seal secrets, as a key file holds them, where none are configured: kept beside what they
    /// seal, they protect copies of single documents only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyring: Option<String>,
    /// Of whom a second factor is demanded.
    #[serde(default, skip_serializing_if = "RequireMfa::is_none")]
    pub require_mfa: RequireMfa,
    /// When it was created.
    pub created_at: Millis,
}

/// Of which members a second factor is demanded, the fewest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RequireMfa {
    /// Of nobody: whoever wants one has one.
    #[default]
    None,
    /// Of those whose base role is admin or owner.
    Admins,
    /// Of all.
    Everyone,
}

impl RequireMfa {
    /// Whether there is nothing to store.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether a member must have a second factor and has none.
    #[must_use]
    pub fn is_lacked_by(self, member: &Member) -> bool {
        let demanded = match self {
            Self::None => false,
            Self::Admins => member.role >= Role::Admin,
            Self::Everyone => true,
        };
        demanded && member.sign_in.totp.is_none()
    }
}

/// A base role (access-control.md 2.1); a greater one may do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees and changes nothing by itself.
    NoAccess,
    /// Sees everything.
    Reader,
    /// Changes what projects hold.
    Writer,
    /// Everything but billing and choosing the owner.
    Admin,
    /// The one owner.
    Owner,
}

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// 24 hex digits.
    pub id: String,
    /// Sign-in name; unique, compared without case.
    pub email: String,
    /// Given name, may be empty.
    #[serde(default)]
    pub first_name: String,
    /// Family name, may be empty.
    #[serde(default)]
    pub last_name: String,
    /// Base role.
    pub role: Role,
    /// Argon2id hash in PHC form; absent until a password is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Ids of custom roles.
    #[serde(default)]
    pub custom_roles: Vec<String>,
    /// Values that the policies of custom roles may refer to, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub role_attributes: IndexMap<String, Vec<String>>,
    /// An invitation that has not been accepted.
    #[serde(default)]
    pub pending_invite: bool,
    /// How they sign in, besides the password.
    #[serde(default, skip_serializing_if = "SignIn::is_default")]
    pub sign_in: SignIn,
    /// When it was created.
    pub created_at: Millis,
}

impl Member {
    /// Whether sessions and personal tokens of theirs count.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.sign_in.deactivated && !self.pending_invite
    }
}

/// A REST access token. The value itself is never stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// 24 hex digits.
    pub id: String,
    /// Optional name.
    #[serde(default)]
    pub name: String,
    /// Optional description.
    #[serde(default)]
    pub description: String,
    /// SHA-256 of the value, hex. Tokens carry 122 random bits, so a plain hash suffices.
    pub hash: String,
    /// Last four characters of the value, for display.
    pub ending: String,
    /// A previous value that stays valid until a time, after a reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousToken>,
    /// The member who made it.
    pub member_id: String,
    /// True when it does not act for its creator.
    #[serde(default)]
    pub service_token: bool,
    /// Base role of the token; exclusive with the next two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Ids or keys of custom roles.
    #[serde(default)]
    pub custom_role_ids: Vec<String>,
    /// Inline policy statements, as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline_role: Option<Vec<Value>>,
    /// What its maker could do when it was made or last given a role: it never does more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// `yyyymmdd` of the API version this token speaks by default.
    pub default_api_version: u32,
    /// Time after which the token is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Millis>,
    /// The OAuth 2.0 client that it was issued to; such a token goes when it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// When it was created.
    pub created_at: Millis,
    /// When it was last changed.
    pub modified_at: Millis,
}

/// A bound on what a token may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Limit {
    /// No more than this base role.
    Role(Role),
    /// No more than these policy statements.
    Statements(Vec<Value>),
    /// The same where they refer to role attributes.
    Inline {
        /// The statements.
        statements: Vec<Value>,
        /// What they refer to, as it was.
        attributes: BTreeMap<String, Vec<String>>,
    },
    /// No more than these roles together, as they are at any time.
    Roles {
        /// A base role among them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<Role>,
        /// Ids of custom roles.
        ids: Vec<String>,
        /// What their policies refer to, as it was.
        #[serde(default)]
        attributes: BTreeMap<String, Vec<String>>,
    },
}

/// The value a token had before its last reset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousToken {
    /// SHA-256 of the value, hex.
    pub hash: String,
    /// Time after which it is refused.
    pub expiry: Millis,
}
