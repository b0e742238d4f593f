//! Addresses that nothing else answers: pages of the console, or nothing.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use wigwag_console::{Files, embedded, serve};

static FILES: LazyLock<Files> = LazyLock::new(embedded);

pub(super) async fn or_nothing(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    match serve(&FILES, &method, uri.path(), &headers) {
        Some(answer) => answer.map(Body::from),
        None => nothing_here(&uri),
    }
}

fn nothing_here(uri: &Uri) -> Response {
    let body = serde_json::json!({
        "code": "not_found",
        "message": format!("There is nothing at {}. The REST API is under /api/v2", uri.path()),
    });
    super::json(StatusCode::NOT_FOUND, &body)
}
