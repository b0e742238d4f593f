//! Flag triggers and their URL: semantic-patch.md 8, behaviour.md 16.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{Answer, House, NOW, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    a_call_switches_the_flag;
    calls_that_change_nothing;
    patches;
    refusals;
    permissions;
    what_it_may_do;
    bodies_are_remembered;
    it_goes_with_its_flag_and_environment;
    many_calls_at_once;
}

const TRIGGERS: &str = "/api/v2/flags/default/lamp/triggers/test";

async fn house(store: Store) -> House {
    let house = House::open(store).await;
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    house
}

async fn trigger(house: &House, action: &str) -> Value {
    let body = json!({"integrationKey": "generic-trigger", "instructions": [{"kind": action}]});
    let answer = house.post(TRIGGERS, body).await;
    assert_eq!(answer.status(), 201);
    answer.ok()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}"))
}

/// The path of a trigger's URL.
fn path(trigger: &Value) -> String {
    text(trigger, "triggerURL").strip_prefix("https://flags.example.com").unwrap().to_owned()
}

fn own(trigger: &Value) -> String {
    format!("{TRIGGERS}/{}", text(trigger, "_id"))
}

/// Without any credential.
async fn call(house: &House, path: &str, body: &str) -> Answer {
    house.raw(&format!("POST {path}"), &[], body).await
}

async fn is_on(house: &House) -> bool {
    house.get("/api/v2/flags/default/lamp").await.ok()["environments"]["test"]["on"].as_bool().unwrap()
}

async fn from_creation_to_deletion(store: Store) {
    let house = house(store).await;
    assert_eq!(house.get(TRIGGERS).await.ok()["items"], json!([]));
    let made = trigger(&house, "turnFlagOn").await;
    let id = text(&made, "_id");
    assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    let me = house.get("/api/v2/members/me").await.ok();
    assert_eq!((&made["_maintainerId"], &made["_maintainer"]["email"]), (&me["_id"], &me["email"]));
    let secret = path(&made).rsplit('/').next().unwrap().to_owned();
    assert_eq!(path(&made), format!("/webhook/triggers/{id}/{secret}"));
    assert_eq!(secret.len(), 36);
    assert_eq!(
        (&made["enabled"], &made["_status"], &made["_triggerCount"], &made["_creationDate"], &made["_version"]),
        (&json!(true), &json!("active"), &json!(0), &json!(NOW), &json!(1))
    );
    assert_eq!(made["instructions"], json!([{"kind": "turnFlagOn"}]));
    assert!(made.get("_lastTriggeredAt").is_none());

    let read = house.get(&own(&made)).await.ok();
    let mut masked = made.clone();
    masked["triggerURL"] = format!("https://flags.example.com/webhook/triggers/{id}/***").into();
    assert_eq!(read, masked);
    assert_eq!(read["_links"]["self"]["href"], own(&made));
    assert_eq!(house.get(TRIGGERS).await.ok()["items"], json!([masked]));
    for elsewhere in [
        format!("/api/v2/flags/default/lamp/triggers/production/{id}"),
        format!("/api/v2/flags/default/other/triggers/test/{id}"),
    ] {
        house.get(&elsewhere).await.refused(404, "not_found");
    }

    let entry = house.newest().await;
    assert_eq!((text(&entry, "kind"), text(&entry, "titleVerb")), ("flag", "updated the flag"));
    assert_eq!(text(&entry, "name"), "Lamp");
    assert!(text(&entry, "description").starts_with("* Created the flag trigger `"));
    let resource = "proj/default:env/test:flag/lamp";
    assert_eq!(entry["accesses"], json!([{"action": "createTriggers", "resource": resource}]));

    assert_eq!(house.delete(&own(&made)).await.status(), 204);
    house.get(&own(&made)).await.refused(404, "not_found");
    house.delete(&own(&made)).await.refused(404, "not_found");
    assert_eq!(house.newest().await["accesses"], json!([{"action": "deleteTriggers", "resource": resource}]));
    call(&house, &path(&made), "").await.refused(404, "not_found");
    assert!(!house.get("/api/v2/auditlog").await.text().contains(&secret));
}

async fn a_call_switches_the_flag(store: Store) {
    let house = house(store).await;
    let (on, off) = (trigger(&house, "turnFlagOn").await, trigger(&house, "turnFlagOff").await);
    let version = house.get("/api/v2/flags/default/lamp").await.ok()["environments"]["test"]["version"].clone();
    house.clock.advance(1_000);
    let head = house.head().await;
    let body = r#"{"eventName": "Latest alert", "url": "https://example.com/1"}"#;
    assert_eq!(call(&house, &path(&on), body).await.ok(), json!({"triggered": true}));
    assert_eq!(house.head().await, head + 1, "the flag and the count of the trigger change together");
    let flag = house.get("/api/v2/flags/default/lamp").await.ok();
    assert_eq!(flag["environments"]["test"]["on"], true);
    assert_eq!(flag["environments"]["production"]["on"], false);
    assert_eq!(flag["environments"]["test"]["version"].as_u64().unwrap(), version.as_u64().unwrap() + 1);

    let entry = house.newest().await;
    assert_eq!((text(&entry, "kind"), text(&entry, "titleVerb")), ("flag", "turned on the flag"));
    assert_eq!(entry["triggerBody"]["eventName"], "Latest alert");
    assert_eq!(entry["accesses"], json!([{"action": "updateOn", "resource": "proj/default:env/test:flag/lamp"}]));
    assert_eq!(entry["subject"]["name"], "Flag trigger (generic-trigger)");
    assert_eq!(entry["subject"]["_links"]["self"]["href"], own(&on));
    assert!(text(&entry, "title").starts_with("Flag trigger \\(generic\\-trigger\\) turned on the flag"), "{entry}");
    assert!(entry.get("member").is_none() && entry.get("token").is_none());
    let secret = path(&on).rsplit('/').next().unwrap().to_owned();
    assert!(!entry.to_string().contains(&secret));

    let read = house.get(&own(&on)).await.ok();
    assert_eq!((&read["_triggerCount"], &read["_lastTriggeredAt"]), (&json!(1), &json!(NOW + 1_000)));
    assert_eq!(read["_recentTriggerBodies"][0]["jsonBody"]["url"], "https://example.com/1");
    assert_eq!(house.get(&own(&off)).await.ok()["_triggerCount"], 0);

    // Without a body, and with one that is no JSON.
    call(&house, &path(&off), "").await.ok();
    assert!(!is_on(&house).await);
    assert_eq!(house.newest().await["titleVerb"], "turned off the flag");
    call(&house, &path(&on), "{").await.ok();
    assert!(is_on(&house).await);
    // The method matters.
    house.raw(&format!("GET {}", path(&on)), &[], "").await.refused(405, "method_not_allowed");
}

async fn calls_that_change_nothing(store: Store) {
    let house = house(store).await;
    let off = trigger(&house, "turnFlagOff").await;
    let log = house.get("/api/v2/auditlog").await.ok();
    let flag = house.get("/api/v2/flags/default/lamp").await.ok();
    for n in 1..=3 {
        assert_eq!(call(&house, &path(&off), "").await.ok(), json!({"triggered": true}));
        assert_eq!(house.get(&own(&off)).await.ok()["_triggerCount"], n);
    }
    assert_eq!(house.get("/api/v2/flags/default/lamp").await.ok(), flag);
    assert_eq!(house.get("/api/v2/auditlog").await.ok()["items"], log["items"], "nothing was done to tell of");

    // Test events of an integration do nothing; a generic trigger does not know such events.
    let body = json!({"integrationKey": "datadog", "instructions": [{"kind": "turnFlagOn"}]});
    let datadog = house.post(TRIGGERS, body).await.ok();
    let head = house.head().await;
    let answer = call(&house, &path(&datadog), r#"{"eventName": "a TEst"}"#).await.ok();
    assert_eq!((answer, house.head().await), (json!({"triggered": false}), head));
    assert!(!is_on(&house).await);
    assert_eq!(call(&house, &path(&datadog), r#"{"eventName": "alert"}"#).await.ok(), json!({"triggered": true}));
    assert!(is_on(&house).await);
}

async fn patches(store: Store) {
    let house = house(store).await;
    let made = trigger(&house, "turnFlagOn").await;
    let patch = async |instructions: Value| {
        house.patch(&own(&made), json!({"instructions": instructions, "comment": "why"})).await
    };
    let disabled = patch(json!([{"kind": "disableTrigger"}])).await.ok();
    assert_eq!((&disabled["enabled"], &disabled["_status"]), (&json!(false), &json!("inactive")));
    assert!(text(&disabled, "triggerURL").ends_with("/***"));
    let entry = house.newest().await;
    let access = json!([{"action": "updateTriggers", "resource": "proj/default:env/test:flag/lamp"}]);
    assert_eq!((&entry["accesses"], text(&entry, "comment")), (&access, "why"));
    assert_eq!(entry["description"], "* Changed the trigger enabled from ~~`true`~~ to `false`\n");
    assert_eq!(entry["titleVerb"], "updated the flag");
    assert!(call(&house, &path(&made), "").await.refused(403, "forbidden").contains("disabled"));
    assert!(!is_on(&house).await);

    let enabled = patch(json!([{"kind": "enableTrigger"}])).await.ok();
    assert_eq!((&enabled["enabled"], &enabled["_version"]), (&json!(true), &json!(3)));
    let head = house.head().await;
    patch(json!([{"kind": "enableTrigger"}])).await.ok();
    assert_eq!(house.head().await, head, "nothing changed");

    let cycled = patch(json!([{"kind": "cycleTriggerUrl"}])).await.ok();
    assert_ne!(path(&cycled), path(&made));
    let secret = path(&cycled).rsplit('/').next().unwrap().to_owned();
    assert_eq!(secret.len(), 36);
    let entry = house.newest().await;
    assert_eq!(entry["description"], "* Changed the trigger url\n");
    assert!(!entry.to_string().contains(&secret));
    assert!(text(&house.get(&own(&made)).await.ok(), "triggerURL").ends_with("/***"));
    call(&house, &path(&made), "").await.refused(404, "not_found");
    call(&house, &path(&cycled), "").await.ok();
    assert!(is_on(&house).await);

    let replace = json!([{"kind": "replaceTriggerActionInstructions", "value": [{"kind": "turnFlagOff"}]}]);
    assert_eq!(patch(replace).await.ok()["instructions"], json!([{"kind": "turnFlagOff"}]));
    call(&house, &path(&cycled), "").await.ok();
    assert!(!is_on(&house).await);
}

async fn refusals(store: Store) {
    let house = house(store).await;
    for (body, place) in [
        (json!({"instructions": [{"kind": "turnFlagOn"}]}), "integrationKey"),
        (json!({"integrationKey": "generic-trigger"}), "instructions"),
        (json!({"integrationKey": "generic-trigger", "instructions": []}), "instructions"),
        (json!({"integrationKey": "a b", "instructions": [{"kind": "turnFlagOn"}]}), "integrationKey"),
        (
            json!({"integrationKey": "generic-trigger", "instructions": [{"kind": "addTargets"}]}),
            "instructions[0].kind",
        ),
        (
            json!({"integrationKey": "generic-trigger", "instructions": [{"kind": "turnFlagOn"}, {"kind": "turnFlagOff"}]}),
            "instructions",
        ),
    ] {
        let message = house.post(TRIGGERS, body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(place), "{body}: {message}");
    }
    let body = || json!({"integrationKey": "generic-trigger", "instructions": [{"kind": "turnFlagOn"}]});
    for nowhere in [
        "/api/v2/flags/nope/lamp/triggers/test",
        "/api/v2/flags/default/nope/triggers/test",
        "/api/v2/flags/default/lamp/triggers/nope",
    ] {
        house.post(nowhere, body()).await.refused(404, "not_found");
        house.get(nowhere).await.refused(404, "not_found");
    }
    let made = trigger(&house, "turnFlagOn").await;
    for (instructions, place) in [
        (json!([{"kind": "explode"}]), "instructions[0].kind"),
        (json!([{"kind": "replaceTriggerActionInstructions"}]), "instructions[0].value"),
        (json!([{"kind": "replaceTriggerActionInstructions", "value": []}]), "instructions[0].value"),
    ] {
        let answer = house.patch(&own(&made), json!({"instructions": instructions})).await;
        let message = answer.refused(400, "invalid_request");
        assert!(message.contains(place), "{message}");
    }
    let id = text(&made, "_id");
    let head = house.head().await;
    for wrong in [
        format!("/webhook/triggers/{id}/***"),
        format!("/webhook/triggers/{id}/00000000-0000-4000-8000-000000000000"),
        path(&made).replace(id, "ffffffffffffffffffffffff"),
    ] {
        assert_eq!(call(&house, &wrong, "").await.refused(404, "not_found"), "Unknown flag trigger");
    }
    assert_eq!(house.head().await, head);
}

async fn permissions(store: Store) {
    let house = house(store).await;
    let made = trigger(&house, "turnFlagOn").await;
    let role = json!([{"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]}]);
    let token = json!({"name": "viewer", "serviceToken": true, "inlineRole": role});
    let token = house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned();
    let headers = [("authorization", token.as_str())];
    assert_eq!(house.raw(&format!("GET {TRIGGERS}"), &headers, "").await.status(), 200);
    let body = json!({"integrationKey": "generic-trigger", "instructions": [{"kind": "turnFlagOn"}]}).to_string();
    let patch = json!({"instructions": [{"kind": "disableTrigger"}]}).to_string();
    for (line, body, action) in [
        (format!("POST {TRIGGERS}"), body.as_str(), "createTriggers"),
        (format!("PATCH {}", own(&made)), patch.as_str(), "updateTriggers"),
        (format!("DELETE {}", own(&made)), "", "deleteTriggers"),
    ] {
        let answer = house.raw(&line, &headers, body).await;
        answer.refused(403, "forbidden");
        let access = json!({"action": action, "resource": "proj/default:env/test:flag/lamp"});
        assert_eq!(answer.json()["access"], access);
    }
}

/// A trigger is bound by the rules of its environment: what it cannot do is told and remembered.
async fn what_it_may_do(store: Store) {
    let house = house(store).await;
    let made = trigger(&house, "turnFlagOn").await;
    let environment = "/api/v2/projects/default/environments/test";
    let require = |path: &str| json!([{"op": "replace", "path": path, "value": true}]);
    house.patch(environment, require("/requireComments")).await.ok();
    call(&house, &path(&made), "").await.ok();
    assert_eq!(house.newest().await["comment"], "Changed by a flag trigger");
    house.patch(environment, require("/approvalSettings/required")).await.ok();
    let off = json!([{"kind": "replaceTriggerActionInstructions", "value": [{"kind": "turnFlagOff"}]}]);
    house.patch(&own(&made), json!({"instructions": off})).await.ok();
    house.clock.advance(1_000);
    call(&house, &path(&made), "{}").await.refused(405, "method_not_allowed");
    assert!(is_on(&house).await);
    let read = house.get(&own(&made)).await.ok();
    assert_eq!((&read["_status"], &read["_lastFailedAt"]), (&json!("failed"), &json!(NOW + 1_000)));
    assert_eq!((&read["_triggerCount"], &read["_lastTriggeredAt"]), (&json!(1), &json!(NOW)));
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "could not change the flag");
    assert!(text(&entry, "description").contains("Approval is required"), "{entry}");
}

async fn bodies_are_remembered(store: Store) {
    let house = house(store).await;
    let made = trigger(&house, "turnFlagOff").await;
    for n in 0..7 {
        house.clock.advance(1);
        call(&house, &path(&made), &json!({"n": n}).to_string()).await.ok();
    }
    call(&house, &path(&made), "[1]").await.ok();
    let large = json!({"text": "x".repeat(20_000)}).to_string();
    call(&house, &path(&made), &large).await.ok();
    let read = house.get(&own(&made)).await.ok();
    let bodies: Vec<_> =
        read["_recentTriggerBodies"].as_array().unwrap().iter().map(|b| b["jsonBody"]["n"].as_i64()).collect();
    assert_eq!(bodies, [None, None, Some(6), Some(5), Some(4)]);
    assert_eq!(read["_recentTriggerBodies"][2]["timestamp"], NOW + 7);
    assert_eq!(read["_triggerCount"], 9);
}

async fn it_goes_with_its_flag_and_environment(store: Store) {
    let house = house(store).await;
    let made = trigger(&house, "turnFlagOn").await;
    assert_eq!(house.delete("/api/v2/flags/default/lamp").await.status(), 204);
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    assert_eq!(house.get(TRIGGERS).await.ok()["items"], json!([]));
    call(&house, &path(&made), "").await.refused(404, "not_found");
    assert!(!is_on(&house).await);

    let made = trigger(&house, "turnFlagOn").await;
    assert_eq!(house.delete("/api/v2/projects/default/environments/test").await.status(), 204);
    call(&house, &path(&made), "").await.refused(404, "not_found");
}

async fn many_calls_at_once(store: Store) {
    let house = house(store).await;
    let (on, off) = (trigger(&house, "turnFlagOn").await, trigger(&house, "turnFlagOff").await);
    let (on_path, off_path) = (path(&on), path(&off));
    let calls = (0..12).map(|n| call(&house, if n % 2 == 0 { &on_path } else { &off_path }, ""));
    for answer in futures_util::future::join_all(calls).await {
        answer.ok();
    }
    for trigger in [&on, &off] {
        assert_eq!(house.get(&own(trigger)).await.ok()["_triggerCount"], 6);
    }
}
