//! What open pages of the console are told.

use futures_util::StreamExt as _;
use http::Request;
use serde_json::{Value, json};
use wigwag_kit::Body;
use wigwag_store::Store;

use crate::support::{House, OWNER, on_both_engines};

on_both_engines! {
    /// Who changes what is told as it happens, and nothing of what it holds.
    changes_are_told;
    /// Whoever may not see a project is not told of it.
    hidden_projects_are_not_told_of;
}

type Pieces = wigwag_kit::body::Pieces;

async fn stream(house: &House, by: &str) -> Pieces {
    let request = Request::get("/internal/changes").header("authorization", by).body(Body::from(bytes::Bytes::new()));
    let answer = house.server.serve(request.unwrap()).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    match answer.into_body() {
        Body::Pieces(pieces) => pieces,
        Body::Whole(whole) => panic!("not a stream: {whole:?}"),
    }
}

async fn piece(pieces: &mut Pieces) -> String {
    let next = tokio::time::timeout(std::time::Duration::from_secs(20), pieces.next());
    String::from_utf8(next.await.unwrap().unwrap().unwrap().to_vec()).unwrap()
}

fn hints(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn changes_are_told(store: Store) {
    let house = House::open(store).await;
    let mut pieces = stream(&house, OWNER).await;
    let head = house.head().await;
    assert_eq!(piece(&mut pieces).await, format!("retry: 1000\nevent: head\ndata: {head}\n\n"));
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "A secret name"})).await.ok();
    let text = piece(&mut pieces).await;
    let told = hints(&text);
    assert_eq!(told.len(), 1, "{text}");
    assert_eq!((&told[0]["seq"], &told[0]["project"]), (&json!(head + 1), &json!("default")), "{text}");
    assert!(told[0]["resources"].to_string().contains("flag/lamp"), "{text}");
    assert!(!text.contains("secret name"), "{text}");
}

async fn hidden_projects_are_not_told_of(store: Store) {
    let house = House::open(store).await;
    for key in ["open", "shut"] {
        house.post("/api/v2/projects", json!({"key": key, "name": key})).await.ok();
    }
    let see = json!({"effect": "allow", "actions": ["viewProject"], "resources": ["proj/open"]});
    let role = json!({"key": "r", "name": "R", "policy": [see], "basePermissions": "no_access"});
    house.post("/api/v2/roles", role).await.ok();
    let made = house.post("/api/v2/tokens", json!({"customRoleIds": ["r"]})).await.ok();
    let mut pieces = stream(&house, made["token"].as_str().unwrap()).await;
    piece(&mut pieces).await;
    house.post("/api/v2/flags/shut", json!({"key": "a", "name": "A"})).await.ok();
    house.post("/api/v2/flags/open", json!({"key": "b", "name": "B"})).await.ok();
    let text = piece(&mut pieces).await;
    let projects: Vec<_> = hints(&text).into_iter().map(|hint| hint["project"].clone()).collect();
    assert_eq!(projects, ["open"], "{text}");
}
