//! Analytics and diagnostic events: `/bulk`, `/diagnostic` (sdk-protocol.md 6).
//!
//! Batches are read, counted and handed to the [`EventSink`](crate::EventSink).

mod event;
mod kinds;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode};
use wigwag_live::Grant;

use crate::auth::SdkKey;
use crate::body;
use crate::encoding::{self, Encoding};
use crate::refusal::Refusal;
use crate::room::Hold;
use crate::router::SdkState;
use crate::sink::{Credential, EventBatch, Origin, Taken};
pub use event::{Event, Scalar, read_events};
pub(crate) use kinds::Kinds;

/// Bodies longer than this are decompressed and parsed off the reactor.
const LONG_BODY: usize = 64 << 10;
/// A compressed body no longer than this is tried there: it mostly stays below, and handing it over costs more.
const SHORT_GZIP: usize = 8 << 10;
/// Names in header fields that are longer are not looked at.
const ID_MAX: usize = 128;

/// Where server-side SDKs post: both take an array or one object, for SDKs mix them up.
pub(crate) const ROUTES: [&str; 2] = ["/bulk", "/diagnostic"];

/// Answers a request to one of the routes.
pub(crate) async fn serve(state: SdkState, route: &'static str, request: Request) -> Response {
    let credential = request.headers().get(AUTHORIZATION).cloned();
    let response = if request.method() == Method::POST {
        take(&state, request).await.into_response()
    } else {
        Refusal::Method("POST").into_response()
    };
    state.metrics().count_request(route, response.status().as_u16(), credential.as_ref());
    response
}

async fn take(state: &SdkState, request: Request) -> Result<StatusCode, Refusal> {
    let (mut parts, body) = request.into_parts();
    let SdkKey(grant) = SdkKey::from_request_parts(&mut parts, state).await?;
    accept(state, &grant, Credential::Server, &parts.headers, body).await
}

/// Takes the events of whoever was granted the environment: 202 once the sink has them.
pub(crate) async fn accept(
    state: &SdkState,
    grant: &Grant,
    credential: Credential,
    headers: &HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let taken = async {
        // Held until the sink has it.
        let (kinds, body, _hold) = read(state, headers, body).await?;
        state.metrics().count_events(&kinds);
        let env = grant.env.snapshot().settings().id.as_ref().into();
        match state.sink().take(batch(env, credential, headers, body, state.live().now())).await {
            Taken::Yes => Ok(StatusCode::ACCEPTED),
            Taken::Full => Err(Refusal::Overloaded),
        }
    };
    taken.await.inspect_err(|_| state.metrics().count_refused_batch())
}

/// The batch with what its header fields tell (sdk-protocol.md 6.2).
fn batch(env: Arc<str>, credential: Credential, headers: &HeaderMap, body: Bytes, received: i64) -> EventBatch {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let origin = Origin::of(credential, headers);
    EventBatch {
        env,
        body,
        payload_id: text("x-launchdarkly-payload-id").filter(|id| !id.is_empty() && id.len() <= ID_MAX).map(Into::into),
        schema: text("x-launchdarkly-event-schema").and_then(|schema| schema.parse().ok()).unwrap_or(1),
        unsummarised: headers.contains_key("x-launchdarkly-unsummarized"),
        application: origin.shown().into(),
        origin,
        received,
    }
}

async fn read(state: &SdkState, headers: &HeaderMap, body: Body) -> Result<(Kinds, Bytes, Hold), Refusal> {
    let max = state.config().events_max_bytes;
    let mut hold = state.room().hold();
    let encoding = encoding::of_request(headers)?;
    let body = body::collect_within(headers, body, max, state.config().events_timeout, &mut hold).await?;
    let (body, encoding) = match encoding {
        Encoding::Gzip if body.len() <= SHORT_GZIP => match encoding::gunzip(&body, LONG_BODY.min(max), &mut hold) {
            // Longer than it seemed.
            Err(Refusal::TooLarge) => (body, Encoding::Gzip),
            inflated => (inflated?, Encoding::Plain),
        },
        encoding => (body, encoding),
    };
    if body.len() <= LONG_BODY && encoding == Encoding::Plain {
        return parse(body, encoding, max, hold);
    }
    let parsed = tokio::task::spawn_blocking(move || parse(body, encoding, max, hold)).await;
    parsed.unwrap_or(Err(Refusal::UnreadableBody))
}

fn parse(body: Bytes, encoding: Encoding, max: usize, mut hold: Hold) -> Result<(Kinds, Bytes, Hold), Refusal> {
    let body = match encoding {
        Encoding::Plain => body,
        Encoding::Gzip => encoding::gunzip(&body, max, &mut hold)?,
    };
    if body.trim_ascii().is_empty() {
        return Err(Refusal::UnreadableBody);
    }
    let mut kinds = Kinds::default();
    let read = read_events(&body, |event| kinds.count(event.as_ref()));
    read.map_err(|_| Refusal::MalformedEvents)?;
    Ok((kinds, body, hold))
}
