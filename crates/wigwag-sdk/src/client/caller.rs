//! Who asks: from a credential to an environment and the flags that may be seen in it.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use wigwag_live::{Audience, Grant, Live};

use crate::auth::{credential, granted};
use crate::refusal::Refusal;
use crate::router::SdkState;
use crate::sink::Credential;

/// Whoever was granted an environment, and sees the flags of an audience.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) grant: Grant,
    pub(crate) audience: Audience,
}

impl Caller {
    /// By the client-side ID in the path; header fields do not matter (sdk-protocol.md 1.1).
    pub(crate) fn by_client_id(state: &SdkState, id: &str) -> Result<Self, Refusal> {
        let grant = granted(state, Some(id), Live::grant_by_client_id, Refusal::UnknownEnvironment)?;
        Ok(Self { grant, audience: Audience::EnvironmentId })
    }

    /// By the mobile key in `Authorization`.
    pub(crate) fn by_mobile_key(state: &SdkState, headers: &HeaderMap) -> Result<Self, Refusal> {
        let grant = granted(state, credential(headers), Live::by_mobile_key, Refusal::Unauthorized)?;
        Ok(Self { grant, audience: Audience::Mobile })
    }

    /// By the SDK key in `Authorization`.
    pub(crate) fn by_sdk_key(state: &SdkState, headers: &HeaderMap) -> Result<Self, Refusal> {
        let grant = granted(state, credential(headers), Live::by_sdk_key, Refusal::Unauthorized)?;
        Ok(Self { grant, audience: Audience::Everything })
    }

    /// By a mobile key or a client-side ID, whichever it is.
    pub(crate) fn by_client_credential(state: &SdkState, given: Option<&str>) -> Result<Self, Refusal> {
        let find = |find: fn(&Live, &str) -> Option<Grant>, audience| {
            granted(state, given, find, Refusal::Unauthorized).map(|grant| Self { grant, audience })
        };
        let mobile = find(Live::by_mobile_key, Audience::Mobile);
        mobile.or_else(|_| find(Live::grant_by_client_id, Audience::EnvironmentId))
    }

    /// The same caller, asking for what browsers may see.
    pub(crate) fn for_browsers(self) -> Self {
        Self { audience: Audience::EnvironmentId, ..self }
    }

    /// The kind of credential that was shown.
    pub(crate) const fn credential(&self) -> Credential {
        match self.audience {
            Audience::Everything => Credential::Server,
            Audience::Mobile => Credential::Mobile,
            Audience::EnvironmentId => Credential::Client,
        }
    }

    /// By any credential there is, in `Authorization` (with or without `Bearer`) or `X-API-Key`.
    pub(crate) fn by_any(state: &SdkState, headers: &HeaderMap) -> Result<Self, Refusal> {
        let given = token(headers);
        let grant = granted(state, given, Live::by_sdk_key, Refusal::Unauthorized);
        let found = grant.map(|grant| Self { grant, audience: Audience::Everything });
        found.or_else(|_| Self::by_client_credential(state, given))
    }
}

/// The credential in `Authorization` (with or without `Bearer`) or `X-API-Key`.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    const BEARER: &str = "bearer ";
    if let Some(key) = headers.get("x-api-key") {
        return key.to_str().ok().map(str::trim);
    }
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    match value.get(..BEARER.len()) {
        Some(word) if word.eq_ignore_ascii_case(BEARER) => Some(value[BEARER.len()..].trim()),
        _ => credential(headers),
    }
}
