//! Polling endpoints.

use std::io::Read as _;

use crate::client::get;
use crate::server::{Options, Server, config, flag, segment};

/// What a cache is told without a time to live: PHP's may keep answers, the others need not.
fn revalidated(path: &str) -> &'static str {
    if path.contains("latest") { "no-cache" } else { "no-cache, must-revalidate" }
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

#[tokio::test]
async fn each_path_has_its_shape() {
    let server = Server::start().await;
    let body = async |path: &str| {
        let reply = get(server.address, path, &[]).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.header("x-ld-envid"), Some("0123456789abcdef01234567"));
        assert_eq!(reply.header("cache-control"), Some(revalidated(path)), "{path}");
        assert!(reply.header("etag").is_some());
        assert!(reply.header("date").is_some());
        assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
        reply.json()
    };
    let (f, s) = (body("/sdk/flags/f").await, body("/sdk/segments/s").await);
    assert_eq!(f["key"], "f");
    assert_eq!(s["key"], "s");
    assert_eq!(body("/sdk/latest-flags/f").await, f);
    assert_eq!(body("/sdk/latest-segments/s").await, s);
    assert_eq!(body("/sdk/flags").await, serde_json::json!({ "f": f }));
    assert_eq!(body("/sdk/latest-flags").await, serde_json::json!({ "f": f }));
    assert_eq!(body("/sdk/segments").await, serde_json::json!({ "s": s }));
    assert_eq!(body("/sdk/latest-all").await, serde_json::json!({ "flags": { "f": f }, "segments": { "s": s } }));
}

#[tokio::test]
async fn unknown_items_are_not_found() {
    let server = Server::start().await;
    for path in ["/sdk/flags/nope", "/sdk/segments/f", "/sdk/latest-flags/s", "/sdk/latest-segments/%00"] {
        let reply = get(server.address, path, &[]).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.json()["code"], "not_found");
        assert_eq!(reply.header("x-ld-envid"), Some("0123456789abcdef01234567"));
    }
}

#[tokio::test]
async fn keys_are_decoded_once() {
    let server = Server::with(Options::default(), flag("a.b_c-D", 0)).await;
    assert_eq!(get(server.address, "/sdk/flags/a%2Eb_c-D", &[]).await.status, 200);
    assert_eq!(get(server.address, "/sdk/flags/a%252Eb_c-D", &[]).await.status, 404);
    assert_eq!(get(server.address, "/sdk/flags/%ff", &[]).await.status, 400);
}

#[tokio::test]
async fn a_known_tag_gets_304_until_something_changes() {
    let server = Server::start().await;
    let paths =
        ["/sdk/latest-all", "/sdk/flags", "/sdk/segments", "/sdk/flags/f", "/sdk/latest-flags", "/sdk/segments/s"];
    let tag = async |path: &str| get(server.address, path, &[]).await.header("etag").unwrap().to_owned();
    let mut before = Vec::new();
    for path in paths {
        let tag = tag(path).await;
        let bare = tag.trim_start_matches("W/").trim_matches('"').to_owned();
        for sent in [tag.clone(), format!("\"{bare}\""), bare.clone(), "*".into(), format!("\"x\", {tag}")] {
            let reply = get(server.address, path, &[("if-none-match", &sent)]).await;
            assert_eq!(reply.status, 304, "{path} {sent}");
            assert!(reply.body.is_empty());
            assert_eq!(reply.header("etag"), Some(tag.as_str()));
            assert_eq!(reply.header("cache-control"), Some(revalidated(path)), "{path}");
        }
        assert_eq!(get(server.address, path, &[("if-none-match", "\"x\"")]).await.status, 200);
        before.push(tag);
    }
    server.commit(vec![segment("s", 2)]).await;
    let changed = ["/sdk/latest-all", "/sdk/segments", "/sdk/segments/s"];
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(tag(path).await != *before, changed.contains(path), "{path} after a change of the segment");
    }
    server.commit(vec![config("f")]).await;
    for (path, before) in paths.iter().zip(&before) {
        assert_ne!(tag(path).await, *before, "{path} after both changed");
    }
}

#[tokio::test]
async fn long_bodies_are_compressed_for_those_who_ask() {
    let server = Server::with(Options::default(), flag("f", 5_000)).await;
    for path in ["/sdk/latest-all", "/sdk/flags", "/sdk/flags/f"] {
        let plain = get(server.address, path, &[]).await;
        assert_eq!(plain.header("content-encoding"), None);
        for accept in ["gzip", "deflate, gzip;q=0.5", "*"] {
            let reply = get(server.address, path, &[("accept-encoding", accept)]).await;
            assert_eq!(reply.header("content-encoding"), Some("gzip"), "{path} {accept}");
            assert!(reply.header("vary").unwrap().contains("Accept-Encoding"));
            assert!(reply.body.len() < plain.body.len() / 4);
            assert_eq!(gunzip(&reply.body), plain.body);
            assert_eq!(reply.header("etag"), plain.header("etag"));
        }
        for accept in ["identity", "gzip;q=0", "br"] {
            let reply = get(server.address, path, &[("accept-encoding", accept)]).await;
            assert_eq!(reply.header("content-encoding"), None, "{path} {accept}");
            assert_eq!(reply.body, plain.body);
        }
    }
    // Not worth it.
    assert_eq!(
        get(server.address, "/sdk/segments/s", &[("accept-encoding", "gzip")]).await.header("content-encoding"),
        None
    );
}

#[tokio::test]
async fn only_php_may_cache_and_only_for_the_time_to_live() {
    let server = Server::with(Options { ttl: 5, ..Options::default() }, flag("f", 0)).await;
    for path in ["/sdk/flags", "/sdk/flags/f", "/sdk/segments/s"] {
        let reply = get(server.address, path, &[]).await;
        // Five minutes after the frozen clock.
        assert_eq!(reply.header("expires"), Some("Tue, 14 Nov 2023 22:18:20 GMT"), "{path}");
        // Without it PHP's cache, a shared one, keeps no answer to a request with a key.
        assert_eq!(reply.header("cache-control"), Some("must-revalidate"));
        assert!(reply.header("vary").unwrap().contains("Authorization"));
    }
    let reply = get(server.address, "/sdk/latest-all", &[]).await;
    assert_eq!(reply.header("expires"), None);
    assert_eq!(reply.header("cache-control"), Some("no-cache"));
}
