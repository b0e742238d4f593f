//! Individual targets that expire: planning it, and that it happens.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{SEMANTIC, path, variation};
use crate::support::{Answer, House, NOW, OWNER, on_both_engines};

on_both_engines! {
    targets_go_when_they_expire;
    plans_change_with_their_versions;
    the_older_operations_see_users;
    what_cannot_be_planned;
    plans_follow_their_targets;
    two_processes_do_it_once;
    plans_of_what_is_deleted_are_forgotten;
    planning_needs_its_action;
}

fn at(env: &str) -> String {
    format!("{}/expiring-targets/{env}", path("f"))
}

fn users(env: &str) -> String {
    format!("{}/expiring-user-targets/{env}", path("f"))
}

/// A flag `f` that targets `ann` and `bob` with its first variation, and the device `d` with the second.
async fn targeted(house: &House) -> Value {
    let flag = house.texts("f").await;
    house
        .instruct(
            "f",
            json!([
                {"kind": "addTargets", "variationId": variation(&flag, 0), "values": ["ann", "bob"]},
                {"kind": "addTargets", "variationId": variation(&flag, 1), "values": ["d"], "contextKind": "device"},
            ]),
        )
        .await
}

fn add(flag: &Value, index: usize, kind: &str, key: &str, time: i64) -> Value {
    json!({"kind": "addExpiringTarget", "variationId": variation(flag, index), "contextKind": kind,
           "contextKey": key, "value": time})
}

async fn send(house: &House, instructions: Value) -> Answer {
    let body = json!({"comment": "why", "instructions": instructions}).to_string();
    let headers = [("authorization", OWNER), ("content-type", SEMANTIC)];
    house.raw(&format!("PATCH {}", at("test")), &headers, &body).await
}

async fn targets_go_when_they_expire(store: Store) {
    let house = House::open(store).await;
    let flag = targeted(&house).await;
    let plan = json!([add(&flag, 0, "user", "ann", NOW + 10), add(&flag, 1, "device", "d", NOW + 20)]);
    let planned = send(&house, plan).await.ok();
    for (name, count) in [("totalInstructions", 2), ("successfulInstructions", 2), ("failedInstructions", 0)] {
        assert_eq!(planned[name], count, "{name}");
    }
    let first = &planned["items"][0];
    let resource =
        json!({"environmentKey": "test", "flagKey": "f", "key": "f", "kind": "flag", "projectKey": "default"});
    assert_eq!(first["_resourceId"], resource);
    assert_eq!(first["variationId"], variation(&flag, 0));
    let shown = |one: &Value| (one["contextKind"].clone(), one["contextKey"].clone(), one["expirationDate"].clone());
    assert_eq!(shown(first), (json!("user"), json!("ann"), json!(NOW + 10)));
    assert_eq!((first["_version"].as_u64(), first["_id"].as_str().map(str::len)), (Some(1), Some(24)));
    let list = house.get(&at("test")).await.ok();
    assert_eq!((&list["items"], &list["_links"]["self"]["href"]), (&planned["items"], &json!(at("test"))));
    assert_eq!(house.get(&at("production")).await.ok()["items"], json!([]));
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["comment"]), (&json!("updated the flag"), &json!("why")));
    assert_eq!(entry["accesses"][0]["action"], "updateExpiringTargets");
    let text = entry["description"].as_str().unwrap();
    assert!(text.contains("Planned to remove `ann` from the variation `a` at 2023-11-14T22:13:20.01Z"), "{text}");

    assert_eq!(house.pass().await, Some(NOW + 10));
    house.clock.advance(10);
    assert_eq!(house.pass().await, Some(NOW + 20));
    let after = house.get(&path("f")).await.ok();
    let env = &after["environments"]["test"];
    assert_eq!(env["targets"][0]["values"], json!(["bob"]));
    assert_eq!(env["contextTargets"][1]["values"], json!(["d"]));
    let version = |flag: &Value| flag["environments"]["test"]["version"].as_u64().unwrap();
    assert_eq!(version(&after), version(&flag) + 2, "SDKs see the change");
    assert_eq!(house.get(&at("test")).await.ok()["items"], json!([planned["items"][1]]));
    let entry = house.newest().await;
    assert!(entry.get("member").is_none() && entry.get("token").is_none());
    assert_eq!((&entry["titleVerb"], &entry["comment"]), (&json!("updated the flag"), &json!("The targets expired")));
    assert_eq!(entry["accesses"], json!([{"action": "updateTargets", "resource": "proj/default:env/test:flag/f"}]));
    assert_eq!(entry["description"], "* Removed ~~`ann`~~ from the variation `a`\n");

    house.clock.advance(10);
    assert_eq!(house.pass().await, None);
    assert_eq!(house.get(&path("f")).await.ok()["environments"]["test"]["contextTargets"].as_array().unwrap().len(), 1);
    let head = house.head().await;
    assert_eq!(house.pass().await, None);
    assert_eq!(house.head().await, head);
    let then = house.get(&format!("{}?asOf={NOW}", at("test"))).await.ok();
    assert_eq!(then["items"], planned["items"], "as it was planned");
}

async fn plans_change_with_their_versions(store: Store) {
    let house = House::open(store).await;
    let flag = targeted(&house).await;
    send(&house, json!([add(&flag, 0, "user", "ann", NOW + 10)])).await.ok();
    let update = |time: i64, version: u64| {
        json!([{"kind": "updateExpiringTarget", "variationId": variation(&flag, 0), "contextKey": "ann",
                "contextKind": "user", "value": time, "version": version}])
    };
    let later = send(&house, update(NOW + 50, 1)).await.ok();
    assert_eq!((&later["items"][0]["_version"], &later["items"][0]["expirationDate"]), (&json!(2), &json!(NOW + 50)));
    let stale = send(&house, update(NOW + 90, 1)).await.refused(400, "invalid_request");
    assert_eq!(stale, "instructions[0].version: the expiring target is at version 2, not 1");
    house.clock.advance(20);
    assert_eq!(house.pass().await, Some(NOW + 50));
    let remove = json!([{"kind": "removeExpiringTarget", "variationId": variation(&flag, 0), "contextKey": "ann",
        "contextKind": "user"}]);
    assert_eq!(send(&house, remove.clone()).await.ok()["items"], json!([]));
    assert_eq!(house.newest().await["description"], "* Cancelled to remove `ann` from the variation `a`\n");
    assert!(send(&house, remove).await.refused(400, "invalid_request").contains("instructions[0].contextKey"));
    house.clock.advance(100);
    assert_eq!(house.pass().await, None);
    let after = house.get(&path("f")).await.ok();
    assert_eq!(after["environments"]["test"]["targets"][0]["values"], json!(["ann", "bob"]));
}

async fn the_older_operations_see_users(store: Store) {
    let house = House::open(store).await;
    let flag = targeted(&house).await;
    send(&house, json!([add(&flag, 1, "device", "d", NOW + 5)])).await.ok();
    let user = |kind: &str, more: Value| {
        let mut sent = json!({"kind": kind, "variationId": variation(&flag, 0), "userKey": "bob"});
        sent.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"instructions": [sent]})
    };
    let added = house.patch(&users("test"), user("addExpireUserTargetDate", json!({"value": NOW + 9}))).await.ok();
    assert_eq!(added["items"].as_array().unwrap().len(), 1);
    let item = &added["items"][0];
    assert_eq!((&item["userKey"], &item["expirationDate"]), (&json!("bob"), &json!(NOW + 9)));
    assert!(item.get("contextKey").is_none() && item.get("contextKind").is_none(), "{item}");
    assert_eq!(house.get(&users("test")).await.ok()["items"], added["items"]);
    assert_eq!(house.get(&at("test")).await.ok()["items"].as_array().unwrap().len(), 2);
    let moved = user("updateExpireUserTargetDate", json!({"value": NOW + 8, "version": 1}));
    assert_eq!(house.patch(&users("test"), moved).await.ok()["items"][0]["_version"], 2);
    let gone = house.patch(&users("test"), user("removeExpireUserTargetDate", json!({}))).await.ok();
    assert_eq!(gone["items"], json!([]));
    let other = user("addExpiringTarget", json!({"value": NOW + 9, "contextKey": "bob"}));
    assert!(house.patch(&users("test"), other).await.refused(400, "invalid_request").contains("unsupported"));
}

async fn what_cannot_be_planned(store: Store) {
    let house = House::open(store).await;
    let flag = targeted(&house).await;
    send(&house, json!([add(&flag, 0, "user", "bob", NOW + 10)])).await.ok();
    let head = house.head().await;
    let without = |name: &str| {
        let mut sent = add(&flag, 0, "user", "ann", NOW + 10);
        sent.as_object_mut().unwrap().remove(name);
        sent
    };
    let mut unknown = add(&flag, 0, "user", "ann", NOW + 10);
    unknown["variationId"] = json!("nope");
    for (sent, named) in [
        (add(&flag, 0, "user", "ann", NOW), "[1].value: must be a time in the future"),
        (add(&flag, 1, "user", "ann", NOW + 1), "[1].contextKey: is not individually targeted"),
        (add(&flag, 0, "device", "ann", NOW + 1), "[1].contextKey: is not individually targeted"),
        (add(&flag, 0, "user", "nobody", NOW + 1), "[1].contextKey: is not individually targeted"),
        (add(&flag, 0, "user", "bob", NOW + 1), "[1].contextKey: already expires"),
        (unknown, "[1].variationId: must be a valid variation id 'nope'"),
        (without("variationId"), "[1].variationId"),
        (without("contextKey"), "[1].contextKey"),
        (without("value"), "[1].value"),
        (json!({"kind": "turnFlagOn"}), "instruction kind 'turnFlagOn' unsupported"),
    ] {
        // All or nothing: the first one could be.
        let both = json!([add(&flag, 1, "device", "d", NOW + 5), sent]);
        let message = send(&house, both).await.refused(400, "invalid_request");
        assert!(message.contains(named), "{message}");
    }
    assert_eq!(house.head().await, head);
    let unknown = house.get(&at("nope")).await.refused(404, "not_found");
    assert_eq!(unknown, "Unknown environment key nope");
}

async fn plans_follow_their_targets(store: Store) {
    let house = House::open(store).await;
    let flag = targeted(&house).await;
    let plan = json!([
        add(&flag, 0, "user", "ann", NOW + 10),
        add(&flag, 0, "user", "bob", NOW + 20),
        add(&flag, 1, "device", "d", NOW + 30),
    ]);
    send(&house, plan).await.ok();
    let expiring = async || {
        let list = house.get(&at("test")).await.ok();
        let keys: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| one["contextKey"].clone()).collect();
        (keys, list["items"][0]["variationId"].clone())
    };
    // Without the action that plans: a target that goes takes its plan along.
    house
        .instruct("f", json!([{"kind": "removeTargets", "variationId": variation(&flag, 0), "values": ["ann"]}]))
        .await;
    assert_eq!(house.newest().await["accesses"].as_array().unwrap().len(), 1);
    assert_eq!(expiring().await.0, ["bob", "d"]);
    let again = json!([{"kind": "addTargets", "variationId": variation(&flag, 0), "values": ["ann"]}]);
    house.instruct("f", again).await;
    assert_eq!(expiring().await.0, ["bob", "d"], "it does not come back");
    // Variations that move.
    let front = json!([{"op": "add", "path": "/variations/0", "value": {"value": "new"}}]);
    house.patch(&path("f"), front).await.ok();
    assert_eq!(expiring().await.1, variation(&flag, 0));
    // By the whole list of a JSON patch, to another variation.
    let elsewhere = json!([{"op": "replace", "path": "/environments/test/targets",
        "value": [{"variation": 3, "values": ["bob"]}]}]);
    house.patch(&path("f"), elsewhere).await.ok();
    assert_eq!(expiring().await.0, ["d"]);
    // Copies of the flag and of the environment are not temporary.
    house.post(&format!("{}?clone=f", super::FLAGS), json!({"name": "C", "key": "clone"})).await.ok();
    assert_eq!(house.get(&format!("{}/expiring-targets/test", path("clone"))).await.ok()["items"], json!([]));
    let env = json!({"name": "E", "key": "e", "color": "000000", "source": {"key": "test"}});
    house.post("/api/v2/projects/default/environments", env).await.ok();
    assert_eq!(house.get(&at("e")).await.ok()["items"], json!([]));
    assert_eq!(house.pass().await, Some(NOW + 30));
}

async fn two_processes_do_it_once(store: Store) {
    let house = House::open(store).await;
    let flag = targeted(&house).await;
    send(&house, json!([add(&flag, 0, "user", "ann", NOW + 10), add(&flag, 0, "user", "bob", NOW + 10)])).await.ok();
    let head = house.head().await;
    house.clock.advance(10);
    let passed = tokio::join!(house.pass(), house.pass(), house.pass());
    assert_eq!(passed, (None, None, None));
    assert_eq!(house.head().await, head + 1);
    assert_eq!(house.get(&path("f")).await.ok()["environments"]["test"]["targets"], json!([]));
}

async fn plans_of_what_is_deleted_are_forgotten(store: Store) {
    let house = House::open(store).await;
    let flag = targeted(&house).await;
    send(&house, json!([add(&flag, 0, "user", "ann", NOW + 10)])).await.ok();
    house.delete(&path("f")).await.ok();
    house.clock.advance(10);
    let head = house.head().await;
    assert_eq!((house.pass().await, house.head().await), (None, head));
}

async fn planning_needs_its_action(store: Store) {
    let house = House::open(store).await;
    let flag = targeted(&house).await;
    let token = house
        .token(json!([
            {"effect": "allow", "resources": ["proj/*", "proj/*:env/*", "proj/*:env/*:flag/*"], "actions": ["*"]},
            {"effect": "deny", "resources": ["proj/*:env/test:flag/*"], "actions": ["updateExpiringTargets"]},
        ]))
        .await;
    let body = json!({"instructions": [add(&flag, 0, "user", "ann", NOW + 10)]});
    let denied = house.by(&token, &format!("PATCH {}", at("test")), &body).await;
    denied.refused(403, "forbidden");
    assert_eq!(denied.json()["access"]["action"], "updateExpiringTargets");
    house.by(&token, &format!("GET {}", at("test")), &json!({})).await.ok();
    let required = json!([{"op": "replace", "path": "/requireComments", "value": true}]);
    house.patch("/api/v2/projects/default/environments/test", required).await.ok();
    assert!(house.patch(&at("test"), body).await.refused(400, "invalid_request").starts_with("comment:"));
}
