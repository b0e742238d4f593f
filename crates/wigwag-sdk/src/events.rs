//! Analytics and diagnostic events: `/bulk`, `/diagnostic` (sdk-protocol.md 6).
//!
//! Batches are checked and counted; keeping them comes with the events journal.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::auth::SdkKey;
use crate::encoding::{self, Encoding};
use crate::event_count::Kinds;
use crate::refusal::Refusal;
use crate::router::SdkState;

/// Bodies longer than this are decompressed and parsed off the reactor.
const LONG_BODY: usize = 64 << 10;

/// `POST /bulk`, `POST /diagnostic`: both take an array or one object, for SDKs mix them up.
pub(crate) async fn take(State(state): State<SdkState>, _: SdkKey, headers: HeaderMap, body: Body) -> Response {
    match read(&state, &headers, body).await {
        Ok(kinds) => {
            state.metrics().count_events(&kinds.0);
            StatusCode::ACCEPTED.into_response()
        }
        Err(refusal) => {
            state.metrics().count_refused_batch();
            refusal.into_response()
        }
    }
}

async fn read(state: &SdkState, headers: &HeaderMap, body: Body) -> Result<Kinds, Refusal> {
    let max = state.config().events_max_bytes;
    let encoding = encoding::of_request(headers)?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > max) {
        return Err(Refusal::TooLarge);
    }
    let collected = tokio::time::timeout(state.config().events_timeout, Limited::new(body, max).collect()).await;
    let body = collected
        .map_err(|_| Refusal::TooSlow)?
        .map_err(|error| if error.is::<LengthLimitError>() { Refusal::TooLarge } else { Refusal::UnreadableBody })?;
    let body = body.to_bytes();
    if body.len() <= LONG_BODY && encoding == Encoding::Plain {
        return parse(body, encoding, max);
    }
    let parsed = tokio::task::spawn_blocking(move || parse(body, encoding, max)).await;
    parsed.unwrap_or(Err(Refusal::UnreadableBody))
}

fn parse(body: Bytes, encoding: Encoding, max: usize) -> Result<Kinds, Refusal> {
    let body = match encoding {
        Encoding::Plain => body,
        Encoding::Gzip => encoding::gunzip(&body, max)?,
    };
    if body.trim_ascii().is_empty() {
        return Err(Refusal::UnreadableBody);
    }
    serde_json::from_slice(&body).map_err(|_| Refusal::MalformedEvents)
}
