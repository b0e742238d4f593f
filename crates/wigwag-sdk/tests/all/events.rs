//! `/bulk` and `/diagnostic`.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use wigwag_sdk::{EventBatch, EventSink, SdkConfig, Taken};

use crate::client::{Connection, Reply, send};
use crate::server::{BOUND, KEY, Options, Server, config, flag};

async fn post(server: &Server, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut all = vec![("authorization", KEY), ("content-type", "application/json")];
    all.extend_from_slice(headers);
    send(server.address, "POST", path, &all, body).await
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn batches_are_accepted_and_counted() {
    let server = Server::start().await;
    let batch = br#"[{"kind":"feature","key":"f"},{"kind":"summary"},{"kind":"summary"},{"kind":"mine"},7]"#;
    let reply = post(&server, "/bulk", &[("x-launchdarkly-event-schema", "4")], batch).await;
    assert_eq!(reply.status, 202);
    assert!(reply.body.is_empty());
    assert!(reply.header("date").is_some());
    assert_eq!(post(&server, "/diagnostic", &[], br#"{"kind":"diagnostic-init"}"#).await.status, 202);
    // One object at the wrong place, and an empty batch.
    assert_eq!(post(&server, "/bulk", &[], br#"{"kind":"diagnostic"}"#).await.status, 202);
    assert_eq!(post(&server, "/bulk", &[], b"[]").await.status, 202);
    let metrics = server.metrics();
    for line in [
        "wigwag_sdk_events_total{kind=\"feature\"} 1",
        "wigwag_sdk_events_total{kind=\"summary\"} 2",
        "wigwag_sdk_events_total{kind=\"other\"} 1",
        "wigwag_sdk_events_total{kind=\"invalid\"} 1",
        "wigwag_sdk_events_total{kind=\"diagnostic\"} 1",
        "wigwag_sdk_events_total{kind=\"diagnostic-init\"} 1",
        "wigwag_sdk_event_batches_refused_total 0",
        "wigwag_sdk_requests_total{route=\"/bulk\",status=\"202\"} 3",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn compressed_batches_are_read() {
    let server = Server::start().await;
    let body = gzip(br#"[{"kind":"identify"}]"#);
    assert_eq!(post(&server, "/bulk", &[("content-encoding", "gzip")], &body).await.status, 202);
    assert!(server.metrics().contains("wigwag_sdk_events_total{kind=\"identify\"} 1"));
    assert_eq!(post(&server, "/bulk", &[("content-encoding", "gzip")], &body[..10]).await.status, 400);
    assert_eq!(post(&server, "/bulk", &[("content-encoding", "gzip")], b"[]").await.status, 400);
    assert_eq!(post(&server, "/bulk", &[("content-encoding", "br")], &body).await.status, 415);
}

#[tokio::test]
async fn what_is_not_events_is_refused() {
    let server = Server::start().await;
    for body in [&b""[..], b"  ", b"{", b"[{}", b"3", b"null", b"\"a\"", b"[]]", b"\xff", b"<xml/>"] {
        for path in ["/bulk", "/diagnostic"] {
            let reply = post(&server, path, &[], body).await;
            assert_eq!(reply.status, 400, "{body:?}");
            assert_eq!(reply.json()["code"], "invalid_request");
        }
    }
    assert!(server.metrics().contains("wigwag_sdk_event_batches_refused_total 20"));
    assert_eq!(send(server.address, "POST", "/bulk", &[("authorization", "sdk-wrong")], b"[]").await.status, 401);
}

#[tokio::test]
async fn bodies_are_bounded_before_and_after_decompression() {
    let sdk = SdkConfig { events_max_bytes: 10_000, ..SdkConfig::default() };
    let server = Server::with(Options { sdk, ..Options::default() }, vec![]).await;
    let fits = format!("[{{\"kind\":\"custom\",\"data\":\"{}\"}}]", "x".repeat(9_900));
    let large = format!("[{{\"kind\":\"custom\",\"data\":\"{}\"}}]", "x".repeat(10_000));
    let bomb = gzip(&vec![b' '; 50_000_000]);
    assert_eq!(post(&server, "/bulk", &[], fits.as_bytes()).await.status, 202);
    assert_eq!(post(&server, "/bulk", &[], large.as_bytes()).await.status, 413);
    assert_eq!(post(&server, "/bulk", &[("content-encoding", "gzip")], &gzip(fits.as_bytes())).await.status, 202);
    assert_eq!(post(&server, "/bulk", &[("content-encoding", "gzip")], &gzip(large.as_bytes())).await.status, 413);
    assert_eq!(post(&server, "/bulk", &[("content-encoding", "gzip")], &bomb).await.status, 413);
    // Without a length announced.
    let chunked = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let reply = post(&server, "/bulk", &[("transfer-encoding", "chunked")], chunked.as_bytes()).await;
    assert_eq!(reply.status, 413);
}

#[tokio::test]
async fn senders_may_ask_before_they_send() {
    let server = Server::start().await;
    let mut sender = Connection::open(server.address).await;
    let headers = [("authorization", KEY), ("expect", "100-continue"), ("content-length", "2")];
    sender.request("POST", "/bulk", &headers, b"").await;
    assert_eq!(sender.head().await.0, 100);
    tokio::io::AsyncWriteExt::write_all(&mut sender.stream, b"[]").await.unwrap();
    assert_eq!(sender.head().await.0, 202);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let sdk = SdkConfig { events_timeout: Duration::from_millis(50), ..SdkConfig::default() };
    let server = Server::with(Options { sdk, ..Options::default() }, vec![]).await;
    let mut sender = Connection::open(server.address).await;
    sender.request("POST", "/bulk", &[("authorization", KEY), ("content-length", "100")], b"").await;
    let head = tokio::time::timeout(BOUND, sender.head()).await.unwrap();
    assert_eq!(head.0, 408);
}

/// Keeps everybody waiting, or has room for nothing.
struct Busy(Taken);

impl EventSink for Busy {
    fn take(&self, _: EventBatch) -> BoxFuture<'_, Taken> {
        match self.0 {
            Taken::Yes => futures_util::future::pending().boxed(),
            Taken::Full => async { Taken::Full }.boxed(),
        }
    }
}

/// Whatever becomes of events, flags are served.
async fn flags_are_served(server: &Server) {
    let (mut stream, ..) = Connection::stream(server.address, "/all").await;
    assert!(stream.event().await.unwrap().starts_with("event: put"));
    server.commit(vec![config("f")]).await;
    assert!(stream.event().await.unwrap().starts_with("event: patch"));
    assert_eq!(send(server.address, "GET", "/sdk/latest-all", &[("authorization", KEY)], b"").await.status, 200);
}

#[tokio::test]
async fn a_sink_without_room_refuses_events_and_nothing_else() {
    let sink = Arc::new(Busy(Taken::Full));
    let server = Server::with(Options { sink, ..Options::default() }, flag("f", 0)).await;
    let reply = post(&server, "/bulk", &[], br#"[{"kind":"custom"}]"#).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
    flags_are_served(&server).await;
}

/// All bodies together have a bound, too: what they hold is counted from the first byte until the sink has them.
#[tokio::test]
async fn many_bodies_at_once_are_refused_before_they_fill_the_memory() {
    let sdk = SdkConfig { events_room: 100_000, ..SdkConfig::default() };
    let sink = Arc::new(Busy(Taken::Yes));
    let server = Server::with(Options { sink, sdk, ..Options::default() }, flag("f", 0)).await;
    let body = format!("[{{\"kind\":\"custom\",\"data\":\"{}\"}}]", "x".repeat(40_000));
    let length = body.len().to_string();
    let headers = [("authorization", KEY), ("content-length", length.as_str())];
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut sender = Connection::open(server.address).await;
        sender.request("POST", "/bulk", &headers, body.as_bytes()).await;
        waiting.push(sender);
    }
    // The third meets what the first two hold, once they are there.
    let refused = async {
        loop {
            let mut third = Connection::open(server.address).await;
            third.request("POST", "/bulk", &headers, body.as_bytes()).await;
            match tokio::time::timeout(Duration::from_millis(200), third.head()).await {
                Ok((status, _)) => return status,
                // It came before one of them, and now waits in its place.
                Err(_) => waiting.push(third),
            }
        }
    };
    assert_eq!(tokio::time::timeout(BOUND, refused).await.unwrap(), 503);
    // A bomb is unpacked as far as there is room, and then refused for that.
    let bomb = gzip(&vec![b' '; 5_000_000]);
    assert_eq!(post(&server, "/bulk", &[("content-encoding", "gzip")], &bomb).await.status, 503);
    flags_are_served(&server).await;
    // Whoever leaves gives the room back.
    drop(waiting);
    let again = async {
        // Malformed, so that it is answered once there is room to read it.
        while post(&server, "/bulk", &[], &body.as_bytes()[1..]).await.status != 400 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, again).await.expect("the room never came back");
}
