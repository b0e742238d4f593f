//! Making, reading and deleting.

use serde_json::json;
use wigwag_store::Store;

use super::{SEGMENTS, path};
use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    made_read_and_deleted;
    what_cannot_be_made;
    big_segments;
    generations_rise;
    as_it_was;
}

async fn made_read_and_deleted(store: Store) {
    let house = House::open(store).await;
    let body = json!({"key": "beta", "name": "Beta", "description": "who tries", "tags": ["a", "b", "a"]});
    let made = house.post(SEGMENTS, body).await;
    assert_eq!(made.status(), 201);
    let made = made.json();
    let expected = json!({
        "name": "Beta", "key": "beta", "description": "who tries", "tags": ["a", "b"],
        "creationDate": NOW, "lastModifiedDate": NOW,
        "included": [], "excluded": [], "includedContexts": [], "excludedContexts": [], "rules": [],
        "version": 1, "deleted": false, "unbounded": false, "generation": 1,
        "_links": {
            "self": {"href": path("beta"), "type": "application/json"},
            "parent": {"href": SEGMENTS, "type": "application/json"},
            "site": {"href": "/default/test/segments/beta", "type": "text/html"},
        },
    });
    assert_eq!(made, expected);
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["titleVerb"]), (&json!("segment"), &json!("created the segment")));
    let resource = "proj/default:env/test:segment/beta";
    assert_eq!(entry["accesses"], json!([{"action": "createSegment", "resource": resource}]));
    assert_eq!(entry["target"]["resources"], json!([resource]));
    assert_eq!(entry["currentVersion"]["name"], "Beta");

    let mut shown = house.get(&path("beta")).await.ok();
    assert_eq!(shown.as_object_mut().unwrap().remove("_flags"), Some(json!([])));
    assert_eq!(shown, expected);

    let gone = house.delete(&path("beta")).await;
    assert_eq!((gone.status(), gone.text()), (204, String::new()));
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "deleted the segment");
    assert_eq!(entry["accesses"], json!([{"action": "deleteSegment", "resource": resource}]));
    for answer in [house.get(&path("beta")).await, house.delete(&path("beta")).await] {
        assert_eq!(answer.refused(404, "not_found"), "Unknown segment key beta");
    }
    let again = house.segment("beta").await;
    assert_eq!(again["version"], 3, "SDKs must see it rise");
}

async fn what_cannot_be_made(store: Store) {
    let house = House::open(store).await;
    house.segment("there").await;
    let head = house.head().await;
    let taken = house.post(SEGMENTS, json!({"key": "there", "name": "n"})).await.refused(409, "conflict");
    assert_eq!(taken, "A segment with that key already exists");
    for (body, place) in [
        (json!({"name": "n"}), "key"),
        (json!({"key": "k"}), "name"),
        (json!({"key": "no key", "name": "n"}), "key"),
        (json!({"key": "k", "name": " "}), "name"),
        (json!({"key": "k", "name": "n", "tags": ["no tag"]}), "tags[0]"),
        (json!({"key": "k", "name": "n", "unbounded": true, "unboundedContextKind": "multi"}), "unboundedContextKind"),
        (json!({"key": "k", "name": "n", "viewKeys": ["v"]}), "viewKeys"),
    ] {
        let message = house.post(SEGMENTS, body).await.refused(400, "invalid_request");
        assert!(message.contains(place), "{place}: {message}");
    }
    let body = json!({"key": "k", "name": "n"});
    let message = house.post("/api/v2/segments/none/test", body.clone()).await.refused(404, "not_found");
    assert_eq!(message, "Unknown project key none");
    let message = house.post("/api/v2/segments/default/none", body).await.refused(404, "not_found");
    assert_eq!(message, "Unknown environment key none");
    assert_eq!(house.head().await, head);
}

async fn big_segments(store: Store) {
    let house = House::open(store).await;
    let body = json!({"key": "big", "name": "Big", "unbounded": true, "unboundedContextKind": "device"});
    let big = house.post(SEGMENTS, body).await.ok();
    assert_eq!((&big["unbounded"], &big["unboundedContextKind"]), (&json!(true), &json!("device")));
    for list in ["included", "excluded", "includedContexts", "excludedContexts"] {
        assert!(big.get(list).is_none(), "{list}");
        let patch = json!([{"op": "replace", "path": format!("/{list}"), "value": []}]);
        assert_eq!(house.patch(&path("big"), patch).await.ok()["version"], 1, "nothing to do");
    }
    let patch = json!([{"op": "replace", "path": "/included", "value": ["ann"]}]);
    assert!(house.patch(&path("big"), patch).await.refused(400, "invalid_request").contains("/included"));
    let add = json!([{"kind": "addIncludedUsers", "values": ["ann"]}]);
    assert!(house.tell("big", add).await.refused(400, "invalid_request").contains("instructions[0].kind"));
    let rule = json!([{"kind": "addRule", "clauses": [{"attribute": "key", "op": "in", "values": ["x"]}]}]);
    assert_eq!(house.tell("big", rule).await.ok()["rules"].as_array().unwrap().len(), 1);
    assert_eq!(house.big_segment("users").await["unboundedContextKind"], "user");
}

async fn generations_rise(store: Store) {
    let house = House::open(store).await;
    assert_eq!(house.big_segment("s").await["generation"], 1);
    house.tell("s", json!([{"kind": "updateName", "value": "N"}])).await.ok();
    house.delete(&path("s")).await.ok();
    assert_eq!(house.segment("s").await["generation"], 2);
    house.delete(&path("s")).await.ok();
    assert_eq!(house.big_segment("s").await["generation"], 3);
}

async fn as_it_was(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let rule = json!({"op": "add", "path": "/environments/test/rules/-", "value": super::asks(&["s"])});
    house.boolean("f").await;
    let mut rule = rule;
    rule["value"]["variation"] = json!(0);
    house.patch("/api/v2/flags/default/f", json!([rule])).await.ok();
    let before = house.head().await;
    house.tell("s", json!([{"kind": "updateName", "value": "N"}])).await.ok();
    house.delete("/api/v2/flags/default/f").await.ok();
    house.delete(&path("s")).await.ok();
    let then = house.get(&format!("{}?asOf={before}", path("s"))).await.ok();
    assert_eq!((&then["name"], &then["version"]), (&json!("s"), &json!(1)));
    assert_eq!(then["_flags"][0]["key"], "f");
    let list = house.get(&format!("{SEGMENTS}?asOf={before}&filter=query%20equals%20S")).await.ok();
    assert_eq!((&list["totalCount"], &list["items"][0]["name"]), (&json!(1), &json!("s")));
    assert_eq!(house.get(SEGMENTS).await.ok()["totalCount"], 0);
}
