//! Results in the newer data protocol (sdk-protocol.md 3.8), by polls; [`super::streams`] has the streams.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use wigwag_live::{ClientPoll, Seen};

use super::context::parameter;
use super::evaluate::{known, ready, tagged};
use super::{Asked, Caller};
use crate::auth::{asks_for_filter, credential};
use crate::etag;
use crate::objects::basis;
use crate::refusal::Refusal;
use crate::router::SdkState;

/// By the credential in `Authorization`, or without one by the one in the query: browsers cannot always send headers.
pub(super) fn caller(state: &SdkState, parts: &Parts) -> Result<Caller, Refusal> {
    let query = parts.uri.query().unwrap_or_default();
    let in_query = parameter(query, "auth").filter(|key| !key.is_empty());
    let caller = Caller::by_client_credential(state, credential(&parts.headers).or(in_query.as_deref()))?;
    if asks_for_filter(query) { Err(Refusal::UnknownFilter) } else { Ok(caller) }
}

/// What leads from the basis to the newest results, or 304 where the client has those.
pub(super) async fn poll(state: &SdkState, caller: &Caller, asked: &Asked, parts: &Parts) -> Response {
    let snapshot = ready(state, caller).await;
    let known = known(state, &snapshot, &asked.context).await;
    let poll = ClientPoll::new(Seen::new(&snapshot, known.as_ref()), caller.audience, asked.form, &asked.json);
    let tag = format!("W/\"{}\"", poll.state());
    let mut response = if etag::is_known(&parts.headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = poll.body(&asked.context, basis(&parts.uri).as_deref());
        let mut response = Response::new(Body::from(Bytes::from(body)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    };
    tagged(&mut response, &tag, &snapshot);
    response
}
