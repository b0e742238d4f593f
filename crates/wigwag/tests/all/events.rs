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

/// What an SDK calls private is nowhere to be found, whichever way it says so.
#[tokio::test]
async fn private_values_are_not_stored() {
    for engine in Engine::ALL {
        let server = TestServer::start(engine).await;
        let sdk = server.client().with_token(&server.sdk_key("test").await);
        let secret = "hidden-from-all";
        let post = async |schema: &str, event: serde_json::Value| {
            let request = sdk.request("POST", "/bulk").header("x-launchdarkly-event-schema", schema);
            sdk.send(request.body(json!([event]).to_string())).await.expect(202);
        };
        let user = json!({"key": "old", "email": secret, "custom": {"plan": secret, "city": "Ulm"},
            "privateAttributeNames": ["email", "plan"]});
        post("3", json!({"kind": "identify", "key": "old", "user": user})).await;
        post("4", json!({"kind": "index", "context": user})).await;
        let context = json!({"kind": "multi", "org": {"key": "acme"}, "user": {"key": "new", "city": "Ulm", "email": secret,
            "address": {"street": secret}, "_meta": {"privateAttributes": ["email", "/address/street"]}}});
        post("4", json!({"kind": "debug", "key": "lamp", "context": context})).await;
        let client = server.client();
        for (key, redacted) in [("old", json!(["email", "plan"])), ("new", json!(["email", "/address/street"]))] {
            let found = client.until(&format!("{ENV}/contexts/user/{key}"), |list| list["totalCount"] == 1).await;
            let context = &found["items"][0]["context"];
            assert_eq!((&context["city"], &context["_meta"]["redactedAttributes"]), (&json!("Ulm"), &redacted));
        }
        for asked in ["contexts/search", "context-instances/search"] {
            let found = client.post(&format!("{ENV}/{asked}"), &json!({})).await.expect(200);
            assert!(found.text.contains("Ulm") || asked != "contexts/search", "{}", found.text);
            assert!(!found.text.contains(secret), "{}", found.text);
        }
        client.get(&format!("{ENV}/context-attributes")).await.expect(200);
        for name in ["email", "plan", "address", "/address/street"] {
            let name = name.replace('/', "%2F");
            let found = client.get(&format!("{ENV}/context-attributes/{name}")).await;
            assert!(!found.text.contains(secret), "{}", found.text);
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
