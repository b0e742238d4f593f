//! What a relay answers besides SDKs: how it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};
use wigwag_live::Live;
use wigwag_relay::{Environment, Relay, State as Follows};
use wigwag_sdk::SdkState;

use crate::http::json as answer;
use crate::http::metrics::Metrics;

/// What the routes share.
pub(super) struct Shared {
    pub(super) live: Live,
    pub(super) metrics: Metrics,
    pub(super) relay: Relay,
    pub(super) stopping: AtomicBool,
}

impl Shared {
    /// Whether something is known of every environment, if only from the last time.
    fn ready(&self) -> bool {
        let environments = self.relay.environments();
        let named = self.live.is_loaded() || !environments.is_empty();
        let known = environments.iter().all(|env| env.connection.state != Follows::Initializing);
        named && known && !self.stopping.load(Ordering::SeqCst)
    }
}

/// All routes of the process.
pub(super) fn router(shared: Arc<Shared>, sdk: SdkState) -> Router {
    let own = Router::new()
        .route("/health/live", get(async || answer(StatusCode::OK, &json!({"status": "live"}))))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/status", get(status))
        .route("/sdk/big-segments/revisions", get(members))
        .route("/big-segments", get(members))
        .with_state(shared);
    wigwag_sdk::router(sdk).merge(own)
}

async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    match shared.ready() {
        true => answer(StatusCode::OK, &json!({"status": "ready"})),
        false => answer(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "loading"})),
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    shared.metrics.answer(shared.ready(), 0)
}

/// What the upstream tells those who copy members of big segments: a relay below this one copies the same.
async fn members(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(key) = wigwag_sdk::credential(&headers) else { return refused() };
    if shared.live.by_sdk_key(key).is_none() {
        return if shared.live.may_come(key) { unavailable() } else { refused() };
    }
    match shared.relay.upstream(uri.path(), uri.query(), key).await {
        Ok(answer) => {
            let mut response = Response::new(Body::from_stream(answer.bytes_stream()));
            let kind = if uri.path() == "/big-segments" { "text/event-stream" } else { "application/json" };
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            response
        }
        // What is wrong above may pass: never a status that SDKs and proxies take as final.
        Err(error) => {
            tracing::warn!(error, "members of big segments cannot be passed on");
            unavailable()
        }
    }
}

fn refused() -> Response {
    answer(StatusCode::UNAUTHORIZED, &json!({"code": "unauthorized", "message": "Invalid or missing SDK key"}))
}

fn unavailable() -> Response {
    answer(StatusCode::SERVICE_UNAVAILABLE, &json!({"code": "service_unavailable", "message": "The upstream is away"}))
}

/// In the shape of the Relay Proxy's (sdk-protocol.md 9.3).
async fn status(State(shared): State<Arc<Shared>>) -> Response {
    let environments = shared.relay.environments();
    let well = shared.live.is_loaded() && environments.iter().all(is_connected);
    let shown: Map<String, Value> = environments.iter().map(|env| (env.id.clone(), shown(env))).collect();
    let document = json!({
        "environments": shown,
        "status": if well { "healthy" } else { "degraded" },
        "version": env!("CARGO_PKG_VERSION"),
        "streams": shared.live.stream_count(),
    });
    answer(StatusCode::OK, &document)
}

fn is_connected(env: &Environment) -> bool {
    env.connection.state == Follows::Valid
}

fn shown(env: &Environment) -> Value {
    json!({
        "sdkKey": masked(&env.sdk_key),
        "envId": env.id,
        "envKey": env.key,
        "projKey": env.project,
        "status": if is_connected(env) { "connected" } else { "disconnected" },
        "connectionStatus": env.connection,
    })
}

/// The kind of key and its last characters.
fn masked(key: &str) -> String {
    let (kind, rest) = key.split_once('-').unwrap_or(("", key));
    let shown: String = rest.chars().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect();
    let hidden: String = rest
        .chars()
        .rev()
        .skip(5)
        .map(|c| if c == '-' { c } else { '*' })
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    if rest.chars().count() <= 5 { format!("{kind}-*****") } else { format!("{kind}-{hidden}{shown}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_are_masked_but_for_their_end() {
        assert_eq!(
            super::masked("sdk-00000000-1111-2222-3333-444444499999"),
            "sdk-********-****-****-****-*******99999"
        );
        assert_eq!(super::masked("abc"), "-*****");
    }
}
