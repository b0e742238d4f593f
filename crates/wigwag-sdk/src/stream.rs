//! Streams: `/all` and `/flags` (sdk-protocol.md 2.1, 2.2).

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue};
use wigwag_live::{Feed, Grant, Subscription};

use crate::auth::{ENV_ID, SdkKey, env_id};
use crate::router::SdkState;
use crate::sink::Credential;
use crate::takeover::Takeover;

/// `GET /all`: flags and segments.
pub(crate) async fn all(
    State(state): State<SdkState>,
    key: SdkKey,
    headers: HeaderMap,
    takeover: Option<Extension<Takeover>>,
) -> Response {
    open(&state, key, &headers, Feed::All, takeover)
}

/// `GET /flags`: flags only, for SDKs older than segments.
pub(crate) async fn flags(
    State(state): State<SdkState>,
    key: SdkKey,
    headers: HeaderMap,
    takeover: Option<Extension<Takeover>>,
) -> Response {
    open(&state, key, &headers, Feed::Flags, takeover)
}

fn open(
    state: &SdkState,
    SdkKey(grant): SdkKey,
    headers: &HeaderMap,
    feed: Feed,
    takeover: Option<Extension<Takeover>>,
) -> Response {
    let id = env_id(&grant.env.snapshot());
    let grant = watched(state, grant, Credential::Server, headers);
    respond(state.live().subscribe(grant, feed), id, takeover.as_deref())
}

/// `grant` for a stream that is seen among the open ones.
pub(crate) fn watched(state: &SdkState, mut grant: Grant, credential: Credential, headers: &HeaderMap) -> Grant {
    let id = grant.env.snapshot().settings().id.clone();
    grant.watch = Some(state.connections().open(&id, grant.env.spreads(), credential, headers));
    grant
}

/// The response that streams `subscription` from the environment `id`.
pub(crate) fn respond(subscription: Subscription, id: HeaderValue, takeover: Option<&Takeover>) -> Response {
    /// Tells nginx not to hold events back.
    const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
    let mut response = Response::new(Takeover::body(takeover, subscription));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    headers.insert(ENV_ID, id);
    response
}
