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
