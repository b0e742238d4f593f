//! How a member signs in, besides the password.

use serde::{Deserialize, Serialize};

use super::Sealed;
use crate::clock::Millis;

/// How a member signs in, besides the password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SignIn {
    /// The second factor, once it was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<Totp>,
    /// Cannot sign in, and personal access tokens are refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deactivated: bool,
    /// Sessions that began before are void.
    #[serde(skip_serializing_if = "is_zero")]
    pub sessions_from: Millis,
    /// Who they are to the provider of single sign-on: the issuer, a space, the subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What the directory calls them, where that is not their e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Who they are to the directory that provisions them by SCIM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// A second factor: codes of six digits that change every 30 seconds (RFC 6238).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totp {
    /// The seed in hexadecimal digits, sealed for `totp/` and the member's id.
    pub seed: Sealed,
    /// SHA-256 of the recovery codes that are left, hex.
    pub recovery: Vec<String>,
    /// When it was confirmed.
    pub since: Millis,
}

impl SignIn {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(time: &Millis) -> bool {
    *time == 0
}
