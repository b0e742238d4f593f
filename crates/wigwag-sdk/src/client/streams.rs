//! Streams of results and of pings (sdk-protocol.md 5.6).

use axum::response::Response;
use http::Extensions;
use wigwag_live::{ClientStream, PingStream};

use super::{Asked, Caller, ready};
use crate::auth::env_id;
use crate::refusal::Refusal;
use crate::router::SdkState;
use crate::stream::respond;
use crate::takeover::Takeover;

/// Results for a context: `put`, then `patch` and `delete`.
pub(super) async fn results(
    state: &SdkState,
    caller: Caller,
    asked: &Asked,
    extensions: &Extensions,
) -> Result<Response, Refusal> {
    let id = env_id(&*ready(state, &caller).await);
    let content = ClientStream::new(caller.audience, asked.form, asked.vouched, &asked.json);
    let content = content.map_err(|error| Refusal::Context(error.to_string()))?;
    let subscription = state.live().open(caller.grant, Box::new(content));
    Ok(respond(subscription, id, extensions.get::<Takeover>()))
}

/// Only pings, on which clients poll.
pub(super) fn pings(state: &SdkState, caller: Caller, extensions: &Extensions) -> Response {
    let id = env_id(&caller.grant.env.snapshot());
    let content = PingStream::new(caller.audience);
    let subscription = state.live().open(caller.grant, Box::new(content));
    respond(subscription, id, extensions.get::<Takeover>())
}
