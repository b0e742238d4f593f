//! What Relay Proxies ask for besides what SDKs do (sdk-protocol.md 9.1).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::json;
use wigwag_api::relay_configs::Following;

use super::{Shared, not_ready, sse};

/// `GET /relay_auto_config`: the environments behind a proxy's key, then every change to them.
pub(super) async fn auto_config(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let Some(app) = shared.app() else { return not_ready() };
    let key = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    // Before the first look: what changes after it must wake the stream.
    let log = app.store.watch();
    match Following::begin(Arc::clone(app), key).await {
        Ok(Some((following, first))) => sse::answer(&shared, log, first, following),
        Ok(None) => {
            let body = json!({"code": "unauthorized", "message": "Invalid or missing Relay Proxy key"});
            super::json(StatusCode::UNAUTHORIZED, &body)
        }
        Err(error) => {
            tracing::warn!(%error, "a Relay Proxy cannot be told its environments");
            not_ready()
        }
    }
}

impl sse::Teller for Following {
    async fn more(&mut self) -> Option<String> {
        // Whoever comes back is told everything anew.
        Self::more(self).await.inspect_err(|error| tracing::warn!(%error, "a Relay Proxy cannot be told more")).ok()?
    }
}
