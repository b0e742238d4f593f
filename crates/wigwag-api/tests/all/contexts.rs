//! Contexts, their kinds, and what flags give them.

use serde_json::{Value, json};
use wigwag_store::Store;
use wigwag_store::volume::{Batch, Count, Part, Sighting, Usage, hash_of};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    searches_answer_what_matches;
    a_search_is_in_the_query_or_in_the_body;
    pages_go_on_by_token;
    bad_searches_are_refused;
    instances_are_listed_and_deleted;
    deleting_needs_the_action;
    attributes_are_listed_by_kind;
    kinds_are_made_met_and_built_in;
    kinds_need_their_actions;
    flags_are_evaluated_for_a_context;
    the_past_is_evaluated_too;
}

pub const ENV: &str = "/api/v2/projects/default/environments/test";

impl House {
    /// The id of environment `test`.
    pub async fn env_id(&self) -> String {
        self.get(ENV).await.ok()["_id"].as_str().unwrap().to_owned()
    }

    /// Tells of contexts in environment `test`, a minute apart: an object is one, a list several together.
    pub async fn see(&self, contexts: &[Value]) {
        let env = self.env_id().await;
        let part = |value: &Value| Part {
            kind: value["kind"].as_str().unwrap().to_owned(),
            key: value["key"].as_str().unwrap().to_owned(),
            body: Some(value.to_string()),
        };
        let sighting = |(n, value): (usize, &Value)| Sighting {
            env: env.as_str().into(),
            at: NOW + n as i64 * 60_000,
            application: "GoSDK/1.2".into(),
            anonymous: Vec::new(),
            parts: value.as_array().map_or_else(|| vec![part(value)], |list| list.iter().map(part).collect()),
        };
        let sightings = contexts.iter().enumerate().map(sighting).collect();
        self.store.volume().record(Batch { sightings, ..Batch::default() }).await.unwrap();
    }

    /// Tells of evaluations in environment `test`.
    pub async fn evaluated(&self, flag: &str, at: i64, variation: Option<u32>) {
        let usage = Usage {
            env: self.env_id().await.as_str().into(),
            flag: flag.into(),
            at,
            application: "GoSDK/1.2".into(),
            fallback: Some("false".into()),
            kinds: vec!["user".into()],
            sender: std::sync::Arc::default(),
            counts: vec![Count { variation, version: 1, count: 1 }],
        };
        self.store.volume().record(Batch { usage: vec![usage], ..Batch::default() }).await.unwrap();
    }
}

fn people() -> Vec<Value> {
    vec![
        json!({"kind": "user", "key": "ann", "name": "Ann Berg", "city": "Ulm", "age": 41}),
        json!({"kind": "user", "key": "bob", "name": "Bob", "email": "bob@acme.test", "since": "2024-01-02T00:00:00Z"}),
        json!([{"kind": "org", "key": "acme", "name": "Acme"}, {"kind": "user", "key": "cat", "job/title": "cook"}]),
    ]
}

fn keys(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["context"]["key"].as_str().unwrap()).collect()
}

async fn searches_answer_what_matches(store: Store) {
    let house = House::open(store).await;
    house.see(&people()).await;
    let all = house.post(&format!("{ENV}/contexts/search"), json!({})).await.ok();
    assert_eq!(all["totalCount"], 4);
    assert_eq!(all["_environmentId"], house.env_id().await);
    let bob = &all["items"][2];
    assert_eq!((&bob["context"]["key"], &bob["applicationId"]), (&json!("bob"), &json!("GoSDK/1.2")));
    assert_eq!((&bob["lastSeen"], &bob["associatedContexts"]), (&json!("2023-11-14T22:14:20Z"), &json!(0)));
    assert_eq!(bob["_links"]["self"]["href"], format!("{ENV}/contexts/user/bob"));
    for (filter, want) in [
        ("kind equals org", &["acme"][..]),
        (r#"kind anyOf ["org","robot"]"#, &["acme"]),
        (r#"kind notEquals "user""#, &["acme"]),
        ("key startsWith a", &["acme", "ann"]),
        (r#"kindKey equals "user:ann""#, &["ann"]),
        ("*.name startsWith A", &["acme", "ann"]),
        (r#"name equals "Ann Berg""#, &["ann"]),
        ("name exists false", &["cat"]),
        ("user.age equals 41", &["ann"]),
        ("user.age notEquals 41,user.name exists true", &["bob"]),
        (r#"user.job/title equals "cook""#, &["cat"]),
        ("user./job~1title equals cook", &["cat"]),
        (r#"user.since after "2023-12-31T00:00:00Z""#, &["bob"]),
        (r#"user.since before "2023-12-31T00:00:00+00:00""#, &[]),
        ("q equals BERG", &["ann"]),
        (r#"applicationId equals "GoSDK/1.2",kind equals org"#, &["acme"]),
        (r#"(key equals ann|key equals bob),*.email exists true"#, &["bob"]),
        (r#"kinds contains ["user"],*.city equals Ulm"#, &["ann"]),
        (r#"kindKeys contains ["org:acme"]"#, &["acme"]),
    ] {
        let found = house.post(&format!("{ENV}/contexts/search"), json!({"filter": filter})).await.ok();
        let mut found = keys(&found);
        found.sort_unstable();
        assert_eq!(found, want, "{filter}");
    }
    let id = hash_of([("org", "acme"), ("user", "cat")].into_iter());
    let found = house.post(&format!("{ENV}/contexts/search"), json!({"filter": format!("id equals {id}")})).await.ok();
    assert_eq!(found["totalCount"], 2);
    let one = house.get(&format!("{ENV}/contexts/user/cat")).await.ok();
    assert_eq!((keys(&one), &one["items"][0]["associatedContexts"]), (vec!["cat"], &json!(1)));
    let none = house.get(&format!("{ENV}/contexts/user/zoe?filter=applicationId%20equals%20x")).await.ok();
    assert_eq!((none["totalCount"].clone(), keys(&none)), (json!(0), vec![]));
}

async fn a_search_is_in_the_query_or_in_the_body(store: Store) {
    let house = House::open(store).await;
    house.see(&people()).await;
    let search = format!("{ENV}/contexts/search");
    let by_query = house.send(&format!("POST {search}?filter=kind%20equals%20user&sort=ts&limit=2"), None).await.ok();
    let body = json!({"filter": "kind equals user", "sort": "ts", "limit": 2});
    let by_body = house.post(&search, body.clone()).await.ok();
    assert_eq!((keys(&by_query), keys(&by_query)), (vec!["ann", "bob"], keys(&by_body)));
    let both = house.post(&format!("{search}?limit=2"), body).await.refused(400, "invalid_request");
    assert!(both.contains("limit"), "{both}");
    let silent = house.post(&format!("{search}?includeTotalCount=false"), json!({})).await.ok();
    assert_eq!(silent.get("totalCount"), None);
}

async fn pages_go_on_by_token(store: Store) {
    let house = House::open(store).await;
    let many: Vec<Value> = (0..7).map(|n| json!({"kind": "user", "key": format!("u{n}")})).collect();
    house.see(&many).await;
    let mut next = Some(format!("{ENV}/contexts/search?limit=3&sort=ts"));
    let mut all = Vec::new();
    while let Some(path) = next {
        let page = house.send(&format!("POST {path}"), None).await.ok();
        assert_eq!(page["totalCount"], 7);
        all.extend(keys(&page).into_iter().map(str::to_owned));
        next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
        assert_eq!(next.is_some(), page.get("continuationToken").is_some());
    }
    assert_eq!(all, ["u0", "u1", "u2", "u3", "u4", "u5", "u6"]);
    let first = house.post(&format!("{ENV}/contexts/search"), json!({"limit": 5})).await.ok();
    let token = first["continuationToken"].as_str().unwrap();
    let second = house.post(&format!("{ENV}/contexts/search"), json!({"limit": 5, "continuationToken": token})).await;
    assert_eq!(keys(&second.ok()), ["u1", "u0"]);
}

async fn bad_searches_are_refused(store: Store) {
    let house = House::open(store).await;
    for (body, names) in [
        (json!({"limit": 51}), "limit"),
        (json!({"limit": -1}), "limit"),
        (json!({"sort": "key"}), "sort"),
        (json!({"continuationToken": "zz"}), "continuationToken"),
        (json!({"filter": "colour equals red"}), "colour"),
        (json!({"filter": "kind startsWith u"}), "startsWith"),
        (json!({"filter": "user.x exists 7"}), "user.x"),
        (json!({"filter": "user.x after soon"}), "user.x"),
        (json!({"filter": "kindKey equals ann"}), "kindKey"),
    ] {
        let message = house.post(&format!("{ENV}/contexts/search"), body).await.refused(400, "invalid_request");
        assert!(message.contains(names), "{names}: {message}");
    }
    let instances = format!("{ENV}/context-instances/search");
    let message = house.post(&instances, json!({"filter": "key equals a"})).await.refused(400, "invalid_request");
    assert!(message.contains("key"), "{message}");
    let nowhere = "/api/v2/projects/default/environments/none/contexts/search";
    house.post(nowhere, json!({})).await.refused(404, "not_found");
}

async fn instances_are_listed_and_deleted(store: Store) {
    let house = House::open(store).await;
    house.see(&people()).await;
    let search = format!("{ENV}/context-instances/search");
    let all = house.post(&search, json!({})).await.ok();
    assert_eq!(all["totalCount"], 3);
    let multi = &all["items"][0];
    assert_eq!((&multi["context"]["kind"], &multi["context"]["org"]["key"]), (&json!("multi"), &json!("acme")));
    for (filter, want) in [
        (r#"kinds contains ["user"]"#, 3),
        (r#"kinds equals ["org","user"]"#, 1),
        (r#"kinds anyOf ["org","robot"]"#, 1),
        (r#"kindKeys contains ["user:ann"]"#, 1),
        (r#"kindKeys anyOf ["user:ann","user:bob"]"#, 2),
        (r#"applicationId notEquals "GoSDK/1.2""#, 0),
    ] {
        let found = house.post(&search, json!({"filter": filter})).await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), want, "{filter}");
    }
    let own = multi["_links"]["self"]["href"].as_str().unwrap();
    assert_eq!(house.get(own).await.ok()["items"][0]["id"], multi["id"]);
    let head = house.head().await;
    assert_eq!(house.delete(own).await.status(), 204);
    assert_eq!(house.head().await, head + 1);
    let entry = house.newest().await;
    assert_eq!(entry["accesses"][0]["action"], "deleteContextInstance");
    assert!(entry["description"].as_str().unwrap().contains(multi["id"].as_str().unwrap()));
    assert_eq!(house.get(own).await.ok()["totalCount"], 0);
    house.delete(own).await.refused(404, "not_found");
    let left = house.post(&format!("{ENV}/contexts/search"), json!({})).await.ok();
    assert_eq!(keys(&left), ["bob", "ann"]);
}

async fn deleting_needs_the_action(store: Store) {
    let house = House::open(store).await;
    house.see(&people()).await;
    let all = house.post(&format!("{ENV}/context-instances/search"), json!({})).await.ok();
    let path = all["items"][0]["_links"]["self"]["href"].as_str().unwrap();
    let role = |effect: &str, action: &str, resource: &str| {
        json!([{"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
            {"effect": effect, "resources": [resource], "actions": [action]}])
    };
    let denied = house.token(role("deny", "deleteContextInstance", "proj/*:env/*")).await;
    house.by(&denied, &format!("DELETE {path}"), &json!({})).await.refused(403, "forbidden");
    let older = house.token(role("allow", "deleteUser", "proj/*:env/*:user/*")).await;
    assert_eq!(house.by(&older, &format!("DELETE {path}"), &json!({})).await.status(), 204);
}

async fn attributes_are_listed_by_kind(store: Store) {
    let house = House::open(store).await;
    house.see(&people()).await;
    let names = house.get(&format!("{ENV}/context-attributes")).await.ok();
    let kinds: Vec<_> = names["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["org", "user"]);
    assert_eq!(names["items"][1]["names"][0], json!({"name": "/name", "weight": 2, "redacted": false}));
    let filter = "filter=kind%20equals%20user,name%20startsWith%20ci";
    let names = house.get(&format!("{ENV}/context-attributes?{filter}")).await.ok();
    assert_eq!(names["items"], json!([{"kind": "user", "names": [{"name": "/city", "weight": 1, "redacted": false}]}]));
    let values = house.get(&format!("{ENV}/context-attributes/age")).await.ok();
    assert_eq!(values["items"], json!([{"kind": "user", "values": [{"name": 41, "weight": 1}]}]));
    let values = house.get(&format!("{ENV}/context-attributes/name?filter=value%20startsWith%20B")).await.ok();
    assert_eq!(values["items"], json!([{"kind": "user", "values": [{"name": "Bob", "weight": 1}]}]));
    for bad in ["?limit=101", "?filter=value%20startsWith%20a", "?filter=kind%20equals%20a%7Ckind%20equals%20b"] {
        house.get(&format!("{ENV}/context-attributes{bad}")).await.refused(400, "invalid_request");
    }
}

const KINDS: &str = "/api/v2/projects/default/context-kinds";

async fn kinds_are_made_met_and_built_in(store: Store) {
    let house = House::open(store).await;
    let of = async |key: &str| {
        let list = house.get(KINDS).await.ok();
        let found = list["items"].as_array().unwrap().iter().find(|kind| kind["key"] == key).cloned();
        found.unwrap_or_default()
    };
    assert_eq!((&of("user").await["name"], &of("user").await["archived"]), (&json!("User"), &json!(false)));
    let put = async |key: &str, body: Value| house.send(&format!("PUT {KINDS}/{key}"), Some(&body)).await;
    let made = put("device", json!({"name": "Device", "description": "d"})).await.ok();
    assert_eq!(made["status"], "success");
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["kind"]), (&json!("created the context kind"), &json!("context-kind")));
    assert_eq!(entry["accesses"][0]["action"], "createContextKind");
    let device = of("device").await;
    assert_eq!((&device["version"], &device["createdFrom"]), (&json!(1), &json!("manual")));

    put("device", json!({"name": "Device", "archived": true})).await.ok();
    let device = of("device").await;
    assert_eq!((&device["version"], &device["description"]), (&json!(2), &json!("d")));
    assert_eq!((&device["archived"], &device["hideInTargeting"]), (&json!(true), &json!(true)));
    assert_eq!(house.newest().await["accesses"][0]["action"], "updateAvailabilityForExperiments");
    let head = house.head().await;
    put("device", json!({"name": "Device", "hideInTargeting": true})).await.ok();
    assert_eq!(house.head().await, head, "nothing changed");

    // The greatest version that a kind can begin with leaves room for more.
    put("last", json!({"name": "Last", "version": i32::MAX})).await.ok();
    put("last", json!({"name": "More"})).await.ok();
    assert_eq!(of("last").await["version"], 2_147_483_648_u64);

    house.see(&[json!({"kind": "robot", "key": "r"})]).await;
    let robot = of("robot").await;
    assert_eq!((&robot["createdFrom"], &robot["lastSeen"]), (&json!("auto-add"), &json!(NOW)));
    put("robot", json!({"name": "Robot"})).await.ok();
    assert_eq!((&of("robot").await["name"], &of("robot").await["createdFrom"]), (&json!("Robot"), &json!("auto-add")));
    let observed = house.get(&format!("{KINDS}?expand=environmentObservations")).await.ok();
    let robot = observed["items"].as_array().unwrap().iter().find(|kind| kind["key"] == "robot").unwrap().clone();
    assert_eq!(robot["environmentObservations"], json!([{"environmentKey": "test", "lastSeen": NOW}]));

    for (key, body, names) in [
        ("user", json!({"name": "U"}), "user"),
        ("multi", json!({"name": "M"}), "multi"),
        ("a%20b", json!({"name": "M"}), "key"),
        ("x", json!({"name": ""}), "name"),
        ("x", json!({}), "name"),
        ("x", json!({"name": "X", "archived": true, "hideInTargeting": false}), "hideInTargeting"),
        ("x", json!({"name": "X", "version": 2_147_483_648_u64}), "version"),
    ] {
        let message = put(key, body).await.refused(400, "invalid_request");
        assert!(message.contains(names), "{names}: {message}");
    }
}

async fn kinds_need_their_actions(store: Store) {
    let house = House::open(store).await;
    let allowed = |actions: &[&str]| {
        json!([{"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
            {"effect": "allow", "resources": ["proj/*:context-kind/*"], "actions": actions}])
    };
    let line = format!("PUT {KINDS}/device");
    let creator = house.token(allowed(&["createContextKind"])).await;
    house.by(&creator, &line, &json!({"name": "D"})).await.ok();
    house.by(&creator, &line, &json!({"name": "E"})).await.refused(403, "forbidden");
    let editor = house.token(allowed(&["updateContextKind"])).await;
    house.by(&editor, &line, &json!({"name": "E"})).await.ok();
    house.by(&editor, &line, &json!({"name": "E", "archived": true})).await.refused(403, "forbidden");
    house.by(&editor, &format!("PUT {KINDS}/other"), &json!({"name": "O"})).await.refused(403, "forbidden");
}

const EVALUATE: &str = "/api/v2/projects/default/environments/test/flags/evaluate";

async fn flags_are_evaluated_for_a_context(store: Store) {
    let house = House::open(store).await;
    house.boolean("off").await;
    let lamp = house.flag(json!({"name": "Lamp", "key": "lamp", "tags": ["x"]})).await;
    let id = lamp["variations"][0]["_id"].as_str().unwrap();
    let rule = json!({"kind": "addRule", "variationId": id,
        "clauses": [{"contextKind": "org", "attribute": "plan", "op": "in", "values": ["gold"]}]});
    house.instruct("lamp", json!([{"kind": "turnFlagOn"}, rule])).await;
    let head = house.head().await;
    let org = json!({"kind": "multi", "org": {"key": "acme", "plan": "gold"}, "user": {"key": "u"}});
    let found = house.post(EVALUATE, org.clone()).await.ok();
    assert_eq!((house.head().await, &found["totalCount"]), (head, &json!(2)));
    let (lamp, off) = (&found["items"][0], &found["items"][1]);
    assert_eq!(
        (&lamp["key"], &lamp["_value"], &lamp["reason"]["kind"]),
        (&json!("lamp"), &json!(true), &json!("RULE_MATCH"))
    );
    assert_eq!(lamp["reason"]["ruleIndex"], 0);
    assert!(lamp["reason"]["ruleID"].is_string());
    assert_eq!((&off["_value"], &off["reason"]), (&json!(false), &json!({"kind": "OFF"})));
    for (query, want) in [
        ("?filter=query%20equals%20LAM", &["lamp"][..]),
        ("?filter=tags%20contains%20%5B%22x%22%5D", &["lamp"]),
        ("?limit=1", &["lamp"]),
        ("?limit=5&offset=1", &["off"]),
        ("?sort=-key", &["off", "lamp"]),
    ] {
        let found = house.post(&format!("{EVALUATE}{query}"), org.clone()).await.ok();
        let keys: Vec<_> =
            found["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap()).collect();
        assert_eq!(keys, want, "{query}");
    }
    for bad in [json!({}), json!({"kind": "user"}), json!({"kind": "user", "key": ""}), json!({"kind": 3, "key": "k"})]
    {
        house.post(EVALUATE, bad).await.refused(400, "invalid_request");
    }
    house.post(&format!("{EVALUATE}?sort=colour"), org.clone()).await.refused(400, "invalid_request");
    house.post(&format!("{EVALUATE}?offset=-1"), org.clone()).await.refused(400, "invalid_request");
    house.instruct("off", json!([{"kind": "archiveFlag"}])).await;
    let found = house.post(EVALUATE, org).await.ok();
    assert_eq!(
        (&found["totalCount"], found["items"].as_array().unwrap().len()),
        (&json!(1), 1),
        "archived ones give nothing"
    );
}

async fn the_past_is_evaluated_too(store: Store) {
    let house = House::open(store).await;
    house.boolean("lamp").await;
    let before = house.head().await;
    house.instruct("lamp", json!([{"kind": "turnFlagOn"}])).await;
    let caller =
        wigwag_kit::Caller { member: None, token: None, authority: std::sync::Arc::new(wigwag_auth::Unrestricted) };
    let ctx = wigwag_kit::Ctx {
        app: house.app.clone(),
        caller: std::sync::Arc::new(caller),
        version: wigwag_kit::ApiVersion::NEWEST,
        as_of: None,
        based_on: None,
    };
    let value = |evaluator: &wigwag_api::read::Evaluator| {
        let context = wigwag_model::context::Context::user("u").unwrap();
        wigwag_eval::evaluate(evaluator, "lamp", &context).value.clone()
    };
    let now = wigwag_api::read::evaluator(&ctx, "default", "test").await.unwrap();
    assert_eq!((value(&now), now.flags().len()), (json!(true), 1));
    let at = wigwag_store::At::Seq(before);
    let then = wigwag_api::read::evaluator_at(&ctx, "default", "test", at).await.unwrap();
    assert_eq!(value(&then), json!(false));
    let at = wigwag_store::At::Seq(0);
    let never = wigwag_api::read::evaluator_at(&ctx, "default", "test", at).await.unwrap();
    assert!(never.flags().is_empty());
}
