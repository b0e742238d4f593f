//! Streams: `/all` and `/flags` (sdk-protocol.md 2.1, 2.2).

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use wigwag_live::Feed;

use crate::auth::{ENV_ID, SdkKey, env_id};
use crate::body::StreamBody;
use crate::router::SdkState;

/// `GET /all`: flags and segments.
pub(crate) async fn all(State(state): State<SdkState>, key: SdkKey) -> Response {
    open(&state, key, Feed::All)
}

/// `GET /flags`: flags only, for SDKs older than segments.
pub(crate) async fn flags(State(state): State<SdkState>, key: SdkKey) -> Response {
    open(&state, key, Feed::Flags)
}

fn open(state: &SdkState, SdkKey(grant): SdkKey, feed: Feed) -> Response {
    /// Tells nginx not to hold events back.
    const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
    let id = env_id(&grant.env.snapshot());
    let mut response = Response::new(Body::new(StreamBody(state.live().subscribe(grant, feed))));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    headers.insert(ENV_ID, id);
    response
}
