//! Cross-origin requests: browsers show an SDK only what this allows, errors included (sdk-protocol.md 5.9).

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue};

const HEADERS: &str = "Cache-Control,Content-Type,Content-Length,Accept-Encoding,X-LaunchDarkly-User-Agent,\
X-LaunchDarkly-Payload-ID,X-LaunchDarkly-Wrapper,X-LaunchDarkly-Event-Schema,X-LaunchDarkly-Tags,Authorization,\
If-None-Match,X-LaunchDarkly-Instance-Id,X-API-Key";
const EXPOSED: HeaderValue =
    HeaderValue::from_static("Date,ETag,X-LD-EnvID,X-LD-FD-Fallback,X-LD-FD-Fallback-TTL,Retry-After");
/// Longer wishes are not answered one by one.
const WISHES_MAX: usize = 2048;

/// Lets the page that asked read the answer.
pub(crate) fn allow(response: &mut HeaderMap, origin: Option<HeaderValue>) {
    if origin.is_some() {
        response.append(VARY, HeaderValue::from_static("Origin"));
    }
    response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.unwrap_or(HeaderValue::from_static("*")));
    response.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("false"));
    response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// What a page may send to a path that takes `methods`; [`allow`] adds the rest.
pub(crate) fn preflight(response: &mut HeaderMap, request: &HeaderMap, methods: &'static str) {
    response.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    response.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("300"));
    let wishes = request.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok());
    let wishes = wishes.filter(|wishes| wishes.len() <= WISHES_MAX).unwrap_or_default();
    let further =
        wishes.split(',').map(str::trim).filter(|name| name.get(..2).is_some_and(|x| x.eq_ignore_ascii_case("x-")));
    let allowed = std::iter::once(HEADERS).chain(further).collect::<Vec<_>>().join(",");
    response.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_str(&allowed).unwrap_or(HeaderValue::from_static(HEADERS)),
    );
}

/// Where a request comes from.
pub(crate) fn origin(request: &HeaderMap) -> Option<HeaderValue> {
    request.get(ORIGIN).cloned()
}
