//! The console in the browser: what `npm run build` made of `web/`, held in the binary.
//!
//! It knows neither the API nor a server: a request's method, path and header in, an answer out. Files have a hash in
//! their name and are kept by browsers for ever; the page itself is asked for again each time and gets a nonce of its
//! own for the few styles that are made while it runs. Nothing of it may speak to another address than its own.

mod answer;
mod files;
mod page;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};

pub use files::{Files, embedded};

/// Paths below which the console has no pages, whatever a browser asks for there.
const OTHERS: &[&str] = &["/api", "/internal", "/scim", "/sdk", "/trust", "/webhook", "/health", "/metrics", "/docs"];

/// The answer to a request for `path`, or none where the console has nothing: the caller then says so in its own way.
///
/// Files are answered under `/assets/` and by their names; every other address gets the page where a browser asks for
/// one (`GET` or `HEAD`, `Accept` with `text/html`), so that links into the console work. `/` is always the page.
#[must_use]
pub fn serve(files: &Files, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Bytes>> {
    if method != Method::GET && method != Method::HEAD {
        return None;
    }
    let name = path.trim_start_matches('/');
    if name != page::NAME
        && let Some(file) = files.file(name)
    {
        return Some(answer::file(files, name, file, headers));
    }
    let below = |other: &str| path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if OTHERS.iter().any(|other| below(other)) || name.starts_with("assets/") || !(path == "/" || wants_page(headers)) {
        return None;
    }
    Some(page::page(files))
}

/// Whether a browser asks for a page to show.
fn wants_page(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| value.to_str().is_ok_and(|value| value.contains("text/html")))
}

/// An answer with the header that all have.
fn response(status: StatusCode, mime: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(mime));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, http::HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, http::HeaderValue::from_static("same-origin"));
    response
}
