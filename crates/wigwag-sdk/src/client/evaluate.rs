//! All flags for one context (sdk-protocol.md 5.3, 5.4).

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use wigwag_live::{Audience, EnvSnapshot, Form, Known, Seen, ask};
use wigwag_model::context::Context;

use super::{Asked, Caller, spare};
use crate::auth::{ENV_ID, env_id};
use crate::etag;
use crate::router::SdkState;

/// The results, or 304 where the client has them. The tag is known before anything is evaluated.
pub(super) async fn results(
    state: &SdkState,
    caller: &Caller,
    asked: &Asked,
    form: Form,
    headers: &HeaderMap,
) -> Response {
    let snapshot = ready(state, caller).await;
    let known = known(state, &snapshot, &asked.context).await;
    let list = snapshot.clients(caller.audience);
    let tag = list.etag(&asked.json, form, known.as_ref());
    let mut response = if etag::is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let seen = Seen::new(&snapshot, known.as_ref());
        let body = spare::bytes(|out| list.evaluate_into(&seen, &asked.context, form, out));
        let mut response = Response::new(Body::from(body));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    };
    tagged(&mut response, &tag, &snapshot);
    response
}

/// The fields of an answer that a client may keep as long as it asks whether it still holds.
pub(super) fn tagged(response: &mut Response, tag: &str, snapshot: &EnvSnapshot) {
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(ETAG, tag);
    }
    // Never a lifetime: Android would serve old flags from its cache.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ENV_ID, env_id(snapshot));
}

/// The newest snapshot, with the caller's flags compiled. Whoever asks first has that done, off the reactor;
/// the others wait without holding a thread.
pub(crate) async fn ready(state: &SdkState, caller: &Caller) -> Arc<EnvSnapshot> {
    let (snapshot, audience) = (caller.grant.env.snapshot(), caller.audience);
    if snapshot.clients_ready(audience).is_none() {
        compile(state, &snapshot, audience).await;
    }
    snapshot
}

/// What is known of a context's memberships in big segments, looked up where there are any.
pub(crate) async fn known(state: &SdkState, snapshot: &EnvSnapshot, context: &Context) -> Option<Known> {
    Some(ask(state.live().members(), snapshot, context)?.await)
}

#[cold]
async fn compile(state: &SdkState, snapshot: &Arc<EnvSnapshot>, audience: Audience) {
    let _turn = state.compiling().acquire().await;
    if snapshot.clients_ready(audience).is_some() {
        return;
    }
    let theirs = Arc::clone(snapshot);
    let made = tokio::task::spawn_blocking(move || theirs.clients(audience).len()).await;
    // The runtime refuses blocking work only while it shuts down; then the caller does it.
    drop(made);
}
