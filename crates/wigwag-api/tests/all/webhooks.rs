//! Webhooks: behaviour.md 14.

use serde_json::{Value, json};
use wigwag_model::doc::Kind;
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Store, Write};

use crate::support::{House, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    signing;
    secrets_are_sealed;
    patches;
    refusals;
}

const HOOKS: &str = "/api/v2/webhooks";

async fn hook(house: &House, more: Value) -> Value {
    let mut body = json!({"url": "https://example.com/hook", "sign": false, "on": true});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = house.post(HOOKS, body).await;
    assert_eq!(answer.status(), 200, "the contract has 200 here");
    answer.ok()
}

async fn from_creation_to_deletion(store: Store) {
    let house = House::open(store).await;
    assert_eq!(house.get(HOOKS).await.ok()["items"], json!([]));
    let statements = json!([{"effect": "allow", "resources": ["proj/default:env/*:flag/*"], "actions": ["*"]}]);
    let made = hook(&house, json!({"name": "ops", "statements": statements, "tags": ["a"]})).await;
    let id = made["_id"].as_str().unwrap();
    assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    let path = format!("{HOOKS}/{id}");
    assert_eq!(
        made,
        json!({"_links": {"self": {"href": path, "type": "application/json"}}, "_id": id, "name": "ops",
            "url": "https://example.com/hook", "statements": statements, "on": true, "tags": ["a"]})
    );
    assert_eq!(house.get(&path).await.ok(), made);
    let list = house.get(HOOKS).await.ok();
    assert_eq!((&list["items"], &list["totalCount"]), (&json!([made]), &json!(1)));
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["titleVerb"]), (&json!("webhook"), &json!("created the webhook")));
    assert_eq!(entry["accesses"], json!([{"action": "createWebhook", "resource": format!("webhook/{id}")}]));

    assert_eq!(house.delete(&path).await.status(), 204);
    house.get(&path).await.refused(404, "not_found");
    house.delete(&path).await.refused(404, "not_found");
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "deleted the webhook");
    assert!(entry["currentVersion"].is_null() && entry["previousVersion"]["name"] == "ops");
}

async fn signing(store: Store) {
    let house = House::open(store).await;
    let given = hook(&house, json!({"sign": true, "secret": "frobozz"})).await;
    assert_eq!(given["secret"], "frobozz");
    let made = hook(&house, json!({"sign": true})).await;
    assert_eq!(made["secret"].as_str().unwrap().len(), 32);
    let unsigned = hook(&house, json!({"secret": ""})).await;
    assert!(unsigned["secret"].is_null());

    let path = format!("{HOOKS}/{}", given["_id"].as_str().unwrap());
    let changed = house.patch(&path, json!([{"op": "replace", "path": "/secret", "value": "plugh"}])).await.ok();
    assert_eq!(changed["secret"], "plugh");
    let entry = house.newest().await;
    let text = entry.to_string();
    assert!(!text.contains("plugh") && !text.contains("frobozz"), "{text}");
    assert_eq!(entry["description"], "* Changed the secret\n");
    assert_eq!(entry["accesses"][0]["action"], "updateSecret");
    let unset = house.patch(&path, json!([{"op": "replace", "path": "/secret", "value": ""}])).await.ok();
    assert!(unset["secret"].is_null());
}

/// The key of the signature is stored sealed, also one that was stored in the clear before, and shown to those who
/// may change it.
async fn secrets_are_sealed(store: Store) {
    let house = House::open(store).await;
    let made = hook(&house, json!({"sign": true, "secret": "frobozz"})).await;
    let id = made["_id"].as_str().unwrap();
    let (path, key) = (format!("{HOOKS}/{id}"), DocKey::account(Kind::Webhook, id));
    let stored = async || house.store.get(&key).await.unwrap().unwrap();
    let doc = stored().await;
    assert!(!doc.body.contains("frobozz") && doc.body.contains("sealedSecret"), "{}", doc.body);
    assert_eq!(house.get(&path).await.ok()["secret"], "frobozz");

    let mut old: Value = serde_json::from_str(&doc.body).unwrap();
    old.as_object_mut().unwrap().remove("sealedSecret");
    old["secret"] = json!("as it was");
    let write = Write::update(key.clone(), doc.version, old.to_string(), IndexFacts::new());
    let change = NewChange {
        id: house.app.ids.object_id(),
        body: "{}".to_owned(),
        kind: "unlisted".to_owned(),
        ..NewChange::default()
    };
    house.store.commit(Commit::new(vec![write], change)).await.unwrap();
    assert_eq!(house.get(&path).await.ok()["secret"], "as it was");
    assert_eq!(house.get(HOOKS).await.ok()["items"][0]["secret"], "as it was");
    house.patch(&path, json!([{"op": "replace", "path": "/name", "value": "n"}])).await.ok();
    assert!(!stored().await.body.contains("as it was"));
    assert_eq!(house.get(&path).await.ok()["secret"], "as it was");
    let entry = house.newest().await.to_string();
    assert!(!entry.contains("as it was") && !entry.contains("frobozz"), "{entry}");

    let token = house.powerless().await;
    for path in [HOOKS, &path] {
        let seen = house.raw(&format!("GET {path}"), &[("authorization", &token)], "").await.ok().to_string();
        assert!(seen.contains(id) && !seen.contains("as it was"), "{seen}");
    }
}

async fn patches(store: Store) {
    let house = House::open(store).await;
    let made = hook(&house, json!({"name": "ops", "tags": ["a"]})).await;
    let path = format!("{HOOKS}/{}", made["_id"].as_str().unwrap());
    let off = house.patch(&path, json!([{"op": "replace", "path": "/on", "value": false}])).await.ok();
    assert_eq!(off["on"], false);
    assert_eq!(house.newest().await["titleVerb"], "disabled the webhook");

    let both = json!({"comment": "why", "patch": [
        {"op": "test", "path": "/_id", "value": made["_id"]},
        {"op": "replace", "path": "/name", "value": "ops 2"},
        {"op": "add", "path": "/tags/-", "value": "b"},
    ]});
    let changed = house.patch(&path, both).await.ok();
    assert_eq!((&changed["name"], &changed["tags"]), (&json!("ops 2"), &json!(["a", "b"])));
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["comment"]), (&json!("updated the webhook"), &json!("why")));
    assert_eq!(entry["description"], "* Changed the name from ~~`ops`~~ to `ops 2`\n* Added tag `b`\n");
    let actions: Vec<_> = entry["accesses"].as_array().unwrap().iter().map(|a| &a["action"]).collect();
    assert_eq!(actions, ["updateName", "updateTags"]);
    assert_eq!(entry["previousVersion"]["name"], "ops");
    assert_eq!(entry["currentVersion"]["name"], "ops 2");
    assert_eq!(entry["delta"][1]["path"], "/name");

    // Nothing to do, or nothing that may be done: nothing is written.
    let head = house.head().await;
    house.patch(&path, json!([{"op": "replace", "path": "/on", "value": false}])).await.ok();
    house.patch(&path, json!([{"op": "replace", "path": "/_id", "value": "other"}])).await.ok();
    let test = json!([{"op": "replace", "path": "/name", "value": "x"}, {"op": "test", "path": "/on", "value": true}]);
    house.patch(&path, test).await.refused(409, "optimistic_locking_error");
    house.patch(&path, json!([{"op": "remove", "path": "/nope"}])).await.refused(400, "invalid_patch");
    house.patch(&path, json!({"name": "x"})).await.refused(400, "invalid_request");
    house.patch(&path, json!({"instructions": [{"kind": "x"}]})).await.refused(400, "invalid_request");
    assert_eq!(house.head().await, head);
    assert_eq!(house.get(&path).await.ok(), changed);
}

async fn refusals(store: Store) {
    let house = House::open(store).await;
    let head = house.head().await;
    for (change, field) in [
        (json!({"url": "ftp://example.com"}), "url"),
        (json!({"url": "/hook"}), "url"),
        (json!({"url": 7}), "url"),
        (json!({"on": "yes"}), "on"),
        (json!({"tags": ["a b"]}), "tags[0]"),
        (json!({"statements": [{"effect": "maybe"}]}), "statements[0]"),
        (json!({"name": "n".repeat(300)}), "name"),
    ] {
        let mut body = json!({"url": "https://example.com", "sign": false, "on": true});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let message = house.post(HOOKS, body).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{change}: {message}");
    }
    for missing in ["url", "sign", "on"] {
        let mut body = json!({"url": "https://example.com", "sign": false, "on": true});
        body.as_object_mut().unwrap().remove(missing);
        let message = house.post(HOOKS, body).await.refused(400, "invalid_request");
        assert_eq!(message, format!("Missing field {missing}"));
    }
    assert_eq!(house.head().await, head);
}
