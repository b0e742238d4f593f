//! Users as older clients know them.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, OWNER, on_both_engines};

on_both_engines! {
    users_are_listed_searched_and_shown;
    the_first_versions_answer_the_user_alone;
    users_are_deleted;
    attribute_names_are_sorted_by_sort;
}

const USERS: &str = "/api/v2/users/default/test";
const SEARCH: &str = "/api/v2/user-search/default/test";

async fn with_people(store: Store) -> House {
    let house = House::open(store).await;
    house
        .see(&[
            json!({"kind": "user", "key": "ann", "name": "Ann", "firstName": "Anna", "plan": "free", "trial": false}),
            json!({"kind": "user", "key": "bob", "email": "bob@x.test", "_meta": {"redactedAttributes": ["/ip", "ssn"]}}),
            json!({"kind": "org", "key": "acme"}),
        ])
        .await;
    house
}

fn keys(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["user"]["key"].as_str().unwrap()).collect()
}

async fn users_are_listed_searched_and_shown(store: Store) {
    let house = with_people(store).await;
    let all = house.get(USERS).await.ok();
    assert_eq!((keys(&all), &all["totalCount"]), (vec!["bob", "ann"], &json!(2)));
    assert_eq!(all["items"][0]["user"]["privateAttrs"], json!(["ip", "ssn"]));
    let ann = house.get(&format!("{USERS}/ann")).await.ok();
    let user = json!({"key": "ann", "name": "Ann", "firstName": "Anna", "custom": {"plan": "free", "trial": false}});
    assert_eq!((&ann["user"], &ann["environmentId"]), (&user, &json!(house.env_id().await)));
    assert_eq!(ann["lastPing"], "2023-11-14T22:13:20Z");
    house.get(&format!("{USERS}/zoe")).await.refused(404, "not_found");

    let first = house.get(&format!("{SEARCH}?sort=userKey&limit=1")).await.ok();
    assert_eq!((keys(&first), &first["totalCount"]), (vec!["ann"], &json!(2)));
    let next = first["_links"]["next"]["href"].as_str().unwrap();
    assert_eq!(keys(&house.get(next).await.ok()), ["bob"]);
    let first = house.get(&format!("{USERS}?limit=1")).await.ok();
    let next = first["_links"]["next"]["href"].as_str().unwrap();
    assert!(next.contains("searchAfter="), "{next}");
    assert_eq!(keys(&house.get(next).await.ok()), ["ann"]);
    for (query, want) in [
        ("", &["bob", "ann"][..]),
        ("?sort=lastSeen", &["ann", "bob"]),
        ("?sort=userKey", &["ann", "bob"]),
        ("?sort=-userKey", &["bob", "ann"]),
        ("?sort=userKey&offset=1", &["bob"]),
        ("?sort=userKey&offset=2", &[]),
        ("?sort=userKey&searchAfter=ann", &["bob"]),
        ("?sort=-userKey&q=ANNA", &["ann"]),
        ("?q=ANNA", &["ann"]),
        ("?filter=firstName:Anna,trial:false", &["ann"]),
        ("?filter=plan:paid", &[]),
        ("?offset=1", &["ann"]),
        ("?offset=2", &[]),
        ("?after=1700000060000", &["bob"]),
    ] {
        assert_eq!(keys(&house.get(&format!("{SEARCH}{query}")).await.ok()), want, "{query}");
    }
    for bad in ["?limit=51", "?sort=name", "?offset=-1", "?offset=10000", "?searchAfter=x", "?filter=plan", "?after=x"]
    {
        house.get(&format!("{SEARCH}{bad}")).await.refused(400, "invalid_request");
    }
}

async fn the_first_versions_answer_the_user_alone(store: Store) {
    let house = with_people(store).await;
    for (version, path) in [("20160426", "/key"), ("20191212", "/key"), ("20210729", "/user/key")] {
        let ann = house.in_version(version, &format!("{USERS}/ann")).await;
        assert_eq!(ann.pointer(path), Some(&json!("ann")), "{version}: {ann}");
    }
    let first = house.in_version("20160426", &format!("{USERS}?limit=1")).await;
    let next = first["_links"]["next"]["href"].as_str().unwrap();
    assert!(next.contains("lastId="), "{next}");
    assert_eq!(keys(&house.in_version("20160426", next).await), ["ann"]);
}

async fn users_are_deleted(store: Store) {
    let house = with_people(store).await;
    let powerless = house.powerless().await;
    let line = format!("DELETE {USERS}/ann");
    assert_eq!(house.raw(&line, &[("authorization", powerless.as_str())], "").await.status(), 403);
    assert_eq!(house.delete(&format!("{USERS}/ann")).await.status(), 204);
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["name"]), (&json!("deleted the user"), &json!("ann")));
    house.delete(&format!("{USERS}/ann")).await.refused(404, "not_found");
    assert_eq!(keys(&house.get(USERS).await.ok()), ["bob"]);
}

async fn attribute_names_are_sorted_by_sort(store: Store) {
    let house = with_people(store).await;
    let path = "GET /api/v2/user-attributes/default/test";
    let names = house.send(path, None).await.ok();
    let want = json!({"private": ["ip", "ssn"], "custom": ["plan", "ssn", "trial"],
        "standard": ["email", "firstName", "ip", "key", "name"]});
    assert_eq!(names, want);
    let headers = [("authorization", OWNER), ("ld-api-version", "20240415")];
    house.raw(path, &headers, "").await.refused(403, "forbidden");
}
