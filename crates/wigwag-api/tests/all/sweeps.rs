//! Sweeps over the whole table of operations.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wigwag_kit::Operation;
use wigwag_kit::operation::Access;
use wigwag_store::Store;

use crate::samples::{FREE, READS, SAMPLES, filled, remember};
use crate::support::{Answer, House, OWNER, on_both_engines};

on_both_engines! {
    /// Without a valid credential nothing answers but what is public.
    nobody_gets_in;
    /// What is not built says so, to those who may ask.
    what_is_not_built;
    /// Beta operations ask for the header, built or not.
    beta_is_asked_for;
    /// Every write leaves exactly one change; without permission, none.
    every_write_is_one_change;
    /// A body that is no JSON, or of the wrong type, is refused by name and changes nothing.
    junk_is_refused;
    /// What does not exist is 404, whatever is asked of it.
    unknown_parents;
    /// Limits and offsets of lists, and their links.
    limits_and_links;
    /// Bodies over the limit.
    bodies_are_bounded;
}

/// The path of an operation with keys that nothing has.
pub fn nowhere(operation: &Operation) -> String {
    let filled = |s: &str| if s.starts_with('{') { "ffffffffffffffffffffffff".to_owned() } else { s.to_owned() };
    let path: Vec<_> = operation.entry.path.split('/').map(filled).collect();
    format!("{} {}", operation.entry.method, path.join("/"))
}

pub fn built(house: &House) -> impl Iterator<Item = &Operation> {
    house.server.operations().iter().filter(|o| o.handler().is_some())
}

/// The stream of the console and the tail of events, whose answers do not end.
pub fn is_endless(operation: &Operation) -> bool {
    operation.entry.tag == "Wigwag: console" || operation.entry.id == "streamEvents"
}

/// Sign-in has tests of its own: it wants forms and sessions where others want a token. So has what does not end.
pub fn is_sign_in(operation: &Operation) -> bool {
    operation.entry.id.starts_with("signIn")
        || is_endless(operation)
        || ["Wigwag: sign-in", "Wigwag: SCIM"].contains(&operation.entry.tag)
}

async fn nobody_gets_in(store: Store) {
    let house = House::open(store).await;
    let head = house.head().await;
    let mut public = Vec::new();
    for operation in house.server.operations() {
        // Sign-in is tested by itself: its forms ask for more than a credential.
        if operation.entry.id.starts_with("signIn") {
            continue;
        }
        for credential in ["", "api-00000000-0000-0000-0000-000000000000"] {
            let headers = [("authorization", credential), ("ld-api-version", "beta")];
            let answer = house.raw(&nowhere(operation), &headers, "{}").await;
            if operation.entry.path.contains("{secret}") {
                // The path itself is the credential.
                answer.refused(404, "not_found");
            } else if operation.entry.id == "postOAuthToken" {
                // It asks for a client's credentials in its own way.
                assert_eq!(answer.status(), 400, "{}", answer.text());
            } else if operation.access == Access::Public {
                assert_eq!(answer.status(), 200, "{}", operation.entry.id);
                public.push(operation.entry.id);
            } else {
                assert_eq!(answer.refused(401, "unauthorized"), "Invalid access token");
            }
        }
    }
    let public: BTreeSet<_> = public.into_iter().collect();
    let expected = ["apiReference", "getIps", "getOpenapiSpec", "getRoot", "getVersions"];
    assert_eq!(public.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(house.head().await, head);
}

async fn what_is_not_built(store: Store) {
    let house = House::open(store).await;
    let head = house.head().await;
    let mut count = 0;
    for operation in house.server.operations().iter().filter(|o| o.handler().is_none()) {
        let message = house.send(&nowhere(operation), Some(&json!({}))).await.refused(501, "not_implemented");
        assert!(message.contains(operation.entry.id), "{message}");
        count += 1;
    }
    assert_eq!(count + built(&house).filter(|o| o.in_contract()).count(), 410);
    assert_eq!(house.head().await, head);
}

async fn beta_is_asked_for(store: Store) {
    let house = House::open(store).await;
    for operation in house.server.operations().iter().filter(|o| o.entry.beta) {
        let answer = house.raw(&nowhere(operation), &[("authorization", OWNER)], "{}").await;
        let message = answer.refused(403, "forbidden");
        assert!(message.contains("LD-API-Version: beta"), "{message}");
    }
}

/// What samples need that no operation makes, and the ids of it.
pub async fn prepared(house: &House) -> Vec<(String, String)> {
    house.see(&[json!({"kind": "user", "key": "ann"}), json!({"kind": "user", "key": "bob"})]).await;
    house.reported(wigwag_store::volume::SenderKind::Mobile, "shop", "1.0").await;
    let me = house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned();
    let instance = wigwag_store::volume::hash_of([("user", "bob")].into_iter());
    vec![("me".to_owned(), me), ("instance".to_owned(), instance)]
}

async fn every_write_is_one_change(store: Store) {
    let house = House::open(store).await;
    let powerless = house.powerless().await;
    let mut ids = prepared(&house).await;
    let mut swept = BTreeSet::from_iter(READS.iter().copied());
    for sample in SAMPLES {
        let Some(operation) = built(&house).find(|o| o.entry.id == sample.id) else { continue };
        let (line, body) = (filled(sample.line, &ids), filled(sample.body, &ids));
        let head = house.head().await;

        let content = content_type(&body);
        let headers = [("authorization", powerless.as_str()), ("ld-api-version", "beta"), content];
        let denied = house.raw(&line, &headers, &body).await;
        if !matches!(sample.id, "patchTeams" | "patchMembers") {
            assert!(
                [403, 404].contains(&denied.status()),
                "{line} by the powerless: {} {}",
                denied.status(),
                denied.text()
            );
        }
        assert_eq!(house.head().await, head, "{line} by the powerless");

        let headers = [("authorization", OWNER), ("ld-api-version", "beta"), content];
        let answer = house.raw(&line, &headers, &body).await;
        let rep = answer.ok();
        assert_eq!(answer.status(), operation.entry.status, "{line}");
        assert_eq!(house.head().await, head + 1, "{line} must leave one change");
        remember(&mut ids, sample.id, &rep);
        entry_is_whole(&house.newest().await, sample.id);
        swept.insert(sample.id);
    }
    // Those without a credential have tests of their own.
    let private = built(&house).filter(|o| o.access != Access::Public && !is_sign_in(o));
    let writes: BTreeSet<_> = private.map(|o| o.entry).filter(|e| e.method != "GET").map(|e| e.id).collect();
    assert_eq!(writes.difference(&swept).collect::<Vec<_>>(), [&""; 0], "each needs a line in samples.rs");
}

/// What a body is sent as: all are JSON but forms.
pub fn content_type(body: &str) -> (&'static str, &'static str) {
    ("content-type", if body.starts_with("--") { "multipart/form-data; boundary=sample" } else { "application/json" })
}

/// Every entry of the audit log can be read by those who parse them.
fn entry_is_whole(entry: &Value, id: &str) {
    for text in ["_id", "_accountId", "kind", "name", "titleVerb", "title"] {
        assert!(entry[text].as_str().is_some_and(|t| !t.is_empty()), "{id}: {text} of {entry}");
    }
    let accesses = entry["accesses"].as_array().unwrap();
    assert!(!accesses.is_empty(), "{id}: {entry}");
    for access in accesses {
        assert!(access["action"].is_string() && access["resource"].is_string(), "{id}: {access}");
    }
    assert!(!entry["target"]["resources"].as_array().unwrap().is_empty(), "{id}: {entry}");
    let text = entry.to_string();
    for secret in ["sdk-", "mob-", "api-", "rel-"] {
        // The word may be there, a key may not.
        let is_key = |rest: &str| rest.bytes().take(8).filter(u8::is_ascii_hexdigit).count() == 8;
        assert!(!text.split(secret).skip(1).any(is_key), "{id}: {text}");
    }
}

async fn junk_is_refused(store: Store) {
    let house = House::open(store).await;
    let mut ids = prepared(&house).await;
    for sample in SAMPLES {
        let Some(operation) = built(&house).find(|o| o.entry.id == sample.id) else { continue };
        let (line, body) = (filled(sample.line, &ids), filled(sample.body, &ids));
        let headers = [("authorization", OWNER), ("ld-api-version", "beta"), content_type(&body)];
        if operation.body.is_some() || !body.is_empty() {
            let head = house.head().await;
            for junk in ["", "{", "\"x\"", "7", "[1]", "{\"a\":1,\"a\":2}", "\u{0}", "[[[["] {
                let answer = house.raw(&line, &headers, junk).await;
                assert!(
                    (400..500).contains(&answer.status()),
                    "{line} with {junk}: {} {}",
                    answer.status(),
                    answer.text()
                );
            }
            if operation.entry.method == "PATCH" {
                for junk in [
                    "{\"instructions\":[]}",
                    "{\"instructions\":7}",
                    "[{}]",
                    "{\"patch\":7}",
                    "{\"patch\":[],\"comment\":7}",
                ] {
                    house.raw(&line, &headers, junk).await.refused(400, "invalid_request");
                }
            }
            wrong_types(&house, &line, &body, sample.id).await;
            assert_eq!(house.head().await, head, "{line} with junk");
        }
        remember(&mut ids, sample.id, &house.raw(&line, &headers, &body).await.ok());
    }
}

/// Each member of an object body in turn is given a type that cannot be right.
async fn wrong_types(house: &House, line: &str, body: &str, id: &str) {
    let Ok(Value::Object(members)) = serde_json::from_str(body) else { return };
    for name in members.keys().filter(|name| !FREE.contains(&(id, name.as_str()))) {
        let mut changed = members.clone();
        changed[name] = json!({"unexpected": [[]]});
        let message = house.send(line, Some(&Value::Object(changed))).await.refused(400, "invalid_request");
        assert!(message.contains(name.as_str()), "{line} with a wrong {name}: {message}");
    }
}

async fn unknown_parents(store: Store) {
    let house = House::open(store).await;
    let head = house.head().await;
    let mut count = 0;
    // Pages, and errors in the form of directories, are tested by themselves.
    let pages = |o: &&Operation| o.entry.id.starts_with("signIn") || o.entry.id.starts_with("scim");
    for operation in built(&house).filter(|o| o.entry.path.contains('{') && !pages(o)) {
        let body = SAMPLES.iter().find(|s| s.id == operation.entry.id).map_or("", |s| s.body);
        for path in [nowhere(operation), nowhere(operation).replace("ffffffffffffffffffffffff", "a%00%2F..%C3%A9")] {
            let headers = [("authorization", OWNER), ("ld-api-version", "beta")];
            house.raw(&path, &headers, body).await.refused(404, "not_found");
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
    assert_eq!(house.head().await, head);
}

async fn limits_and_links(store: Store) {
    let house = House::open(store).await;
    let mut count = 0;
    for operation in built(&house).filter(|o| o.entry.method == "GET") {
        let has = |name: &str| operation.entry.query.iter().any(|(n, _)| *n == name);
        let path = operation.entry.path.replace("{projectKey}", "default").replace("{environmentKey}", "test");
        // These need a range of time, and have tests of their own.
        let ranged = ["getDataExportProjectRanking", "getEnvironmentDiff"].contains(&operation.entry.id);
        if path.contains('{') || !(has("limit") || has("offset")) || ranged {
            continue;
        }
        count += 1;
        for version in ["20160426", "20220603", "20240415"] {
            let version = if operation.entry.beta { "beta" } else { version };
            let headers = [("authorization", OWNER), ("ld-api-version", version)];
            let get = async |query: &str| house.raw(&format!("GET {path}?{query}"), &headers, "").await;
            // Older versions do not page every list, and ignore what they do not know.
            let paged = !matches!(version, "20160426" | "20220603");
            for name in ["limit", "offset"].into_iter().filter(|n| paged && has(n)) {
                for bad in ["x", "-1", "1.5", "99999999999999999999"] {
                    let message = get(&format!("{name}={bad}")).await.refused(400, "invalid_request");
                    assert!(message.contains(name), "{path}?{name}={bad}: {message}");
                }
            }
            for good in ["", "limit=0", "limit=1", "unknown=1"] {
                let list = get(good).await.ok();
                let items = if operation.entry.id == "getIpAllowlist" { "entries" } else { "items" };
                assert!(list[items].is_array(), "{path}?{good}: {list}");
                links_lead_somewhere(&house, &list).await;
            }
        }
    }
    assert!(count >= 5, "{count}");
}

/// `self` and the page links of a list answer as lists.
async fn links_lead_somewhere(house: &House, list: &Value) {
    assert!(list["_links"]["self"]["href"].is_string(), "{list}");
    for relation in ["self", "first", "prev", "next", "last"] {
        let Some(href) = list["_links"][relation]["href"].as_str() else { continue };
        let page = house.get(href).await.ok();
        assert!(page["items"].is_array() || page["entries"].is_array(), "{href}");
    }
}

async fn bodies_are_bounded(store: Store) {
    let house = House::open(store).await;
    for operation in built(&house).filter(|o| o.entry.method != "GET") {
        let headers = [("authorization", OWNER), ("ld-api-version", "beta")];
        let body = " ".repeat(operation.body_limit + 1);
        let answer: Answer = house.raw(&nowhere(operation), &headers, &body).await;
        answer.refused(413, "request_entity_too_large");
    }
}
