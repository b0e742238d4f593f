//! The one page of the console.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use crate::{Files, response};

/// Its file.
pub(crate) const NAME: &str = "index.html";
/// What stands in it for the nonce.
const NONCE: &str = "{nonce}";
/// What is shown where the console was not built.
const MISSING: &str = include_str!("missing.html");

/// The page, under a policy that lets it speak to nobody else.
pub(crate) fn page(files: &Files) -> Response<Bytes> {
    let nonce = nonce();
    let (status, page) = match files.file(NAME).map(|page| String::from_utf8_lossy(page)) {
        Some(page) => (StatusCode::OK, page.replace(NONCE, &nonce)),
        None => (StatusCode::OK, MISSING.replace(NONCE, &nonce).replace("{version}", env!("CARGO_PKG_VERSION"))),
    };
    let mut response = response(status, "text/html; charset=utf-8", page.into());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

/// Never the same twice. Without randomness it is empty, and the few styles made by scripts are missing.
fn nonce() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_or_else(|_| String::new(), |()| hex::encode(bytes))
}
