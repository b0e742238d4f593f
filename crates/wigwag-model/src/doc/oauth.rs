//! OAuth 2.0 clients, and what members have granted to them.

use serde::{Deserialize, Serialize};

use super::{Limit, Role};
use crate::clock::Millis;

/// An application that members may let act for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthClient {
    /// A UUID: the client's `client_id`.
    pub id: String,
    /// Human name.
    pub name: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// Where codes are sent.
    pub redirect_uri: String,
    /// SHA-256 of the secret, hex. Secrets carry 256 random bits, so a plain hash suffices.
    pub secret_hash: String,
    /// The member who made it; what it does for itself is put down to them.
    pub member_id: String,
    /// What its maker could do when it was made: tokens that it gets for itself never do more.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// When it was created.
    pub created_at: Millis,
}

/// What a member granted to a client: first a code, then a refresh token and an access token at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthGrant {
    /// 24 hex digits.
    pub id: String,
    /// The client.
    pub client_id: String,
    /// The member.
    pub member_id: String,
    /// The most its tokens may do.
    pub role: Role,
    /// SHA-256 of the code, hex.
    pub code_hash: String,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// PKCE: base64url of the SHA-256 of the verifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// SHA-256 of the refresh token, hex; none until the code was exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_hash: Option<String>,
    /// The refresh token before: whoever brings it again has stolen it, or was stolen from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent_hash: Option<String>,
    /// The access token in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_id: Option<String>,
    /// When the code, or else the refresh token, ends.
    pub expires_at: Millis,
    /// When it was granted.
    pub created_at: Millis,
}
