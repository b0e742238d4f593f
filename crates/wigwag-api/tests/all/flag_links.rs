//! Flag links.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, NOW, OWNER, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    patches;
    refusals;
    permissions;
    they_go_with_their_flag;
}

const LINKS: &str = "/api/v2/flag-links/projects/default/flags/lamp";

async fn house(store: Store) -> House {
    let house = House::open(store).await;
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    house
}

fn own(link: &Value) -> String {
    format!("{LINKS}/{}", link["_id"].as_str().unwrap())
}

async fn from_creation_to_deletion(store: Store) {
    let house = house(store).await;
    assert_eq!(house.get(LINKS).await.ok()["items"], json!([]));
    let body = json!({"key": "ticket", "deepLink": "https://example.com/t/1", "title": "A ticket", "description": "d",
        "timestamp": 1_655_342_199_935_i64, "integrationKey": "tracker", "metadata": {"b": "2", "a": "1"}});
    let answer = house.post(LINKS, body).await;
    assert_eq!(answer.status(), 201);
    let made = answer.ok();
    let me = house.get("/api/v2/members/me").await.ok();
    assert_eq!(
        made,
        json!({
            "_links": {"self": {"href": own(&made), "type": "application/json"},
                "parent": {"href": LINKS, "type": "application/json"}},
            "_id": made["_id"], "_key": "ticket", "_integrationKey": "tracker",
            "_deepLink": "https://example.com/t/1", "title": "A ticket", "description": "d",
            "_metadata": {"b": "2", "a": "1"}, "_createdAt": NOW,
            "_timestamp": {"milliseconds": 1_655_342_199_935_i64, "seconds": 1_655_342_199,
                "rfc3339": "2022-06-16T01:16:39Z", "simple": "2022-06-16 01:16:39"},
            "_member": {"_links": {"self": me["_links"]["self"]}, "_id": me["_id"]},
        })
    );
    let bare = house.post(LINKS, json!({"deepLink": "https://example.com"})).await.ok();
    assert_eq!(bare["_timestamp"]["milliseconds"], NOW);
    assert!(bare.get("_key").is_none());
    assert_eq!(house.get(LINKS).await.ok()["items"], json!([made, bare]));

    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["titleVerb"]), (&json!("flag"), &json!("updated the flag")));
    assert_eq!(entry["description"], "* Created the flag link\n");
    let access =
        |env: &str| json!({"action": "createFlagLink", "resource": format!("proj/default:env/{env}:flag/lamp")});
    assert_eq!(entry["accesses"], json!([access("production"), access("test")]));

    // By key and by id.
    house
        .delete(&format!("/api/v2/flag-links/projects/default/flags/other/{}", "ticket"))
        .await
        .refused(404, "not_found");
    assert_eq!(house.delete(&format!("{LINKS}/ticket")).await.status(), 204);
    let entry = house.newest().await;
    assert_eq!(entry["accesses"][0]["action"], "deleteFlagLink");
    assert_eq!(entry["description"], "* Deleted the flag link `A ticket`\n");
    house.delete(&own(&made)).await.refused(404, "not_found");
    assert_eq!(house.delete(&own(&bare)).await.status(), 204);
    let keyed = house.post(LINKS, json!({"key": "ticket", "deepLink": "https://example.com"})).await.ok();
    assert_eq!(house.delete(&own(&keyed)).await.status(), 204);
    assert_eq!(house.get(LINKS).await.ok()["items"], json!([]));
}

async fn patches(store: Store) {
    let house = house(store).await;
    let made = house.post(LINKS, json!({"key": "k", "deepLink": "https://example.com/1", "title": "A"})).await.ok();
    let patch = json!([
        {"op": "replace", "path": "/title", "value": "B"},
        {"op": "add", "path": "/description", "value": "words"},
        {"op": "replace", "path": "/deepLink", "value": "https://example.com/2"},
        {"op": "replace", "path": "/_id", "value": "ignored"},
    ]);
    let changed = house.patch(&own(&made), patch).await.ok();
    assert_eq!((&changed["title"], &changed["description"]), (&json!("B"), &json!("words")));
    assert_eq!((&changed["_deepLink"], &changed["_id"]), (&json!("https://example.com/2"), &made["_id"]));
    let entry = house.newest().await;
    assert_eq!(entry["accesses"][0]["action"], "updateFlagLink");
    assert!(entry["description"].as_str().unwrap().contains("* Changed the title from ~~`A`~~ to `B`"), "{entry}");
    let by_key = json!([{"op": "replace", "path": "/title", "value": "C"}]);
    assert_eq!(house.patch(&format!("{LINKS}/k"), by_key).await.ok()["title"], "C");
    let test =
        json!([{"op": "test", "path": "/title", "value": "A"}, {"op": "replace", "path": "/title", "value": "D"}]);
    assert_eq!(house.patch(&own(&made), test).await.status(), 409);
    let remove = json!([{"op": "remove", "path": "/nothing"}]);
    house.patch(&own(&made), remove).await.refused(400, "invalid_patch");
    let bad = json!([{"op": "replace", "path": "/deepLink", "value": "nowhere"}]);
    assert!(house.patch(&own(&made), bad).await.refused(400, "invalid_request").contains("deepLink"));
    house.patch(&format!("{LINKS}/nope"), json!([])).await.refused(404, "not_found");
}

async fn refusals(store: Store) {
    let house = house(store).await;
    for (body, place) in [
        (json!({}), "deepLink"),
        (json!({"deepLink": "nowhere"}), "deepLink"),
        (json!({"deepLink": "https://example.com", "key": "a b"}), "key"),
        (json!({"deepLink": "https://example.com", "integrationKey": "a b"}), "integrationKey"),
        (json!({"deepLink": "https://example.com", "title": "x".repeat(5_000)}), "title"),
        (json!({"deepLink": "https://example.com", "timestamp": i64::MAX}), "timestamp"),
        (json!({"deepLink": "https://example.com", "metadata": {"a": 1}}), "metadata"),
    ] {
        let message = house.post(LINKS, body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(place), "{body}: {message}");
    }
    house.post(LINKS, json!({"deepLink": "https://example.com", "key": "k"})).await.ok();
    let again = house.post(LINKS, json!({"deepLink": "https://example.com", "key": "k"})).await;
    assert!(again.refused(409, "conflict").contains("flag link"));
    let body = json!({"deepLink": "https://example.com"});
    for nowhere in ["projects/nope/flags/lamp", "projects/default/flags/nope"] {
        house.post(&format!("/api/v2/flag-links/{nowhere}"), body.clone()).await.refused(404, "not_found");
        house.get(&format!("/api/v2/flag-links/{nowhere}")).await.refused(404, "not_found");
    }
    let plain = [("authorization", OWNER)];
    assert!(house.raw(&format!("GET {LINKS}"), &plain, "").await.refused(403, "forbidden").contains("beta"));
}

/// A link concerns the flag everywhere: one environment that denies is enough.
async fn permissions(store: Store) {
    let house = house(store).await;
    let role = json!([
        {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
        {"effect": "allow", "resources": ["proj/*:env/test:flag/*"], "actions": ["*"]},
    ]);
    let token = json!({"name": "half", "serviceToken": true, "inlineRole": role});
    let token = house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned();
    let headers = [("authorization", token.as_str()), ("ld-api-version", "beta")];
    assert_eq!(house.raw(&format!("GET {LINKS}"), &headers, "").await.status(), 200);
    let body = json!({"deepLink": "https://example.com"}).to_string();
    let answer = house.raw(&format!("POST {LINKS}"), &headers, &body).await;
    answer.refused(403, "forbidden");
    let access = json!({"action": "createFlagLink", "resource": "proj/default:env/production:flag/lamp"});
    assert_eq!(answer.json()["access"], access);
}

async fn they_go_with_their_flag(store: Store) {
    let house = house(store).await;
    house.post(LINKS, json!({"deepLink": "https://example.com", "key": "k"})).await.ok();
    assert_eq!(house.delete("/api/v2/flags/default/lamp").await.status(), 204);
    house.get(LINKS).await.refused(404, "not_found");
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    assert_eq!(house.get(LINKS).await.ok()["items"], json!([]));
}
