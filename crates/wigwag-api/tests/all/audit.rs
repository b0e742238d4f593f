//! The audit log: behaviour.md 13.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    an_entry;
    pages_meet;
    searching;
    by_statements;
    only_what_may_be_seen;
    counting;
    tags_of_the_time;
    the_state_before_and_after_as_the_api_shows_it;
    what_nobody_may_view_is_not_told;
    exported_and_verified;
}

const LOG: &str = "/api/v2/auditlog";

/// Makes `count` webhooks, a second apart from each other.
async fn hooks(house: &House, count: usize) {
    for i in 0..count {
        house.clock.advance(1000);
        let hook = json!({"name": format!("hook-{i}"), "url": "https://example.com", "sign": false, "on": true});
        house.post("/api/v2/webhooks", hook).await.ok();
    }
}

fn names(log: &Value) -> Vec<String> {
    log["items"].as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect()
}

async fn an_entry(store: Store) {
    let house = House::open(store).await;
    hooks(&house, 1).await;
    let log = house.get(&format!("{LOG}?limit=1")).await.ok();
    let entry = &log["items"][0];
    let me = house.get("/api/v2/members/me").await.ok();
    assert_eq!(
        (&entry["kind"], &entry["name"], &entry["date"]),
        (&json!("webhook"), &json!("hook-0"), &json!(NOW + 1000))
    );
    assert_eq!((&entry["member"]["_id"], &entry["member"]["email"]), (&me["_id"], &json!("ann@example.com")));
    assert!(entry["token"]["ending"].is_string() && entry["token"]["serviceToken"] == false);
    let title = entry["title"].as_str().unwrap();
    assert!(title.ends_with(r"(mailto:ann@example.com) created the webhook [hook\-0](/integrations)"), "{title}");
    for required in ["_links", "_id", "_accountId", "accesses", "description", "shortDescription", "subject", "target"]
    {
        assert!(!entry[required].is_null(), "{required}");
    }
    let path = entry["_links"]["self"]["href"].as_str().unwrap();
    assert_eq!(entry["_links"]["parent"]["href"], LOG);
    assert_eq!(entry["_links"]["canonical"]["href"], entry["target"]["_links"]["canonical"]["href"]);
    assert!(entry["currentVersion"].is_null(), "only in the detail");
    let detail = house.get(path).await.ok();
    assert_eq!(detail["currentVersion"]["name"], "hook-0");
    assert!(detail["previousVersion"].is_null());
    house.get(&format!("{LOG}/ffffffffffffffffffffffff")).await.refused(404, "not_found");

    // What lies in a project says so.
    house.post("/api/v2/projects/default/environments", json!({"key": "e", "name": "E", "color": "00aa00"})).await.ok();
    let entry = house.newest().await;
    assert_eq!(entry["parent"]["resource"], "proj/default");
    let text = entry.to_string();
    assert!(!text.contains("sdk-") && !text.contains("mob-"), "keys stay out of the log: {text}");
}

/// Following `next` visits every entry once, whatever happened in the same millisecond.
async fn pages_meet(store: Store) {
    let house = House::open(store).await;
    let before = house.head().await;
    for i in 0..7 {
        house
            .post(
                "/api/v2/webhooks",
                json!({"name": format!("h{i}"), "url": "https://e.com", "sign": false, "on": true}),
            )
            .await
            .ok();
    }
    let all = follow(&house, format!("{LOG}?limit=3")).await;
    assert_eq!(all.len() as u64, before + 7);
    let some = follow(&house, format!("{LOG}?limit=2&spec=webhook/*")).await;
    assert_eq!((some.len(), &some[..]), (7, &all[..7]));
}

/// The ids of all entries from here on, page by page.
async fn follow(house: &House, mut path: String) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    loop {
        let log = house.get(&path).await.ok();
        for entry in log["items"].as_array().unwrap() {
            let id = entry["_id"].as_str().unwrap().to_owned();
            assert!(!seen.contains(&id), "{id} is on two pages");
            seen.push(id);
        }
        match log["_links"]["next"]["href"].as_str() {
            Some(next) => next.clone_into(&mut path),
            None => return seen,
        }
    }
}

async fn searching(store: Store) {
    let house = House::open(store).await;
    hooks(&house, 5).await;
    let found = async |query: &str| names(&house.get(&format!("{LOG}?{query}")).await.ok());
    assert_eq!(found("q=HOOK-3").await, ["hook-3"]);
    assert_eq!(found(&format!("after={}&before={}", NOW + 1000, NOW + 4000)).await, ["hook-2", "hook-1"]);
    assert_eq!(found("spec=webhook/*&limit=2").await, ["hook-4", "hook-3"]);
    assert_eq!(found("spec=proj/*:env/*:flag/*").await, [""; 0]);
    assert_eq!(found("member=ffffffffffffffffffffffff").await, [""; 0]);
    assert_eq!(found("token=ffffffffffffffffffffffff").await, [""; 0]);
    let entry = house.newest().await;
    let (member, token) = (&entry["member"]["_id"], &entry["token"]["_id"]);
    let both = format!("member={}&token={}&limit=1", member.as_str().unwrap(), token.as_str().unwrap());
    assert_eq!(found(&both).await, ["hook-4"]);
    assert_eq!(found("").await.len(), 7.min(house.head().await as usize), "up to ten without a limit");
    for (bad, field) in [
        ("limit=21", "limit"),
        ("limit=-1", "limit"),
        ("before=x", "'before'"),
        ("after=-1", "'after'"),
        ("spec=:::", "spec"),
    ] {
        let message = house.get(&format!("{LOG}?{bad}")).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{bad}: {message}");
    }
}

async fn by_statements(store: Store) {
    let house = House::open(store).await;
    hooks(&house, 2).await;
    house.post("/api/v2/teams", json!({"key": "t", "name": "T"})).await.ok();
    let found = async |statements: Value| names(&house.post(LOG, statements).await.ok());
    let allow = |resource: &str, action: &str| json!({"effect": "allow", "resources": [resource], "actions": [action]});
    assert_eq!(found(json!([allow("team/*", "*")])).await, ["T"]);
    assert_eq!(found(json!([allow("webhook/*", "createWebhook")])).await, ["hook-1", "hook-0"]);
    assert_eq!(found(json!([allow("webhook/*", "deleteWebhook")])).await, [""; 0]);
    let deny = json!({"effect": "deny", "resources": ["webhook/*"], "actions": ["*"]});
    assert_eq!(found(json!([allow("team/*", "*"), allow("webhook/*", "*"), deny])).await, ["T"]);
    let all = found(json!([])).await;
    assert_eq!(all.len() as u64, house.head().await);
    house.post(LOG, json!({"effect": "allow"})).await.refused(400, "invalid_request");
    let message = house.post(LOG, json!([{"effect": "perhaps"}])).await.refused(400, "invalid_request");
    assert!(message.contains("[0]"), "{message}");
}

/// Entries of projects that the caller cannot view are not there for them.
async fn only_what_may_be_seen(store: Store) {
    let house = House::open(store).await;
    house.post("/api/v2/projects/default/environments", json!({"key": "e", "name": "E", "color": "00aa00"})).await.ok();
    let entry = house.newest().await;
    let token = house.powerless().await;
    let headers = [("authorization", token.as_str())];
    let own = entry["_links"]["self"]["href"].as_str().unwrap();
    house.raw(&format!("GET {own}"), &headers, "").await.refused(404, "not_found");
    let log = house.raw(&format!("GET {LOG}?limit=20"), &headers, "").await.ok();
    assert!(names(&log).iter().all(|n| n != "E"), "{log}");
}

async fn counting(store: Store) {
    let house = House::open(store).await;
    hooks(&house, 4).await;
    let path = format!("{LOG}/counts?after={NOW}&before={}&buckets=5", NOW + 5000);
    let counts = house.post(&path, json!([])).await.ok();
    let buckets = counts["buckets"].as_array().unwrap();
    let by_bucket: Vec<_> = buckets.iter().map(|b| b["count"].as_u64().unwrap()).collect();
    assert_eq!(
        (by_bucket, &counts["totalCount"], &counts["bucketIntervalMs"]),
        (vec![0, 1, 1, 1, 1], &json!(4), &json!(1000))
    );
    assert_eq!(buckets[4]["timestamp"], NOW + 4000);
    let none = json!([{"effect": "allow", "resources": ["team/*"], "actions": ["*"]}]);
    assert_eq!(house.post(&path, none).await.ok()["totalCount"], 0);
    let message = house.post(&format!("{LOG}/counts"), json!([])).await.refused(400, "invalid_request");
    assert!(message.contains("after"), "{message}");
    house.post(&format!("{LOG}/counts?after=1&buckets=501"), json!([])).await.refused(400, "invalid_request");
}

/// Selectors by tag and criticality mean what resources had when they were changed, also once they have others.
async fn tags_of_the_time(store: Store) {
    let house = House::open(store).await;
    let flags = "/api/v2/flags/default";
    house.post(flags, json!({"key": "a", "name": "A", "tags": ["loud", "red"]})).await.ok();
    house.post(flags, json!({"key": "b", "name": "B", "tags": ["quiet"]})).await.ok();
    house.patch(&format!("{flags}/a"), json!([{"op": "replace", "path": "/tags", "value": ["quiet"]}])).await.ok();
    house.delete(&format!("{flags}/a")).await.ok();
    let verbs = async |resource: &str| {
        let statement = json!([{"effect": "allow", "resources": [resource], "actions": ["*"]}]);
        let posted = house.post(LOG, statement).await.ok();
        let by_spec = house.get(&format!("{LOG}?spec={}", resource.replace(';', "%3B"))).await.ok();
        assert_eq!(posted["items"], by_spec["items"], "{resource}");
        let items = posted["items"].as_array().unwrap();
        items
            .iter()
            .map(|e| format!("{} {}", e["titleVerb"].as_str().unwrap(), e["name"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let (made, changed, gone) = ("created the flag A", "updated the flag A", "deleted the flag A");
    assert_eq!(verbs("proj/*:env/*:flag/*;loud").await, [changed, made]);
    assert_eq!(verbs("proj/*:env/*:flag/*;lo*,red").await, [changed, made]);
    assert_eq!(verbs("proj/*:env/*:flag/*;quiet").await, [gone, "created the flag B"]);
    assert_eq!(verbs("proj/*:env/test:flag/a").await, [gone, changed, made]);
    assert_eq!(verbs("proj/*:env/*;{critical:true}:flag/*").await.len(), 4, "production is critical");
    assert_eq!(verbs("proj/*:env/test;{critical:true}:flag/*").await.len(), 0);
    assert_eq!(verbs("proj/*;loud:env/*:flag/*").await.len(), 0);
    // The same of segments, and of what encloses them.
    house.post("/api/v2/segments/default/test", json!({"key": "s", "name": "S", "tags": ["red"]})).await.ok();
    house.patch("/api/v2/projects/default", json!([{"op": "add", "path": "/tags/-", "value": "loud"}])).await.ok();
    house
        .patch("/api/v2/segments/default/test/s", json!([{"op": "replace", "path": "/name", "value": "T"}]))
        .await
        .ok();
    assert_eq!(verbs("proj/*:env/*:segment/*;red").await, ["updated the segment T", "created the segment S"]);
    assert_eq!(verbs("proj/*;loud:env/*:segment/*;red").await, ["updated the segment T"]);
    assert_eq!(verbs("proj/*:env/*:segment/*;blue").await.len(), 0);
    let entry = house.newest().await;
    assert!(entry["accesses"][0].as_object().unwrap().keys().eq(["action", "resource"]), "{entry}");
}

/// What the API showed before and after a change is what the entry shows, without secrets.
async fn the_state_before_and_after_as_the_api_shows_it(store: Store) {
    let house = House::open(store).await;
    let rename = json!([{"op": "replace", "path": "/name", "value": "Other"}]);
    let made = [
        ("/api/v2/projects", json!({"key": "p", "name": "P"}), "/api/v2/projects/p"),
        (
            "/api/v2/projects/p/environments",
            json!({"key": "e", "name": "E", "color": "00aa00"}),
            "/api/v2/projects/p/environments/e",
        ),
        ("/api/v2/flags/p", json!({"key": "f", "name": "F", "tags": ["t"]}), "/api/v2/flags/p/f"),
        ("/api/v2/segments/p/e", json!({"key": "s", "name": "S"}), "/api/v2/segments/p/e/s"),
    ];
    for (at, body, path) in made {
        house.post(at, body).await.ok();
        let before = house.get(path).await.ok();
        house.patch(path, rename.clone()).await.ok();
        let after = house.get(path).await.ok();
        let entry = house.newest().await;
        for (version, shown) in [("previousVersion", before), ("currentVersion", after)] {
            let (mut told, mut shown) = (entry[version].clone(), shown);
            if at.ends_with("environments") {
                for key in ["apiKey", "mobileKey"] {
                    assert_eq!(told[key], "******");
                    let secret = shown[key].take();
                    assert!(!entry.to_string().contains(secret.as_str().unwrap()), "{path}");
                    told[key].take();
                }
            }
            assert_eq!(told, shown, "{path} {version}");
        }
        assert_eq!(entry["delta"], rename);
    }
    // A change in one environment shows the flag too.
    let on = json!({"environmentKey": "e", "instructions": [{"kind": "turnFlagOn"}]});
    house.patch("/api/v2/flags/p/f", on).await.ok();
    let entry = house.newest().await;
    assert_eq!(entry["previousVersion"]["environments"]["e"]["on"], false);
    assert_eq!(entry["currentVersion"]["environments"]["e"]["on"], true);
    house.delete("/api/v2/projects/p").await.ok();
    let entry = house.newest().await;
    assert_eq!((&entry["previousVersion"]["name"], &entry["currentVersion"]), (&json!("Other"), &Value::Null));
    // Members and tokens are told without what they are recognised by.
    house.powerless().await;
    let entry = house.newest().await;
    let told = &entry["currentVersion"];
    assert_eq!((&entry["kind"], told["_id"].is_string(), told.get("hash")), (&json!("token"), true, None));
    assert!(told["token"].as_str().is_none_or(|token| token.len() < 8), "{told}");
    let bob = json!([{"email": "bob@example.com", "role": "reader", "password": "long enough by far"}]);
    let bob = house.post("/api/v2/members", bob).await.ok()["items"][0]["_id"].as_str().unwrap().to_owned();
    let patch = json!([{"op": "replace", "path": "/role", "value": "writer"},
        {"op": "add", "path": "/roleAttributes", "value": {"k": ["v"]}}]);
    house.patch(&format!("/api/v2/members/{bob}"), patch).await.ok();
    let entry = house.newest().await;
    let (before, after) = (&entry["previousVersion"], &entry["currentVersion"]);
    assert_eq!((&before["role"], &after["role"], &after["_id"]), (&json!("reader"), &json!("writer"), &json!(bob)));
    assert_eq!(after["roleAttributes"], json!({"k": ["v"]}));
    assert!(after.get("passwordHash").is_none() && after.get("signIn").is_none());
    let role = json!({"key": "r", "name": "R", "policy": []});
    house.post("/api/v2/roles", role).await.ok();
    house.patch("/api/v2/roles/r", json!([{"op": "replace", "path": "/name", "value": "S"}])).await.ok();
    let entry = house.newest().await;
    let (before, after) = (&entry["previousVersion"], &entry["currentVersion"]);
    assert_eq!(
        (&before["name"], &after["name"], &after["_links"]["self"]["href"]),
        (&json!("R"), &json!("S"), &json!("/api/v2/roles/r"))
    );
}

async fn what_nobody_may_view_is_not_told(store: Store) {
    let house = House::open(store).await;
    house.post("/api/v2/teams", json!({"key": "t", "name": "Team"})).await.ok();
    let own = house.newest().await["_links"]["self"]["href"].as_str().unwrap().to_owned();
    let role = json!([{"effect": "deny", "resources": ["team/t"], "actions": ["viewTeam"]}]);
    let token = json!({"name": "n", "serviceToken": true, "inlineRole": role});
    let token = house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned();
    let headers = [("authorization", token.as_str())];
    house.raw(&format!("GET {own}"), &headers, "").await.refused(404, "not_found");
    let log = house.raw(&format!("GET {LOG}?limit=20"), &headers, "").await.ok();
    assert!(!names(&log).contains(&"Team".to_owned()), "{log}");
    assert!(!names(&log).is_empty());
}

async fn exported_and_verified(store: Store) {
    let house = House::open(store).await;
    hooks(&house, 5).await;
    let export = async |query: &str| {
        let answer = house.get(&format!("{LOG}/export{query}")).await;
        assert_eq!((answer.status(), answer.header("content-type")), (200, "application/x-ndjson"));
        answer.text()
    };
    let all = export("").await;
    let head = house.head().await;
    assert_eq!(all.lines().count() as u64, head);
    let found = wigwag_store::verify_lines(all.as_bytes(), |_, _| {}).unwrap();
    assert_eq!(found, house.store.verify_chain().await.unwrap());
    // Page by page it is the same.
    let mut pages = String::new();
    while let page = export(&format!("?lines=2&after={}", pages.lines().count())).await
        && !page.is_empty()
    {
        pages.push_str(&page);
    }
    assert_eq!(pages, all);
    let last: Value = serde_json::from_str(all.lines().last().unwrap()).unwrap();
    assert_eq!((&last["sequence"], &last["entry"]["titleVerb"]), (&json!(head), &json!("created the webhook")));
    for bad in ["lines=5001", "after=-1"] {
        house.get(&format!("{LOG}/export?{bad}")).await.refused(400, "invalid_request");
    }
    let token = house.powerless().await;
    house.raw(&format!("GET {LOG}/export"), &[("authorization", &token)], "").await.refused(403, "forbidden");
}
