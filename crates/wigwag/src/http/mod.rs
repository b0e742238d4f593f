//! Everything that answers HTTP, on one page.

mod big_segments;
mod console;
mod health;
pub(crate) mod metrics;
mod peer;
mod relay;
mod rest;
mod secure;
mod sse;
mod status;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use tokio::sync::watch;
use wigwag_kit::App;
use wigwag_live::Live;
use wigwag_sdk::SdkState;

use metrics::Metrics;

/// What the routes share. The listener accepts before there is anything to serve: what comes later is
/// set once.
pub(crate) struct Shared {
    pub(crate) live: Live,
    pub(crate) metrics: Metrics,
    pub(crate) rest: OnceLock<wigwag_kit::serve::Server>,
    /// Proxies that are believed when they say where a request comes from.
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
    pub(crate) reference: OnceLock<String>,
    pub(crate) stopping: watch::Sender<bool>,
    /// How often streams of this crate show that they are alive.
    pub(crate) heartbeat: std::time::Duration,
    /// How database and disk are.
    pub(crate) machine: crate::machine::MachineStatus,
    /// Whether connections are TLS.
    pub(crate) is_secure: bool,
}

impl Shared {
    /// Whether requests of all kinds can be answered.
    fn ready(&self) -> bool {
        self.rest.get().is_some() && self.live.is_loaded() && !self.stopping()
    }

    /// What requests work on, once all of it can be answered.
    fn app(&self) -> Option<&Arc<App>> {
        self.rest.get().filter(|_| self.ready()).map(wigwag_kit::Server::app)
    }

    /// The newest change committed, as known to this process.
    fn sequence(&self) -> u64 {
        self.rest.get().map_or(0, |rest| *rest.app().store.watch().borrow())
    }

    fn stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// All routes of the process.
pub(crate) fn router(shared: Arc<Shared>, sdk: SdkState) -> Router {
    let secure = secure::Headers { is_secure: shared.is_secure };
    let own = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::page))
        .route("/status", get(status::page))
        .route("/docs/api", get(rest::reference))
        .route("/relay_auto_config", get(relay::auto_config))
        .route("/sdk/big-segments/revisions", get(big_segments::revisions))
        .route("/big-segments", get(big_segments::stream))
        .route("/webhook/triggers/{*path}", any(rest::handle))
        .route("/trust/oauth/authorize", any(rest::handle))
        .route("/trust/oauth/token", any(rest::handle))
        .route("/login", any(rest::handle))
        .route("/login-code", any(rest::handle))
        .route("/login-return", any(rest::handle))
        .route("/account", any(rest::handle))
        .route("/accept-invitation", any(rest::handle))
        .route("/reset-password", any(rest::handle))
        .route("/device", any(rest::handle))
        .route("/device/{code}", any(rest::handle))
        .route("/internal/{*path}", any(rest::handle))
        .route("/scim/v2/{*path}", any(rest::handle))
        .route("/api/v2", any(rest::handle))
        .route("/api/v2/{*path}", any(rest::handle))
        .with_state(shared)
        .fallback(console::or_nothing)
        .layer(axum::middleware::map_response(move |response| async move { secure.add(response) }));
    wigwag_sdk::router(sdk).merge(own)
}

pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// 503: SDKs and proxies take other refusals for good (sdk-protocol.md 1.5).
fn not_ready() -> Response {
    let body = serde_json::json!({"code": "service_unavailable", "message": "The server is not ready yet"});
    let mut response = json(StatusCode::SERVICE_UNAVAILABLE, &body);
    response.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static("1"));
    response
}
