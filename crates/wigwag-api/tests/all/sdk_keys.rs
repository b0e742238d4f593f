//! SDK and mobile keys with names of their own.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use crate::house::{Client, House, NOW, on_both_engines};

on_both_engines! {
    from_creation_to_deletion,
    the_default_keys,
    names_are_taken,
    patches,
    lists_of_an_environment,
    lists_of_a_project,
    views_come_later,
    who_may,
    beta_is_asked_for,
}

const ENV: &str = "/api/v2/projects/default/environments/test";
const PATH: &str = "/api/v2/projects/default/environments/test/sdk-keys";
const DAY: i64 = 24 * 60 * 60_000;

fn beta(house: &House) -> Client<'_> {
    house.owner().version("beta")
}

fn keys(list: &Value) -> String {
    let keys: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap()).collect();
    keys.join(" ")
}

async fn from_creation_to_deletion(house: House) {
    let owner = beta(&house);
    let me = owner.get("/api/v2/members/me").await.expect(200)["_id"].clone();
    let made =
        owner.post(PATH, json!({"key": "k", "name": "K", "description": "d", "expiry": NOW + 5})).await.expect(201);
    let value = made["value"].as_str().unwrap();
    assert!(value.starts_with("sdk-") && value.len() == 40, "{value}");
    assert_eq!(
        made,
        json!({
            "_links": {"self": {"href": format!("{PATH}/k"), "type": "application/json"}, "parent": {"href": ENV, "type": "application/json"}},
            "kind": "sdk", "key": "k", "name": "K", "description": "d", "expiry": NOW + 5, "value": value, "isDefault": false,
            "_createdByMemberId": me, "_createdAt": NOW, "_updatedAt": NOW, "_version": 1,
        })
    );
    assert_eq!(owner.get(&format!("{PATH}/k")).await.expect(200), made);
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.kind, &*entry.name, &record["titleVerb"]), ("sdk-key", "K", &json!("created the sdk-key")));
    let access = json!([{"action": "createSdkKey", "resource": "proj/default:env/test:sdk-key/k"}]);
    assert_eq!(record["accesses"], access);
    assert!(!record.to_string().contains(value), "{record}");
    let mobile = owner.post(PATH, json!({"kind": "mobile", "key": "m", "name": "M"})).await.expect(201);
    assert!(mobile["value"].as_str().unwrap().starts_with("mob-"), "{mobile}");
    // The environment's own keys are as they were.
    let environment = owner.get(ENV).await.expect(200);
    assert!(environment["apiKey"] != made["value"] && environment["mobileKey"] != mobile["value"]);
    owner.delete(&format!("{PATH}/k")).await.expect(204);
    let (_, record) = house.last_entry().await;
    assert_eq!(
        (&record["titleVerb"], &record["accesses"][0]["action"]),
        (&json!("deleted the sdk-key"), &json!("deleteSdkKey"))
    );
    owner.get(&format!("{PATH}/k")).await.refused(404, "not_found");
    owner.delete(&format!("{PATH}/k")).await.refused(404, "not_found");
    assert_eq!(keys(&owner.get(PATH).await.expect(200)), "default default-mobile m");
}

async fn the_default_keys(house: House) {
    let owner = beta(&house);
    let environment = owner.get(ENV).await.expect(200);
    let default = owner.get(&format!("{PATH}/default")).await.expect(200);
    assert_eq!(
        (&default["value"], &default["isDefault"], &default["kind"]),
        (&environment["apiKey"], &json!(true), &json!("sdk"))
    );
    let mobile = owner.get(&format!("{PATH}/default-mobile")).await.expect(200);
    assert_eq!((&mobile["value"], &mobile["isDefault"]), (&environment["mobileKey"], &json!(true)));
    owner.post(PATH, json!({"key": "k", "name": "K"})).await.expect(201);
    owner.post(PATH, json!({"kind": "mobile", "key": "m", "name": "M"})).await.expect(201);
    owner.patch(&format!("{PATH}/default"), json!({"name": "Mine"})).await.expect(200);
    // A reset puts another value under the same name, and leaves keys of other names alone.
    owner.post(&format!("{ENV}/apiKey?expiry={}", NOW + 9), Value::Null).await.expect(200);
    owner.post(&format!("{ENV}/mobileKey"), Value::Null).await.expect(200);
    let list = owner.get(PATH).await.expect(200);
    let items = list["items"].as_array().unwrap();
    let names: Vec<_> = items.iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Mine", "K", "Default SDK key of before", "Default mobile key", "M"]);
    assert_eq!(
        (&items[2]["expiry"], &items[2]["isDefault"], &items[2]["value"]),
        (&json!(NOW + 9), &json!(true), &default["value"])
    );
    assert_eq!(items[0]["value"], owner.get(ENV).await.expect(200)["apiKey"]);
    for key in ["default", "default-mobile"] {
        let message =
            house.unchanged(async { owner.delete(&format!("{PATH}/{key}")).await.refused(409, "conflict") }).await;
        assert!(message.contains("reset it"), "{message}");
    }
    let message =
        owner.patch(&format!("{PATH}/default"), json!({"expiry": NOW + 5})).await.refused(400, "invalid_request");
    assert!(message.contains("expiry"), "{message}");
    // The one of before can end sooner.
    let before = format!("{PATH}/{}", items[2]["key"].as_str().unwrap());
    assert_eq!(owner.patch(&before, json!({"expiry": NOW + 7})).await.expect(200)["expiry"], NOW + 7);
    owner.patch(&before, json!({"name": "N"})).await.refused(400, "invalid_request");
    owner.delete(&before).await.expect(204);
}

async fn names_are_taken(house: House) {
    let owner = beta(&house);
    let post = async |key: &str| owner.post(PATH, json!({"key": key, "name": "K", "kind": "mobile"})).await;
    post("k").await.expect(201);
    for key in ["k", "default", "default-mobile"] {
        assert_eq!(post(key).await.refused(409, "conflict"), "SDK key already exists", "{key}");
    }
    owner.delete(&format!("{PATH}/k")).await.expect(204);
    house.clock.advance(180 * DAY - 1);
    assert_eq!(post("k").await.refused(409, "conflict"), "SDK key already exists", "also of a deleted key");
    house.clock.advance(1);
    post("k").await.expect(201);
    for (body, word) in [
        (json!({"name": "K"}), "key"),
        (json!({"key": "x"}), "name"),
        (json!({"key": "x y", "name": "K"}), "key"),
        (json!({"key": "x", "name": ""}), "name"),
        (json!({"key": "x", "name": "K", "kind": "browser"}), "kind"),
        (json!({"key": "x", "name": "K", "expiry": 1}), "expiry"),
        (json!({"key": "x", "name": "K", "viewKeys": ["v"]}), "viewKeys"),
    ] {
        let message =
            house.unchanged(async { owner.post(PATH, body.clone()).await.refused(400, "invalid_request") }).await;
        assert!(message.contains(word), "{body}: {message}");
    }
    owner
        .post("/api/v2/projects/none/environments/test/sdk-keys", json!({"key": "k", "name": "K"}))
        .await
        .refused(404, "not_found");
    owner
        .post("/api/v2/projects/default/environments/none/sdk-keys", json!({"key": "k", "name": "K"}))
        .await
        .refused(404, "not_found");
}

async fn patches(house: House) {
    let owner = beta(&house);
    owner.post(PATH, json!({"key": "k", "name": "K"})).await.expect(201);
    let path = format!("{PATH}/k");
    house.clock.advance(1);
    let key = owner
        .patch(&format!("{path}?version=1"), json!({"name": "L", "description": "d", "expiry": NOW + 100}))
        .await
        .expect(200);
    assert_eq!((&key["name"], &key["description"], &key["expiry"]), (&json!("L"), &json!("d"), &json!(NOW + 100)));
    assert_eq!((&key["_version"], &key["_createdAt"], &key["_updatedAt"]), (&json!(2), &json!(NOW), &json!(NOW + 1)));
    let (_, record) = house.last_entry().await;
    assert_eq!(
        (&record["titleVerb"], &record["accesses"][0]["action"]),
        (&json!("updated the sdk-key"), &json!("updateSdkKey"))
    );
    let message = house
        .unchanged(async {
            owner
                .patch(&format!("{path}?version=1"), json!({"name": "M"}))
                .await
                .refused(409, "optimistic_locking_error")
        })
        .await;
    assert!(message.contains("version 2"), "{message}");
    house.unchanged(async { owner.patch(&path, json!({"name": "L"})).await.expect(200) }).await;
    for (body, word) in [
        (json!({}), "name"),
        (json!({"expiry": null}), "expiry"),
        (json!({"expiry": 5}), "expiry"),
        (json!({"name": ""}), "name"),
        (json!({"name": 7}), "name"),
    ] {
        let message = owner.patch(&path, body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(word), "{body}: {message}");
    }
    owner.patch(&format!("{PATH}/none"), json!({"name": "L"})).await.refused(404, "not_found");
    assert_eq!(
        owner.patch(&path, json!({"expiry": NOW + 50})).await.expect(200)["expiry"],
        NOW + 50,
        "it can be moved"
    );
}

async fn lists_of_an_environment(house: House) {
    let owner = beta(&house);
    owner.post(PATH, json!({"key": "a", "name": "A", "expiry": NOW + 10})).await.expect(201);
    house.clock.advance(1);
    owner.post(PATH, json!({"key": "b", "name": "B", "kind": "mobile"})).await.expect(201);
    house.clock.advance(20);
    for (query, expected) in [
        ("", "default a default-mobile b"),
        ("filter=kind:sdk", "default a"),
        ("filter=kind:mobile,active:true", "default-mobile b"),
        ("filter=active:false", "a"),
        ("sort=-createdAt&limit=2", "b default-mobile"),
        ("limit=1&offset=1", "a"),
    ] {
        let list = owner.get(&format!("{PATH}?{query}")).await.expect(200);
        assert_eq!(keys(&list), expected, "{query}");
    }
    assert_eq!(owner.get(&format!("{PATH}?limit=1")).await.expect(200)["totalCount"], 4);
    for bad in ["filter=kind:browser", "filter=name:a", "sort=name", "limit=101"] {
        owner.get(&format!("{PATH}?{bad}")).await.refused(400, "invalid_request");
    }
}

async fn lists_of_a_project(house: House) {
    let owner = beta(&house);
    let all = "/api/v2/projects/default/sdk-keys";
    owner.post(PATH, json!({"key": "a", "name": "Checkout", "expiry": NOW + 10})).await.expect(201);
    house.clock.advance(20);
    for (filter, sort, expected) in [
        ("", "environmentKey", "default default-mobile default a default-mobile"),
        (r#"environmentKey equals "test", kind equals "sdk""#, "", "default a"),
        (r#"environmentKey anyOf ["test","production"], active equals false"#, "", "a"),
        (r#"name equals "CHECK""#, "", "a"),
        (
            r#"kind equals "mobile" | name equals "a", active equals false"#,
            "environmentKey",
            "default-mobile a default-mobile",
        ),
        ("viewKey equals v", "", ""),
    ] {
        let query = wigwag_kit::query::render([("filter", filter), ("sort", sort)]);
        let list = owner.get(&format!("{all}{query}")).await.expect(200);
        assert_eq!(keys(&list), expected, "{filter}");
    }
    let list = owner
        .get(&format!("{all}?sort=-environmentKey,createdAt&limit=1&expand=environmentSummary,viewSummaries"))
        .await
        .expect(200);
    let first = &list["items"][0];
    assert_eq!((&first["environmentSummary"]["key"], &first["viewSummaries"]), (&json!("test"), &json!([])));
    assert_eq!((&list["totalCount"], first["environmentSummary"]["color"].is_string()), (&json!(5), true));
    for bad in ["filter=kind equals browser", "filter=name anyOf [\"a\"]", "filter=colour equals red", "sort=name"] {
        let (name, value) = bad.split_once('=').unwrap();
        let query = wigwag_kit::query::render([(name, value)]);
        owner.get(&format!("{all}{query}")).await.refused(400, "invalid_request");
    }
    owner.get("/api/v2/projects/none/sdk-keys").await.refused(404, "not_found");
}

async fn views_come_later(house: House) {
    let owner = beta(&house);
    let path = format!("{PATH}/default/views");
    let key = house
        .unchanged(async {
            owner.put(&format!("{path}?expand=viewSummaries"), json!({"viewKeys": []})).await.expect(200)
        })
        .await;
    assert_eq!((&key["key"], &key["viewSummaries"]), (&json!("default"), &json!([])));
    let message = owner.put(&path, json!({"viewKeys": ["v"]})).await.refused(400, "invalid_request");
    assert!(message.contains("viewKeys"), "{message}");
    owner.put(&path, json!({})).await.refused(400, "invalid_request");
    owner.put(&format!("{PATH}/none/views"), json!({"viewKeys": []})).await.refused(404, "not_found");
}

async fn who_may(house: House) {
    beta(&house).post(PATH, json!({"key": "k", "name": "K"})).await.expect(201);
    let reader = house.role("reader").await;
    let reader = house.with(&reader).version("beta");
    assert!(reader.get(&format!("{PATH}/k")).await.expect(200)["value"].as_str().unwrap().len() == 40);
    let head = house.head().await;
    let resource = "proj/default:env/test:sdk-key/k".to_owned();
    let body = json!({"key": "k", "name": "K"});
    assert_eq!(reader.post(PATH, body).await.denied(), ("createSdkKey".to_owned(), resource.clone()));
    assert_eq!(
        reader.patch(&format!("{PATH}/k"), json!({"name": "L"})).await.denied(),
        ("updateSdkKey".to_owned(), resource.clone())
    );
    assert_eq!(reader.delete(&format!("{PATH}/k")).await.denied(), ("deleteSdkKey".to_owned(), resource.clone()));
    let views = reader.put(&format!("{PATH}/k/views"), json!({"viewKeys": []})).await.denied();
    assert_eq!(views, ("updateSdkKeyPayload".to_owned(), resource));
    assert_eq!(house.head().await, head);
    let blind = house.inline("deny", &["viewSdkKey"], &["proj/*:env/*:sdk-key/*"]).await;
    let blind = house.with(&blind).version("beta");
    let masked = "sdk-xxxxxxxx-xxxx-xxxx-xxxx-************";
    assert_eq!(blind.get(&format!("{PATH}/k")).await.expect(200)["value"], masked);
    let list = blind.get("/api/v2/projects/default/sdk-keys").await.expect(200);
    assert!(
        list["items"].as_array().unwrap().iter().all(|item| item["value"].as_str().unwrap().ends_with("-************"))
    );
}

async fn beta_is_asked_for(house: House) {
    for version in ["20160426", "20191212", "20210729", "20220603", "20240415"] {
        house.owner().version(version).get(PATH).await.refused(403, "forbidden");
    }
}
