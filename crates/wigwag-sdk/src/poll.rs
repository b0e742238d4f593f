//! Polling: everything, or one item, with entity tags (sdk-protocol.md 2.3 to 2.5).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, EXPIRES, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use wigwag_live::{EnvSnapshot, Item, Part, Payload, weak_tag};

use crate::auth::{ENV_ID, SdkKey, env_id};
use crate::body::PayloadBody;
use crate::encoding::accepts_gzip;
use crate::etag;
use crate::refusal::Refusal;
use crate::router::SdkState;

/// Shorter bodies are not worth compressing.
pub(crate) const GZIP_FROM: u64 = 1024;

/// Whether a cache may keep an answer for the environment's time to live: only PHP's endpoints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caching {
    Revalidate,
    TimeToLive,
}

/// All of a part of the environment: a map of flags or segments, or an object with both maps.
pub(crate) fn all(part: Part, caching: Caching) -> MethodRouter<SdkState> {
    get(async move |State(state): State<SdkState>, key: SdkKey, headers: HeaderMap| {
        whole(&state, key, &headers, part, caching).await
    })
}

/// One flag, by the key that the path ends in.
pub(crate) fn flag(caching: Caching) -> MethodRouter<SdkState> {
    item(caching, |snapshot, key| snapshot.flags().get(key))
}

/// One segment, likewise.
pub(crate) fn segment(caching: Caching) -> MethodRouter<SdkState> {
    item(caching, |snapshot, key| snapshot.segments().get(key))
}

fn item<C: Send + Sync + 'static>(caching: Caching, find: Find<C>) -> MethodRouter<SdkState> {
    let answer =
        async move |State(state): State<SdkState>, key: SdkKey, Path(name): Path<String>, headers: HeaderMap| {
            let snapshot = key.0.env.snapshot();
            one(&state, &snapshot, find(&snapshot, &name), &headers, caching)
        };
    get(answer)
}

/// Finds an item of an environment.
type Find<C> = for<'s> fn(&'s EnvSnapshot, &str) -> Option<&'s Arc<Item<C>>>;

async fn whole(state: &SdkState, SdkKey(grant): SdkKey, headers: &HeaderMap, part: Part, caching: Caching) -> Response {
    let snapshot = grant.env.snapshot();
    let tag = snapshot.etag(part);
    if etag::is_known(headers, tag) {
        return answer(state, &snapshot, tag, caching, None);
    }
    let plain = snapshot.body(part);
    if plain.len() >= GZIP_FROM && accepts_gzip(headers) {
        let gzip = compressed(state, &snapshot, part).await;
        return answer(state, &snapshot, tag, caching, Some((gzip, true)));
    }
    answer(state, &snapshot, tag, caching, Some((plain.clone(), false)))
}

/// The compressed body. Whoever asks first has it made, off the reactor; the others wait without
/// holding a thread.
async fn compressed(state: &SdkState, snapshot: &Arc<EnvSnapshot>, part: Part) -> Payload {
    if let Some(ready) = snapshot.gzip_ready(part) {
        return ready.clone();
    }
    let _turn = state.compressing().acquire().await;
    if let Some(ready) = snapshot.gzip_ready(part) {
        return ready.clone();
    }
    let theirs = Arc::clone(snapshot);
    let made = tokio::task::spawn_blocking(move || theirs.gzip(part).clone()).await;
    // The runtime refuses blocking work only while it shuts down.
    made.unwrap_or_else(|_| snapshot.gzip(part).clone())
}

fn one<C>(
    state: &SdkState,
    snapshot: &EnvSnapshot,
    item: Option<&Arc<Item<C>>>,
    headers: &HeaderMap,
    caching: Caching,
) -> Response {
    let Some(item) = item else { return with_env_id(Refusal::UnknownItem.into_response(), snapshot) };
    let tag = weak_tag(item.digest());
    if etag::is_known(headers, &tag) {
        return answer(state, snapshot, &tag, caching, None);
    }
    let gzip = item.json().len() as u64 >= GZIP_FROM && accepts_gzip(headers);
    let payload = if gzip { item.gzip().clone() } else { item.payload() };
    answer(state, snapshot, &tag, caching, Some((payload, gzip)))
}

/// 200 with a body and whether it is compressed, or 304 without.
pub(crate) fn answer(
    state: &SdkState,
    snapshot: &EnvSnapshot,
    tag: &str,
    caching: Caching,
    body: Option<(Payload, bool)>,
) -> Response {
    let mut response = match body {
        None => StatusCode::NOT_MODIFIED.into_response(),
        Some((payload, gzip)) => {
            let mut response = Response::new(Body::new(PayloadBody::new(payload)));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if gzip {
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            response
        }
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(ETAG, tag);
    }
    headers.insert(VARY, HeaderValue::from_static("Authorization, Accept-Encoding"));
    // PHP's cache is a shared one: what a key was needed for it keeps only where `must-revalidate` allows
    // it (RFC 9111 3.5).
    let control = match (caching, expires(state, snapshot, caching)) {
        // `Expires` and not `max-age`, so that all clients behind one cache see the same moment.
        (_, Some(at)) => {
            headers.insert(EXPIRES, at);
            "must-revalidate"
        }
        (Caching::TimeToLive, None) => "no-cache, must-revalidate",
        (Caching::Revalidate, None) => "no-cache",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(control));
    with_env_id(response, snapshot)
}

fn expires(state: &SdkState, snapshot: &EnvSnapshot, caching: Caching) -> Option<HeaderValue> {
    let minutes = snapshot.settings().ttl_minutes;
    if caching == Caching::Revalidate || minutes == 0 {
        return None;
    }
    let at = jiff::Timestamp::from_millisecond(state.live().now() + i64::from(minutes) * 60_000).ok()?;
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()?;
    HeaderValue::from_str(&text).ok()
}

fn with_env_id(mut response: Response, snapshot: &EnvSnapshot) -> Response {
    response.headers_mut().insert(ENV_ID, env_id(snapshot));
    response
}
