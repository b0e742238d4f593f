//! Access tokens, and what they let in.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use wigwag_model::doc::{Kind, Member, Role};
use wigwag_store::{Commit, DocKey, Expect, NewChange, Write};

use crate::house::{House, NOW, OWNER, on_both_engines, replace};

on_both_engines! {
    the_value_is_shown_once,
    bad_posts_are_refused,
    credentials,
    expiry_ends_a_token,
    a_reset_gives_a_new_value,
    a_deleted_token_fails_at_once,
    a_deleted_member_kills_personal_tokens,
    permissions_follow_the_member,
    who_sees_which_tokens,
    nobody_makes_more_than_they_have,
    nobody_takes_over_more_than_they_have,
    tokens_are_patched,
    removing_what_is_absent_is_422,
    versions_and_pages,
    custom_roles_of_tokens,
    nobody_exceeds_custom_roles,
    the_last_use_is_shown,
}

const PATH: &str = "/api/v2/tokens";

/// Adds a member with a role, and a token of theirs without a role of its own.
async fn member(house: &House, name: &str, role: Role) -> (Member, String) {
    let member = Member {
        id: house.ids.object_id(),
        email: format!("{name}@example.com"),
        first_name: name.to_owned(),
        last_name: String::new(),
        role,
        password_hash: None,
        custom_roles: Vec::new(),
        role_attributes: Default::default(),
        pending_invite: false,
        sign_in: Default::default(),
        created_at: NOW,
    };
    save(house, &member, Expect::Absent).await;
    let value = house.ids.access_token();
    let id = house.ids.object_id();
    let body = json!({
        "id": id, "hash": wigwag_auth::secret::hash(&value), "ending": "0000", "memberId": member.id,
        "defaultApiVersion": 20_240_415, "createdAt": NOW, "modifiedAt": NOW,
    });
    let token = serde_json::from_value(body.clone()).unwrap();
    let write = Write::create(DocKey::account(Kind::Token, id), body.to_string(), wigwag_api::tokens::index(&token));
    commit(house, write).await;
    (member, value)
}

async fn save(house: &House, member: &Member, expect: Expect) {
    let body = serde_json::to_string(member).unwrap();
    let index = wigwag_api::members::index(member);
    let key = DocKey::account(Kind::Member, member.id.as_str());
    commit(house, Write { key, expect, op: wigwag_store::WriteOp::Put { body, index } }).await;
}

async fn commit(house: &House, write: Write) {
    let change = NewChange { id: house.ids.object_id(), at: NOW, ..NewChange::default() };
    house.store.commit(Commit::new(vec![write], change)).await.unwrap();
}

fn path_of(token: &Value) -> String {
    token["_links"]["self"]["href"].as_str().unwrap().to_owned()
}

async fn the_value_is_shown_once(house: House) {
    let body = json!({"name": "CI", "description": "d", "role": "writer", "serviceToken": true, "defaultApiVersion": 20_220_603});
    let made = house.owner().post(PATH, body).await.expect(201);
    let value = made["token"].as_str().unwrap();
    assert!(value.starts_with("api-") && value.len() == 40, "{value}");
    for name in ["_id", "ownerId", "memberId"] {
        assert_eq!(made[name].as_str().unwrap().len(), 24, "{name}");
    }
    assert_eq!((&made["creationDate"], &made["lastModified"]), (&json!(NOW), &json!(NOW)));
    assert_eq!(
        (&made["serviceToken"], &made["role"], &made["defaultApiVersion"]),
        (&json!(true), &json!("writer"), &json!(20_220_603))
    );
    assert_eq!(made["_member"]["email"], "ann@example.com");

    let read = house.owner().get(&path_of(&made)).await.expect(200);
    assert_eq!(read["token"], value[36..]);
    let list = house.owner().get(PATH).await.expect(200);
    assert!(!list.to_string().contains(value));
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.kind, &*entry.name), ("token", "CI"));
    assert_eq!(record["titleVerb"], "created the access token");
    assert_eq!(record["accesses"][0]["action"], "createAccessToken");
    assert_eq!(record["accesses"][0]["resource"], format!("service-token/{}", made["_id"].as_str().unwrap()));
    let hash = wigwag_auth::secret::hash(value);
    assert!(!record.to_string().contains(value) && !record.to_string().contains(&hash));
}

async fn bad_posts_are_refused(house: House) {
    let statement = json!({"effect": "allow", "actions": ["*"], "resources": ["proj/*"]});
    let cases = [
        (json!({"role": "owner"}), "role"),
        (json!({"role": "emperor"}), "role"),
        (json!({"role": 7}), "role"),
        (json!({"role": "reader", "inlineRole": [statement]}), "exclude"),
        (json!({"inlineRole": []}), "inlineRole"),
        (
            json!({"inlineRole": [{"effect": "maybe", "actions": ["*"], "resources": ["proj/*"]}]}),
            "inlineRole[0]: effect",
        ),
        (json!({"inlineRole": [statement, {"effect": "allow", "actions": ["*"]}]}), "inlineRole[1]: needs resources"),
        (json!({"customRoleIds": ["nobody"]}), "customRoleIds"),
        (json!({"defaultApiVersion": 20_200_101}), "defaultApiVersion"),
        (json!({"expiry": NOW}), "expiry"),
        (json!({"expiry": "tomorrow"}), "expiry"),
        (json!({"name": "n".repeat(257)}), "name"),
        (json!([]), ""),
    ];
    for (body, names) in cases {
        let message = house.unchanged(house.owner().post(PATH, body.clone())).await.refused(400, "invalid_request");
        assert!(message.contains(names), "{body}: {message}");
    }
}

async fn credentials(house: House) {
    let environment = house.owner().get("/api/v2/projects/default/environments/test").await.expect(200);
    let text = |name: &str| environment[name].as_str().unwrap().to_owned();
    let path = "/api/v2/caller-identity";
    for good in [OWNER.to_owned(), format!("Bearer {OWNER}"), format!("bearer   {OWNER} ")] {
        house.with(&good).get(path).await.expect(200);
    }
    let wrong = [
        String::new(),
        " ".into(),
        "Bearer".into(),
        "Bearer ".into(),
        "api-unknown".into(),
        format!("Basic {OWNER}"),
        text("apiKey"),
        text("mobileKey"),
        text("_id"),
        OWNER.to_uppercase(),
        OWNER[..8].to_owned(),
    ];
    for token in wrong {
        let message = house.with(&token).get(path).await.refused(401, "unauthorized");
        assert_eq!(message, "Invalid access token", "{token}");
    }
}

async fn expiry_ends_a_token(house: House) {
    let token = house.token(json!({"expiry": NOW + 1_000})).await;
    house.with(&token).get(PATH).await.expect(200);
    house.clock.advance(999);
    house.with(&token).get(PATH).await.expect(200);
    house.clock.advance(1);
    house.with(&token).get(PATH).await.refused(401, "unauthorized");
}

async fn a_reset_gives_a_new_value(house: House) {
    let made = house.owner().post(PATH, json!({"name": "t", "role": "reader"})).await.expect(201);
    let first = made["token"].as_str().unwrap();
    let reset = format!("{}/reset", path_of(&made));
    house.with(first).get(PATH).await.expect(200);
    let again = house.owner().send("POST", &format!("{reset}?expiry={}", NOW + 1_000), None).await.expect(200);
    let second = again["token"].as_str().unwrap();
    assert_ne!(first, second);
    house.with(first).get(PATH).await.expect(200);
    house.with(second).get(PATH).await.expect(200);
    house.clock.advance(1_000);
    house.with(first).get(PATH).await.refused(401, "unauthorized");
    house.with(second).get(PATH).await.expect(200);
    let (_, record) = house.last_entry().await;
    assert_eq!(
        (&record["titleVerb"], &record["accesses"][0]["action"]),
        (&json!("reset the access token"), &json!("resetAccessToken"))
    );

    // Without an expiry the value before ends at once.
    let third = house.owner().send("POST", &reset, None).await.expect(200);
    house.with(second).get(PATH).await.refused(401, "unauthorized");
    house.with(third["token"].as_str().unwrap()).get(PATH).await.expect(200);
    for bad in ["x", "1"] {
        house.owner().send("POST", &format!("{reset}?expiry={bad}"), None).await.refused(400, "invalid_request");
    }
}

async fn a_deleted_token_fails_at_once(house: House) {
    let made = house.owner().post(PATH, json!({"role": "reader"})).await.expect(201);
    let value = made["token"].as_str().unwrap();
    house.with(value).get(PATH).await.expect(200);
    house.owner().delete(&path_of(&made)).await.expect(204);
    house.with(value).get(PATH).await.refused(401, "unauthorized");
    let (_, record) = house.last_entry().await;
    assert_eq!(
        (&record["titleVerb"], &record["accesses"][0]["action"]),
        (&json!("deleted the access token"), &json!("deleteAccessToken"))
    );
    house.owner().delete(&path_of(&made)).await.refused(404, "not_found");
    for id in ["x", "0123456789abcdef01234567", &"0".repeat(600)] {
        house.owner().get(&format!("{PATH}/{id}")).await.refused(404, "not_found");
    }
}

async fn a_deleted_member_kills_personal_tokens(house: House) {
    let (bob, personal) = member(&house, "bob", Role::Admin).await;
    let made = house.with(&personal).post(PATH, json!({"role": "reader", "serviceToken": true})).await.expect(201);
    let service = made["token"].as_str().unwrap();
    house.with(&personal).get(PATH).await.expect(200);
    house.with(service).get(PATH).await.expect(200);
    commit(&house, Write::delete(DocKey::account(Kind::Member, bob.id), Expect::Any)).await;
    house.with(&personal).get(PATH).await.refused(401, "unauthorized");
    house.with(service).get(PATH).await.expect(200);
}

async fn permissions_follow_the_member(house: House) {
    let (mut bob, value) = member(&house, "bob", Role::Writer).await;
    let (path, patch) = ("/api/v2/projects/default", |name: &str| replace("/name", name));
    house.with(&value).patch(path, patch("One")).await.expect(200);
    bob.role = Role::Reader;
    save(&house, &bob, Expect::Any).await;
    house.with(&value).patch(path, patch("Two")).await.denied();
    house.with(&value).get(path).await.expect(200);
    bob.role = Role::NoAccess;
    save(&house, &bob, Expect::Any).await;
    house.with(&value).get(path).await.denied();
}

async fn who_sees_which_tokens(house: House) {
    let (_, admin) = member(&house, "ada", Role::Admin).await;
    let (bob, reader) = member(&house, "bob", Role::Reader).await;
    let service =
        house.owner().post(PATH, json!({"name": "s", "role": "reader", "serviceToken": true})).await.expect(201);
    let admin_service = house.token(json!({"name": "as", "role": "admin", "serviceToken": true})).await;
    let mine = house.owner().post(PATH, json!({"name": "mine"})).await.expect(201);
    let count = async |token: &str, query: &str| {
        let list = house.with(token).get(&format!("{PATH}{query}")).await.expect(200);
        assert_eq!(list["totalCount"].as_u64().unwrap(), list["items"].as_array().unwrap().len() as u64);
        list["totalCount"].as_u64().unwrap()
    };
    // Two service tokens, two of the owner, one of each other member.
    assert_eq!(count(OWNER, "").await, 4);
    assert_eq!(count(OWNER, "?showAll=true").await, 6);
    assert_eq!(count(&admin, "").await, 3);
    assert_eq!(count(&admin, "?showAll=true").await, 6);
    assert_eq!(count(&reader, "?showAll=true").await, 3);
    assert_eq!(count(service["token"].as_str().unwrap(), "?showAll=true").await, 2);
    assert_eq!(count(&admin_service, "").await, 6);
    house.with(&reader).get(&path_of(&mine)).await.refused(404, "not_found");
    house.with(&reader).get(&path_of(&service)).await.expect(200);
    house.with(&admin).get(&path_of(&mine)).await.expect(200);
    house.with(&reader).delete(&path_of(&service)).await.denied();
    house.owner().get(&format!("{PATH}?showAll=perhaps")).await.refused(400, "invalid_request");
    let expected = json!({"_links": {
        "self": {"href": format!("/api/v2/members/{}", bob.id), "type": "application/json"},
        "parent": {"href": "/api/v2/members", "type": "application/json"}},
        "_id": bob.id, "firstName": "bob", "role": "reader", "email": "bob@example.com"});
    let list = house.with(&reader).get(PATH).await.expect(200);
    let own: Vec<_> = list["items"].as_array().unwrap().iter().filter(|t| t["memberId"] == bob.id).collect();
    assert_eq!(own[0]["_member"], expected);
}

async fn nobody_makes_more_than_they_have(house: House) {
    let (_, reader) = member(&house, "rea", Role::Reader).await;
    let (_, writer) = member(&house, "wri", Role::Writer).await;
    let post = async |token: &str, body: Value| house.with(token).post(PATH, body).await;
    post(&reader, json!({"role": "reader"})).await.expect(201);
    house.unchanged(post(&reader, json!({"role": "writer"}))).await.refused(403, "forbidden");
    post(&reader, json!({"role": "reader", "serviceToken": true})).await.denied();
    post(&writer, json!({"role": "writer"})).await.expect(201);
    post(&writer, json!({"role": "admin"})).await.refused(403, "forbidden");

    // A narrow token of the owner cannot make a wide one, however it is asked.
    let narrow = house.role("reader").await;
    post(&narrow, json!({"role": "admin"})).await.refused(403, "forbidden");
    let (project, patch) = ("/api/v2/projects/default", replace("/name", "Taken"));
    let wide = json!({"inlineRole": [{"effect": "allow", "actions": ["*"], "resources": ["proj/*"]}]});
    for body in [json!({}), wide] {
        let made = post(&narrow, body).await.expect(201);
        house.with(made["token"].as_str().unwrap()).patch(project, patch.clone()).await.denied();
    }
    let tagger = json!({"effect": "allow", "actions": ["createAccessToken", "updateTags"], "resources": ["proj/*", "member/*:token/*", "service-token/*"]});
    let tagger = house.token(json!({"inlineRole": [tagger]})).await;
    for body in [
        json!({"role": "admin"}),
        json!({}),
        json!({"role": "admin", "serviceToken": true}),
        json!({"serviceToken": true}),
    ] {
        let made = post(&tagger, body.clone()).await.expect(201);
        let caller = made["token"].as_str().unwrap();
        house.with(caller).patch(project, patch.clone()).await.denied();
        let answer = house.with(caller).patch(project, replace("/tags", json!(["t"]))).await;
        assert_eq!((answer.status(), &body), (200, &body));
    }
    let service = house.token(json!({"role": "admin", "serviceToken": true})).await;
    post(&service, json!({"role": "reader"})).await.refused(403, "forbidden");
    post(&service, json!({"role": "admin", "serviceToken": true})).await.expect(201);
}

async fn nobody_takes_over_more_than_they_have(house: House) {
    let made = house.owner().post(PATH, json!({"name": "wide"})).await.expect(201);
    let (path, wide) = (path_of(&made), made["token"].as_str().unwrap());
    let narrow = house.owner().post(PATH, json!({"name": "narrow", "role": "reader"})).await.expect(201);
    let token = narrow["token"].as_str().unwrap();
    let caller = house.with(token);
    // It may look after the owner's tokens, but not learn the value of a wider one.
    caller.patch(&path, replace("/name", "renamed")).await.expect(200);
    house.unchanged(caller.send("POST", &format!("{path}/reset"), None)).await.refused(403, "forbidden");
    house.unchanged(caller.patch(&path_of(&narrow), replace("/role", "admin"))).await.refused(403, "forbidden");
    // Letting go of a role gives no more than the caller has.
    caller.patch(&path_of(&narrow), json!([{"op": "remove", "path": "/role"}])).await.expect(200);
    caller.patch("/api/v2/projects/default", replace("/name", "Taken")).await.denied();
    house.with(wide).get(PATH).await.expect(200);
    let again = caller.send("POST", &format!("{}/reset", path_of(&narrow)), None).await.expect(200);
    house.with(again["token"].as_str().unwrap()).get(PATH).await.expect(200);
    let (_, admin) = member(&house, "ada", Role::Admin).await;
    house.with(&admin).send("POST", &format!("{path}/reset"), None).await.refused(403, "forbidden");
}

async fn tokens_are_patched(house: House) {
    let made = house.owner().post(PATH, json!({"name": "t", "role": "reader"})).await.expect(201);
    let (path, value) = (path_of(&made), made["token"].as_str().unwrap());
    house.clock.advance(5);
    let statement = json!({"effect": "allow", "actions": ["updateProjectName"], "resources": ["proj/*"]});
    let patch = json!([
        {"op": "replace", "path": "/name", "value": "new"},
        {"op": "replace", "path": "/description", "value": "d"},
        {"op": "remove", "path": "/role"},
        {"op": "add", "path": "/inlineRole", "value": [statement]},
        {"op": "add", "path": "/expiry", "value": NOW + 1_000},
        {"op": "replace", "path": "/token", "value": "api-mine"},
    ]);
    let patched = house.owner().patch(&path, patch).await.expect(200);
    assert_eq!((&patched["name"], &patched["description"]), (&json!("new"), &json!("d")));
    assert_eq!((patched.get("role"), &patched["inlineRole"]), (None, &json!([statement])));
    assert_eq!((&patched["expiry"], &patched["lastModified"]), (&json!(NOW + 1_000), &json!(NOW + 5)));
    let (_, record) = house.last_entry().await;
    let actions: Vec<_> =
        record["accesses"].as_array().unwrap().iter().map(|a| a["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        ["updateAccessTokenName", "updateAccessTokenDescription", "updateAccessTokenPolicy", "updateAccessTokenExpiry"]
    );
    assert!(!record.to_string().contains(value));
    // It counts from the next request on.
    house.with(value).patch("/api/v2/projects/default", replace("/name", "Mine")).await.expect(200);
    house.unchanged(house.owner().patch(&path, replace("/name", "new"))).await.expect(200);
    let bad = [
        replace("/role", "emperor"),
        replace("/role", "admin"),
        replace("/inlineRole", json!([{"effect": "x"}])),
        replace("/expiry", 1),
        replace("/name", 7),
        replace("/customRoleIds", json!(["x"])),
    ];
    for patch in bad {
        let answer = house.unchanged(house.owner().patch(&path, patch.clone())).await;
        assert_eq!((answer.status(), &patch), (400, &patch));
    }
}

async fn removing_what_is_absent_is_422(house: House) {
    let made = house.owner().post(PATH, json!({"name": "t", "role": "reader"})).await.expect(201);
    for member in ["inlineRole", "customRoleIds"] {
        let patch = json!([{"op": "remove", "path": format!("/{member}")}]);
        let message = house.unchanged(house.owner().patch(&path_of(&made), patch)).await.refused(422, "patch_failed");
        assert!(message.contains(member), "{message}");
    }
    let patch =
        json!([{"op": "test", "path": "/name", "value": "no"}, {"op": "replace", "path": "/name", "value": "x"}]);
    house.owner().patch(&path_of(&made), patch).await.refused(409, "optimistic_locking_error");
}

async fn versions_and_pages(house: House) {
    for n in 0..30 {
        house.token(json!({"name": format!("t{n}"), "role": "reader"})).await;
    }
    let list = house.owner().get(PATH).await.expect(200);
    assert_eq!((list["items"].as_array().unwrap().len(), &list["totalCount"]), (25, &json!(31)));
    assert_eq!(list["_links"]["next"]["href"], "/api/v2/tokens?limit=25&offset=25");
    let old = house.owner().version("20220603").get(PATH).await.expect(200);
    assert_eq!(old["items"].as_array().unwrap().len(), 31, "not cut before 2024-04-15");
    let page = house.owner().get(&format!("{PATH}?limit=2&offset=30")).await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

fn statement(effect: &str, actions: &[&str], resource: &str) -> Value {
    json!({"effect": effect, "actions": actions, "resources": [resource]})
}

/// A custom role; answers its id.
async fn custom_role(house: &House, key: &str, policy: Value) -> String {
    let body = json!({"key": key, "name": key, "policy": policy});
    house.owner().post("/api/v2/roles", body).await.expect(201)["_id"].as_str().unwrap().to_owned()
}

async fn custom_roles_of_tokens(house: House) {
    let view = statement("allow", &["view*"], "proj/*");
    let one = custom_role(&house, "one", json!([view, statement("allow", &["updateTags"], "proj/*")])).await;
    let two = custom_role(&house, "two", json!([statement("allow", &["updateProjectName"], "proj/*")])).await;
    // By key or id, each once; ids are answered.
    let body = json!({"name": "n", "customRoleIds": ["one", two, one]});
    let made = house.owner().post(PATH, body).await.expect(201);
    assert_eq!(made["customRoleIds"], json!([one, two]));
    assert!(made.get("role").is_none() && made.get("inlineRole").is_none(), "{made}");
    let token = made["token"].as_str().unwrap();
    let project = "/api/v2/projects/default";
    house.with(token).patch(project, replace("/tags", json!(["a"]))).await.expect(200);
    house.with(token).patch(project, replace("/name", "N")).await.expect(200);
    let (action, resource) =
        house.with(token).patch(project, replace("/includeInSnippetByDefault", true)).await.denied();
    assert_eq!((&*action, &*resource), ("updateIncludeInSnippetByDefault", "proj/default"));

    let path = path_of(&made);
    let patched = house.owner().patch(&path, replace("/customRoleIds", json!(["two"]))).await.expect(200);
    assert_eq!(patched["customRoleIds"], json!([two]));
    house.with(token).get(project).await.denied();
    let (_, record) = house.last_entry().await;
    assert_eq!(record["description"], "* Changed the permissions\n");
    // Terraform goes from one to the other in one patch.
    let ops = json!([{"op": "remove", "path": "/customRoleIds"}, {"op": "add", "path": "/role", "value": "reader"}]);
    let patched = house.owner().patch(&path, ops).await.expect(200);
    assert_eq!((&patched["role"], patched.get("customRoleIds")), (&json!("reader"), None));
    let message = house
        .owner()
        .patch(
            &path,
            json!([{"op": "add", "path": "/customRoleIds", "value": ["gone"]}, {"op": "remove", "path": "/role"}]),
        )
        .await;
    assert!(message.refused(400, "invalid_request").contains("customRoleIds[0]: Unknown role gone"));
    let both = json!([{"op": "add", "path": "/customRoleIds", "value": ["one"]}]);
    house.owner().patch(&path, both).await.refused(400, "invalid_request");
    let message = house.owner().post(PATH, json!({"customRoleIds": ["one", "gone"]})).await;
    assert!(message.refused(400, "invalid_request").contains("customRoleIds[1]"));
}

/// Whatever somebody with custom roles makes or takes over does no more than they may.
async fn nobody_exceeds_custom_roles(house: House) {
    let tokens = json!([
        statement("allow", &["view*"], "proj/*"),
        statement("allow", &["viewAccount"], "acct"),
        statement("allow", &["*"], "service-token/*"),
        statement("allow", &["*"], "member/*:token/*"),
        statement("allow", &["updateTags"], "proj/${roleAttribute/p}"),
    ]);
    let id = custom_role(&house, "tokens", tokens).await;
    let (mut me, token) = member(&house, "kim", Role::Admin).await;
    me.custom_roles = vec![id];
    me.role_attributes.insert("p".to_owned(), vec!["default".to_owned()]);
    save(&house, &me, Expect::Any).await;
    let project = "/api/v2/projects/default";
    let (tag, name) = (replace("/tags", json!(["a"])), replace("/name", "N"));
    for body in [
        json!({"name": "a", "serviceToken": true, "role": "admin"}),
        json!({"name": "b", "serviceToken": true}),
        json!({"name": "c", "serviceToken": true, "inlineRole": [statement("allow", &["*"], "proj/*")]}),
        json!({"name": "d", "role": "admin"}),
        json!({"name": "e"}),
    ] {
        let made = house.with(&token).post(PATH, body.clone()).await.expect(201);
        let made = made["token"].as_str().unwrap();
        house.with(made).patch(project, tag.clone()).await.expect(200);
        house.with(made).patch(project, name.clone()).await.denied();
        house.with(made).post("/api/v2/teams", json!({"key": "t", "name": "T"})).await.denied();
        // What that makes again does no more either.
        let again =
            json!({"name": "again", "serviceToken": true, "inlineRole": [statement("allow", &["*"], "proj/*")]});
        let again = house.with(made).post(PATH, again).await;
        if again.status() == 201 {
            let again = again.expect(201);
            house.with(again["token"].as_str().unwrap()).patch(project, name.clone()).await.denied();
        }
    }
    // Nobody takes over what can do more; one's own tokens may be reset.
    let strong = house.owner().post(PATH, json!({"serviceToken": true, "role": "reader"})).await.expect(201);
    house.with(&token).post(&format!("{}/reset", path_of(&strong)), Value::Null).await.refused(403, "forbidden");
    let own = house.with(&token).post(PATH, json!({"role": "reader"})).await.expect(201);
    house.with(&token).post(&format!("{}/reset", path_of(&own)), Value::Null).await.expect(200);
    // An admin may reset what follows its member, unless that may do what only owners do.
    let free = house.with(&token).post(PATH, json!({"name": "free"})).await.expect(201);
    let (_, admin) = member(&house, "ada", Role::Admin).await;
    house.with(&admin).post(&format!("{}/reset", path_of(&free)), Value::Null).await.expect(200);
    me.custom_roles = vec![custom_role(&house, "bill", json!([statement("allow", &["*"], "acct")])).await];
    save(&house, &me, Expect::Any).await;
    house.with(&admin).post(&format!("{}/reset", path_of(&free)), Value::Null).await.refused(403, "forbidden");
    house.owner().post(&format!("{}/reset", path_of(&free)), Value::Null).await.expect(200);
}

async fn the_last_use_is_shown(house: House) {
    let made = house.owner().post(PATH, json!({"name": "n", "role": "reader"})).await.expect(201);
    assert_eq!(made["lastUsed"], 0);
    let head = house.head().await;
    house.clock.advance(5_000);
    house.with(made["token"].as_str().unwrap()).get("/api/v2/projects").await.expect(200);
    assert_eq!(house.owner().get(&path_of(&made)).await.expect(200)["lastUsed"], NOW + 5_000);
    let list = house.owner().get(PATH).await.expect(200);
    assert!(list["items"].as_array().unwrap().iter().any(|token| token["lastUsed"] == NOW + 5_000), "{list}");
    assert_eq!(house.head().await, head, "a use is no change");
}
