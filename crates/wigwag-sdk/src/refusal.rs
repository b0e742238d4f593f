//! Why a request is refused. SDKs look only at the status: a 401, 403 or 404 stops most of them for good,
//! so those are never used for what may pass (sdk-protocol.md 1.5).

use std::borrow::Cow;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

/// A refusal by meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No key, or one that is not in force.
    Unauthorized,
    /// No environment has this client-side ID.
    UnknownEnvironment,
    /// There is something wrong with the context; the text says what.
    Context(String),
    /// Secure mode is on and the hash is absent or another.
    NotVouched,
    /// The path takes other methods, which are named.
    Method(&'static str),
    /// Not offered, so that the SDK uses something else.
    NotOffered,
    /// Payload filters do not exist here.
    UnknownFilter,
    /// No such flag or segment.
    UnknownItem,
    /// Not loaded yet.
    NotReady,
    /// The body is empty or could not be read.
    UnreadableBody,
    /// The body is not JSON events.
    MalformedEvents,
    /// The body, as sent or decompressed, is too long.
    TooLarge,
    /// The body is compressed in a way that is not understood.
    UnknownEncoding,
    /// The body took too long.
    TooSlow,
    /// More events come than can be kept.
    Overloaded,
}

impl Refusal {
    pub(crate) fn parts(&self) -> (StatusCode, &'static str, Cow<'_, str>) {
        if let Self::Context(message) = self {
            return (StatusCode::BAD_REQUEST, "invalid_request", Cow::Borrowed(message));
        }
        let (status, code, message) = self.fixed();
        (status, code, Cow::Borrowed(message))
    }

    const fn fixed(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "Invalid or missing key"),
            Self::UnknownEnvironment => (StatusCode::NOT_FOUND, "not_found", "Unknown environment"),
            Self::Context(_) => (StatusCode::BAD_REQUEST, "invalid_request", "Invalid context"),
            Self::NotVouched => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Environment is in secure mode, and the hash of the context is missing or wrong",
            ),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The path takes other methods"),
            Self::NotOffered => (StatusCode::NOT_FOUND, "not_found", "Not offered"),
            Self::UnknownFilter => (StatusCode::NOT_FOUND, "not_found", "Unknown payload filter: filter"),
            Self::UnknownItem => (StatusCode::NOT_FOUND, "not_found", "Unknown key"),
            Self::NotReady => (StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", "Flags are not loaded yet"),
            Self::UnreadableBody => (StatusCode::BAD_REQUEST, "invalid_request", "The body is empty or unreadable"),
            Self::MalformedEvents => {
                (StatusCode::BAD_REQUEST, "invalid_request", "The body must be a JSON array of events or one event")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large"),
            Self::UnknownEncoding => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Content-Encoding must be gzip or absent",
            ),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "request_timeout", "The body did not arrive in time"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", "Too many events at once"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, message) = self.parts();
        let mut response = (status, Json(serde_json::json!({ "code": code, "message": message }))).into_response();
        if let Self::Method(allowed) = self {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        }
        if matches!(self, Self::NotReady | Self::Overloaded) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
