//! `wigwag relay` in front of a server, in one process, on real sockets.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wigwag::config::{Log, RelayConfig};
use wigwag::relay::RelayServer;
use wigwag::server::Outside;
use wigwag_model::id::Ids;
use wigwag_relay::{Access, EnvironmentKeys};
use wigwag_testkit::{Client, Engine, PATIENCE, TestServer, flag};

mod breaks;
mod same;

struct Keys {
    sdk: String,
    mobile: String,
    client_side_id: String,
}

async fn keys(server: &TestServer) -> Keys {
    let found = server.get("/api/v2/projects/default/environments/test").await.expect(200).json();
    let text = |member: &str| found[member].as_str().unwrap().to_owned();
    Keys { sdk: text("apiKey"), mobile: text("mobileKey"), client_side_id: text("_id") }
}

/// Access to the environment with these keys.
fn access(keys: &Keys) -> Access {
    Access::Keys(vec![EnvironmentKeys {
        sdk_key: keys.sdk.clone(),
        client_side_id: keys.client_side_id.clone(),
        mobile_key: Some(keys.mobile.clone()),
        secure_mode: false,
    }])
}

/// A relay of the environment with these keys.
async fn relay(upstream: &str, keys: &Keys, dir: &Path, server: &TestServer) -> (RelayServer, Client) {
    start(upstream, access(keys), dir, server).await
}

async fn start(upstream: &str, access: Access, dir: &Path, server: &TestServer) -> (RelayServer, Client) {
    started(config(upstream, access, dir), server).await
}

fn config(upstream: &str, access: Access, dir: &Path) -> RelayConfig {
    RelayConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        tls: None,
        upstream: upstream.to_owned(),
        polls: upstream.to_owned(),
        events: upstream.to_owned(),
        access,
        dir: dir.to_owned(),
        log: Log { json: false, filter: "off".to_owned() },
    }
}

async fn started(config: RelayConfig, server: &TestServer) -> (RelayServer, Client) {
    let outside = Outside { clock: server.clock.clone(), ids: Ids::seeded(2) };
    let relay = RelayServer::start(config, outside).await.unwrap();
    let client = Client::new(&format!("http://{}", relay.address()), "");
    (relay, client)
}

/// Asks until the answer has this status.
async fn until(client: &Client, path: &str, status: u16) -> String {
    let since = Instant::now();
    loop {
        let answer = client.get(path).await;
        if answer.status == status {
            return answer.text;
        }
        assert!(since.elapsed() < PATIENCE, "{path} answers {}: {}", answer.status, answer.text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Nobody listens here.
const NOWHERE: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn a_relay_serves_what_its_upstream_has() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (keys, dir) = (keys(&server).await, tempfile::tempdir().unwrap());
    let availability = json!({"usingMobileKey": true, "usingEnvironmentId": true});
    server.create_flag("default", flag("lamp").with("clientSideAvailability", availability)).await;
    server.create_flag("default", flag("kettle")).await;
    let (relay, client) = relay(server.client().url("").trim_end_matches('/'), &keys, dir.path(), &server).await;
    until(&client, "/health/ready", 200).await;

    let (there, here) = (server.with_token(&keys.sdk), client.with_token(&keys.sdk));
    for path in ["/sdk/latest-all", "/sdk/latest-flags", "/sdk/flags", "/sdk/flags/lamp"] {
        let (theirs, ours) = (there.get(path).await.expect(200), here.get(path).await.expect(200));
        assert_eq!(theirs.text, ours.text, "{path}");
        assert_eq!(theirs.headers.get("etag"), ours.headers.get("etag"), "{path}");
    }
    let path = evaluated(&keys, "ann");
    let results = client.get(&path).await.expect(200).json();
    assert_eq!(results.as_object().unwrap().keys().collect::<Vec<_>>(), ["lamp"], "kettle is not for browsers");

    let mut stream = client.stream("/all", &keys.sdk).await;
    assert_eq!(stream.next().await.name, "put");
    server.instruct("lamp", "test", json!([{"kind": "turnFlagOn"}])).await;
    let patch = stream.next().await;
    assert_eq!((patch.data["path"].as_str(), &patch.data["data"]["on"]), (Some("/flags/lamp"), &json!(true)));
    assert_eq!(client.get(&path).await.expect(200).json()["lamp"]["value"], true);
    server.delete("/api/v2/flags/default/kettle").await.expect(204);
    assert_eq!(stream.next().await.data["path"], "/flags/kettle");

    here.get("/sdk/flags/kettle").await.expect(404);
    client.with_token("sdk-of-somebody-else").get("/sdk/latest-all").await.expect(401);
    let status = client.get("/status").await.expect(200).json();
    assert_eq!(
        (&status["status"], &status["environments"][&keys.client_side_id]["connectionStatus"]["state"]),
        (&json!("healthy"), &json!("VALID"))
    );
    assert!(!status.to_string().contains(&keys.sdk), "keys are masked");
    relay.stop().await;
    assert!(stream.next_or_end().await.is_none(), "streams end with the relay");
}

#[tokio::test]
async fn what_was_last_known_is_served_without_the_upstream() {
    let mut server = TestServer::start(Engine::Sqlite).await;
    let (keys, dir) = (keys(&server).await, tempfile::tempdir().unwrap());
    server.create_flag("default", flag("lamp")).await;
    let upstream = server.client().url("").trim_end_matches('/').to_owned();
    let (first, client) = relay(&upstream, &keys, dir.path(), &server).await;
    until(&client, "/health/ready", 200).await;
    let before = client.with_token(&keys.sdk).get("/sdk/latest-all").await.expect(200).text;

    server.stop().await;
    let after = client.with_token(&keys.sdk).get("/sdk/latest-all").await.expect(200).text;
    assert_eq!(before, after, "while it runs");
    first.stop().await;

    let (second, client) = relay(NOWHERE, &keys, dir.path(), &server).await;
    client.get("/health/ready").await.expect(200);
    let after = client.with_token(&keys.sdk).get("/sdk/latest-all").await.expect(200).text;
    assert_eq!(before, after, "after a start");
    let status = client.get("/status").await.expect(200).json();
    assert_eq!(status["status"], "degraded");
    second.stop().await;
}

/// Environments come and go with what the upstream says, and with them their keys.
#[tokio::test]
async fn automatic_configuration_says_which_environments() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (keys, dir) = (keys(&server).await, tempfile::tempdir().unwrap());
    server.create_flag("default", flag("lamp")).await;
    let policy = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/default:env/test"]}]);
    let configs = "/api/v2/account/relay-auto-configs";
    let made = server.post(configs, &json!({"name": "edge", "policy": policy})).await.expect(201).json();
    let (id, key) = (made["_id"].as_str().unwrap(), made["fullKey"].as_str().unwrap().to_owned());
    let upstream = server.client().url("").trim_end_matches('/').to_owned();
    let (relay, client) = start(&upstream, Access::AutoConfig(key.clone()), dir.path(), &server).await;
    until(&client, "/health/ready", 200).await;
    let all = client.with_token(&keys.sdk).get("/sdk/latest-all").await.expect(200).json();
    assert!(all["flags"]["lamp"].is_object());
    let production = server.sdk_key("production").await;
    client.with_token(&production).get("/sdk/latest-all").await.expect(401);

    let everything = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*"]}]);
    let patch = json!([{"op": "replace", "path": "/policy", "value": everything}]);
    server.patch(&format!("{configs}/{id}"), &patch).await.expect(200);
    until(&client.with_token(&production), "/sdk/latest-all", 200).await;
    let reset = "/api/v2/projects/default/environments/test/apiKey";
    let new = server.post(reset, &json!({})).await.expect(200).json();
    let new = client.with_token(new["apiKey"].as_str().unwrap());
    until(&new, "/sdk/latest-all", 200).await;
    until(&client.with_token(&keys.sdk), "/sdk/latest-all", 401).await;
    relay.stop().await;

    let (relay, client) = start(NOWHERE, Access::AutoConfig(key), dir.path(), &server).await;
    client.get("/health/ready").await.expect(200);
    client.with_token(&production).get("/sdk/latest-all").await.expect(200);
    // Who knows which environments there are by now.
    client.with_token("sdk-of-somebody-else").get("/sdk/latest-all").await.expect(503);
    relay.stop().await;
}

/// A 401 would stop SDKs for good (sdk-protocol.md 1.5).
#[tokio::test]
async fn what_is_not_known_yet_is_not_refused() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (keys, dir) = (keys(&server).await, tempfile::tempdir().unwrap());
    let (relay, client) = relay(NOWHERE, &keys, dir.path(), &server).await;
    client.get("/health/ready").await.expect(503);
    client.with_token(&keys.sdk).get("/sdk/latest-all").await.expect(503);
    client.with_token(&keys.mobile).get("/msdk/evalx/contexts/eyJrZXkiOiJhIn0").await.expect(503);
    client.get(&format!("/sdk/goals/{}", keys.client_side_id)).await.expect(503);
    client.with_token("sdk-of-somebody-else").get("/sdk/latest-all").await.expect(401);
    relay.stop().await;
}

/// Events that came while the upstream was away are sent on by the relay that comes after.
#[tokio::test]
async fn events_wait_for_the_upstream() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (keys, dir) = (keys(&server).await, tempfile::tempdir().unwrap());
    let upstream = server.client().url("").trim_end_matches('/').to_owned();
    let (known, client) = relay(&upstream, &keys, dir.path(), &server).await;
    until(&client, "/health/ready", 200).await;
    post(&client.with_token(&keys.sdk), "/bulk", "ann", &server).await;
    contexts(&server, 1).await;
    known.stop().await;

    let (alone, client) = relay(NOWHERE, &keys, dir.path(), &server).await;
    post(&client.with_token(&keys.sdk), "/bulk", "bob", &server).await;
    post(&client.with_token(&keys.mobile), "/mobile", "cid", &server).await;
    post(&client, &format!("/events/bulk/{}", keys.client_side_id), "dan", &server).await;
    alone.stop().await;

    let (back, _) = relay(&upstream, &keys, dir.path(), &server).await;
    contexts(&server, 4).await;
    back.stop().await;
}

async fn post(client: &Client, path: &str, who: &str, server: &TestServer) {
    let event =
        json!([{"kind": "identify", "creationDate": server.clock.now(), "context": {"kind": "user", "key": who}}]);
    let request = client.request("POST", path).header("x-launchdarkly-event-schema", "4").body(event.to_string());
    client.send(request).await.expect(202);
}

/// Waits until the server has seen so many contexts.
async fn contexts(server: &TestServer, count: u64) {
    let (since, search) = (Instant::now(), "/api/v2/projects/default/environments/test/contexts/search");
    loop {
        let found: Value = server.post(search, &json!({"limit": 10})).await.expect(200).json();
        if found["totalCount"] == count {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{count} contexts never came: {found}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const SEGMENTS: &str = "/api/v2/segments/default/test";

/// A user with this key, as paths have contexts.
fn b64(key: &str) -> String {
    base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, format!(r#"{{"kind":"user","key":"{key}"}}"#))
}

/// Where all flags are evaluated for a user.
fn evaluated(keys: &Keys, who: &str) -> String {
    format!("/sdk/evalx/{}/contexts/{}?withReasons=true", keys.client_side_id, b64(who))
}

/// Segment `big` with these members, and a flag for them that everybody sees.
async fn with_members(server: &TestServer, members: Value) {
    server.post(SEGMENTS, &json!({"key": "big", "name": "big", "unbounded": true})).await.expect(201);
    server.post(&format!("{SEGMENTS}/big/contexts"), &members).await.expect(204);
    let availability = json!({"usingMobileKey": true, "usingEnvironmentId": true});
    let made = server.create_flag("default", flag("vip").with("clientSideAvailability", availability)).await;
    let variation = |n: usize| made["variations"][n]["_id"].clone();
    let clause =
        json!({"contextKind": "user", "attribute": "", "op": "segmentMatch", "values": ["big"], "negate": false});
    let steps = json!([
        {"kind": "turnFlagOn"},
        {"kind": "addRule", "variationId": variation(0), "clauses": [clause]},
        {"kind": "updateFallthroughVariationOrRollout", "variationId": variation(1)},
    ]);
    server.instruct("vip", "test", steps).await;
}
