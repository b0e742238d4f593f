//! From events of SDKs to contexts and statuses: the whole way, on both engines.

use serde_json::json;
use wigwag_testkit::{Engine, TestServer, flag};

const ENV: &str = "/api/v2/projects/default/environments/test";

#[tokio::test]
async fn events_become_contexts_and_statuses() {
    for engine in Engine::ALL {
        let server = TestServer::start(engine).await;
        server.create_flag("default", flag("lamp")).await;
        let key = server.sdk_key("test").await;
        let now = server.clock.now();
        let context = json!({"kind": "multi", "user": {"key": "ann", "city": "Ulm"}, "org": {"key": "acme"}});
        let counters = json!([{"value": true, "variation": 0, "version": 1, "count": 3}]);
        let features = json!({"lamp": {"default": false, "contextKinds": ["user", "org"], "counters": counters}});
        let events = json!([
            {"kind": "index", "creationDate": now, "context": context},
            {"kind": "summary", "startDate": now, "endDate": now, "features": features},
        ]);
        let sdk = server.client().with_token(&key);
        for _ in 0..2 {
            // The second is the first again, because its answer was lost.
            let request = sdk.request("POST", "/bulk").header("x-launchdarkly-event-schema", "4");
            let request = request.header("x-launchdarkly-payload-id", "p-1").body(events.to_string());
            sdk.send(request).await.expect(202);
        }
        let found = server.client().until(&format!("{ENV}/contexts/user/ann"), |list| list["totalCount"] == 1).await;
        assert_eq!(found["items"][0]["context"]["city"], "Ulm");
        assert_eq!(found["items"][0]["associatedContexts"], 1);
        let status = server.client().get("/api/v2/flag-statuses/default/test/lamp").await.expect(200).json();
        assert_eq!((&status["name"], &status["default"]), (&json!("active"), &json!(false)));
        let metrics = server.client().get("/metrics").await.expect(200).text;
        for line in ["wigwag_events_batches_recorded_total 1", "wigwag_events_batches_repeated_total 1"] {
            assert!(metrics.contains(line), "{line} is not in\n{metrics}");
        }
    }
}

#[tokio::test]
async fn a_stop_records_what_was_taken() {
    for engine in Engine::ALL {
        let mut server = TestServer::start(engine).await;
        let sdk = server.client().with_token(&server.sdk_key("test").await);
        let events = json!([{"kind": "identify", "context": {"kind": "device", "key": "d-1"}}]);
        sdk.send(sdk.request("POST", "/bulk").body(events.to_string())).await.expect(202);
        server.restart().await;
        let found = server.client().get(&format!("{ENV}/contexts/device/d-1")).await.expect(200).json();
        assert_eq!(found["totalCount"], 1);
    }
}

#[tokio::test]
async fn evaluations_show_changes_at_once() {
    let server = TestServer::start(Engine::Sqlite).await;
    server.create_flag("default", flag("lamp")).await;
    let value = async || {
        let context = json!({"kind": "user", "key": "u"});
        let answer = server.client().post(&format!("{ENV}/flags/evaluate"), &context).await.expect(200).json();
        answer["items"][0]["_value"].clone()
    };
    assert_eq!(value().await, false);
    for on in [true, false, true] {
        let kind = if on { "turnFlagOn" } else { "turnFlagOff" };
        server.instruct("lamp", "test", json!([{"kind": kind}])).await;
        assert_eq!(value().await, on);
    }
}
