//! Who asks: from a credential to an environment and the flags that may be seen in it.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use wigwag_live::{Audience, Grant};

use crate::auth::credential;
use crate::refusal::Refusal;
use crate::router::SdkState;

/// Whoever was granted an environment, and sees the flags of an audience.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) grant: Grant,
    pub(crate) audience: Audience,
}

impl Caller {
    /// By the client-side ID in the path; header fields do not matter (sdk-protocol.md 1.1).
    pub(crate) fn by_client_id(state: &SdkState, id: &str) -> Result<Self, Refusal> {
        ready(state)?;
        let grant = state.live().grant_by_client_id(id).ok_or(Refusal::UnknownEnvironment)?;
        Ok(Self { grant, audience: Audience::EnvironmentId })
    }

    /// By the mobile key in `Authorization`.
    pub(crate) fn by_mobile_key(state: &SdkState, headers: &HeaderMap) -> Result<Self, Refusal> {
        ready(state)?;
        let grant = credential(headers).and_then(|key| state.live().by_mobile_key(key));
        Ok(Self { grant: grant.ok_or(Refusal::Unauthorized)?, audience: Audience::Mobile })
    }

    /// By the SDK key in `Authorization`.
    pub(crate) fn by_sdk_key(state: &SdkState, headers: &HeaderMap) -> Result<Self, Refusal> {
        ready(state)?;
        let grant = credential(headers).and_then(|key| state.live().by_sdk_key(key));
        Ok(Self { grant: grant.ok_or(Refusal::Unauthorized)?, audience: Audience::Everything })
    }

    /// By any credential there is, in `Authorization` (with or without `Bearer`) or `X-API-Key`.
    pub(crate) fn by_any(state: &SdkState, headers: &HeaderMap) -> Result<Self, Refusal> {
        ready(state)?;
        let given = token(headers).ok_or(Refusal::Unauthorized)?;
        let live = state.live();
        let found = live.by_sdk_key(given).map(|grant| (grant, Audience::Everything));
        let found = found.or_else(|| Some((live.by_mobile_key(given)?, Audience::Mobile)));
        let found = found.or_else(|| Some((live.grant_by_client_id(given)?, Audience::EnvironmentId)));
        let (grant, audience) = found.ok_or(Refusal::Unauthorized)?;
        Ok(Self { grant, audience })
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
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

/// Until everything is loaded no credential can be called wrong.
fn ready(state: &SdkState) -> Result<(), Refusal> {
    if state.live().is_loaded() { Ok(()) } else { Err(Refusal::NotReady) }
}
