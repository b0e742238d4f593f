//! Streams: `/all` and `/flags` (sdk-protocol.md 2.1, 2.2).

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use wigwag_live::{Feed, Subscription};

use crate::auth::{ENV_ID, SdkKey, env_id};
use crate::router::SdkState;
use crate::takeover::Takeover;

/// `GET /all`: flags and segments.
pub(crate) async fn all(State(state): State<SdkState>, key: SdkKey, takeover: Option<Extension<Takeover>>) -> Response {
    open(&state, key, Feed::All, takeover)
}

/// `GET /flags`: flags only, for SDKs older than segments.
pub(crate) async fn flags(
    State(state): State<SdkState>,
    key: SdkKey,
    takeover: Option<Extension<Takeover>>,
) -> Response {
    open(&state, key, Feed::Flags, takeover)
}

fn open(state: &SdkState, SdkKey(grant): SdkKey, feed: Feed, takeover: Option<Extension<Takeover>>) -> Response {
    let id = env_id(&grant.env.snapshot());
    answer(id, state.live().subscribe(grant, feed), takeover)
}

/// The head of a stream of the environment `id`; what follows is `subscription`'s.
pub(crate) fn answer(id: HeaderValue, subscription: Subscription, takeover: Option<Extension<Takeover>>) -> Response {
    /// Tells nginx not to hold events back.
    const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
    let mut response = Response::new(Takeover::body(takeover.as_deref(), subscription));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    headers.insert(ENV_ID, id);
    response
}
