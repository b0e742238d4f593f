//! Open streams and events as they come, the whole way.

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use wigwag_testkit::{Engine, PATIENCE, TestServer, flag};

const ENV: &str = "/api/v2/projects/default/environments/test";

#[tokio::test]
async fn a_change_is_seen_to_reach_every_stream() {
    let server = TestServer::start(Engine::Sqlite).await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = server.all_stream("test").await;
        stream.next().await;
        streams.push(stream);
    }
    server.create_flag("default", flag("lamp")).await;
    for stream in &mut streams {
        stream.next().await;
    }
    let list =
        server.client().until(&format!("{ENV}/streams"), |list| list["behind"] == 0 && list["version"] != 0).await;
    assert_eq!(list["totalCount"], 3);
    assert!(!list["node"].as_str().unwrap().is_empty());
    for stream in list["items"].as_array().unwrap() {
        assert_eq!((&stream["kind"], &stream["sentVersion"]), (&json!("server"), &list["version"]));
        assert_eq!(stream["lag"], 0);
    }
    let changes = server.client().get(&format!("{ENV}/streams/changes")).await.expect(200).json();
    let change = &changes["items"][0];
    assert_eq!((&change["version"], &change["node"]), (&list["version"], &list["node"]));
    assert_eq!((&change["streams"], &change["written"]), (&json!(3), &json!(3)));
    assert_eq!((&change["complete"], &change["after"]), (&json!(true), &json!(0)), "the clock stands still");
    drop(streams);
    server.client().until(&format!("{ENV}/streams"), |list| list["totalCount"] == 0).await;
}

#[tokio::test]
async fn events_are_heard_as_they_come() {
    let server = TestServer::start(Engine::Sqlite).await;
    let key = server.sdk_key("test").await;
    let url = format!("{}{ENV}/events/tail?kind=debug,custom&contextKey=ann", server.server().site());
    let answer = reqwest::Client::new().get(url).header("authorization", wigwag_testkit::TOKEN).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut pieces = answer.bytes_stream();
    let mut text = String::new();
    text.push_str(&String::from_utf8_lossy(&pieces.next().await.unwrap().unwrap()));
    assert!(text.contains("event: begin"), "{text}");
    let context = json!({"kind": "user", "key": "ann", "email": "secret@example.com", "plan": "gold",
        "_meta": {"privateAttributes": ["email"]}});
    let events = json!([
        {"kind": "debug", "key": "lamp", "creationDate": 1, "value": true, "context": context},
        {"kind": "feature", "key": "lamp", "creationDate": 1, "value": true, "context": context},
        {"kind": "custom", "key": "bought", "creationDate": 1, "contextKeys": {"user": "bob"}},
    ]);
    let sdk = server.client().with_token(&key);
    sdk.send(sdk.request("POST", "/bulk").body(events.to_string())).await.expect(202);
    sdk.send(
        sdk.request("POST", "/bulk").body(json!([{"kind": "custom", "key": "end", "userKey": "ann"}]).to_string()),
    )
    .await
    .expect(202);
    while !text.contains("\"end\"") {
        let next = tokio::time::timeout(PATIENCE, pieces.next()).await.expect("the tail went on");
        text.push_str(&String::from_utf8_lossy(&next.unwrap().unwrap()));
    }
    let told: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter_map(|line| serde_json::from_str::<Value>(line).unwrap().get("event").cloned())
        .collect();
    let kinds: Vec<_> = told.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["debug", "custom"], "{text}");
    assert!(text.contains("gold") && !text.contains("secret@"), "{text}");
}
