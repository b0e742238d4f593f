//! What browsers get.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, header};
use wigwag_console::{Files, serve};

fn files() -> Files {
    let all: [(&str, &[u8]); 5] = [
        ("index.html", b"<meta name=\"csp-nonce\" content=\"{nonce}\">"),
        ("assets/main-1.js", b"plain"),
        ("assets/main-1.js.br", b"br"),
        ("assets/main-1.js.gz", b"gz"),
        ("mark.svg", b"<svg/>"),
    ];
    Files::new(all.map(|(name, bytes)| (name, Bytes::from_static(bytes))))
}

fn ask(path: &str, accept: &'static str, coding: &'static str) -> Option<Response<Bytes>> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
    serve(&files(), &Method::GET, path, &headers)
}

#[test]
fn files_come_packed_and_are_kept_for_ever() {
    for (coding, body, said) in [
        ("gzip, deflate, br", "br", Some("br")),
        ("gzip", "gz", Some("gzip")),
        ("br;q=0, gzip;q=0.5", "gz", Some("gzip")),
        ("", "plain", None),
    ] {
        let answer = ask("/assets/main-1.js", "*/*", coding).unwrap();
        assert_eq!(answer.body(), body, "{coding}");
        assert_eq!(answer.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap()), said);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert!(answer.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    }
    let mark = ask("/mark.svg", "*/*", "br").unwrap();
    assert_eq!(mark.headers()[header::CACHE_CONTROL], "no-cache");
}

#[test]
fn every_address_of_the_console_is_the_page() {
    let mut nonces = Vec::new();
    for path in ["/", "/projects/default/test/flags", "/index.html", "/apiary"] {
        let answer = ask(path, "text/html,application/xhtml+xml", "br").unwrap();
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache");
        let body = String::from_utf8(answer.body().to_vec()).unwrap();
        let nonce = body.split('"').nth(3).unwrap().to_owned();
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(policy.contains(&format!("'nonce-{nonce}'")) && nonce.len() == 32, "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        nonces.push(nonce);
    }
    nonces.dedup();
    assert_eq!(nonces.len(), 4);
}

#[test]
fn what_is_not_the_consoles_is_left_alone() {
    for path in ["/api/v2/nothing", "/internal/nothing", "/sdk/x", "/api", "/scim/v2/x", "/assets/gone-1.js"] {
        assert!(ask(path, "text/html", "").is_none(), "{path}");
    }
    assert!(ask("/projects/default", "application/json", "").is_none(), "programs get no page");
    assert!(serve(&files(), &Method::POST, "/", &HeaderMap::new()).is_none());
}

#[test]
fn without_a_built_console_a_page_says_how() {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    let answer = serve(&Files::default(), &Method::GET, "/", &headers).unwrap();
    let body = String::from_utf8(answer.body().to_vec()).unwrap();
    assert!(body.contains("make run") && body.contains("npm run build"), "{body}");
}
