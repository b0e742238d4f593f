//! Showing things as they were, and what changed between two points in time.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, NOW, OWNER, on_both_engines};

on_both_engines! {
    flags_as_they_were;
    lists_as_they_were;
    environments_as_they_were;
    times_are_checked;
    the_past_is_judged_by_the_present;
    what_changed;
    what_changed_is_checked;
}

const FLAGS: &str = "/api/v2/flags/default";
const TEST: &str = "/api/v2/projects/default/environments/test";
const MINUTE: i64 = 60_000;

async fn rename(house: &House, name: &str) {
    house.patch(&format!("{FLAGS}/f"), json!([{"op": "replace", "path": "/name", "value": name}])).await.ok();
}

async fn turn_on(house: &House, flag: &str) {
    let body = json!({"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}], "comment": "why not"});
    house.patch(&format!("{FLAGS}/{flag}"), body).await.ok();
}

/// Three states of the flag `f`, a minute apart; answers the sequence after each.
async fn three_states(house: &House) -> [u64; 3] {
    house.post(FLAGS, json!({"key": "f", "name": "one", "tags": ["old"]})).await.ok();
    let one = house.head().await;
    house.clock.advance(MINUTE);
    rename(house, "two").await;
    turn_on(house, "f").await;
    let two = house.head().await;
    house.clock.advance(MINUTE);
    house.delete(&format!("{FLAGS}/f")).await.ok();
    [one, two, house.head().await]
}

async fn flags_as_they_were(store: Store) {
    let house = House::open(store).await;
    let [one, two, three] = three_states(&house).await;
    let at = async |as_of: &str| house.get(&format!("{FLAGS}/f?asOf={as_of}")).await;
    let state =
        |flag: Value| (flag["name"].clone(), flag["environments"]["test"]["on"].clone(), flag["_version"].clone());
    for as_of in
        [one.to_string(), NOW.to_string(), "2023-11-14T22:13:20Z".into(), "2023-11-14T23:13:20.5%2B01:00".into()]
    {
        assert_eq!(state(at(&as_of).await.ok()), (json!("one"), json!(false), json!(1)), "{as_of}");
    }
    for as_of in [two.to_string(), (NOW + MINUTE).to_string(), (NOW + 2 * MINUTE - 1).to_string()] {
        assert_eq!(state(at(&as_of).await.ok()), (json!("two"), json!(true), json!(2)), "{as_of}");
    }
    // Neither before it was made nor after it was deleted.
    for as_of in [
        "0".to_owned(),
        (one - 1).to_string(),
        (NOW - 1).to_string(),
        three.to_string(),
        (NOW + 2 * MINUTE).to_string(),
    ] {
        at(&as_of).await.refused(404, "not_found");
    }
    house.get(&format!("{FLAGS}/f")).await.refused(404, "not_found");
}

async fn lists_as_they_were(store: Store) {
    let house = House::open(store).await;
    house.post(FLAGS, json!({"key": "g", "name": "Another", "tags": ["other"]})).await.ok();
    let [one, two, _] = three_states(&house).await;
    let keys = async |query: &str| {
        let list = house.get(&format!("{FLAGS}?{query}")).await.ok();
        let keys: Vec<_> =
            list["items"].as_array().unwrap().iter().map(|f| f["key"].as_str().unwrap().to_owned()).collect();
        assert!(keys.len() as u64 <= list["totalCount"].as_u64().unwrap());
        keys.join(" ")
    };
    assert_eq!(keys("").await, "g");
    assert_eq!(keys(&format!("asOf={two}")).await, "g f");
    assert_eq!(keys(&format!("asOf={two}&sort=-name")).await, "f g");
    assert_eq!(keys(&format!("asOf={two}&limit=1&offset=1")).await, "f");
    // Filters ask about the flags as they were.
    assert_eq!(keys(&format!("asOf={one}&filter=query:one")).await, "f");
    assert_eq!(keys(&format!("asOf={two}&filter=query:one")).await, "");
    assert_eq!(keys(&format!("asOf={one}&filter=tags:old")).await, "f");
    assert_eq!(keys(&format!("asOf={two}&sort=-targetingModifiedDate&env=test")).await, "f g");
    let shown = house.get(&format!("{FLAGS}?asOf={two}&env=test&summary=0")).await.ok();
    assert_eq!(shown["items"][1]["environments"]["test"]["on"], true);
    assert!(shown["_links"]["self"]["href"].as_str().unwrap().contains("asOf="));
}

async fn environments_as_they_were(store: Store) {
    let house = House::open(store).await;
    let before = house.head().await;
    let key = house.get(TEST).await.ok()["apiKey"].clone();
    house.patch(TEST, json!([{"op": "replace", "path": "/name", "value": "Renamed"}])).await.ok();
    house.post(&format!("{TEST}/apiKey"), json!({})).await.ok();
    house
        .post("/api/v2/projects/default/environments", json!({"key": "new", "name": "New", "color": "000000"}))
        .await
        .ok();
    let then = house.get(&format!("{TEST}?asOf={before}")).await.ok();
    assert_eq!((&then["name"], &then["apiKey"]), (&json!("Test"), &key));
    assert_eq!(house.get(TEST).await.ok()["name"], "Renamed");
    let list = async |query: &str| house.get(&format!("/api/v2/projects/default/environments?{query}")).await.ok();
    assert_eq!(
        (&list("").await["totalCount"], &list(&format!("asOf={before}")).await["totalCount"]),
        (&json!(3), &json!(2))
    );
    house.get(&format!("/api/v2/projects/default/environments/new?asOf={before}")).await.refused(404, "not_found");
}

async fn times_are_checked(store: Store) {
    let house = House::open(store).await;
    let [.., last] = three_states(&house).await;
    let future = [(last + 1).to_string(), (NOW + 3 * MINUTE).to_string(), "2099-01-01T00:00:00Z".to_owned()];
    for junk in ["x", "-1", "1.5", "2023-11-14", "99999999999999999999"]
        .iter()
        .copied()
        .chain(future.iter().map(String::as_str))
    {
        let message = house.get(&format!("{FLAGS}/f?asOf={junk}")).await.refused(400, "invalid_request");
        assert!(message.starts_with("asOf"), "{junk}: {message}");
    }
    // What only knows the present says so, rather than to show it for the past.
    let message = house.get("/api/v2/webhooks?asOf=1").await.refused(400, "invalid_request");
    assert!(message.starts_with("asOf"), "{message}");
}

/// Tags that hide something hide its past too.
async fn the_past_is_judged_by_the_present(store: Store) {
    let house = House::open(store).await;
    house.post(FLAGS, json!({"key": "f", "name": "F"})).await.ok();
    let open = house.head().await;
    let role = json!([
        {"effect": "allow", "resources": ["proj/*"], "actions": ["*"]},
        {"effect": "deny", "resources": ["proj/*;secret"], "actions": ["viewProject"]},
    ]);
    let token = house.post("/api/v2/tokens", json!({"name": "t", "serviceToken": true, "inlineRole": role})).await.ok();
    let headers = [("authorization", token["token"].as_str().unwrap())];
    let line = format!("GET {FLAGS}/f?asOf={open}");
    house.raw(&line, &headers, "").await.ok();
    house.patch("/api/v2/projects/default", json!([{"op": "add", "path": "/tags/0", "value": "secret"}])).await.ok();
    house.raw(&line, &headers, "").await.refused(403, "forbidden");
    let diff = format!("GET {TEST}/diff?from={open}&to={open}");
    house.raw(&diff, &headers, "").await.refused(403, "forbidden");
    house.raw(&diff, &[("authorization", OWNER)], "").await.ok();
}

async fn what_changed(store: Store) {
    let house = House::open(store).await;
    house.post(FLAGS, json!({"key": "f", "name": "one"})).await.ok();
    house.post(FLAGS, json!({"key": "gone", "name": "G"})).await.ok();
    let from = house.head().await;
    rename(&house, "two").await;
    turn_on(&house, "f").await;
    let on = house.head().await;
    house.post(FLAGS, json!({"key": "new", "name": "N"})).await.ok();
    house.delete(&format!("{FLAGS}/gone")).await.ok();
    house.post(&format!("{TEST}/apiKey"), json!({})).await.ok();
    let diff = house.get(&format!("{TEST}/diff?from={from}")).await.ok();
    assert_eq!((&diff["from"], &diff["to"]), (&json!(from), &json!(house.head().await)));
    let items = diff["items"].as_array().unwrap();
    let told: Vec<_> = items
        .iter()
        .map(|i| (i["kind"].as_str().unwrap(), i["key"].as_str().unwrap(), i["change"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("environment", "test", "changed"),
            ("flag", "f", "changed"),
            ("flag", "gone", "removed"),
            ("flag", "new", "added")
        ]
    );
    // Keys are told to have changed, not told.
    assert!(!diff.to_string().contains("sdk-"), "{diff}");
    assert!(items[0]["differences"].to_string().contains("******"), "{diff}");
    let f = &items[1];
    let differences = f["differences"].as_array().unwrap();
    assert!(differences.contains(&json!({"path": "/name", "before": "one", "after": "two"})), "{f}");
    assert!(differences.contains(&json!({"path": "/environments/test/on", "before": false, "after": true})), "{f}");
    let changes = f["changes"].as_array().unwrap();
    let verbs: Vec<_> = changes.iter().map(|c| c["titleVerb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["turned on the flag", "updated the flag"]);
    assert_eq!((&changes[0]["sequence"], &changes[0]["comment"]), (&json!(on), &json!("why not")));
    assert_eq!(changes[0]["member"]["email"], "ann@example.com");
    let entry = house.get(changes[0]["_links"]["self"]["href"].as_str().unwrap()).await.ok();
    assert_eq!(entry["_id"], changes[0]["_id"]);
    assert!(items[2]["differences"][0]["after"].is_null() && items[2]["differences"][0]["before"]["name"] == "G");
    assert_eq!(items[3]["differences"][0]["after"]["key"], "new");
    // The same in pages.
    assert_eq!(diff["totalCount"], 4);
    let mut paged = Vec::new();
    let mut next = format!("{TEST}/diff?from={from}&to={}&limit=3", diff["to"]);
    loop {
        let page = house.get(&next).await.ok();
        assert_eq!(page["totalCount"], 4);
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(href) = page["_links"]["next"]["href"].as_str() else { break };
        next = href.to_owned();
    }
    assert_eq!(&paged, items);
    // What was made and deleted between is at neither point.
    house.post(FLAGS, json!({"key": "brief", "name": "B"})).await.ok();
    house.delete(&format!("{FLAGS}/brief")).await.ok();
    let brief = house.get(&format!("{TEST}/diff?from={}", diff["to"])).await.ok();
    assert_eq!((&brief["items"], &brief["totalCount"]), (&json!([]), &json!(0)));
    // Other environments are not its concern, and between the same points nothing changed.
    let other = house
        .get(&format!("/api/v2/projects/default/environments/production/diff?from={}&to={on}", from + 1))
        .await
        .ok();
    assert_eq!(other["items"], json!([]));
    assert_eq!(house.get(&format!("{TEST}/diff?from={on}&to={on}")).await.ok()["items"], json!([]));
}

async fn what_changed_is_checked(store: Store) {
    let house = House::open(store).await;
    for (query, field) in
        [("", "from"), ("from=x", "from"), ("from=1&to=x", "to"), ("from=2&to=1", "from"), ("from=1&to=99999", "to")]
    {
        let message = house.get(&format!("{TEST}/diff?{query}")).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{query}: {message}");
    }
    for page in ["limit=101", "offset=-1"] {
        let message = house.get(&format!("{TEST}/diff?from=1&{page}")).await.refused(400, "invalid_request");
        assert!(message.contains(page.split('=').next().unwrap()), "{page}: {message}");
    }
    house.get("/api/v2/projects/default/environments/none/diff?from=1").await.refused(404, "not_found");
}
