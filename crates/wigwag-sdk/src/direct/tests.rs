#![allow(clippy::unwrap_used, clippy::panic)]
use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use futures_util::future::FutureExt as _;
use http::Request;
use prometheus_client::registry::Registry;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};
use wigwag_live::{Feeder, FeederConfig, Live, MemoryLog, MemoryWrite};
use wigwag_model::clock::Clock;
use wigwag_model::doc::Kind;

use super::*;
use crate::config::{SdkConfig, ServeConfig};
use crate::router::SdkState;

const ID: &str = "0123456789abcdef01234567";
const POST: &str = "POST /bulk HTTP/1.1\r\nauthorization: sdk-1\r\ncontent-length: 2\r\n\r\n[]";

/// Whatever serves an environment, of which everything is known.
async fn shared(config: ServeConfig) -> Shared {
    let log = MemoryLog::default();
    let env = json!({
        "id": ID, "key": "e", "name": "e", "color": "000000", "sdkKeys": [{ "value": "sdk-1" }],
        "mobileKeys": [{ "value": "mob-1" }], "createdAt": 0,
    });
    let (kind, body) = (Kind::Environment, Some(env.to_string()));
    log.commit(vec![MemoryWrite { kind, project: "p".into(), env: "".into(), key: "e".into(), body }]);
    let live = Live::new(Clock::system());
    tokio::spawn(Feeder::new(log, live.clone(), FeederConfig::default()).run());
    live.reached(1).await;
    let state = SdkState::new(live, SdkConfig::default(), &mut Registry::default());
    Shared::new(Router::new(), state, config)
}

/// What a client sees that says `text` and then no more, and what is left for the library.
async fn said(config: ServeConfig, text: &str) -> (String, Option<String>) {
    let shared = shared(config).await;
    let (mut client, mut io) = duplex(1 << 20);
    client.write_all(text.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let left = match run(&shared, &mut io, pin!(pending().fuse())).await {
        Left::Nothing => None,
        Left::Request(read) => Some(String::from_utf8(read.to_vec()).unwrap()),
    };
    drop(io);
    (heard(client).await, left)
}

async fn heard(mut client: DuplexStream) -> String {
    let mut told = String::new();
    client.read_to_string(&mut told).await.unwrap();
    told
}

#[tokio::test]
async fn events_and_flags_are_answered_here_and_nothing_else_is() {
    let shared = shared(ServeConfig::default()).await;
    let here = |method: &str, target: &str, field: (&'static str, &str)| {
        let request = Request::builder().method(method).uri(target).header(field.0, field.1);
        shared.direct.answer(request.body(Bytes::new()).unwrap()).is_some()
    };
    let (sdk, mobile, none) = (("authorization", "sdk-1"), ("authorization", "mob-1"), ("x", "y"));
    assert!(here("POST", "/bulk", sdk) && here("GET", "/diagnostic", sdk) && here("POST", "/bulk", none));
    assert!(here("POST", "/mobile", mobile) && here("POST", &format!("/events/bulk/{ID}"), none));
    assert!(here("GET", &format!("/sdk/evalx/{ID}/contexts/e30"), none));
    assert!(here("OPTIONS", &format!("/sdk/evalx/{ID}/contexts/e30"), none));
    assert!(here("GET", "/msdk/evalx/contexts/e30?withReasons=true", mobile));
    assert!(here("GET", &format!("/sdk/goals/{ID}"), none));
    // Streams, and what is not text.
    assert!(!here("GET", "/meval/e30", mobile) && !here("GET", "/mping", mobile));
    assert!(!here("GET", &format!("/sdk/evalx/{ID}/contexts/%ff"), none));
    // Other servers may have made such keys just now.
    assert!(!here("POST", "/bulk", ("authorization", "sdk-2")));
    assert!(!here("GET", "/sdk/evalx/abcdef0123456789abcdef01/contexts/e30", none));
    for path in ["/", "/all", "/sdk/latest-all", "/api/v2/flags/default", "/sdk/poll/eval/e30", "/nothing", "/bulk/"] {
        assert!(!here("GET", path, sdk), "{path}");
    }
}

#[tokio::test]
async fn an_answer_is_told_with_its_length_and_the_date() {
    let (told, left) = said(ServeConfig::default(), POST).await;
    assert!(told.starts_with("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\ndate: "), "{told}");
    assert!(told.ends_with(" GMT\r\n\r\n") && left.is_none());
    let preflight = format!("OPTIONS /sdk/evalx/{ID}/contexts/e30 HTTP/1.1\r\n\r\n");
    let (told, _) = said(ServeConfig::default(), &preflight).await;
    assert!(told.starts_with("HTTP/1.1 204 No Content\r\n") && !told.contains("content-length"), "{told}");
}

#[tokio::test]
async fn the_library_gets_what_was_not_answered_whole() {
    let rest = "GET /all HTTP/1.1\r\n\r\nPOST";
    let (told, left) = said(ServeConfig::default(), &format!("{POST}{rest}")).await;
    assert_eq!((told.matches("HTTP/1.1 202").count(), left.as_deref()), (1, Some(rest)));
    // Where a proxy leaves a prefix on paths, what is below it is asked for.
    let based = || ServeConfig { base_path: "/bulk".to_owned(), ..ServeConfig::default() };
    assert_eq!(said(based(), POST).await, (String::new(), Some(POST.to_owned())));
    for (config, target) in [(based(), "/bulk/bulk"), (ServeConfig::default(), "//bulk/")] {
        let (told, left) = said(config, &POST.replace("/bulk", target)).await;
        assert!(told.starts_with("HTTP/1.1 202 ") && left.is_none(), "{target}: {told}");
    }
    // More than is kept here.
    let long = POST.replace("content-length: 2", "content-length: 20000");
    assert_eq!(said(ServeConfig::default(), &long).await, (String::new(), Some(long)));
}

#[tokio::test]
async fn a_request_that_has_begun_is_answered_when_the_server_stops() {
    let shared = shared(ServeConfig::default()).await;
    let (mut client, mut io) = duplex(1 << 20);
    let (begin, end) = POST.split_at(30);
    let (close, closed) = tokio::sync::oneshot::channel::<()>();
    {
        let closing = pin!(closed.map(drop).fuse());
        let mut running = pin!(run(&shared, &mut io, closing));
        let mut turn = async || poll_fn(|cx| Poll::Ready(running.as_mut().poll(cx).is_ready())).await;
        client.write_all(begin.as_bytes()).await.unwrap();
        assert!(!turn().await);
        close.send(()).unwrap();
        assert!(!turn().await);
        client.write_all(end.as_bytes()).await.unwrap();
        assert!(turn().await);
    }
    drop(io);
    let told = heard(client).await;
    assert!(told.starts_with("HTTP/1.1 202 ") && told.contains("\r\nconnection: close\r\n"), "{told}");
}

#[tokio::test]
async fn a_connection_between_requests_is_closed_when_the_server_stops() {
    let shared = shared(ServeConfig::default()).await;
    let (client, mut io) = duplex(1 << 10);
    let left = run(&shared, &mut io, pin!(ready(()).fuse())).await;
    assert!(matches!(left, Left::Nothing));
    drop(io);
    assert_eq!(heard(client).await, "");
}

#[tokio::test]
async fn a_request_that_does_not_arrive_is_left_to_the_library() {
    let shared = shared(ServeConfig { head_timeout: Duration::from_millis(1), ..ServeConfig::default() }).await;
    let (mut client, mut io) = duplex(1 << 10);
    client.write_all(&POST.as_bytes()[..40]).await.unwrap();
    let Left::Request(read) = run(&shared, &mut io, pin!(pending().fuse())).await else { panic!("it is over") };
    assert_eq!(read, POST[..40]);
}
