//! Events of browsers and phones.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::{BoxFuture, FutureExt as _};
use wigwag_sdk::{EventBatch, EventSink, Taken};

use crate::client::send;
use crate::evaluation::{ID, MOBILE};
use crate::server::{KEY, Options, Server};

const BATCH: &str = r#"[{"kind":"identify","context":{"kind":"user","key":"ada"}}]"#;

/// Keeps batches, or has no room.
#[derive(Default)]
struct Kept {
    batches: Mutex<Vec<EventBatch>>,
    full: bool,
}

impl EventSink for Kept {
    fn take(&self, batch: EventBatch) -> BoxFuture<'_, Taken> {
        let taken = if self.full { Taken::Full } else { Taken::Yes };
        if taken == Taken::Yes {
            self.batches.lock().unwrap().push(batch);
        }
        async move { taken }.boxed()
    }
}

async fn server(sink: &Arc<Kept>) -> Server {
    Server::with(Options { sink: Arc::<Kept>::clone(sink), ..Options::default() }, vec![]).await
}

/// Every path that takes events, with its credential.
fn paths() -> Vec<(String, &'static [(&'static str, &'static str)])> {
    let mobile: &[_] = &[("authorization", MOBILE)];
    let of = |path: &str| (path.to_owned(), mobile);
    let mut paths = vec![(format!("/events/bulk/{ID}"), &[][..]), (format!("/events/diagnostic/{ID}"), &[])];
    paths.extend(["/mobile", "/mobile/events", "/mobile/events/bulk", "/mobile/events/diagnostic"].map(of));
    paths
}

#[tokio::test]
async fn every_path_hands_events_on() {
    let sink = Arc::new(Kept::default());
    let server = server(&sink).await;
    for (path, credential) in paths() {
        let headers = [
            credential,
            &[
                ("content-type", "application/json"),
                ("x-launchdarkly-event-schema", "4"),
                ("x-launchdarkly-payload-id", "p-1"),
                ("x-launchdarkly-user-agent", "JSClient/4.10.3"),
                ("origin", "https://shop.example"),
            ],
        ]
        .concat();
        let reply = send(server.address, "POST", &path, &headers, BATCH.as_bytes()).await;
        assert_eq!((reply.status, reply.body.len()), (202, 0), "{path}");
        assert!(reply.header("date").is_some());
        assert_eq!(reply.header("access-control-allow-origin"), Some("https://shop.example"));
        assert!(reply.header("access-control-expose-headers").unwrap().contains("Date"));
        let batch = sink.batches.lock().unwrap().pop().expect("nothing was handed on");
        assert_eq!((&*batch.env, &batch.body[..]), (ID, BATCH.as_bytes()), "{path}");
        assert_eq!(
            (batch.payload_id.as_deref(), batch.schema, &*batch.application),
            (Some("p-1"), 4, "JSClient/4.10.3")
        );
        // One object, as diagnostics are.
        let reply = send(server.address, "POST", &path, credential, br#"{"kind":"diagnostic-init"}"#).await;
        assert_eq!(reply.status, 202, "{path}");
    }
    assert!(server.metrics().contains("wigwag_sdk_events_total{kind=\"identify\"} 6"), "{}", server.metrics());
}

#[tokio::test]
async fn events_are_refused_as_each_family_expects() {
    let sink = Arc::new(Kept::default());
    let server = server(&sink).await;
    for (path, credential) in paths() {
        let status = async |path: &str, headers: &[(&str, &str)], body: &str| {
            send(server.address, "POST", path, headers, body.as_bytes()).await.status
        };
        if credential.is_empty() {
            assert_eq!(status(&path.replace(ID, "unknown"), &[("authorization", KEY)], BATCH).await, 404, "{path}");
        } else {
            assert_eq!(status(&path, &[], BATCH).await, 401, "{path}");
            assert_eq!(status(&path, &[("authorization", KEY)], BATCH).await, 401, "{path}");
        }
        assert_eq!(status(&path, credential, "").await, 400, "{path}");
        assert_eq!(status(&path, credential, "[{").await, 400, "{path}");
        assert_eq!(send(server.address, "GET", &path, credential, b"").await.status, 405, "{path}");
    }
    assert!(sink.batches.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_picture_can_carry_events() {
    let sink = Arc::new(Kept::default());
    let server = server(&sink).await;
    let encoded = BASE64_STANDARD.encode(BATCH).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let get = async |path: String| send(server.address, "GET", &path, &[], b"").await;
    let reply = get(format!("/a/{ID}.gif?d={encoded}")).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("image/gif")));
    assert!(reply.body.starts_with(b"GIF89a") && reply.body.ends_with(b";"));
    assert_eq!(&sink.batches.lock().unwrap()[0].body[..], BATCH.as_bytes());
    for (path, status) in [
        (format!("/a/unknown.gif?d={encoded}"), 404),
        (format!("/a/{ID}.gif"), 400),
        (format!("/a/{ID}.gif?d=!!"), 400),
        (format!("/a/{ID}.gif?d={}", BASE64_STANDARD.encode("[{")), 400),
    ] {
        assert_eq!(get(path.clone()).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn when_there_is_no_room_clients_are_asked_to_come_back() {
    let sink = Arc::new(Kept { full: true, ..Kept::default() });
    let server = server(&sink).await;
    for (path, credential) in paths() {
        let reply = send(server.address, "POST", &path, credential, BATCH.as_bytes()).await;
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{path}");
    }
}
