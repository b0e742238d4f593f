//! A directory at work.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::browser::Browser;
use crate::support::{Answer, House, OWNER, on_both_engines};

on_both_engines! {
    users;
    whoever_leaves_is_out;
    groups;
    what_directories_ask_first;
    who_may;
    names_that_are_no_addresses;
    what_a_token_reaches;
    users_and_groups_at_once;
}

const USERS: &str = "/scim/v2/Users";
const GROUPS: &str = "/scim/v2/Groups";

async fn send(house: &House, line: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {OWNER}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/scim+json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    house.raw(line, &headers, &body).await
}

async fn made(house: &House, email: &str) -> String {
    let body = json!({"userName": email, "name": {"givenName": "Bob"}, "externalId": format!("x-{email}")});
    let user = send(house, &format!("POST {USERS}"), body).await;
    assert_eq!(user.status(), 201, "{}", user.text());
    assert_eq!(user.header("content-type"), "application/scim+json");
    user.json()["id"].as_str().unwrap().to_owned()
}

#[track_caller]
fn refused(answer: &Answer, status: u16) -> Value {
    let body = answer.json();
    assert_eq!((answer.status(), &body["status"]), (status, &json!(status.to_string())), "{body}");
    assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    body
}

async fn users(store: Store) {
    let house = House::open(store).await;
    let id = made(&house, "Bob@example.com").await;
    let at = format!("{USERS}/{id}");
    let user = send(&house, &format!("GET {at}"), Value::Null).await.json();
    assert_eq!((&user["userName"], &user["active"]), (&json!("Bob@example.com"), &json!(true)));
    assert_eq!(user["meta"]["location"], format!("https://flags.example.com{at}"));
    assert_eq!(user["roles"][0]["value"], "reader");
    let member = house.get(&format!("/api/v2/members/{id}")).await.ok();
    assert_eq!((&member["firstName"], &member["_pendingInvite"]), (&json!("Bob"), &json!(false)));

    let body = refused(&send(&house, &format!("POST {USERS}"), json!({"userName": "bob@EXAMPLE.com"})).await, 409);
    assert_eq!(body["scimType"], "uniqueness");
    for bad in [
        json!({}),
        json!({"userName": "bob"}),
        json!({"userName": 7}),
        json!([]),
        json!({"userName": "c@x", "active": "perhaps"}),
    ] {
        refused(&send(&house, &format!("POST {USERS}"), bad).await, 400);
    }
    for (filter, count) in [
        ("userName%20eq%20%22BOB@example.com%22", 1),
        ("externalId%20eq%20%22x-Bob@example.com%22", 1),
        ("userName%20eq%20%22nobody@example.com%22", 0),
    ] {
        let list = send(&house, &format!("GET {USERS}?filter={filter}"), Value::Null).await.json();
        assert_eq!(list["totalResults"], count, "{filter}: {list}");
    }
    for bad in ["userName%20co%20%22x%22", "nickName%20eq%20%22x%22"] {
        refused(&send(&house, &format!("GET {USERS}?filter={bad}"), Value::Null).await, 400);
    }
    let list = send(&house, &format!("GET {USERS}?startIndex=2&count=1"), Value::Null).await.json();
    assert_eq!((&list["totalResults"], &list["startIndex"], &list["itemsPerPage"]), (&json!(2), &json!(2), &json!(1)));

    let patch = async |operations: Value| {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        send(&house, &format!("PATCH {at}"), body).await
    };
    let user = patch(json!([
        {"op": "Replace", "path": "name.familyName", "value": "B."},
        {"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:roles", "value": [{"value": "writer"}]},
        {"op": "replace", "value": {"userName": "bobby@example.com", "title": "ignored"}},
        {"op": "remove", "path": "externalId"},
    ]))
    .await
    .ok();
    assert_eq!((&user["name"]["familyName"], &user["roles"][0]["value"]), (&json!("B."), &json!("writer")));
    assert_eq!((&user["userName"], &user["externalId"]), (&json!("bobby@example.com"), &Value::Null));
    let head = house.head().await;
    patch(json!([{"op": "replace", "path": "userName", "value": "bobby@example.com"}])).await.ok();
    assert_eq!(house.head().await, head, "nothing to do");
    refused(&patch(json!([{"op": "move", "path": "x"}])).await, 400);
    refused(&patch(json!([{"op": "replace", "path": "roles", "value": [{"value": "owner"}]}])).await, 400);
    refused(&patch(json!([{"op": "replace", "path": "userName", "value": "ann@example.com"}])).await, 409);
    assert_eq!(house.head().await, head);
    let put = json!({"userName": "bobby@example.com", "active": true});
    let user = send(&house, &format!("PUT {at}"), put).await.ok();
    assert_eq!((&user["name"]["givenName"], &user["roles"][0]["value"]), (&Value::Null, &json!("writer")));
    refused(&send(&house, &format!("GET {USERS}/nobody"), Value::Null).await, 404);
}

async fn whoever_leaves_is_out(store: Store) {
    let house = House::open(store).await;
    let id = made(&house, "bob@example.com").await;
    let browser = Browser::new(&house);
    browser.post("/internal/password-reset", json!({"email": "bob@example.com"})).await.expect(200);
    let secret = super::browser::letter_secret(&house).await;
    let finish = json!({"token": secret, "password": "bob's password"});
    assert_eq!(browser.post("/internal/password-reset/finish", finish).await.status(), 204);
    let sign_in = json!({"email": "bob@example.com", "password": "bob's password"});
    browser.post("/internal/session", sign_in.clone()).await.expect(200);
    let token = browser.post("/api/v2/tokens", json!({"name": "bob's"})).await.expect(201)["token"].clone();
    let token = token.as_str().unwrap();
    let by_token = async || house.raw("GET /api/v2/members/me", &[("authorization", token)], "").await.status();
    assert_eq!((by_token().await, browser.is_in().await), (200, true));

    let set = async |active: Value| {
        let operations = json!([{"op": "replace", "path": "active", "value": active}]);
        send(&house, &format!("PATCH {USERS}/{id}"), json!({"Operations": operations})).await.ok()
    };
    assert_eq!(set(json!("False")).await["active"], false);
    assert_eq!((by_token().await, browser.is_in().await), (401, false));
    assert_eq!(house.newest().await["titleVerb"], "deactivated");
    browser.post("/internal/session", sign_in.clone()).await.refused(401, "unauthorized");
    assert_eq!(set(json!(true)).await["active"], true);
    assert_eq!(by_token().await, 200);
    assert!(!browser.is_in().await, "the session is gone for good");
    browser.post("/internal/session", sign_in).await.expect(200);

    let owner = house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned();
    let operations = json!([{"op": "replace", "path": "active", "value": false}]);
    refused(&send(&house, &format!("PATCH {USERS}/{owner}"), json!({"Operations": operations})).await, 403);
    // Nor is the address: a letter to it sets a new password.
    let operations = json!([{"op": "replace", "path": "userName", "value": "mallory@example.com"}]);
    refused(&send(&house, &format!("PATCH {USERS}/{owner}"), json!({"Operations": operations})).await, 403);
    let head = house.store.head().await.unwrap();
    refused(&send(&house, &format!("PUT {USERS}/{owner}"), json!({"userName": "mallory@example.com"})).await, 403);
    assert_eq!(house.store.head().await.unwrap(), head);
}

async fn groups(store: Store) {
    let house = House::open(store).await;
    let (a, b) = (made(&house, "a@example.com").await, made(&house, "b@example.com").await);
    let body = json!({"displayName": "Flag Admins (EU)", "members": [{"value": a}, {"value": "nobody"}]});
    let group = send(&house, &format!("POST {GROUPS}"), body.clone()).await;
    assert_eq!(group.status(), 201, "{}", group.text());
    let group = group.json();
    assert_eq!((&group["id"], &group["members"][0]["value"]), (&json!("flag-admins-eu"), &json!(a)));
    assert_eq!(house.get("/api/v2/teams/flag-admins-eu").await.ok()["name"], "Flag Admins (EU)");
    refused(&send(&house, &format!("POST {GROUPS}"), body).await, 409);
    refused(&send(&house, &format!("POST {GROUPS}"), json!({"displayName": "!"})).await, 400);

    let at = format!("{GROUPS}/flag-admins-eu");
    let patch = async |operations: Value| {
        let group = send(&house, &format!("PATCH {at}"), json!({"Operations": operations})).await.ok();
        let ids = group["members"].as_array().unwrap().iter().map(|m| m["value"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(
        patch(json!([{"op": "add", "path": "members", "value": [{"value": b}, {"value": a}]}])).await,
        [&*a, &*b]
    );
    let one = format!("members[value eq \"{a}\"]");
    assert_eq!(patch(json!([{"op": "remove", "path": one}])).await, [&*b]);
    assert_eq!(
        patch(json!([{"op": "replace", "value": {"displayName": "Admins", "members": [{"value": a}]}}])).await,
        [&*a]
    );
    assert_eq!(patch(json!([{"op": "remove", "path": "members", "value": [{"value": a}]}])).await, [""; 0]);
    assert_eq!(house.get("/api/v2/teams/flag-admins-eu").await.ok()["name"], "Admins");
    refused(
        &send(&house, &format!("PATCH {at}"), json!({"Operations": [{"op": "add", "path": "x", "value": 1}]})).await,
        400,
    );
    let list = send(&house, &format!("GET {GROUPS}?filter=displayName%20eq%20%22Admins%22"), Value::Null).await.json();
    assert_eq!(list["totalResults"], 1, "{list}");
    let put = json!({"displayName": "Admins", "members": [{"value": b}]});
    assert_eq!(send(&house, &format!("PUT {at}"), put).await.ok()["members"][0]["value"], json!(b));
    assert_eq!(send(&house, &format!("DELETE {at}"), Value::Null).await.status(), 204);
    refused(&send(&house, &format!("GET {at}"), Value::Null).await, 404);
}

async fn what_directories_ask_first(store: Store) {
    let house = House::open(store).await;
    let get = async |path: &str| send(&house, &format!("GET /scim/v2/{path}"), Value::Null).await.ok();
    let config = get("ServiceProviderConfig").await;
    assert_eq!((&config["patch"]["supported"], &config["bulk"]["supported"]), (&json!(true), &json!(false)));
    assert_eq!(get("ResourceTypes").await["totalResults"], 2);
    let schemas = get("Schemas").await;
    assert_eq!(schemas["Resources"][0]["id"], "urn:ietf:params:scim:schemas:core:2.0:User");
}

async fn who_may(store: Store) {
    let house = House::open(store).await;
    let token = |role: &str| json!({"role": role, "serviceToken": true});
    for (role, status) in [("reader", 403), ("writer", 403), ("admin", 200)] {
        let made = house.post("/api/v2/tokens", token(role)).await.ok();
        let headers = [("authorization", made["token"].as_str().unwrap())];
        assert_eq!(house.raw(&format!("GET {USERS}"), &headers, "").await.status(), status, "{role}");
    }
    house.raw(&format!("GET {USERS}"), &[], "").await.refused(401, "unauthorized");
}

/// Some directories have names of their own for people, beside their addresses.
async fn names_that_are_no_addresses(store: Store) {
    let house = House::open(store).await;
    let create = async |body: Value| send(&house, &format!("POST {USERS}"), body).await;
    refused(&create(json!({"userName": "kim"})).await, 400);
    let kim = json!({"userName": "kim", "emails": [{"value": "x@example.com"}, {"value": "kim@example.com", "primary": true}]});
    let made = create(kim.clone()).await.ok();
    assert_eq!((&made["userName"], &made["emails"][0]["value"]), (&json!("kim"), &json!("kim@example.com")));
    refused(&create(kim).await, 409);
    refused(&create(json!({"userName": "KIM", "emails": [{"value": "other@example.com"}]})).await, 409);
    refused(&create(json!({"userName": "ann@example.com", "emails": [{"value": "o@example.com"}]})).await, 409);
    for filter in ["userName eq \"Kim\"", "userName eq \"kim@example.com\"", "emails eq \"kim@example.com\""] {
        let query = wigwag_kit::query::render([("filter", filter), ("attributes", "userName,name.givenName")]);
        let found = send(&house, &format!("GET {USERS}{query}"), Value::Null).await.ok();
        assert_eq!(found["totalResults"], 1, "{filter}");
        let names: Vec<_> = found["Resources"][0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["schemas", "id", "userName"]);
    }
    let at = format!("{USERS}/{}", made["id"].as_str().unwrap());
    let less = send(&house, &format!("GET {at}?excludedAttributes=emails,id"), Value::Null).await.ok();
    assert!(less.get("emails").is_none() && less["id"] == made["id"], "{less}");
    let patch = async |path: &str, value: Value| {
        let body = json!({"Operations": [{"op": "replace", "path": path, "value": value}]});
        send(&house, &format!("PATCH {at}"), body).await.ok()
    };
    let moved = patch("emails[type eq \"work\"].value", json!("k@example.com")).await;
    assert_eq!((&moved["userName"], &moved["emails"][0]["value"]), (&json!("kim"), &json!("k@example.com")));
    let same = patch("userName", json!("k@example.com")).await;
    assert_eq!(same["emails"][0]["value"], "k@example.com");
    let follows = patch("userName", json!("l@example.com")).await;
    assert_eq!(follows["emails"][0]["value"], "l@example.com", "a name that is the address stays the address");
}

/// Whoever may do less than a member changes nothing that would let them be that member, or keep them out.
async fn what_a_token_reaches(store: Store) {
    let house = House::open(store).await;
    let admin = made(&house, "admin@example.com").await;
    let role = |role: &str| json!({"Operations": [{"op": "replace", "path": "roles", "value": [{"value": role}]}]});
    send(&house, &format!("PATCH {USERS}/{admin}"), role("admin")).await.ok();
    let reader = made(&house, "reader@example.com").await;
    let statements = json!([{"effect": "allow", "actions": ["createMember"], "resources": ["member/*"]}]);
    let token = json!({"serviceToken": true, "inlineRole": statements});
    let token = house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned();
    let by = async |method: &str, id: &str, body: Value| {
        let headers = [("authorization", token.as_str())];
        house.raw(&format!("{method} {USERS}/{id}"), &headers, &body.to_string()).await
    };
    let active = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    let name = json!({"Operations": [{"op": "replace", "path": "userName", "value": "mallory@example.com"}]});
    let emails = json!({"Operations": [{"op": "replace", "path": "emails", "value": [{"value": "m@example.com"}]}]});
    let head = house.head().await;
    for body in [&active, &name, &emails] {
        refused(&by("PATCH", &admin, body.clone()).await, 403);
    }
    refused(&by("PUT", &admin, json!({"userName": "mallory@example.com"})).await, 403);
    refused(&by("PATCH", &reader, role("admin")).await, 403);
    assert_eq!(house.head().await, head);
    let given = json!({"Operations": [{"op": "replace", "path": "name.givenName", "value": "A"}]});
    by("PATCH", &admin, given).await.ok();
}

async fn users_and_groups_at_once(store: Store) {
    let house = House::open(store).await;
    let bob = made(&house, "bob@example.com").await;
    for name in ["Ops", "Bob"] {
        let group = json!({"displayName": name, "externalId": format!("g-{name}"), "members": [{"value": bob}]});
        assert_eq!(send(&house, &format!("POST {GROUPS}"), group).await.status(), 201);
    }
    let search = async |body: Value| {
        let mut asked = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
        asked.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        send(&house, "POST /scim/v2/.search", asked).await
    };
    // Ann, who owns the account, then Bob, then the teams.
    for (filter, wanted) in [
        ("", &["User", "User", "Group", "Group"][..]),
        ("userName eq \"bob@example.com\"", &["User"]),
        ("externalId eq \"g-Ops\"", &["Group"]),
        ("externalId eq \"x-bob@example.com\"", &["User"]),
        ("displayName eq \"Bob\"", &["User", "Group"]),
        ("meta.resourceType eq \"Group\"", &["Group", "Group"]),
        ("meta.resourceType eq \"user\"", &["User", "User"]),
        ("meta.resourceType eq \"Device\"", &[]),
    ] {
        let body = if filter.is_empty() { json!({}) } else { json!({"filter": filter}) };
        let list = search(body).await.ok();
        let all = list["Resources"].as_array().unwrap();
        let types: Vec<_> = all.iter().map(|one| one["meta"]["resourceType"].as_str().unwrap()).collect();
        assert_eq!((types.as_slice(), &list["totalResults"]), (wanted, &json!(wanted.len())), "{filter}");
    }
    // Pages go on from users to groups.
    let mut seen = Vec::new();
    for start in [1, 3] {
        let page = search(json!({"startIndex": start, "count": 2, "attributes": ["displayName"]})).await.ok();
        assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(4), &json!(2)));
        for one in page["Resources"].as_array().unwrap() {
            assert!(one["meta"].is_null() && one["members"].is_null(), "{one}");
            seen.push(one["displayName"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(seen[1..], ["Bob", "Ops", "Bob"]);
    assert_eq!(search(json!({"startIndex": 2, "count": 2})).await.ok()["Resources"][1]["displayName"], "Ops");
    for bad in [json!({"filter": "nickName eq \"x\""}), json!({"filter": "userName co \"x\""}), json!({"count": "x"})] {
        refused(&search(bad).await, 400);
    }
}
