//! Health, metrics, the pages for people.

use serde_json::json;
use wigwag_testkit::{Engine, TestServer, flag};

#[tokio::test]
async fn a_started_server_is_live_and_ready() {
    let mut server = TestServer::start(Engine::Sqlite).await;
    assert_eq!(server.get("/health/live").await.expect(200).json()["status"], "live");
    assert_eq!(server.get("/health/ready").await.expect(200).json()["status"], "ready");
    let client = server.client().clone();
    server.stop().await;
    assert!(wigwag_testkit::Client::try_send(client.request("GET", "/health/live")).await.is_err());
}

/// Names in the answer and in docs/operate/metrics.md are the same.
#[tokio::test]
async fn every_metric_is_explained() {
    let server = TestServer::start(Engine::Sqlite).await;
    server.create_flag("default", flag("lamp")).await;
    let mut stream = server.all_stream("test").await;
    stream.next().await;
    let key = server.sdk_key("test").await;
    let event = json!([{"kind": "identify", "creationDate": 1, "context": {"kind": "user", "key": "u"}}]);
    server.with_token(&key).post("/bulk", &event).await.expect(202);
    // A series is there once it has counted something.
    server.with_token("sdk-unknown").get("/sdk/latest-all").await.expect(401);
    let text = server.get("/metrics").await.expect(200).text;
    let page = include_str!("../../../../docs/operate/metrics.md");
    let mut names = 0;
    for line in text.lines().filter_map(|l| l.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        let suffix = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        assert!(page.contains(&format!("| `{name}{suffix}` |")), "{name}{suffix} is not explained");
        names += 1;
    }
    assert_eq!(names, page.lines().filter(|l| l.starts_with("| `wigwag_") || l.starts_with("| `process_")).count());
    assert!(text.contains("wigwag_ready 1"), "{text}");
    assert!(text.contains("wigwag_sdk_streams 1"), "{text}");
    assert!(text.contains("wigwag_rest_requests_total{method=\"POST\",status=\"201\"} 1"), "{text}");
}

#[tokio::test]
async fn pages_for_people_need_nothing_from_elsewhere() {
    let server = TestServer::start(Engine::Sqlite).await;
    for path in ["/", "/docs/api"] {
        let page = server.with_token("").get(path).await.expect(200);
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
        for outside in ["src=\"http", "href=\"http", "@import", "url(http"] {
            assert!(!page.text.contains(outside), "{path} has {outside}");
        }
    }
    assert!(server.get("/docs/api").await.text.contains("getFeatureFlag"));
    let document = server.get("/api/v2/openapi.json").await.expect(200).json();
    assert!(document["paths"]["/api/v2/flags/{projectKey}"]["get"].is_object());
}

#[tokio::test]
async fn what_is_not_there_says_where_to_look() {
    let server = TestServer::start(Engine::Sqlite).await;
    let answer = server.get("/nothing/here").await.expect(404).json();
    assert!(answer["message"].as_str().unwrap().contains("/api/v2"), "{answer}");
}
