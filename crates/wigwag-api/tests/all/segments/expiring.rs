//! Listed contexts that leave their list at a time: planning it, and that it happens.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::path;
use crate::support::{Answer, House, NOW, on_both_engines};

on_both_engines! {
    contexts_leave_when_they_expire;
    plans_change_with_their_versions;
    the_older_operations_see_users;
    what_fails_is_told_and_the_rest_is_done;
    what_cannot_be_read;
    plans_follow_the_lists;
    two_processes_do_it_once;
    planning_needs_its_action;
}

const AT: &str = "/api/v2/segments/default/s/expiring-targets/test";
const USERS: &str = "/api/v2/segments/default/s/expiring-user-targets/test";

/// A segment `s` that includes `ann`, `bob` and the device `d`, and excludes `eve`.
async fn listed(house: &House) -> Value {
    house.segment("s").await;
    let all = json!([
        {"kind": "addIncludedUsers", "values": ["ann", "bob"]},
        {"kind": "addIncludedTargets", "contextKind": "device", "values": ["d"]},
        {"kind": "addExcludedUsers", "values": ["eve"]},
    ]);
    house.tell("s", all).await.ok()
}

fn plan(kind: &str, list: &str, context: (&str, &str), time: i64) -> Value {
    json!({"kind": kind, "targetType": list, "contextKind": context.0, "contextKey": context.1, "value": time})
}

fn add(list: &str, context: (&str, &str), time: i64) -> Value {
    plan("addExpiringTarget", list, context, time)
}

async fn send(house: &House, instructions: Value) -> Answer {
    house.patch(AT, json!({"comment": "why", "instructions": instructions})).await
}

async fn contexts_leave_when_they_expire(store: Store) {
    let house = House::open(store).await;
    let before = listed(&house).await;
    let plans = json!([
        add("included", ("user", "ann"), NOW + 10),
        add("included", ("device", "d"), NOW + 20),
        add("excluded", ("user", "eve"), NOW + 20)
    ]);
    let planned = send(&house, plans).await.ok();
    for (name, count) in [("totalInstructions", 3), ("successfulInstructions", 3), ("failedInstructions", 0)] {
        assert_eq!(planned[name], count, "{name}");
    }
    assert!(planned.get("errors").is_none());
    let first = &planned["items"][0];
    assert_eq!(
        first["_resourceId"],
        json!({"environmentKey": "test", "key": "s", "kind": "segment", "projectKey": "default"})
    );
    let shown = (&first["targetType"], &first["contextKind"], &first["contextKey"], &first["expirationDate"]);
    assert_eq!(shown, (&json!("included"), &json!("user"), &json!("ann"), &json!(NOW + 10)));
    assert_eq!((first["_version"].as_u64(), first["_id"].as_str().map(str::len)), (Some(1), Some(24)));
    let list = house.get(AT).await.ok();
    assert_eq!((&list["items"], &list["_links"]["self"]["href"]), (&planned["items"], &json!(AT)));
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["comment"]), (&json!("updated the segment"), &json!("why")));
    let resource = "proj/default:env/test:segment/s";
    assert_eq!(entry["accesses"], json!([{"action": "updateExpiringTargets", "resource": resource}]));
    let text = entry["description"].as_str().unwrap();
    assert!(text.contains("Planned to remove the included user `ann` at 2023-11-14T22:13:20.01Z"), "{text}");

    assert_eq!(house.pass().await, Some(NOW + 10));
    house.clock.advance(10);
    assert_eq!(house.pass().await, Some(NOW + 20));
    let after = house.get(&path("s")).await.ok();
    assert_eq!((&after["included"], &after["excluded"]), (&json!(["bob"]), &json!(["eve"])));
    assert_eq!(after["version"].as_u64(), before["version"].as_u64().map(|v| v + 2), "SDKs see the change");
    let entry = house.newest().await;
    assert!(entry.get("member").is_none() && entry.get("token").is_none());
    assert_eq!(entry["comment"], "The targets expired");
    assert_eq!(entry["accesses"], json!([{"action": "updateIncluded", "resource": resource}]));
    assert_eq!(entry["description"], "* Removed the included user `ann`\n");

    house.clock.advance(10);
    assert_eq!(house.pass().await, None);
    let after = house.get(&path("s")).await.ok();
    assert_eq!((&after["includedContexts"], &after["excluded"]), (&json!([]), &json!([])));
    let head = house.head().await;
    assert_eq!(house.pass().await, None);
    assert_eq!(house.head().await, head);
}

async fn plans_change_with_their_versions(store: Store) {
    let house = House::open(store).await;
    listed(&house).await;
    send(&house, json!([add("included", ("user", "ann"), NOW + 10)])).await.ok();
    let update = |time: i64, version: u64| {
        let mut update = plan("updateExpiringTarget", "included", ("user", "ann"), time);
        update["version"] = json!(version);
        json!([update])
    };
    let later = send(&house, update(NOW + 50, 1)).await.ok();
    assert_eq!((&later["items"][0]["_version"], &later["items"][0]["expirationDate"]), (&json!(2), &json!(NOW + 50)));
    let stale = send(&house, update(NOW + 90, 1)).await.ok();
    let message = "instructions[0].version: the expiring target is at version 2, not 1";
    assert_eq!(stale["errors"], json!([{"instructionIndex": 0, "message": message}]));
    assert_eq!(stale["items"], later["items"]);
    let remove = json!([plan("removeExpiringTarget", "included", ("user", "ann"), 0)]);
    assert_eq!(send(&house, remove.clone()).await.ok()["items"], json!([]));
    assert_eq!(house.newest().await["description"], "* Cancelled to remove the included user `ann`\n");
    assert_eq!(send(&house, remove).await.ok()["failedInstructions"], 1);
    assert_eq!(house.get(&path("s")).await.ok()["included"], json!(["ann", "bob"]), "the target itself stays");
}

async fn the_older_operations_see_users(store: Store) {
    let house = House::open(store).await;
    listed(&house).await;
    send(&house, json!([add("included", ("device", "d"), NOW + 10)])).await.ok();
    let one = |kind: &str, time: i64| json!({"kind": kind, "targetType": "excluded", "userKey": "eve", "value": time});
    let older = async |one: Value| house.patch(USERS, json!({"instructions": [one]})).await.ok();
    let added = older(one("addExpireUserTargetDate", NOW + 20)).await;
    let item = &added["items"][0];
    assert_eq!(added["items"].as_array().unwrap().len(), 1, "devices have no word here");
    assert_eq!((&item["userKey"], &item["targetType"]), (&json!("eve"), &json!("excluded")));
    assert_eq!(house.get(USERS).await.ok()["items"], added["items"]);
    assert_eq!(house.get(AT).await.ok()["items"].as_array().unwrap().len(), 2);
    let version = house.get(&path("s")).await.ok()["version"].as_u64().unwrap();
    let mut update = one("updateExpireUserTargetDate", NOW + 30);
    update["version"] = json!(version - 1);
    assert_eq!(older(update.clone()).await["failedInstructions"], 1, "not the segment's version");
    update["version"] = json!(version);
    assert_eq!(older(update).await["items"][0]["expirationDate"], NOW + 30);
    assert_eq!(older(one("removeExpireUserTargetDate", 0)).await["items"], json!([]));
}

async fn what_fails_is_told_and_the_rest_is_done(store: Store) {
    let house = House::open(store).await;
    listed(&house).await;
    let plans = json!([
        add("included", ("user", "nobody"), NOW + 10),
        add("included", ("user", "ann"), NOW + 10),
        add("included", ("user", "ann"), NOW + 20),
        add("excluded", ("user", "ann"), NOW + 10),
        add("included", ("user", "bob"), NOW),
        plan("updateExpiringTarget", "included", ("user", "bob"), NOW + 10),
    ]);
    let done = send(&house, plans).await.ok();
    let failed: Vec<_> = done["errors"].as_array().unwrap().iter().map(|e| e["instructionIndex"].clone()).collect();
    assert_eq!(failed, [0, 2, 3, 4, 5]);
    assert_eq!((&done["successfulInstructions"], &done["totalInstructions"]), (&json!(1), &json!(6)));
    assert_eq!(house.get(AT).await.ok()["items"].as_array().unwrap().len(), 1);
    let head = house.head().await;
    send(&house, json!([add("included", ("user", "nobody"), NOW + 10)])).await.ok();
    assert_eq!(house.head().await, head);
}

async fn what_cannot_be_read(store: Store) {
    let house = House::open(store).await;
    listed(&house).await;
    let head = house.head().await;
    for (change, place) in [
        (json!({"kind": "turnFlagOn"}), "instruction kind 'turnFlagOn' unsupported"),
        (json!({"targetType": null}), "instructions[1].targetType"),
        (json!({"targetType": "both"}), "instructions[1].targetType"),
        (json!({"contextKey": null}), "instructions[1].contextKey"),
        (json!({"value": null}), "instructions[1].value"),
        (json!({"value": "soon"}), "instructions[1].value"),
    ] {
        let good = add("included", ("user", "ann"), NOW + 10);
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let message = send(&house, json!([good, bad])).await.refused(400, "invalid_request");
        assert!(message.contains(place), "{change}: {message}");
    }
    house.patch(AT, json!([])).await.refused(400, "invalid_request");
    assert_eq!(house.head().await, head);
    let missing = house.get("/api/v2/segments/default/none/expiring-targets/test").await;
    assert_eq!(missing.refused(404, "not_found"), "Unknown segment key none");
}

async fn plans_follow_the_lists(store: Store) {
    let house = House::open(store).await;
    listed(&house).await;
    let plans = json!([add("included", ("user", "ann"), NOW + 10), add("included", ("user", "bob"), NOW + 10)]);
    send(&house, plans).await.ok();
    house.tell("s", json!([{"kind": "removeIncludedUsers", "values": ["ann"]}])).await.ok();
    let entry = house.newest().await;
    assert_eq!(entry["accesses"].as_array().unwrap().len(), 1, "only updateIncluded: {entry}");
    assert_eq!(entry["description"], "* Removed the included user `ann`\n");
    house.tell("s", json!([{"kind": "addIncludedUsers", "values": ["ann"]}])).await.ok();
    house.clock.advance(10);
    assert_eq!(house.pass().await, None);
    assert_eq!(house.get(&path("s")).await.ok()["included"], json!(["ann"]));
    send(&house, json!([add("included", ("user", "ann"), NOW + 30)])).await.ok();
    house.delete(&path("s")).await.ok();
    house.segment("s").await;
    assert_eq!(house.get(AT).await.ok()["items"], json!([]));
    assert_eq!(house.pass().await, None);
}

async fn two_processes_do_it_once(store: Store) {
    let house = House::open(store).await;
    listed(&house).await;
    send(&house, json!([add("included", ("user", "ann"), NOW + 10)])).await.ok();
    house.clock.advance(10);
    let head = house.head().await;
    tokio::join!(house.pass(), house.pass());
    assert_eq!(house.head().await, head + 1);
}

async fn planning_needs_its_action(store: Store) {
    let house = House::open(store).await;
    listed(&house).await;
    let statements = |actions: &[&str]| {
        json!([{"effect": "allow", "actions": ["viewProject"], "resources": ["proj/*"]},
            {"effect": "allow", "actions": actions, "resources": ["proj/*:env/*:segment/*"]}])
    };
    let body = json!({"instructions": [add("included", ("user", "ann"), NOW + 10)]});
    let unable = house.token(statements(&["updateIncluded"])).await;
    let denied = house.by(&unable, &format!("PATCH {AT}"), &body).await;
    denied.refused(403, "forbidden");
    assert_eq!(denied.json()["access"]["action"], "updateExpiringTargets");
    let able = house.token(statements(&["updateExpiringTargets"])).await;
    house.by(&able, &format!("PATCH {AT}"), &body).await.ok();
}
