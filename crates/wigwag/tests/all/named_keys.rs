//! SDK keys with names of their own let SDKs in, until they are deleted or expire.

use serde_json::json;
use wigwag_testkit::{Engine, TestServer, flag};

const PATH: &str = "/api/v2/projects/default/environments/test/sdk-keys";

#[tokio::test]
async fn a_named_key_opens_streams_until_it_is_gone() {
    for engine in Engine::ALL {
        let server = TestServer::start(engine).await;
        server.create_flag("default", flag("lamp")).await;
        let send = async |method: &str, path: &str, body: serde_json::Value| {
            let request = server.request(method, path).header("ld-api-version", "beta").json(&body);
            server.send(request).await
        };
        let made = send("POST", PATH, json!({"key": "k", "name": "K"})).await.expect(201).json();
        let key = made["value"].as_str().unwrap();
        let mut stream = server.stream("/all", key).await;
        assert!(stream.next().await.data["data"]["flags"]["lamp"].is_object());
        // A reset of the default key is nothing to it.
        server.post("/api/v2/projects/default/environments/test/apiKey", &json!({})).await.expect(200);
        let sdk = server.with_token(key);
        sdk.get("/sdk/latest-all").await.expect(200);

        send("DELETE", &format!("{PATH}/k"), json!(null)).await.expect(204);
        sdk.get("/sdk/latest-all").await.expect(401);
        while let Some(event) = stream.next_or_end().await {
            assert_ne!(event.name, "patch", "{event:?}");
        }

        let ends = server.clock.now() + 1000;
        let made = send("POST", PATH, json!({"key": "l", "name": "L", "expiry": ends})).await.expect(201).json();
        let sdk = server.with_token(made["value"].as_str().unwrap());
        sdk.get("/sdk/latest-all").await.expect(200);
        server.clock.advance(1000);
        sdk.get("/sdk/latest-all").await.expect(401);
    }
}
