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

/// A relay of the environment with these keys.
async fn relay(upstream: &str, keys: &Keys, dir: &Path, server: &TestServer) -> (RelayServer, Client) {
    let environment = EnvironmentKeys {
        sdk_key: keys.sdk.clone(),
        client_side_id: keys.client_side_id.clone(),
        mobile_key: Some(keys.mobile.clone()),
        secure_mode: false,
    };
    start(upstream, Access::Keys(vec![environment]), dir, server).await
}

async fn start(upstream: &str, access: Access, dir: &Path, server: &TestServer) -> (RelayServer, Client) {
    let config = RelayConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        tls: None,
        upstream: upstream.to_owned(),
        polls: upstream.to_owned(),
        events: upstream.to_owned(),
        access,
        dir: dir.to_owned(),
        log: Log { json: false, filter: "off".to_owned() },
    };
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
    // eyJrZXkiOiJhbm4iLCJraW5kIjoidXNlciJ9 is {"key":"ann","kind":"user"}.
    let path = format!("/sdk/evalx/{}/contexts/eyJrZXkiOiJhbm4iLCJraW5kIjoidXNlciJ9", keys.client_side_id);
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

/// The answers of a relay and of its server, byte for byte where nothing in them counts what happened where.
async fn differences(there: &Client, here: &Client, keys: &Keys) -> Vec<String> {
    let mut found = Vec::new();
    let none = |value: &Value| versionless(value.clone());
    for path in [
        "/sdk/latest-all",
        "/sdk/latest-flags",
        "/sdk/flags",
        "/sdk/segments",
        "/sdk/flags/vip",
        "/sdk/flags/none",
        "/sdk/segments/big",
        "/sdk/latest-segments/big",
        "/sdk/latest-flags/vip",
    ] {
        let (theirs, ours) = (there.with_token(&keys.sdk).get(path).await, here.with_token(&keys.sdk).get(path).await);
        let told = |answer: &wigwag_testkit::Answer| {
            let header = |name: &str| answer.headers.get(name).cloned();
            (answer.status, answer.text.clone(), header("etag"), header("content-type"), header("x-ld-envid"))
        };
        if told(&theirs) != told(&ours) {
            found.push(format!("{path}: {} but {}", theirs.text, ours.text));
        }
    }
    for key in ["ann", "bob", "eve"] {
        let context = base64::Engine::encode(
            &base64::prelude::BASE64_URL_SAFE_NO_PAD,
            format!(r#"{{"kind":"user","key":"{key}"}}"#),
        );
        let id = &keys.client_side_id;
        for (path, token) in [
            (format!("/sdk/evalx/{id}/contexts/{context}?withReasons=true"), ""),
            (format!("/sdk/eval/{id}/users/{context}"), ""),
            (format!("/msdk/evalx/contexts/{context}"), &*keys.mobile),
            (format!("/sdk/evalx/contexts/{context}?withReasons=true"), &*keys.sdk),
            (format!("/sdk/poll/eval/{context}?auth={id}&withReasons=true"), ""),
            (format!("/sdk/bootstrap/{id}/contexts/{context}?withReasons=true"), ""),
            (format!("/sdk/goals/{id}"), ""),
            (format!("/sdk/evalx/{id}/contexts/nothing"), ""),
            (format!("/sdk/evalx/somebody/contexts/{context}"), ""),
            (format!("/msdk/evalx/contexts/{context}"), "mob-wrong"),
            (format!("/sdk/poll/eval/{context}?auth=wrong"), ""),
        ] {
            let (theirs, ours) = (there.with_token(token).get(&path).await, here.with_token(token).get(&path).await);
            if (theirs.status, none(&theirs.json())) != (ours.status, none(&ours.json())) {
                found.push(format!("{path}: {} but {}", theirs.text, ours.text));
            }
        }
    }
    found
}

/// Without what counts changes where they are served: versions of results, states and targets.
fn versionless(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for name in ["version", "state", "target"] {
                members.shift_remove(name);
            }
            members.values_mut().for_each(|member| *member = versionless(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = versionless(item.take())),
        _ => {}
    }
    value
}

async fn until_same(there: &Client, here: &Client, keys: &Keys) {
    let since = Instant::now();
    loop {
        let found = differences(there, here, keys).await;
        if found.is_empty() {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{found:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const SEGMENTS: &str = "/api/v2/segments/default/test";

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

#[tokio::test]
async fn a_relay_answers_as_its_server_does_members_included() {
    let mut server = TestServer::start(Engine::Sqlite).await;
    let (keys, dir) = (keys(&server).await, tempfile::tempdir().unwrap());
    with_members(&server, json!({"included": {"add": ["ann"]}, "excluded": {"add": ["eve"]}})).await;
    let upstream = server.client().url("").trim_end_matches('/').to_owned();
    let (first, client) = relay(&upstream, &keys, dir.path(), &server).await;
    until(&client, "/health/ready", 200).await;
    until_same(server.client(), &client, &keys).await;

    let path = |key: &str| {
        let context = base64::Engine::encode(
            &base64::prelude::BASE64_URL_SAFE_NO_PAD,
            format!(r#"{{"kind":"user","key":"{key}"}}"#),
        );
        (
            format!("/eval/{}/{context}?withReasons=true", keys.client_side_id),
            format!("/sdk/evalx/{}/contexts/{context}?withReasons=true", keys.client_side_id),
        )
    };
    let mut bob = client.stream(&path("bob").0, "").await;
    let put = bob.next().await;
    assert_eq!(
        (&put.data["vip"]["value"], &put.data["vip"]["reason"]["bigSegmentsStatus"]),
        (&json!(false), &json!("HEALTHY"))
    );
    let changes = json!({"included": {"add": ["bob"], "remove": ["ann"]}});
    server.post(&format!("{SEGMENTS}/big/contexts"), &changes).await.expect(204);
    assert_eq!(bob.next().await.data["value"], true);
    until_same(server.client(), &client, &keys).await;
    // A relay below the relay is as good.
    let below_dir = tempfile::tempdir().unwrap();
    let address = client.url("").trim_end_matches('/').to_owned();
    let (below, below_client) = relay(&address, &keys, below_dir.path(), &server).await;
    until(&below_client, "/health/ready", 200).await;
    until_same(server.client(), &below_client, &keys).await;
    server.post(&format!("{SEGMENTS}/big/contexts"), &json!({"included": {"add": ["eve"]}})).await.expect(204);
    until_same(server.client(), &below_client, &keys).await;
    below.stop().await;

    // Without the server it goes on, and starts, with what it knows, and says how good that is.
    first.stop().await;
    server.stop().await;
    let (second, client) = relay(NOWHERE, &keys, dir.path(), &server).await;
    until(&client, "/health/ready", 200).await;
    for (key, member) in [("ann", false), ("bob", true), ("eve", true)] {
        let vip = client.get(&path(key).1).await.expect(200).json()["vip"].clone();
        assert_eq!((&vip["value"], &vip["reason"]["bigSegmentsStatus"]), (&json!(member), &json!("STALE")), "{key}");
    }
    second.stop().await;
}
