//! Streams of results and of pings (sdk-protocol.md 5.6).

use axum::response::Response;
use http::request::Parts;
use http::{Extensions, HeaderMap};
use wigwag_live::{ClientStream, PingStream};

use super::{Asked, Caller, ready};
use crate::auth::env_id;
use crate::objects::basis;
use crate::refusal::Refusal;
use crate::router::SdkState;
use crate::stream::{respond, watched};
use crate::takeover::Takeover;

/// Results for a context: `put`, then `patch` and `delete`.
pub(super) async fn results(
    state: &SdkState,
    caller: Caller,
    asked: &Asked,
    parts: &Parts,
) -> Result<Response, Refusal> {
    open(state, caller, asked, parts, |content| content).await
}

/// The same as objects, from what the client holds on (sdk-protocol.md 3.8).
pub(super) async fn objects(
    state: &SdkState,
    caller: Caller,
    asked: &Asked,
    parts: &Parts,
) -> Result<Response, Refusal> {
    open(state, caller, asked, parts, |content| content.of_objects(basis(&parts.uri).as_deref())).await
}

async fn open(
    state: &SdkState,
    caller: Caller,
    asked: &Asked,
    parts: &Parts,
    protocol: impl FnOnce(ClientStream) -> ClientStream,
) -> Result<Response, Refusal> {
    let id = env_id(&*ready(state, &caller).await);
    let content = ClientStream::new(caller.audience, asked.form, asked.vouched, &asked.json);
    let content = content.map_err(|error| Refusal::Context(error.to_string()))?;
    let content = protocol(content).asking(state.live().members().cloned());
    let credential = caller.credential();
    let grant = watched(state, caller.grant, credential, &parts.headers);
    let subscription = state.live().open(grant, Box::new(content));
    Ok(respond(subscription, id, parts.extensions.get::<Takeover>()))
}

/// Only pings, on which clients poll.
pub(super) fn pings(state: &SdkState, caller: Caller, headers: &HeaderMap, extensions: &Extensions) -> Response {
    let id = env_id(&caller.grant.env.snapshot());
    let content = PingStream::new(caller.audience);
    let credential = caller.credential();
    let grant = watched(state, caller.grant, credential, headers);
    let subscription = state.live().open(grant, Box::new(content));
    respond(subscription, id, extensions.get::<Takeover>())
}
