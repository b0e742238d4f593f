//! A disk that is full: changes are refused, everything else goes on, and all is well once there is room.

use rustix::process::{Resource, Rlimit, Signal};
use serde_json::json;

use crate::process::{Process, output};

/// Bytes that a file may have: the write-ahead log is the first to meet it.
const ROOM: u64 = 3 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_refused_while_there_is_no_room() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let server = Process::start_with_room(ROOM, &["--data-dir", data]);
    let client = server.client(&server.told("access token"));
    let sdk_key = server.told("SDK key");
    let mut stream = client.stream("/all", &sdk_key).await;
    assert_eq!(stream.next().await.name, "put");
    let text = "d".repeat(20_000);
    let mut made = 0;
    let refused = loop {
        let body = json!({"key": format!("f{made}"), "name": "f", "description": text});
        let answer = client.post("/api/v2/flags/default", &body).await;
        if answer.status != 201 {
            break answer;
        }
        assert_eq!(stream.next().await.data["path"], format!("/flags/f{made}"));
        made += 1;
        assert!(made < 500, "there is always room");
    };
    assert!(made > 5, "{}", refused.text);
    let refused = refused.expect(503);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(refused.json()["code"], "service_unavailable");

    // What is there is served.
    client.get("/api/v2/flags/default/f0").await.expect(200);
    assert_eq!(client.get("/api/v2/flags/default?limit=5").await.expect(200).json()["totalCount"], made);
    let polled = server.client(&sdk_key).get("/sdk/latest-all").await.expect(200).json();
    assert_eq!(polled["flags"].as_object().unwrap().len(), made);
    client.get("/health/ready").await.expect(200);

    server.limit(Resource::Fsize, Rlimit { current: None, maximum: None });
    let body = json!({"key": "after", "name": "after"});
    client.post("/api/v2/flags/default", &body).await.expect(201);
    assert_eq!(stream.next().await.data["path"], "/flags/after", "the stream was open all along");
    drop(stream);
    server.signal(Signal::TERM);
    assert_eq!(server.end().0, Some(0));
    let verified = output(&["audit", "verify", "--data-dir", data], &[]);
    assert!(String::from_utf8(verified.stdout).unwrap().starts_with("intact"), "nothing half done");
    let server = Process::start(&["--data-dir", data], &[]);
    let polled = server.client(&sdk_key).get("/sdk/latest-all").await.expect(200).json();
    assert_eq!(polled["flags"].as_object().unwrap().len(), made + 1, "what was acknowledged is there, no more");
}
