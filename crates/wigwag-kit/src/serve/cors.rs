//! Cross-origin requests (behaviour.md 1).

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue};

const HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Content-Type, Content-Length, Accept-Encoding, Authorization, LD-API-Version, X-HTTP-Method-Override, \
     Wigwag-Based-On",
);
const METHODS: HeaderValue = HeaderValue::from_static("OPTIONS, GET, HEAD, POST, PUT, PATCH, DELETE");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Allow, Location, Retry-After, X-Request-Id, X-Ratelimit-Global-Remaining, X-Ratelimit-Route-Remaining, \
     X-Ratelimit-Reset, Wigwag-Sequence",
);

/// Lets pages of any origin read an answer. Cookies are only for pages of our own origin `site`.
pub(super) fn allow(response: &mut HeaderMap, request: &HeaderMap, site: &str) {
    let origin = request.get(ORIGIN).cloned();
    if origin.as_ref().is_some_and(|o| o.as_bytes() == site.as_bytes()) {
        response.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.unwrap_or(HeaderValue::from_static("*")));
    response.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    response.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("300"));
    response.append(VARY, HeaderValue::from_static("Origin"));
}
