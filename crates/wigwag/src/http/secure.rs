//! What answers tell browsers to be careful about. The SDK endpoints are no pages and do without.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

/// Nothing is loaded or framed on behalf of an answer that is data.
const DATA: &str = "default-src 'none'; frame-ancestors 'none'";
/// A year.
const STRICT: &str = "max-age=31536000";

/// Header fields that every answer has; an answer's own stay.
#[derive(Clone, Copy)]
pub(super) struct Headers {
    /// Whether connections are TLS: then browsers are to come by TLS only.
    pub(super) is_secure: bool,
}

impl Headers {
    pub(super) fn add(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(headers, header::REFERRER_POLICY, "same-origin");
        if self.is_secure {
            set(headers, header::STRICT_TRANSPORT_SECURITY, STRICT);
        }
        let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        if !is_page {
            set(headers, header::CONTENT_SECURITY_POLICY, DATA);
        }
        response
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
