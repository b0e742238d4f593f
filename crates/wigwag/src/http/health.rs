//! `/health/live`: the process answers. `/health/ready`: it has its data; 503 until then and while stopping.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::Shared;

pub(super) async fn live() -> Response {
    super::json(StatusCode::OK, &json!({"status": "live"}))
}

pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let (status, word) = match (shared.ready(), shared.stopping()) {
        (true, _) => (StatusCode::OK, "ready"),
        (false, true) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "loading"),
    };
    super::json(status, &json!({"status": word}))
}
