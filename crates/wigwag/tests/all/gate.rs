//! The IP allowlist on a socket: the connection's address counts.

use serde_json::{Value, json};
use wigwag_testkit::{Engine, TestServer};

const PATH: &str = "/api/v2/account/ip-allowlist";

#[tokio::test]
async fn only_the_rest_api_is_held_to_the_list() {
    let server = TestServer::start(Engine::Sqlite).await;
    let send = async |method: &str, path: &str, body: Value| {
        let request = server.request(method, path).header("ld-api-version", "beta").json(&body);
        server.send(request).await
    };
    send("POST", PATH, json!({"ipAddress": "203.0.113.0/24"})).await.expect(201);
    let enable = json!({"apiTokenAllowlistEnabled": true});
    let refused = send("PATCH", PATH, enable.clone()).await.expect(409).json();
    assert!(refused["message"].as_str().unwrap().contains("127.0.0.1"), "{refused}");
    send("POST", PATH, json!({"ipAddress": "127.0.0.0/8"})).await.expect(201);
    send("PATCH", PATH, enable).await.expect(200);
    server.get("/api/v2/projects").await.expect(200);
    // Nobody is believed who is no trusted proxy.
    let claims = server.request("GET", "/api/v2/projects").header("x-forwarded-for", "198.51.100.1");
    server.send(claims).await.expect(200);
    server.get("/health/live").await.expect(200);
    let sdk = server.with_token(&server.sdk_key("test").await);
    sdk.get("/sdk/latest-all").await.expect(200);
    // The token endpoint of OAuth clients is there.
    server.post("/trust/oauth/token", &json!({})).await.expect(400);
}
