//! `getTags`.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    tags_of_every_kind;
    narrowed_and_paged;
    as_they_were;
    hidden_projects_keep_their_tags;
    what_cannot_be_asked;
}

async fn tags(house: &House, query: &str) -> Vec<String> {
    let list: Value = house.get(&format!("/api/v2/tags?{query}")).await.ok();
    serde_json::from_value(list["items"].clone()).unwrap()
}

/// A project with tags, its environment, a flag, an archived one and a deprecated one.
async fn tagged(house: &House) {
    let env = json!({"key": "e", "name": "E", "color": "000000", "tags": ["Env", "both"]});
    let project = json!({"key": "p", "name": "P", "tags": ["Proj"], "environments": [env]});
    house.post("/api/v2/projects", project).await.ok();
    for (key, tags) in [("live", json!(["both", "flag"])), ("old", json!(["old"])), ("late", json!(["late"]))] {
        house.post("/api/v2/flags/p", json!({"key": key, "name": key, "tags": tags})).await.ok();
    }
    for (key, kind) in [("old", "archiveFlag"), ("late", "deprecateFlag")] {
        house.patch(&format!("/api/v2/flags/p/{key}"), json!({"instructions": [{"kind": kind}]})).await.ok();
    }
}

async fn tags_of_every_kind(store: Store) {
    let house = House::open(store).await;
    assert!(tags(&house, "").await.is_empty());
    tagged(&house).await;
    assert_eq!(tags(&house, "").await, ["Env", "Proj", "both", "flag", "late"]);
    assert_eq!(tags(&house, "archived=true").await, ["Env", "Proj", "both", "flag", "late", "old"]);
    for (kind, expected) in [
        ("flag", &["both", "flag", "late"][..]),
        ("project", &["Proj"]),
        ("environment", &["Env", "both"]),
        ("segment", &[]),
        ("metric", &[]),
        ("view", &[]),
    ] {
        assert_eq!(tags(&house, &format!("kind={kind}")).await, expected, "{kind}");
    }
    assert_eq!(tags(&house, "kind=project&kind=environment").await, ["Env", "Proj", "both"]);
    assert_eq!(tags(&house, "kind=project,environment").await, ["Env", "Proj", "both"]);
}

async fn narrowed_and_paged(store: Store) {
    let house = House::open(store).await;
    tagged(&house).await;
    assert_eq!(tags(&house, "pre=l").await, ["late"]);
    assert_eq!(tags(&house, "pre=L").await, [""; 0]);
    let page = house.get("/api/v2/tags?limit=2&offset=1").await.ok();
    assert_eq!((&page["items"], &page["totalCount"]), (&json!(["Proj", "both"]), &json!(5)));
    assert_eq!(page["_links"]["next"]["href"], "/api/v2/tags?limit=2&offset=3");
}

async fn as_they_were(store: Store) {
    let house = House::open(store).await;
    tagged(&house).await;
    house.clock.advance(1000);
    house.patch("/api/v2/flags/p/live", json!([{"op": "replace", "path": "/tags", "value": ["now"]}])).await.ok();
    house.clock.advance(1000);
    assert_eq!(tags(&house, "kind=flag").await, ["late", "now"]);
    assert_eq!(tags(&house, &format!("kind=flag&asOf={NOW}")).await, ["both", "flag", "late"]);
    assert_eq!(tags(&house, &format!("kind=flag&archived=1&asOf={NOW}")).await, ["both", "flag", "late", "old"]);
    assert_eq!(tags(&house, "kind=flag&asOf=2023-11-14T22:13:21Z").await, ["late", "now"]);
    assert!(tags(&house, &format!("asOf={}", NOW - 1)).await.is_empty());
}

async fn hidden_projects_keep_their_tags(store: Store) {
    let house = House::open(store).await;
    tagged(&house).await;
    house.post("/api/v2/flags/default", json!({"key": "f", "name": "F", "tags": ["open"]})).await.ok();
    let role = json!([
        {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
        {"effect": "allow", "resources": ["acct"], "actions": ["*"]},
        {"effect": "deny", "resources": ["proj/p"], "actions": ["viewProject"]},
    ]);
    let token = house.token(role).await;
    let seen = house.by(&token, "GET /api/v2/tags", &json!({})).await.ok();
    assert_eq!(seen["items"], json!(["open"]));
}

async fn what_cannot_be_asked(store: Store) {
    let house = House::open(store).await;
    for (query, named) in
        [("kind=nope", "kind"), ("limit=1001", "limit"), ("archived=maybe", "archived"), ("asOf=yesterday", "asOf")]
    {
        let message = house.get(&format!("/api/v2/tags?{query}")).await.refused(400, "invalid_request");
        assert!(message.starts_with(&format!("{named}: ")), "{message}");
    }
}
