//! From an accepted change to SDKs: the whole way, on both engines.

use serde_json::json;
use wigwag_testkit::{Engine, TestServer, flag};

#[tokio::test]
async fn a_patch_reaches_an_open_stream() {
    for engine in Engine::ALL {
        let server = TestServer::start(engine).await;
        server.create_flag("default", flag("lamp")).await;
        let mut stream = server.all_stream("test").await;
        let put = stream.next().await;
        assert_eq!(put.name, "put");
        let before = &put.data["data"]["flags"]["lamp"];
        assert_eq!(before["on"], false, "{put:?}");

        server.instruct("lamp", "test", json!([{"kind": "turnFlagOn"}])).await;
        let patch = stream.next().await;
        assert_eq!(patch.name, "patch");
        assert_eq!(patch.data["path"], "/flags/lamp");
        assert_eq!(patch.data["data"]["on"], true);
        assert!(patch.data["data"]["version"].as_u64() > before["version"].as_u64(), "versions rise");

        server.delete("/api/v2/flags/default/lamp").await.expect(204);
        let delete = stream.next().await;
        assert_eq!((delete.name.as_str(), &delete.data["path"]), ("delete", &json!("/flags/lamp")));
    }
}

#[tokio::test]
async fn a_change_reaches_its_own_environment_only() {
    let server = TestServer::start(Engine::Sqlite).await;
    server.create_flag("default", flag("lamp")).await;
    let mut production = server.all_stream("production").await;
    production.next().await;
    server.instruct("lamp", "test", json!([{"kind": "turnFlagOn"}])).await;
    server.instruct("lamp", "production", json!([{"kind": "turnFlagOn"}])).await;
    let first = production.next().await;
    assert_eq!(first.data["data"]["on"], true, "nothing was sent for the change in test: {first:?}");
}

#[tokio::test]
async fn snapshots_are_the_same_after_a_restart() {
    for engine in Engine::ALL {
        let mut server = TestServer::start(engine).await;
        for n in 0..5 {
            server.create_flag("default", flag(&format!("flag-{n}"))).await;
        }
        server.instruct("flag-3", "test", json!([{"kind": "turnFlagOn"}])).await;
        server.delete("/api/v2/flags/default/flag-4").await.expect(204);
        let key = server.sdk_key("test").await;
        let before = server.with_token(&key).get("/sdk/latest-all").await.expect(200).json();
        assert_eq!(before["flags"]["flag-3"]["on"], true);
        server.restart().await;
        let after = server.with_token(&key).get("/sdk/latest-all").await.expect(200).json();
        assert_eq!(before, after, "{engine:?}");
    }
}

/// Two servers on one database: a change accepted by one reaches the streams of the other.
#[tokio::test]
async fn servers_on_one_database_follow_each_other() {
    let server = TestServer::start(Engine::Postgres).await;
    let other = server.another().await;
    let mut stream = other.all_stream("test").await;
    assert_eq!(stream.next().await.name, "put");
    server.create_flag("default", flag("lamp")).await;
    let patch = stream.next().await;
    assert_eq!(patch.data["path"], "/flags/lamp");
}

#[tokio::test]
async fn wrong_keys_are_refused() {
    let server = TestServer::start(Engine::Sqlite).await;
    for key in ["", "sdk-00000000-0000-4000-8000-000000000000", wigwag_testkit::TOKEN] {
        server.with_token(key).get("/sdk/latest-all").await.expect(401);
    }
    let key = server.sdk_key("test").await;
    server.with_token(&key).get("/api/v2/projects").await.expect(401);
}

#[tokio::test]
async fn events_are_taken_and_counted() {
    let server = TestServer::start(Engine::Sqlite).await;
    let key = server.sdk_key("test").await;
    let events = json!([{"kind": "identify", "creationDate": 1, "context": {"kind": "user", "key": "u"}}]);
    server.with_token(&key).post("/bulk", &events).await.expect(202);
    server.with_token(&key).post("/bulk", &json!("junk")).await.expect(400);
    let text = server.get("/metrics").await.text;
    assert!(text.contains("wigwag_sdk_events_total{kind=\"identify\"} 1"), "{text}");
    assert!(text.contains("wigwag_sdk_event_batches_refused_total 1"), "{text}");
}
