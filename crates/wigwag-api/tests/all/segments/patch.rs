//! JSON patch and merge patch.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::path;
use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    every_member;
    merge_patch;
    rules_keep_their_ids;
    lists_of_contexts;
    many_keys;
    what_cannot_be;
    dry_runs_and_comments;
    patches_that_change_nothing;
    lost_races_are_tried_again_unless_pinned;
}

async fn every_member(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    house.clock.advance(5);
    let patch = json!([
        {"op": "replace", "path": "/name", "value": "Name"},
        {"op": "replace", "path": "/description", "value": "text"},
        {"op": "add", "path": "/tags/-", "value": "t"},
        {"op": "add", "path": "/included/0", "value": "ann"},
        {"op": "replace", "path": "/excluded", "value": ["bob", "ann"]},
        {"op": "replace", "path": "/includedContexts", "value": [{"contextKind": "device", "values": ["d"]}]},
        {"op": "add", "path": "/rules/0", "value": {"clauses": [
            {"contextKind": "user", "attribute": "email", "op": "endsWith", "values": [".edu"], "negate": false}]}},
        {"op": "replace", "path": "/key", "value": "other"},
        {"op": "replace", "path": "/version", "value": 77},
        {"op": "replace", "path": "/unknown", "value": 1},
    ]);
    let after = house.patch(&path("s"), json!({"patch": patch, "comment": "why"})).await.ok();
    for (name, value) in [
        ("name", json!("Name")),
        ("description", json!("text")),
        ("tags", json!(["t"])),
        ("included", json!(["ann"])),
        ("excluded", json!(["bob", "ann"])),
        ("includedContexts", json!([{"contextKind": "device", "values": ["d"]}])),
        ("key", json!("s")),
        ("version", json!(2)),
        ("lastModifiedDate", json!(NOW + 5)),
    ] {
        assert_eq!(after[name], value, "{name}");
    }
    let clause = &after["rules"][0]["clauses"][0];
    assert_eq!((&clause["op"], clause["_id"].as_str().map(str::len)), (&json!("endsWith"), Some(36)));
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["comment"]), (&json!("updated the segment"), &json!("why")));
    assert_eq!(entry["delta"].as_array().unwrap().len(), 10);
    let actions: Vec<_> = entry["accesses"].as_array().unwrap().iter().map(|a| a["action"].as_str().unwrap()).collect();
    let all = ["updateName", "updateDescription", "updateTags", "updateIncluded", "updateExcluded", "updateRules"];
    assert_eq!(actions, all);
    assert_eq!(
        entry["description"],
        "* Changed the name from ~~`s`~~ to `Name`\n* Added the description `text`\n* Added tag `t`\n\
         * Added the included user `ann`\n* Added the included context `d` of the kind `device`\n\
         * Added the excluded users `bob`, `ann`\n* Changed the targeting rules\n"
    );
    let removal = json!([{"op": "remove", "path": "/included/0"}, {"op": "remove", "path": "/description"}]);
    let after = house.patch(&path("s"), removal).await.ok();
    assert_eq!((&after["included"], after.get("description")), (&json!([]), None));
    assert_eq!(
        house.newest().await["description"],
        "* Removed the description ~~`text`~~\n* Removed the included user `ann`\n"
    );
}

async fn merge_patch(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let merge = json!({"name": "N", "included": ["a"], "description": "d"});
    let after = house.patch(&path("s"), merge).await.ok();
    assert_eq!((&after["name"], &after["included"]), (&json!("N"), &json!(["a"])));
    let merge = json!({"merge": {"description": null, "included": null}, "comment": "c"});
    let after = house.patch(&path("s"), merge).await.ok();
    assert_eq!((after.get("description"), &after["included"]), (None, &json!([])));
    assert_eq!(house.newest().await["comment"], "c");
}

async fn rules_keep_their_ids(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let rule = json!({"clauses": [{"attribute": "a", "op": "in", "values": [1]}], "weight": 30000,
        "bucketBy": "/address/city", "rolloutContextKind": "org", "description": "some"});
    let patch = json!([{"op": "add", "path": "/rules/-", "value": rule}]);
    let before = house.patch(&path("s"), patch).await.ok()["rules"][0].clone();
    assert_eq!((&before["weight"], &before["rolloutContextKind"]), (&json!(30000), &json!("org")));
    assert_eq!((&before["bucketBy"], &before["description"]), (&json!("/address/city"), &json!("some")));
    assert_eq!(before["clauses"][0]["contextKind"], "user");
    let patch = json!([{"op": "add", "path": "/rules/0/clauses/0/values/-", "value": "x"},
        {"op": "add", "path": "/rules/0", "value": {"clauses": []}}]);
    let after = house.patch(&path("s"), patch).await.ok();
    let mut expected = before;
    expected["clauses"][0]["values"] = json!([1, "x"]);
    assert_eq!(after["rules"][1], expected);
    assert_ne!(after["rules"][0]["_id"], expected["_id"]);
}

async fn lists_of_contexts(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let lists = json!([{"values": ["a", "b"]}, {"contextKind": "org", "values": ["o", "o"]},
        {"contextKind": "org", "values": ["p"]}, {"contextKind": "user", "values": ["b", "c"]}]);
    let patch = json!([{"op": "replace", "path": "/excludedContexts", "value": lists}]);
    let after = house.patch(&path("s"), patch).await.ok();
    assert_eq!(after["excludedContexts"], json!([{"contextKind": "org", "values": ["o", "p"]}]));
    assert_eq!(after["excluded"], json!(["a", "b", "c"]));
}

async fn many_keys(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let adds: Vec<Value> =
        (0..25).map(|i| json!({"op": "add", "path": "/included/-", "value": format!("u{i}")})).collect();
    let after = house.patch(&path("s"), Value::Array(adds)).await.ok();
    assert_eq!(after["included"].as_array().unwrap().len(), 25);
    assert_eq!(house.newest().await["description"], "* Added 25 included users\n");
    let keys: Vec<_> = (0..10_000).map(|i| format!("key-{i}")).collect();
    let patch = json!([{"op": "replace", "path": "/included", "value": keys}]);
    let after = house.patch(&path("s"), patch).await.ok();
    assert_eq!((after["included"].as_array().unwrap().len(), &after["version"]), (10_000, &json!(3)));
    assert_eq!(house.get(&path("s")).await.ok()["included"], json!(keys));
    assert_eq!(house.newest().await["description"], "* Added 10000 included users\n* Removed 25 included users\n");
}

async fn what_cannot_be(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let head = house.head().await;
    let clause = |clause: Value| json!([{"clauses": [clause]}]);
    for (member, value, place) in [
        ("name", json!(" "), "name"),
        ("name", json!(7), "name"),
        ("tags", json!(["no tag"]), "tags[0]"),
        ("included", json!("ann"), "/included"),
        ("included", json!([7]), "/included"),
        ("includedContexts", json!([{"contextKind": "multi", "values": []}]), "/includedContexts/contextKind"),
        ("excludedContexts", json!([{"contextKind": "org", "values": 1}]), "/excludedContexts"),
        ("rules", json!([{"clauses": [], "weight": 100_001}]), "/rules/0/weight"),
        ("rules", json!([{"clauses": [], "weight": -1}]), "/rules/0"),
        ("rules", json!([{"clauses": [], "rolloutContextKind": "a b"}]), "/rules/0/rolloutContextKind"),
        ("rules", json!([{"clauses": [], "bucketBy": "/a//b"}]), "/rules/0/bucketBy"),
        ("rules", json!([{"_id": "1", "clauses": []}, {"_id": "1", "clauses": []}]), "/rules/1/_id"),
        ("rules", clause(json!({"attribute": "a", "op": "is", "values": []})), "/rules/0/clauses/0/op"),
        ("rules", clause(json!({"op": "in", "values": []})), "/rules/0/clauses/0/attribute"),
        ("rules", clause(json!({"op": "segmentMatch", "values": [1]})), "/rules/0/clauses/0/values/0"),
        ("rules", clause(json!({"attribute": "a", "op": "in", "values": [[]]})), "/rules/0/clauses/0/values/0"),
    ] {
        let patch = json!([{"op": "replace", "path": format!("/{member}"), "value": value}]);
        let message = house.patch(&path("s"), patch).await.refused(400, "invalid_request");
        assert!(message.contains(place), "{member} {value}: {message}");
    }
    let missing = json!([{"op": "replace", "path": "/name", "value": "n"}, {"op": "remove", "path": "/included/0"}]);
    house.patch(&path("s"), missing).await.refused(400, "invalid_patch");
    let whole = json!([{"op": "replace", "path": "", "value": 7}]);
    house.patch(&path("s"), whole).await.refused(400, "invalid_patch");
    assert_eq!(house.head().await, head, "all or nothing");
}

async fn dry_runs_and_comments(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let head = house.head().await;
    let patch = json!([{"op": "replace", "path": "/name", "value": "N"}]);
    let preview = house.patch(&format!("{}?dryRun=true", path("s")), patch.clone()).await.ok();
    assert_eq!((&preview["name"], &preview["version"]), (&json!("N"), &json!(1)));
    let bad = json!([{"op": "replace", "path": "/name", "value": ""}]);
    house.patch(&format!("{}?dryRun=true", path("s")), bad).await.refused(400, "invalid_request");
    assert_eq!(house.head().await, head);
    let env = "/api/v2/projects/default/environments/test";
    house.patch(env, json!([{"op": "replace", "path": "/requireComments", "value": true}])).await.ok();
    let message = house.patch(&path("s"), patch.clone()).await.refused(400, "invalid_request");
    assert!(message.starts_with("comment: "), "{message}");
    house.patch(&path("s"), json!({"patch": patch, "comment": "why"})).await.ok();
}

async fn patches_that_change_nothing(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let head = house.head().await;
    let same =
        json!([{"op": "replace", "path": "/name", "value": "s"}, {"op": "replace", "path": "/rules", "value": null}]);
    assert_eq!(house.patch(&path("s"), same).await.ok()["version"], 1);
    assert_eq!(house.head().await, head);
}

async fn lost_races_are_tried_again_unless_pinned(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let add = async |i: usize| {
        let patch = json!([{"op": "add", "path": "/included/-", "value": format!("u{i}")}]);
        house.patch(&path("s"), patch).await.ok()
    };
    tokio::join!(add(0), add(1), add(2), add(3));
    assert_eq!(house.get(&path("s")).await.ok()["included"].as_array().unwrap().len(), 4);
    let pinned =
        json!([{"op": "test", "path": "/version", "value": 1}, {"op": "replace", "path": "/name", "value": "N"}]);
    house.patch(&path("s"), pinned).await.refused(409, "optimistic_locking_error");
}
