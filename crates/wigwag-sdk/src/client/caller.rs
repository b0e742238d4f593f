//! Who asks: from a credential to an environment and the flags that may be seen in it.

use http::HeaderMap;
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

    /// The kind of credential that was shown.
    pub(crate) const fn credential(&self) -> Credential {
        match self.audience {
            Audience::Everything => Credential::Server,
            Audience::Mobile => Credential::Mobile,
            Audience::EnvironmentId => Credential::Client,
        }
    }
}
