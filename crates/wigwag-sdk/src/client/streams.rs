//! Streams of results and of pings (sdk-protocol.md 5.6).

use axum::response::Response;
use http::{Extensions, HeaderMap};
use wigwag_live::{ClientStream, PingStream};

use super::{Asked, Caller, ready};
use crate::auth::env_id;
use crate::refusal::Refusal;
use crate::router::SdkState;
use crate::stream::{respond, watched};
use crate::takeover::Takeover;

/// Results for a context: `put`, then `patch` and `delete`.
pub(super) async fn results(
    state: &SdkState,
    caller: Caller,
    asked: &Asked,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Response, Refusal> {
    let id = env_id(&*ready(state, &caller).await);
    let content = ClientStream::new(caller.audience, asked.form, asked.vouched, &asked.json);
    let content = content.map_err(|error| Refusal::Context(error.to_string()))?;
    let credential = caller.credential();
    let grant = watched(state, caller.grant, credential, headers);
    let subscription = state.live().open(grant, Box::new(content));
    Ok(respond(subscription, id, extensions.get::<Takeover>()))
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
