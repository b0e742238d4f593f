//! `/status`: how this server is, as one document for people and monitors. Nothing in it is secret.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::Shared;

pub(super) async fn page(State(shared): State<Arc<Shared>>) -> Response {
    let status = match (shared.ready(), shared.stopping()) {
        (_, true) => "stopping",
        (true, _) if !shared.machine.database_is_up() => "degraded",
        (true, _) => "ready",
        (false, _) => "loading",
    };
    let body = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "sequence": shared.sequence(),
        "environments": shared.live.env_count(),
        "streams": shared.live.stream_count(),
        "database": shared.machine.database(),
        "disk": shared.machine.disk(),
    });
    super::json(StatusCode::OK, &body)
}
