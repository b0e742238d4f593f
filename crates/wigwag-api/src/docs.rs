//! The API's description of itself: the OpenAPI document and the reference page made from it.

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use wigwag_kit::operation::Access;
use wigwag_kit::{Operations, Reply, openapi};

/// The operations that describe the others.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .on("getOpenapiSpec", Access::Public, |_, _| async {
            Ok(Reply { status: None, body: Some(DOCUMENT.clone().into()), headers: HeaderMap::new() })
        })
        .beside("GET", "/docs/api", "apiReference", Access::Public, |_, _| async { Ok(page()) })
}

/// Both are made at the first request and kept.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());
static PAGE: LazyLock<Bytes> = LazyLock::new(|| openapi::page(&document()).into());

/// The OpenAPI document of the whole API, as people and tools read it from a file.
#[must_use]
pub fn openapi_text() -> String {
    format!("{:#}\n", document())
}

fn document() -> serde_json::Value {
    openapi::document(&crate::operations().complete(), env!("CARGO_PKG_VERSION"))
}

fn page() -> Reply {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'";
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Reply { status: None, body: Some(PAGE.clone().into()), headers }
}
