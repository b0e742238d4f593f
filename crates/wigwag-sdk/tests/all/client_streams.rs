//! Streams of browsers and phones.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wigwag_live::Live;
use wigwag_model::doc::Kind;

use crate::client::{Connection, send};
use crate::evaluation::{ID, MOBILE, config_with, flag_doc};
use crate::server::{KEY, Options, Server, put, segment};

const MEMBER: &str = r#"{"kind":"user","key":"0"}"#;
const STRANGER: &str = r#"{"kind":"user","key":"nobody"}"#;

/// Flag `f` serves variation 2 to the members of segment `s`, which are `0`.
async fn server(options: Options) -> Server {
    let clause = json!({ "id": "c", "attribute": "", "op": "segmentMatch", "values": ["s"] });
    let rules = json!([{ "id": "r1", "clauses": [clause], "serve": { "variation": 2 } }]);
    Server::with(options, vec![flag_doc("f", true, true), config_with("f", json!({ "rules": rules }))]).await
}

struct Client(Connection);

impl Client {
    async fn open(server: &Server, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut connection = Connection::open(server.address).await;
        connection.request(method, path, headers, body.as_bytes()).await;
        let (status, headers) = connection.head().await;
        assert_eq!(status, 200, "{method} {path}");
        let header = |name: &str| headers.get(name).map(String::as_str);
        assert_eq!(header("content-type"), Some("text/event-stream; charset=utf-8"));
        assert_eq!(header("x-ld-envid"), Some(ID));
        assert_eq!(header("access-control-allow-origin"), Some("*"));
        assert!(header("date").is_some());
        Self(connection)
    }

    /// The next event and its data.
    async fn next(&mut self) -> (String, Value) {
        let event = self.0.event().await.expect("the stream ended");
        let (name, data) = event.trim_end().split_once("\ndata: ").unwrap_or_else(|| panic!("{event:?}"));
        (name.strip_prefix("event: ").unwrap().to_owned(), serde_json::from_str(data).unwrap())
    }
}

fn b64(context: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(context)
}

/// Method, path, headers, body.
type Way = (&'static str, String, &'static [(&'static str, &'static str)], String);

/// Every way to open a stream of results.
fn ways(context: &str) -> [Way; 4] {
    let mobile: &[_] = &[("authorization", MOBILE)];
    [
        ("GET", format!("/eval/{ID}/{}", b64(context)), &[], String::new()),
        ("REPORT", format!("/eval/{ID}"), &[], context.to_owned()),
        ("GET", format!("/meval/{}", b64(context)), mobile, String::new()),
        ("REPORT", "/meval".to_owned(), mobile, context.to_owned()),
    ]
}

#[tokio::test]
async fn every_way_gets_all_results_and_then_each_that_changes() {
    let server = server(Options::default()).await;
    let mut clients = Vec::new();
    for (method, path, headers, body) in ways(MEMBER) {
        let path = format!("{path}?withReasons=true");
        let mut client = Client::open(&server, method, &path, headers, &body).await;
        let reason = json!({ "kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "r1" });
        let result = json!({ "value": 2, "variation": 2, "version": 3, "flagVersion": 1, "reason": reason });
        assert_eq!(client.next().await, ("put".to_owned(), json!({ "f": result })));
        clients.push(client);
    }
    assert_eq!(server.live.stream_count(), 4);
    // Through the segment.
    server.commit(vec![segment("s", 0)]).await;
    for client in &mut clients {
        let reason = json!({ "kind": "FALLTHROUGH" });
        let result = json!({
            "value": { "n": 1 }, "variation": 1, "version": 4, "flagVersion": 1, "reason": reason, "key": "f",
        });
        assert_eq!(client.next().await, ("patch".to_owned(), result));
    }
    server.commit(vec![crate::server::delete(Kind::FlagConfig, "e", "f")]).await;
    for client in &mut clients {
        assert_eq!(client.next().await, ("delete".to_owned(), json!({ "key": "f", "version": 5 })));
    }
}

#[tokio::test]
async fn only_those_whose_result_differs_are_written_to() {
    let server = server(Options::default()).await;
    let [way, ..] = ways(MEMBER);
    let mut member = Client::open(&server, way.0, &way.1, way.2, &way.3).await;
    let [way, ..] = ways(STRANGER);
    let mut stranger = Client::open(&server, way.0, &way.1, way.2, &way.3).await;
    member.next().await;
    stranger.next().await;
    server.commit(vec![segment("s", 0)]).await;
    assert_eq!(member.next().await.1["version"], 4);
    server.commit(vec![config_with("f", json!({ "on": false }))]).await;
    assert_eq!(member.next().await.1["version"], 5);
    // Had the first change been written to it, that would come first.
    assert_eq!(stranger.next().await.1["version"], 5);
}

#[tokio::test]
async fn ping_streams_say_that_there_is_something_to_poll() {
    let server = server(Options::default()).await;
    let mobile: &[_] = &[("authorization", MOBILE)];
    for (path, headers) in [(format!("/ping/{ID}"), &[][..]), ("/mping".to_owned(), mobile)] {
        let mut stream = Connection::open(server.address).await;
        stream.request("GET", &path, headers, b"").await;
        assert_eq!(stream.head().await.0, 200);
        assert_eq!(stream.event().await.unwrap(), "event: ping\ndata:  \n\n");
        // Something that no flag asks about, and something that one does.
        server.commit(vec![segment("other", 1)]).await;
        server.commit(vec![segment("s", 0)]).await;
        assert_eq!(stream.event().await.unwrap(), "event: ping\ndata:  \n\n");
    }
    for (path, headers, status) in
        [("/ping/unknown", &[][..], 404), ("/mping", &[], 401), ("/mping", &[("authorization", KEY)], 401)]
    {
        assert_eq!(send(server.address, "GET", path, headers, b"").await.status, status, "{path}");
    }
}

#[tokio::test]
async fn streams_are_refused_like_polls() {
    let server = server(Options::default()).await;
    for (method, path, headers, body) in ways(MEMBER) {
        let unknown = path.replace(ID, "unknown");
        let status = if headers.is_empty() { 404 } else { 401 };
        let reply = send(server.address, method, &unknown, &[], body.as_bytes()).await;
        assert_eq!(reply.status, status, "{method} {path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    }
    let long = format!(r#"{{"kind":"user","key":"{}"}}"#, "k".repeat(1 << 20));
    assert_eq!(send(server.address, "REPORT", &format!("/eval/{ID}"), &[], long.as_bytes()).await.status, 413);
    assert_eq!(send(server.address, "GET", &format!("/eval/{ID}"), &[], b"").await.status, 405);
    assert_eq!(
        send(server.address, "POST", "/meval", &[("authorization", MOBILE)], MEMBER.as_bytes()).await.status,
        405
    );
}

#[tokio::test]
async fn an_idle_stream_hears_comments() {
    let server = server(Options { heartbeat: Duration::from_millis(50), ..Options::default() }).await;
    let [(method, path, headers, body), ..] = ways(MEMBER);
    let mut client = Client::open(&server, method, &path, headers, &body).await;
    let mut beats = 0;
    while beats < 3 {
        let event = client.0.event().await.unwrap();
        beats += usize::from(event == ":\n\n");
        assert!(event == ":\n\n" || event.starts_with("event: put\n"));
    }
}

#[tokio::test]
async fn streams_end_with_their_credential_and_are_not_leaked() {
    let server = server(Options::default()).await;
    let mut clients = Vec::new();
    for (method, path, headers, body) in ways(MEMBER) {
        let mut client = Client::open(&server, method, &path, headers, &body).await;
        client.next().await;
        clients.push(client);
    }
    // The mobile key is replaced.
    let body = json!({
        "id": ID, "key": "e", "name": "e", "color": "000000", "sdkKeys": [{ "value": KEY }],
        "mobileKeys": [{ "value": "mob-new" }], "createdAt": 0,
    });
    server.log.commit(vec![put(Kind::Environment, "", "e", &body)]);
    let mut browsers = clients.drain(..2).collect::<Vec<_>>();
    for mut mobile in clients {
        assert_eq!(mobile.0.event().await, None);
        assert!(mobile.0.ended, "the body must end properly");
    }
    server.until(|live| live.stream_count() == 2).await;
    server.commit(vec![segment("s", 0)]).await;
    assert_eq!(browsers[0].next().await.0, "patch");
    drop(browsers);
    server.until(|live: &Live| live.stream_count() == 0).await;
}
