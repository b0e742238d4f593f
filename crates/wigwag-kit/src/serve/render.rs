//! Replies and errors as HTTP.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use crate::body::Body;
use crate::error::Error;
use crate::request::Reply;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub(super) fn reply(reply: Reply, documented: StatusCode) -> Response<Body> {
    let has_body = reply.body.is_some();
    let mut response = Response::new(reply.body.unwrap_or_else(|| Bytes::new().into()));
    *response.status_mut() = reply.status.unwrap_or(documented);
    *response.headers_mut() = reply.headers;
    if has_body && !response.headers().contains_key(CONTENT_TYPE) {
        response.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    response
}

pub(super) fn error(error: &Error, id: &str) -> Response<Bytes> {
    let mut response = Response::new(error.body(id).to_string().into());
    *response.status_mut() = error.class().0;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    match error {
        Error::Unavailable => drop(response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"))),
        Error::RateLimited(Some(seconds)) => drop(response.headers_mut().insert(RETRY_AFTER, (*seconds).into())),
        _ => {}
    }
    response
}

/// The answer to OPTIONS: what a path takes. The cross-origin fields are added to every answer.
pub(super) fn preflight(allowed: Option<&str>) -> Response<Body> {
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Some(Ok(allow)) = allowed.map(str::parse) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

/// The answer to HEAD: what GET would have said, without the body.
pub(super) fn without_body(response: &mut Response<Body>) {
    let body = std::mem::replace(response.body_mut(), Bytes::new().into());
    if let Body::Whole(bytes) = body {
        response.headers_mut().insert(CONTENT_LENGTH, bytes.len().into());
    }
}
