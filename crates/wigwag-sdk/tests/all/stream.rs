//! `/all` and `/flags`.

use std::time::Duration;

use wigwag_model::doc::Kind;

use crate::client::{Connection, get, send};
use crate::server::{KEY, Options, Server, config, delete, environment, flag, segment};

#[tokio::test]
async fn the_head_says_what_sdks_look_for() {
    let server = Server::start().await;
    let (_stream, status, headers) = Connection::stream(server.address, "/all").await;
    assert_eq!(status, 200);
    let header = |name: &str| headers.get(name).map(String::as_str);
    assert_eq!(header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(header("cache-control"), Some("no-cache, no-store, must-revalidate"));
    assert_eq!(header("x-accel-buffering"), Some("no"));
    assert_eq!(header("x-ld-envid"), Some("0123456789abcdef01234567"));
    assert!(header("date").is_some());
    assert_eq!(header("content-encoding"), None);
    assert_eq!(header("content-length"), None);
}

#[tokio::test]
async fn everything_arrives_first_and_then_each_change() {
    let server = Server::start().await;
    let (mut stream, ..) = Connection::stream(server.address, "/all").await;
    let put = stream.event().await.unwrap();
    let (name, data) = put.split_once('\n').unwrap();
    assert_eq!(name, "event: put");
    let data: serde_json::Value = serde_json::from_str(data.trim_end().strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(data["path"], "/");
    assert_eq!(data["data"]["flags"]["f"]["version"], 1);
    assert_eq!(data["data"]["segments"]["s"]["included"], serde_json::json!(["0"]));

    server.commit(vec![config("f")]).await;
    let patch = stream.event().await.unwrap();
    assert!(
        patch.starts_with("event: patch\ndata: {\"path\":\"/flags/f\",\"data\":{\"key\":\"f\",\"version\":2,"),
        "{patch}"
    );

    server.commit(vec![delete(Kind::Segment, "e", "s")]).await;
    assert_eq!(stream.event().await.unwrap(), "event: delete\ndata: {\"path\":\"/segments/s\",\"version\":2}\n\n");
}

#[tokio::test]
async fn the_legacy_stream_has_no_segments() {
    let server = Server::start().await;
    let (mut stream, status, _) = Connection::stream(server.address, "/flags").await;
    assert_eq!(status, 200);
    assert!(stream.event().await.unwrap().starts_with("event: put\ndata: {\"f\":{\"key\":\"f\","));
    server.commit(vec![segment("s", 2)]).await;
    server.commit(vec![config("f")]).await;
    assert!(stream.event().await.unwrap().starts_with("event: patch\ndata: {\"path\":\"/f\",\"data\":{"));
}

#[tokio::test]
async fn streams_are_never_compressed() {
    let server = Server::with(Options::default(), flag("f", 50_000)).await;
    let mut stream = Connection::open(server.address).await;
    stream.request("GET", "/all", &[("authorization", KEY), ("accept-encoding", "gzip")], b"").await;
    let (_, headers) = stream.head().await;
    assert!(!headers.contains_key("content-encoding"));
    assert!(stream.event().await.unwrap().starts_with("event: put\n"));
}

#[tokio::test]
async fn keys_are_checked() {
    let server = Server::start().await;
    for path in ["/all", "/flags", "/sdk/latest-all", "/sdk/flags/f", "/sdk/segments/s"] {
        for headers in
            [&[][..], &[("authorization", "sdk-wrong")], &[("authorization", "")], &[("authorization", "mob-1")]]
        {
            let reply = send(server.address, "GET", path, headers, b"").await;
            assert_eq!(reply.status, 401, "{path} {headers:?}");
            assert_eq!(reply.json()["code"], "unauthorized");
            assert!(reply.json()["message"].is_string());
        }
    }
    for key in [format!("api_key {KEY}"), format!("Api_Key   {KEY} "), format!("  {KEY}")] {
        let reply = send(server.address, "GET", "/sdk/latest-all", &[("authorization", &key)], b"").await;
        assert_eq!(reply.status, 200, "{key:?}");
    }
}

#[tokio::test]
async fn filters_do_not_exist_here() {
    let server = Server::start().await;
    for path in ["/all", "/flags", "/sdk/latest-all"] {
        assert_eq!(get(server.address, &format!("{path}?filter=beta"), &[]).await.status, 404);
        let reply = send(server.address, "GET", &format!("{path}?filter=beta"), &[], b"").await;
        assert_eq!(reply.status, 401, "the key comes first");
    }
    assert_eq!(get(server.address, "/sdk/latest-all?filter=", &[]).await.status, 200);
}

#[tokio::test]
async fn other_methods_are_refused() {
    let server = Server::start().await;
    for (method, path) in
        [("POST", "/all"), ("REPORT", "/flags"), ("DELETE", "/sdk/flags/f"), ("GET", "/bulk"), ("PUT", "/diagnostic")]
    {
        let reply = send(server.address, method, path, &[("authorization", KEY)], b"").await;
        assert_eq!(reply.status, 405, "{method} {path}");
        assert!(reply.header("allow").is_some());
    }
}

#[tokio::test]
async fn before_anything_is_loaded_everybody_is_asked_to_come_back() {
    let server = Server::with(Options { feed: false, ..Options::default() }, vec![]).await;
    for path in ["/all", "/flags", "/sdk/latest-all", "/sdk/flags/f"] {
        let reply = get(server.address, path, &[]).await;
        assert_eq!(reply.status, 503, "{path}");
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    assert_eq!(send(server.address, "POST", "/bulk", &[("authorization", KEY)], b"[]").await.status, 503);
}

#[tokio::test]
async fn an_idle_stream_hears_comments() {
    let options = Options { heartbeat: Duration::from_millis(50), ..Options::default() };
    let server = Server::with(options, vec![]).await;
    let (mut stream, ..) = Connection::stream(server.address, "/all").await;
    let mut beats = 0;
    while beats < 3 {
        let event = stream.event().await.unwrap();
        beats += usize::from(event == ":\n\n");
        assert!(event == ":\n\n" || event.starts_with("event: put\n"));
    }
}

#[tokio::test]
async fn a_key_taken_away_ends_its_streams_and_opens_no_more() {
    let server = Server::start().await;
    let (mut stream, ..) = Connection::stream(server.address, "/all").await;
    stream.event().await.unwrap();
    server.log.commit(vec![environment(0, "sdk-new")]);
    assert_eq!(stream.event().await, None);
    assert!(stream.ended, "the body must end properly");
    assert_eq!(get(server.address, "/all", &[]).await.status, 401);
}

#[tokio::test]
async fn paths_may_have_stray_slashes_and_a_base() {
    let mut options = Options::default();
    options.serve.base_path = "/wigwag".into();
    let server = Server::with(options, flag("f", 0)).await;
    for path in
        ["/sdk/latest-all", "//sdk/latest-all", "/sdk/latest-all/", "/wigwag/sdk/latest-all", "/wigwag//sdk/flags/f/"]
    {
        assert_eq!(get(server.address, path, &[]).await.status, 200, "{path}");
    }
    let (mut stream, status, _) = Connection::stream(server.address, "//all/").await;
    assert_eq!(status, 200);
    assert!(stream.event().await.is_some());
}
