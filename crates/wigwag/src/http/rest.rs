//! `/api/v2`: bodies are collected within bounds, the kit does the rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::sync::Mutex;
use wigwag_kit::{Error, Server, openapi};

use super::Shared;

/// How long a body may take to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(30);
/// How long the next piece may take of a body that is handed on as it comes.
const PIECE_WITHIN: Duration = Duration::from_secs(30);
/// How long an answer to a change waits until SDKs of this process can see the change.
const VISIBLE_WITHIN: Duration = Duration::from_secs(2);
/// What is read and thrown away of a body that is too large, so that the client gets to read the refusal.
const DRAINED_MAX: usize = 32 << 20;

/// One request of the REST API.
pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let response = answer(&shared, request).await;
    if response.status().is_success() && !method.is_safe() {
        visible(&shared).await;
    }
    shared.metrics.rest(method.as_str(), response.status(), began.elapsed());
    response
}

async fn answer(shared: &Shared, request: Request) -> Response {
    let Some(server) = shared.rest.get() else { return loading() };
    let (mut parts, body) = request.into_parts();
    super::peer::note(&mut parts, &shared.trusted_proxies);
    if server.takes_pieces(&parts.method, parts.uri.path()) {
        return in_pieces(server, parts, body).await;
    }
    let most = server.largest_body(&parts, body.size_hint().upper()).await;
    // One byte over the largest limit of the path is enough for the kit to refuse it by the operation's own.
    let body = tokio::time::timeout(BODY_WITHIN, collect(body, most.as_ref().map_or(0, |most| most + 1))).await;
    let answer = match (most, body) {
        (Err(error), _) => server.refuse(&parts.headers, &error),
        (_, Ok(Some(body))) => return sent(server.serve(http::Request::from_parts(parts, body.into())).await),
        (_, Ok(None)) => server.refuse(&parts.headers, &Error::Invalid("The request body broke off".to_owned())),
        (_, Err(_)) => server.refuse(&parts.headers, &Error::Invalid("The request body took too long".to_owned())),
    };
    answer.map(Body::from)
}

/// Hands on a body as it comes. Where it was refused before it ended, a little more of it is read.
async fn in_pieces(server: &Server, parts: Parts, body: Body) -> Response {
    let body = Arc::new(Mutex::new(body.into_data_stream()));
    let pieces = stream::unfold(Some(Arc::clone(&body)), async |body| {
        let from = body?;
        let piece = tokio::time::timeout(PIECE_WITHIN, async { from.lock().await.next().await }).await;
        match piece {
            Ok(None) => None,
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(from))),
            Ok(Some(Err(_))) => Some((Err(Error::Invalid("The request body broke off".to_owned())), None)),
            Err(_) => Some((Err(Error::Invalid("The request body took too long".to_owned())), None)),
        }
    });
    let answer = server.serve(http::Request::from_parts(parts, wigwag_kit::Body::pieces(pieces))).await;
    let drain = async {
        let (mut body, mut seen) = (body.lock().await, 0);
        while seen < DRAINED_MAX
            && let Some(Ok(piece)) = body.next().await
        {
            seen += piece.len();
        }
    };
    if !answer.status().is_success() && tokio::time::timeout(PIECE_WITHIN, drain).await.is_err() {
        tracing::debug!("a body that was refused went on for too long");
    }
    sent(answer)
}

/// An answer of the kit as the transport sends it.
fn sent(answer: http::Response<wigwag_kit::Body>) -> Response {
    answer.map(|body| match body {
        wigwag_kit::Body::Whole(bytes) => Body::from(bytes),
        wigwag_kit::Body::Pieces(pieces) => Body::from_stream(pieces.inspect_err(|error| {
            tracing::warn!("an answer breaks off: {error}");
        })),
    })
}

/// Waits until SDKs that ask this process see what was just committed. A new SDK key above all: an SDK
/// that is answered 401 never asks again. The change stands, so a feed that is behind does not hold up
/// the answer for long.
async fn visible(shared: &Shared) {
    if tokio::time::timeout(VISIBLE_WITHIN, shared.live.reached(shared.sequence())).await.is_err() {
        tracing::warn!(seq = shared.sequence(), "a change is answered before SDKs can see it");
    }
}

/// The page that describes the API, made when it is first asked for.
pub(super) async fn reference(State(shared): State<Arc<Shared>>) -> Response {
    let Some(server) = shared.rest.get() else { return loading() };
    let page = shared
        .reference
        .get_or_init(|| openapi::page(&openapi::document(server.operations(), env!("CARGO_PKG_VERSION"))));
    Html(page.clone()).into_response()
}

/// At most `max` bytes of a body; none when it broke off.
async fn collect(mut body: Body, max: usize) -> Option<Bytes> {
    let mut kept = BytesMut::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        seen += data.len();
        kept.extend_from_slice(&data[..data.len().min(max - kept.len())]);
        if seen > max.max(DRAINED_MAX) {
            break;
        }
    }
    Some(kept.freeze())
}

fn loading() -> Response {
    let body = json!({
        "code": "service_unavailable",
        "message": "The server is starting. Try again in a second",
        "id": "",
    });
    let mut response = super::json(StatusCode::SERVICE_UNAVAILABLE, &body);
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    /// What may be large is kept whole, also beyond what is drained of bodies that are refused.
    #[tokio::test]
    async fn bodies_are_kept_up_to_their_own_bound() {
        let frames = || (0..40).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![7; 1 << 20])));
        for (max, kept) in [(64 << 20, 40 << 20), (36 << 20, 36 << 20), (1 << 20, 1 << 20)] {
            let body = Body::from_stream(futures_util::stream::iter(frames()));
            assert_eq!(collect(body, max).await.unwrap().len(), kept);
        }
    }
}
