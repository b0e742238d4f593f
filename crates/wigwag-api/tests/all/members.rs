//! Members: lists, invitations, changes and departures.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wigwag_api::common::{Invitations, Inviter};
use wigwag_kit::{BoxFuture, Ctx};
use wigwag_model::doc::Member;

use crate::house::{House, on_both_engines, replace, texts};
use crate::support::NOW;

on_both_engines! {
    the_owner_is_there,
    who_may_look,
    filters_and_pages,
    teams_are_shown_and_searched,
    last_seen_and_roles_are_filters,
    access_checks_are_of_older_versions,
    everybody_is_invited,
    or_nobody,
    invitations_are_sent,
    one_is_changed,
    about_oneself_and_the_owner,
    a_member_goes,
    many_are_changed,
    joining_teams,
}

const PATH: &str = "/api/v2/members";

async fn the_owner_is_there(house: House) {
    let me = house.owner().get(&format!("{PATH}/me")).await.expect(200);
    let id = me["_id"].as_str().unwrap();
    assert_eq!(
        me,
        json!({
            "_links": {"self": {"href": format!("{PATH}/{id}"), "type": "application/json"}},
            "_id": id, "role": "owner", "email": "ann@example.com", "_pendingInvite": false, "_verified": true,
            "customRoles": [], "excludedDashboards": [], "mfa": "disabled", "_lastSeen": NOW, "creationDate": crate::house::NOW,
            "hasPassword": true, "teams": [], "version": 1,
        })
    );
    assert_eq!(house.owner().get(&format!("{PATH}/{id}")).await.expect(200), me);
    let list = house.owner().get(PATH).await.expect(200);
    assert_eq!((&list["items"], &list["totalCount"]), (&json!([me]), &json!(1)));
    assert_eq!(list["_links"]["self"]["href"], PATH);
    for id in ["x", "0123456789abcdef01234567"] {
        house.owner().get(&format!("{PATH}/{id}")).await.refused(404, "not_found");
    }
}

async fn who_may_look(house: House) {
    let service = house.token(json!({"role": "reader", "serviceToken": true})).await;
    house.with(&service).get(PATH).await.expect(200);
    house.with(&service).get(&format!("{PATH}/me")).await.refused(404, "not_found");
    let blind = house.inline("deny", &["*"], &["acct"]).await;
    house.with(&blind).get(PATH).await.denied();
    house.with(&blind).get(&format!("{PATH}/me")).await.expect(200);
    house.with("").get(PATH).await.refused(401, "unauthorized");
}

async fn filters_and_pages(house: House) {
    let id = house.owner().get(&format!("{PATH}/me")).await.expect(200)["_id"].as_str().unwrap().to_owned();
    let cases = [
        ("filter=query:ANN", 1),
        ("filter=query:bob", 0),
        ("filter=role:admin", 1),
        ("filter=role:reader|owner", 1),
        ("filter=role:reader", 0),
        ("filter=email:ann@example.com|x@y", 1),
        ("filter=email:x@y", 0),
        (&*format!("filter=id:{id}"), 1),
        ("filter=id:none", 0),
        ("sort=displayName", 1),
        ("sort=-lastSeen", 1),
        ("limit=1000", 1),
        ("offset=1", 0),
    ];
    for (query, count) in cases {
        let list = house.owner().get(&format!("{PATH}?{query}")).await.expect(200);
        assert_eq!(texts(&list, "_id").len(), count, "{query}");
    }
    for bad in ["filter=shoe:42", "sort=shoe", "limit=1001"] {
        house.owner().get(&format!("{PATH}?{bad}")).await.refused(400, "invalid_request");
    }
    let old = house.owner().version("20191212").get(&format!("{PATH}?limit=0")).await.expect(200);
    assert_eq!(texts(&old, "_id").len(), 1);
}

async fn teams_are_shown_and_searched(house: House) {
    let owner = house.owner();
    let id = owner.get(&format!("{PATH}/me")).await.expect(200)["_id"].as_str().unwrap().to_owned();
    let count =
        async |filter: &str| owner.get(&format!("{PATH}?filter={filter}")).await.expect(200)["totalCount"].clone();
    assert_eq!(
        (count("noteam:true").await, count("noteam:false").await, count("team:t").await),
        (json!(1), json!(0), json!(0))
    );
    owner.post("/api/v2/teams", json!({"key": "t", "name": "T", "memberIDs": [id]})).await.expect(201);
    assert_eq!(
        (count("noteam:true").await, count("noteam:false").await, count("team:T").await),
        (json!(0), json!(1), json!(1))
    );
    let me = owner.get(&format!("{PATH}/me")).await.expect(200);
    assert_eq!((&me["teams"][0]["key"], &me["teams"][0]["customRoleKeys"]), (&json!("t"), &json!([])));
    owner.get(&format!("{PATH}?filter=noteam:perhaps")).await.refused(400, "invalid_request");
}

async fn last_seen_and_roles_are_filters(house: House) {
    let role = house.custom_role("auditor").await;
    let bob = house.invited("bob@example.com", "reader").await;
    let owner = house.owner();
    owner.patch(&format!("{PATH}/{bob}"), replace("/customRoles", json!(["auditor"]))).await.expect(200);
    owner.post("/api/v2/teams", json!({"key": "t", "name": "T", "customRoleKeys": ["auditor"]})).await.expect(201);
    let ann = owner.get(&format!("{PATH}/me")).await.expect(200)["_id"].as_str().unwrap().to_owned();
    let found = async |filter: &str| {
        let query = wigwag_kit::query::render([("sort", "displayName"), ("filter", filter)]);
        let list = owner.get(&format!("{PATH}{query}")).await.expect(200);
        texts(&list, "email").join(" ").replace("@example.com", "")
    };
    assert_eq!(found("role:auditor").await, "bob");
    assert_eq!(found(&format!("role:{role}|admin")).await, "ann bob");
    owner.post(&format!("{PATH}/{ann}/teams"), json!({"teamKeys": ["t"]})).await.expect(201);
    assert_eq!(found("role:auditor").await, "ann bob", "by a team too");
    assert_eq!(found(r#"lastSeen:{"never":true}"#).await, "bob");
    assert_eq!(found(r#"lastSeen:{"noData":true}"#).await, "", "ann was active just now");
    assert_eq!(found(r#"lastSeen:{"before":1},query:example"#).await, "bob");
    assert_eq!(found(&format!(r#"lastSeen:{{"before":{}}}"#, NOW + 1)).await, "ann bob");
    house.clock.advance(60_000);
    house.token_of(&bob).await;
    assert_eq!(found(r#"lastSeen:{"noData":true}"#).await, "bob", "who accepted the invitation");
    for (sort, expected) in [("lastSeen", "bob ann"), ("-lastSeen", "ann bob")] {
        let list = owner.get(&format!("{PATH}?sort={sort}")).await.expect(200);
        assert_eq!(texts(&list, "email").join(" ").replace("@example.com", ""), expected, "{sort}");
        let page = owner.get(&format!("{PATH}?sort={sort}&limit=1&offset=1")).await.expect(200);
        assert_eq!((&page["totalCount"], &texts(&page, "email")[..]), (&json!(2), &texts(&list, "email")[1..]));
    }
    for bad in [r#"{"never":false}"#, r#"{"before":"x"}"#, "{}", "x", r#"{"never":true,"noData":true}"#] {
        let filter = format!("lastSeen:{bad}");
        let query = wigwag_kit::query::render([("filter", filter.as_str())]);
        let message = owner.get(&format!("{PATH}{query}")).await.refused(400, "invalid_request");
        assert!(message.contains("lastSeen"), "{bad}: {message}");
    }
}

async fn access_checks_are_of_older_versions(house: House) {
    house.invited("bob@example.com", "reader").await;
    house.invited("cat@example.com", "writer").await;
    let found = async |version: &'static str, check: &str| {
        let path = format!("{PATH}?sort=displayName&filter=accessCheck:{check}");
        house.owner().version(version).get(&path).await
    };
    for (check, who) in [
        ("updateOn:proj/default:env/test:flag/f", vec!["ann@example.com", "cat@example.com"]),
        ("viewProject:proj/default", vec!["ann@example.com", "bob@example.com", "cat@example.com"]),
        ("createMember:member/5f", vec!["ann@example.com"]),
    ] {
        assert_eq!(texts(&found("20220603", check).await.expect(200), "email"), who, "{check}");
    }
    for bad in ["updateOn", "updateOn:nonsense/1", "updateOn:proj/*", "updateOn:proj/a;b", ":proj/a"] {
        let message = found("20220603", bad).await.refused(400, "invalid_request");
        assert!(message.contains("accessCheck"), "{bad}: {message}");
    }
    let message = found("20240415", "viewProject:proj/default").await.refused(400, "invalid_request");
    assert!(message.contains("unknown field accessCheck"), "{message}");
}

async fn everybody_is_invited(house: House) {
    let role = house.custom_role("auditor").await;
    let owner = house.owner();
    owner.post("/api/v2/teams", json!({"key": "t", "name": "T"})).await.expect(201);
    let head = house.head().await;
    let body = json!([
        {"email": "Bob@Example.com", "role": "writer", "firstName": "Bob", "lastName": "B", "teamKeys": ["t"]},
        {"email": "cat@example.com", "customRoles": ["auditor"], "roleAttributes": {"k": ["v"]}, "password": "long enough by far"},
        {"email": "dan@example.com", "role": "", "customRoles": [role], "teamKeys": ["t", "t"]},
    ]);
    let made = owner.post(PATH, body).await.expect(201);
    assert_eq!(house.head().await, head + 1, "one change");
    let items = made["items"].as_array().unwrap();
    assert_eq!(texts(&made, "email"), ["Bob@Example.com", "cat@example.com", "dan@example.com"]);
    assert_eq!(texts(&made, "role"), ["writer", "reader", "reader"]);
    assert!(items.iter().all(|m| m["_pendingInvite"] == true && m["_verified"] == false && m["_lastSeen"] == 0));
    assert_eq!(items.iter().map(|m| m["hasPassword"].clone()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!((&items[1]["customRoles"], &items[2]["customRoles"]), (&json!([role]), &json!([role])), "ids");
    assert_eq!((&items[0]["teams"][0]["key"], items[2]["teams"].as_array().unwrap().len()), (&json!("t"), 1));
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.kind, &*entry.name), ("member", "Bob@Example.com, cat@example.com, dan@example.com"));
    assert_eq!(record["titleVerb"], "invited the members");
    assert_eq!(record["accesses"].as_array().unwrap().len(), 4, "{record}");
    assert!(!record.to_string().contains("long enough by far") && !record.to_string().contains("argon2"), "{record}");
    let cat =
        owner.get(&format!("{PATH}/{}?expand=roleAttributes", items[1]["_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(cat["roleAttributes"], json!({"k": ["v"]}));
    let list = owner.get(&format!("{PATH}?filter=team:t&sort=-displayName")).await.expect(200);
    assert_eq!(texts(&list, "email"), ["dan@example.com", "Bob@Example.com"]);
    assert!(list["items"][0]["roleAttributes"].is_null());
}

async fn or_nobody(house: House) {
    let head = house.head().await;
    let post = async |body: Value| house.owner().post(PATH, body).await;
    let one = |email: &str| json!({"email": email, "role": "reader"});
    for (body, code, emails) in [
        (
            json!([one("new@example.com"), one("ANN@example.com")]),
            "email_already_exists_in_account",
            json!(["ANN@example.com"]),
        ),
        (json!([one("x@example.com"), one("X@example.com")]), "duplicate_email", json!(["X@example.com"])),
        (json!([one("x@example.com"), one("x y"), one("@")]), "invalid_request", json!(["x y", "@"])),
    ] {
        let answer = post(body.clone()).await.expect(400);
        assert_eq!((&answer["code"], &answer["invalid_emails"]), (&json!(code), &emails), "{body}: {answer}");
        assert!(answer["message"].as_str().unwrap().starts_with("email: "), "{answer}");
    }
    for (body, field) in [
        (json!([]), "1 to 50"),
        (json!([{"role": "reader"}]), "email"),
        (json!([{"email": "x@example.com"}]), "[0].role"),
        (json!([one("y@example.com"), {"email": "x@example.com", "role": "owner"}]), "[1].role"),
        (json!([{"email": "x@example.com", "customRoles": ["nothing"]}]), "Unknown role nothing"),
        (json!([{"email": "x@example.com", "role": "reader", "password": "short"}]), "[0].password"),
        (json!([{"email": "x@example.com", "role": "reader", "password": "iloveyou1234"}]), "[0].password"),
        (json!([{"email": "x@example.com", "role": "reader", "teamKeys": ["none"]}]), "Unknown team none"),
        (json!([{"email": "x@example.com", "role": "reader", "roleAttributes": {"k": "v"}}]), "roleAttributes"),
        (json!([{"email": "x@example.com", "role": "reader", "roleAttributes": {"k": [""]}}]), "roleAttributes"),
        (json!((0..51).map(|n| one(&format!("m{n}@example.com"))).collect::<Vec<_>>()), "1 to 50"),
    ] {
        let message = post(body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{body}: {message}");
    }
    let writer = house.role("writer").await;
    let before = house.head().await;
    let (action, resource) = house.with(&writer).post(PATH, json!([one("ann@example.com")])).await.denied();
    assert_eq!((&*action, &*resource), ("createMember", "member/*"), "who is there is not told");
    assert_eq!((house.head().await, head + 1), (before, before), "nothing but the writer's token");
}

async fn invitations_are_sent(_: House) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    struct Notes(Arc<Mutex<Vec<String>>>);
    impl Invitations for Notes {
        fn send<'a>(&'a self, _: &'a Ctx, members: &'a [Member]) -> BoxFuture<'a, ()> {
            self.0.lock().unwrap().extend(members.iter().map(|member| member.email.clone()));
            Box::pin(async {})
        }
    }
    let mut extensions = http::Extensions::new();
    extensions.insert(Inviter(Arc::new(Notes(Arc::clone(&sent)))));
    let house = House::extended(wigwag_store::Store::temporary().await.unwrap(), extensions).await;
    house.invited("bob@example.com", "reader").await;
    house.owner().post(PATH, json!([{"email": "bob@example.com", "role": "reader"}])).await.expect(400);
    assert_eq!(*sent.lock().unwrap(), ["bob@example.com"]);
}

async fn one_is_changed(house: House) {
    let role = house.custom_role("auditor").await;
    let bob = house.invited("bob@example.com", "reader").await;
    let path = format!("{PATH}/{bob}?expand=roleAttributes");
    let owner = house.owner();
    for (patch, pointer, expected, action) in [
        (replace("/role", "writer"), "/role", json!("writer"), "updateRole"),
        (
            json!([{"op": "add", "path": "/customRoles/0", "value": "auditor"}]),
            "/customRoles",
            json!([role]),
            "updateCustomRole",
        ),
        (replace("/customRoles", json!([])), "/customRoles", json!([]), "updateCustomRole"),
        (
            json!([{"op": "add", "path": "/customRoles/-", "value": role}]),
            "/customRoles",
            json!([role]),
            "updateCustomRole",
        ),
        (
            replace("/roleAttributes", json!({"k": ["v"]})),
            "/roleAttributes/k/0",
            json!("v"),
            "updateMemberRoleAttributes",
        ),
        (
            json!([{"op": "add", "path": "/roleAttributes/j", "value": ["w"]}]),
            "/roleAttributes/j/0",
            json!("w"),
            "updateMemberRoleAttributes",
        ),
    ] {
        let head = house.head().await;
        let member = owner.patch(&path, patch.clone()).await.expect(200);
        assert_eq!(member.pointer(pointer), Some(&expected), "{patch}: {member}");
        assert_eq!(house.head().await, head + 1, "{patch}");
        let (entry, record) = house.last_entry().await;
        assert_eq!((&*entry.kind, &record["titleVerb"]), ("member", &json!("updated the member")));
        assert_eq!((&record["accesses"][0]["action"], &record["delta"]), (&json!(action), &patch));
        assert!(!record["description"].as_str().unwrap().is_empty(), "{record}");
    }
    let head = house.head().await;
    owner.patch(&path, replace("/role", "writer")).await.expect(200);
    owner.patch(&path, json!([])).await.expect(200);
    owner.patch(&path, replace("/email", "x@example.com")).await.expect(200);
    for (patch, word) in [
        (replace("/role", "emperor"), "role"),
        (replace("/role", "owner"), "role"),
        (replace("/customRoles", json!(["nothing"])), "Unknown role nothing"),
        (replace("/roleAttributes", json!({"k": "v"})), "roleAttributes"),
        (json!({"role": "writer"}), "json-patch"),
    ] {
        let message = owner.patch(&path, patch.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(word), "{patch}: {message}");
    }
    owner.patch(&path, replace("/firstName", "B")).await.denied();
    assert_eq!(owner.get(&path).await.expect(200)["email"], "bob@example.com");
    assert_eq!(house.head().await, head);
    owner
        .patch(&format!("{PATH}/0123456789abcdef01234567"), replace("/role", "writer"))
        .await
        .refused(404, "not_found");
    let writer = house.role("writer").await;
    let denied = house.with(&writer).patch(&path, replace("/role", "admin")).await.denied();
    assert_eq!(denied, ("updateRole".to_owned(), format!("member/{bob}")));
}

async fn about_oneself_and_the_owner(house: House) {
    let me = format!("{PATH}/me");
    let owner = house.owner();
    owner.patch(&me, replace("/firstName", "Ann")).await.expect(200);
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.name, &record["accesses"][0]["action"]), ("Ann", &json!("updateMemberName")));
    house.unchanged(async { owner.patch(&me, replace("/role", "writer")).await.refused(403, "forbidden") }).await;
    house.unchanged(async { owner.delete(&me).await.refused(403, "forbidden") }).await;
    let bob = house.invited("bob@example.com", "admin").await;
    let token = house.token_of(&bob).await;
    let ann = owner.get(&me).await.expect(200)["_id"].as_str().unwrap().to_owned();
    let admin = house.with(&token);
    admin.patch(&me, replace("/lastName", "B")).await.expect(200);
    for (path, patch) in [
        (me.clone(), replace("/role", "reader")),
        (me.clone(), replace("/roleAttributes", json!({"k": ["v"]}))),
        (format!("{PATH}/{ann}"), replace("/role", "reader")),
        (format!("{PATH}/{ann}"), replace("/customRoles", json!([house.custom_role("r").await]))),
        (format!("{PATH}/{ann}"), replace("/firstName", "X")),
    ] {
        house.unchanged(async { admin.patch(&path, patch).await.refused(403, "forbidden") }).await;
    }
    house.unchanged(async { admin.delete(&format!("{PATH}/{ann}")).await.refused(403, "forbidden") }).await;
    // A token that may less than its member does not speak for them.
    let narrow = house.inline("allow", &["*"], &["member/*"]).await;
    house.with(&narrow).patch(&me, replace("/firstName", "X")).await.denied();
}

async fn a_member_goes(house: House) {
    let bob = house.invited("bob@example.com", "admin").await;
    let owner = house.owner();
    let token = house.token_of(&bob).await;
    let team = json!({"key": "t", "name": "T", "memberIDs": [bob],
        "permissionGrants": [{"actionSet": "maintainTeam", "memberIDs": [bob]}]});
    owner.post("/api/v2/teams", team).await.expect(201);
    let grants = owner.get(&format!("{PATH}/{bob}")).await.expect(200)["permissionGrants"].clone();
    assert_eq!(grants, json!([{"actionSet": "maintainTeam", "resource": "team/t"}]));
    owner.post("/api/v2/flags/default", json!({"key": "f", "name": "F", "maintainerId": bob})).await.expect(201);
    let followers = "/api/v2/projects/default/flags/f/environments/test/followers";
    house.with(&token).put(&format!("{followers}/{bob}"), Value::Null).await.expect(204);
    let service =
        house.with(&token).post("/api/v2/tokens", json!({"role": "reader", "serviceToken": true})).await.expect(201);

    let writer = house.role("writer").await;
    assert_eq!(house.with(&writer).delete(&format!("{PATH}/{bob}")).await.denied().0, "deleteMember");
    let head = house.head().await;
    owner.delete(&format!("{PATH}/{bob}")).await.expect(204);
    assert_eq!(house.head().await, head + 1, "one change");
    let (entry, record) = house.last_entry().await;
    assert_eq!(
        (&*entry.kind, &*entry.name, &record["titleVerb"]),
        ("member", "bob@example.com", &json!("deleted the member"))
    );
    owner.get(&format!("{PATH}/{bob}")).await.refused(404, "not_found");
    owner.delete(&format!("{PATH}/{bob}")).await.refused(404, "not_found");
    house.with(&token).get("/api/v2/projects").await.refused(401, "unauthorized");
    house.with(service["token"].as_str().unwrap()).get("/api/v2/projects").await.expect(200);
    let team = owner.get("/api/v2/teams/t?expand=members,maintainers").await.expect(200);
    assert_eq!((&team["members"]["totalCount"], &team["maintainers"]["totalCount"]), (&json!(0), &json!(0)));
    assert_eq!(owner.get("/api/v2/flags/default/f").await.expect(200)["maintainerId"], bob, "flags keep it");
    assert_eq!(owner.get(followers).await.expect(200)["items"], json!([]));
    house.invited("bob@example.com", "reader").await;
}

async fn many_are_changed(house: House) {
    let role = house.custom_role("auditor").await;
    let (bob, cat) =
        (house.invited("bob@example.com", "reader").await, house.invited("cat@example.com", "writer").await);
    let owner = house.owner();
    let ann = owner.get(&format!("{PATH}/me")).await.expect(200)["_id"].as_str().unwrap().to_owned();
    let apply =
        async |instruction: Value| owner.patch(PATH, json!({"comment": "c", "instructions": [instruction]})).await;
    let head = house.head().await;
    let rep =
        apply(json!({"kind": "replaceMembersCustomRoles", "values": ["auditor"], "memberIDs": [bob, cat, "nobody"]}))
            .await
            .expect(200);
    assert_eq!(rep, json!({"members": [bob, cat], "errors": [{"nobody": "Unknown member id nobody"}]}));
    assert_eq!(house.head().await, head + 2, "a change for each member");
    let get = async |id: &str| owner.get(&format!("{PATH}/{id}?expand=roleAttributes")).await.expect(200);
    assert_eq!(get(&bob).await["customRoles"], json!([role]));
    let rep = apply(json!({"kind": "replaceMembersRoles", "value": "admin", "memberIDs": [bob]})).await.expect(200);
    assert_eq!(rep["members"], json!([bob]));
    assert_eq!((&get(&bob).await["role"], &get(&bob).await["customRoles"]), (&json!("admin"), &json!([])));
    apply(json!({"kind": "replaceMembersRoleAttributes", "value": {"k": ["v"]}, "memberIDs": [bob]})).await.expect(200);
    assert_eq!(get(&bob).await["roleAttributes"], json!({"k": ["v"]}));
    let (_, record) = house.last_entry().await;
    assert_eq!(
        (&record["comment"], &record["accesses"][0]["action"]),
        (&json!("c"), &json!("updateMemberRoleAttributes"))
    );
    // Whom the filters find stays as they are.
    for (filter, changed) in [
        (json!({"filterQuery": "BOB"}), vec![&cat]),
        (json!({"filterRoles": "auditor"}), vec![&bob]),
        (json!({"filterRoles": "admin"}), vec![&cat]),
        (json!({"filterLastSeen": {"noData": true}, "ignoredMemberIDs": [cat]}), vec![&bob]),
        (json!({"filterLastSeen": {"never": true}}), vec![]),
        (json!({"filterTeamKey": "NONE"}), vec![&bob, &cat]),
    ] {
        let mut instruction =
            json!({"kind": "replaceAllMembersCustomRoles", "values": ["auditor"], "ignoredMemberIDs": [ann]});
        if filter.get("ignoredMemberIDs").is_some() {
            instruction["ignoredMemberIDs"] = json!([]);
        }
        instruction.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
        let rep = apply(instruction).await.expect(200);
        let members: Vec<_> = rep["members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let mut changed: Vec<_> = changed.into_iter().map(String::as_str).collect();
        let mut found = members.clone();
        found.sort_unstable();
        changed.sort_unstable();
        assert_eq!(found, changed, "{filter}: {rep}");
        apply(json!({"kind": "replaceMembersRoles", "value": "admin", "memberIDs": [bob]})).await.expect(200);
        apply(json!({"kind": "replaceMembersCustomRoles", "values": ["auditor"], "memberIDs": [cat]}))
            .await
            .expect(200);
    }
    let rep = apply(json!({"kind": "replaceAllMembersRoles", "value": "reader", "ignoredMemberIDs": [bob]}))
        .await
        .expect(200);
    assert_eq!(rep["members"], json!([cat]));
    assert!(rep["errors"][0][&ann].as_str().unwrap().contains("owner"), "{rep}");
    let head = house.head().await;
    for (instruction, word) in [
        (json!({"kind": "frob"}), "instruction kind 'frob' unsupported"),
        (json!({"kind": "replaceMembersRoles", "value": "owner", "memberIDs": [bob]}), "instructions[0].value"),
        (json!({"kind": "replaceMembersRoles", "memberIDs": [bob]}), "instructions[0].value"),
        (json!({"kind": "replaceMembersRoles", "value": "reader"}), "instructions[0].memberIDs"),
        (json!({"kind": "replaceMembersCustomRoles", "values": ["none"], "memberIDs": [bob]}), "Unknown role none"),
        (json!({"kind": "replaceAllMembersRoles", "value": "reader", "filterLastSeen": {"x": 1}}), "filterLastSeen"),
    ] {
        let message = apply(instruction.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(word), "{instruction}: {message}");
    }
    let writer = house.role("writer").await;
    let body = json!({"instructions": [{"kind": "replaceMembersRoles", "value": "admin", "memberIDs": [bob]}]});
    let rep = house.with(&writer).patch(PATH, body).await.expect(200);
    assert!(rep["members"].as_array().unwrap().is_empty() && rep["errors"][0][&bob].is_string(), "{rep}");
    assert_eq!(house.head().await, head + 1, "the writer's token");
}

async fn joining_teams(house: House) {
    let bob = house.invited("bob@example.com", "reader").await;
    let owner = house.owner();
    for key in ["a", "b"] {
        owner.post("/api/v2/teams", json!({"key": key, "name": key})).await.expect(201);
    }
    let path = format!("{PATH}/{bob}/teams");
    let head = house.head().await;
    let message = owner.post(&path, json!({"teamKeys": ["a", "none"]})).await.refused(400, "invalid_request");
    assert!(message.contains("none"), "{message}");
    owner.post(&path, json!({"teamKeys": 7})).await.refused(400, "invalid_request");
    owner
        .post(&format!("{PATH}/0123456789abcdef01234567/teams"), json!({"teamKeys": ["a"]}))
        .await
        .refused(404, "not_found");
    assert_eq!(house.head().await, head);
    let member = owner.post(&path, json!({"teamKeys": ["a", "b", "a"]})).await.expect(201);
    assert_eq!((member["_id"].as_str(), member["teams"].as_array().unwrap().len()), (Some(&*bob), 2));
    assert_eq!(house.head().await, head + 1);
    let (_, record) = house.last_entry().await;
    assert_eq!(
        (&record["accesses"][0]["action"], &record["accesses"][1]["resource"]),
        (&json!("updateTeamMembers"), &json!("team/b"))
    );
    house.unchanged(async { owner.post(&path, json!({"teamKeys": ["a"]})).await.expect(201) }).await;
    let writer = house.role("writer").await;
    assert_eq!(house.with(&writer).post(&path, json!({"teamKeys": ["a"]})).await.denied().1, "team/a");
}
