//! From a request to the environment it may read.

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use wigwag_live::{EnvSnapshot, Grant, Live};

use crate::refusal::Refusal;
use crate::router::SdkState;

/// The client-side ID of the environment, on every authenticated answer (sdk-protocol.md 1.3).
pub(crate) const ENV_ID: HeaderName = HeaderName::from_static("x-ld-envid");

/// An environment opened by an SDK key.
pub(crate) struct SdkKey(pub(crate) Grant);

impl FromRequestParts<SdkState> for SdkKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &SdkState) -> Result<Self, Refusal> {
        let grant = granted(state, credential(&parts.headers), Live::by_sdk_key, Refusal::Unauthorized)?;
        if asks_for_filter(parts.uri.query().unwrap_or_default()) {
            return Err(Refusal::UnknownFilter);
        }
        Ok(Self(grant))
    }
}

/// What a credential gives access to, or `wrong` if it is known to be.
pub(crate) fn granted(
    state: &SdkState,
    credential: Option<&str>,
    find: fn(&Live, &str) -> Option<Grant>,
    wrong: Refusal,
) -> Result<Grant, Refusal> {
    let found = credential.and_then(|credential| find(state.live(), credential));
    let too_early = || state.live().may_come(credential.unwrap_or_default());
    found.ok_or_else(|| if too_early() { Refusal::NotReady } else { wrong })
}

/// Least length of what may be a client-side ID in a path.
const ID: usize = 16;

/// Whether a request shows something that may be a credential, and nothing of it is known here.
pub(crate) fn is_strange(live: &Live, headers: &HeaderMap, path: &str) -> bool {
    let shown = [credential(headers), crate::client::token(headers)];
    let mut shown = shown.into_iter().flatten().chain(path.split('/').filter(|part| part.len() >= ID)).peekable();
    shown.peek().is_some() && !shown.any(|credential| live.knows(credential))
}

/// The key in `Authorization`: raw, or after the word `api_key` that some SDKs send (sdk-protocol.md 1.1).
#[must_use]
pub fn credential(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION).and_then(key_in)
}

/// The key in the value of a field.
pub(crate) fn key_in(value: &HeaderValue) -> Option<&str> {
    const WORD: &str = "api_key ";
    let value = value.to_str().ok()?.trim();
    let worded = value.get(..WORD.len()).is_some_and(|start| start.eq_ignore_ascii_case(WORD));
    let key = if worded { value[WORD.len()..].trim() } else { value };
    (!key.is_empty()).then_some(key)
}

/// Whether the query names a payload filter; an empty name asks for none.
pub(crate) fn asks_for_filter(query: &str) -> bool {
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        !value.is_empty() && percent_decode_str(name).eq("filter".bytes())
    })
}

/// The header value naming the environment of `snapshot`.
pub(crate) fn env_id(snapshot: &EnvSnapshot) -> HeaderValue {
    HeaderValue::from_str(&snapshot.settings().id).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_with_and_without_the_word() {
        let check = |value: &'static str, want: Option<&str>| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(credential(&headers), want, "{value:?}");
        };
        check("sdk-1", Some("sdk-1"));
        check("  sdk-1 ", Some("sdk-1"));
        check("api_key sdk-1", Some("sdk-1"));
        check("API_KEY  sdk-1", Some("sdk-1"));
        check("api_key", Some("api_key"));
        check("api_key ", Some("api_key"));
        check("", None);
        assert_eq!(credential(&HeaderMap::new()), None);
    }

    #[test]
    fn only_a_named_filter_counts() {
        assert!(asks_for_filter("filter=beta"));
        assert!(asks_for_filter("a=b&f%69lter=x"));
        assert!(!asks_for_filter("filter="));
        assert!(!asks_for_filter("filter"));
        assert!(!asks_for_filter(""));
        assert!(!asks_for_filter("myfilter=x"));
    }
}
