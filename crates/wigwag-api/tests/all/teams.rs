//! Teams: semantic-patch.md 10.

use serde_json::{Value, json};
use wigwag_model::doc::Kind;
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Store, Write};

use crate::support::{House, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    every_instruction;
    lists;
    bulk;
    bulk_but_for_some;
    parts_have_pages;
    projects_that_roles_write_to;
    lists_of_the_newest_version;
    members_by_file;
    who_may;
}

const TEAMS: &str = "/api/v2/teams";
const ALL: &str = "expand=members,roles,roleAttributes,projects,maintainers";

/// Stores a custom role; answers its id.
async fn custom_role(house: &House, key: &str, policy: Value) -> String {
    let id = house.app.ids.object_id();
    let role = json!({
        "id": id, "key": key, "name": key.to_uppercase(), "basePermissions": "no_access", "policy": policy,
        "createdAt": 1, "modifiedAt": 1,
    });
    let index = IndexFacts::new().text("name", key);
    let write = Write::create(DocKey::account(Kind::CustomRole, id.as_str()), role.to_string(), index);
    let change = NewChange { id: house.app.ids.object_id(), at: 1, ..NewChange::default() };
    house.store.commit(Commit::new(vec![write], change)).await.unwrap();
    id
}

async fn invited(house: &House, email: &str) -> String {
    let made = house.post("/api/v2/members", json!([{"email": email, "role": "reader"}])).await.ok();
    made["items"][0]["_id"].as_str().unwrap().to_owned()
}

async fn me(house: &House) -> String {
    house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned()
}

async fn from_creation_to_deletion(store: Store) {
    let house = House::open(store).await;
    custom_role(&house, "r1", json!([])).await;
    let me = me(&house).await;
    let body = json!({"key": "ops", "name": "Ops", "memberIDs": [me], "customRoleKeys": ["r1"],
        "permissionGrants": [{"actionSet": "maintainTeam", "memberIDs": [me]}]});
    let answer = house.post(&format!("{TEAMS}?{ALL}"), body.clone()).await;
    assert_eq!(answer.status(), 201);
    let team = answer.ok();
    assert_eq!((&team["key"], &team["name"], &team["description"]), (&json!("ops"), &json!("Ops"), &json!("")));
    assert_eq!((&team["_version"], &team["members"]["totalCount"]), (&json!(1), &json!(1)));
    assert_eq!(team["roles"]["items"][0]["key"], "r1");
    assert_eq!(team["maintainers"]["items"][0]["_id"], me);
    assert_eq!(team["projects"]["totalCount"], 0);
    assert_eq!(house.get(&format!("{TEAMS}/ops?{ALL}")).await.ok(), team);
    assert!(house.get(&format!("{TEAMS}/ops")).await.ok()["members"].is_null(), "only when asked for");
    house.post(TEAMS, body).await.refused(409, "conflict");

    house.delete(&format!("{TEAMS}/ops")).await.refused(409, "conflict");
    house
        .patch(&format!("{TEAMS}/ops"), json!({"instructions": [{"kind": "removeMembers", "values": [me]}]}))
        .await
        .ok();
    assert_eq!(house.delete(&format!("{TEAMS}/ops")).await.status(), 204);
    house.get(&format!("{TEAMS}/ops")).await.refused(404, "not_found");
}

async fn every_instruction(store: Store) {
    let house = House::open(store).await;
    let me = me(&house).await;
    custom_role(&house, "a", json!([])).await;
    let b = custom_role(&house, "b", json!([])).await;
    house.post(TEAMS, json!({"key": "ops", "name": "Ops"})).await.ok();
    let path = format!("{TEAMS}/ops?{ALL}");
    let apply = async |instruction: Value| house.patch(&path, json!({"instructions": [instruction]})).await;
    for (instruction, pointer, expected) in [
        (json!({"kind": "updateName", "value": "N"}), "/name", json!("N")),
        (json!({"kind": "updateDescription", "value": "D"}), "/description", json!("D")),
        (json!({"kind": "addMembers", "values": [me, me]}), "/members/totalCount", json!(1)),
        (json!({"kind": "removeMembers", "values": [me]}), "/members/totalCount", json!(0)),
        (json!({"kind": "replaceMembers", "values": [me]}), "/members/totalCount", json!(1)),
        (json!({"kind": "addCustomRoles", "values": ["a", b, "b"]}), "/roles/totalCount", json!(2)),
        (json!({"kind": "removeCustomRoles", "values": ["a"]}), "/roles/items/0/key", json!("b")),
        (
            json!({"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [me]}),
            "/maintainers/totalCount",
            json!(1),
        ),
        (
            json!({"kind": "removePermissionGrants", "actionSet": "maintainTeam", "memberIDs": [me]}),
            "/maintainers/totalCount",
            json!(0),
        ),
        (json!({"kind": "addRoleAttribute", "key": "k", "values": ["1"]}), "/roleAttributes", json!({"k": ["1"]})),
        (json!({"kind": "updateRoleAttribute", "key": "k", "values": ["2"]}), "/roleAttributes", json!({"k": ["2"]})),
        (json!({"kind": "replaceRoleAttributes", "value": {"x": ["3"]}}), "/roleAttributes", json!({"x": ["3"]})),
        (json!({"kind": "removeRoleAttribute", "key": "x"}), "/roleAttributes", json!({})),
    ] {
        let head = house.head().await;
        let team = apply(instruction.clone()).await.ok();
        assert_eq!(team.pointer(pointer), Some(&expected), "{instruction}: {team}");
        assert_eq!(house.head().await, head + 1, "{instruction}");
        let entry = house.newest().await;
        assert!(!entry["description"].as_str().unwrap().is_empty(), "{instruction}");
        assert_eq!(entry["delta"]["instructions"], json!([instruction]));
    }
    let head = house.head().await;
    for (instruction, names) in [
        (json!({"kind": "frob"}), "instruction kind 'frob' unsupported"),
        (json!({"kind": "updateName"}), "instructions[0].value"),
        (json!({"kind": "updateName", "value": 1}), "instructions[0].value"),
        (json!({"kind": "updateName", "value": ""}), "name"),
        (json!({"kind": "addMembers", "values": ["nobody"]}), "nobody"),
        (json!({"kind": "addCustomRoles", "values": ["none"]}), "instructions[0].values: Unknown role none"),
        (json!({"kind": "replaceRoleAttributes", "value": {"k": [""]}}), "roleAttributes.k"),
        (json!({"kind": "addPermissionGrants", "actionSet": "x", "memberIDs": [me]}), "permissionGrants.actionSet"),
        (json!({"kind": "addMembers", "values": "x"}), "instructions[0].values"),
        (json!({"kind": "removePermissionGrants", "actionSet": "maintainTeam", "memberIDs": [me]}), "actionSet"),
        (json!({"kind": "removeRoleAttribute", "key": "x"}), "key"),
    ] {
        let message = apply(instruction.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(names), "{instruction}: {message}");
    }
    // All or nothing.
    let both = json!({"instructions": [{"kind": "updateName", "value": "M"}, {"kind": "frob"}]});
    house.patch(&path, both).await.refused(400, "invalid_request");
    house.patch(&path, json!([{"op": "replace", "path": "/name", "value": "M"}])).await.refused(400, "invalid_request");
    assert_eq!(house.head().await, head);
    assert_eq!(house.get(&path).await.ok()["name"], "N");
}

async fn lists(store: Store) {
    let house = House::open(store).await;
    let me = me(&house).await;
    for (key, name, members) in [("c", "Alpha", json!([])), ("b", "beta", json!([me])), ("a", "Gamma", json!([]))] {
        house.post(TEAMS, json!({"key": key, "name": name, "memberIDs": members})).await.ok();
    }
    let keys = async |query: &str| {
        let list = house.get(&format!("{TEAMS}?{query}")).await.ok();
        let keys: Vec<_> =
            list["items"].as_array().unwrap().iter().map(|t| t["key"].as_str().unwrap().to_owned()).collect();
        (keys.join(""), list["totalCount"].as_u64().unwrap())
    };
    assert_eq!(keys("").await, ("cba".to_owned(), 3), "as they were created");
    assert_eq!(keys("sort=name").await.0, "cab");
    assert!(keys("sort=-memberCount").await.0.starts_with('b'));
    assert_eq!(keys("filter=query:ALPHA").await, ("c".to_owned(), 1));
    assert_eq!(keys("filter=nomembers:true").await, ("ca".to_owned(), 2));
    assert_eq!(keys("filter=nomembers:false,query:b").await, ("b".to_owned(), 1));
    assert_eq!(keys("limit=1&offset=1").await, ("b".to_owned(), 3));
    let message = house.get(&format!("{TEAMS}?filter=colour:red")).await.refused(400, "invalid_request");
    assert!(message.contains("colour"), "{message}");
    let message = house.get(&format!("{TEAMS}?sort=colour")).await.refused(400, "invalid_request");
    assert!(message.contains("colour"), "{message}");
}

async fn bulk(store: Store) {
    let house = House::open(store).await;
    let me = me(&house).await;
    for key in ["a", "b"] {
        house.post(TEAMS, json!({"key": key, "name": key})).await.ok();
    }
    let head = house.head().await;
    let add =
        json!({"instructions": [{"kind": "addMembersToTeams", "memberIDs": [me], "teamKeys": ["a", "none", "b"]}]});
    let rep = house.patch(TEAMS, add).await.ok();
    assert_eq!((&rep["memberIDs"], &rep["teamKeys"]), (&json!([me]), &json!(["a", "b"])));
    assert_eq!(rep["errors"], json!([{"none": "Unknown team none"}]));
    assert_eq!(house.head().await, head + 2, "a change for each team");
    assert_eq!(house.get(&format!("{TEAMS}/b?expand=members")).await.ok()["members"]["totalCount"], 1);
    let all = json!({"instructions": [{"kind": "addAllMembersToTeams", "teamKeys": ["a"], "filterQuery": "ANN@"}]});
    assert_eq!(house.patch(TEAMS, all).await.ok()["memberIDs"], json!([]));
    let refused = json!({"instructions": [{"kind": "addMembersToTeams", "memberIDs": ["x"], "teamKeys": ["a"]}]});
    house.patch(TEAMS, refused).await.refused(400, "invalid_request");
}

async fn bulk_but_for_some(store: Store) {
    let house = House::open(store).await;
    let me = me(&house).await;
    let (bob, cat) = (invited(&house, "bob@example.com").await, invited(&house, "cat@example.com").await);
    house.post(TEAMS, json!({"key": "cats", "name": "C", "memberIDs": [cat]})).await.ok();
    for (at, (filter, expected)) in [
        (json!({}), vec![&me, &bob, &cat]),
        (json!({"filterQuery": "BOB"}), vec![&me, &cat]),
        (json!({"filterRoles": "admin"}), vec![&bob, &cat]),
        (json!({"filterRoles": "reader|writer"}), vec![&me]),
        (json!({"filterTeamKey": "CATS", "ignoredMemberIDs": [me]}), vec![&bob]),
        (json!({"filterLastSeen": {"never": true}}), vec![&me]),
        // I am active just now.
        (json!({"filterLastSeen": {"noData": true}}), vec![&me, &bob, &cat]),
        (json!({"filterLastSeen": {"before": 1}}), vec![&me]),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("t{at}");
        house.post(TEAMS, json!({"key": key, "name": key})).await.ok();
        let mut instruction = json!({"kind": "addAllMembersToTeams", "teamKeys": [key]});
        instruction.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
        let rep = house.patch(TEAMS, json!({"instructions": [instruction]})).await.ok();
        let mut found: Vec<_> = rep["memberIDs"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let mut expected: Vec<_> = expected.into_iter().map(String::as_str).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{filter}");
    }
    let bad = json!({"instructions": [{"kind": "addAllMembersToTeams", "teamKeys": ["t0"], "filterLastSeen": {}}]});
    let message = house.patch(TEAMS, bad).await.refused(400, "invalid_request");
    assert!(message.contains("instructions[0].filterLastSeen"), "{message}");
}

async fn parts_have_pages(store: Store) {
    let house = House::open(store).await;
    let me = me(&house).await;
    let bob = invited(&house, "bob@example.com").await;
    for key in ["r1", "r2", "r3"] {
        custom_role(&house, key, json!([])).await;
    }
    let team = json!({"key": "ops", "name": "Ops", "customRoleKeys": ["r1", "r2", "r3"], "permissionGrants": [
        {"actionSet": "maintainTeam", "memberIDs": [me, bob]}, {"actions": ["updateTeamName"], "memberIDs": [bob]}]});
    house.post(TEAMS, team).await.ok();
    let roles = house.get(&format!("{TEAMS}/ops/roles?limit=2&offset=1")).await.ok();
    assert_eq!((&roles["totalCount"], &roles["items"][0]["key"]), (&json!(3), &json!("r2")));
    assert_eq!((&roles["items"][1]["name"], roles["items"].as_array().unwrap().len()), (&json!("R3"), 2));
    assert!(roles["_links"]["first"].is_object() && roles["_links"]["next"].is_null(), "{roles}");
    let maintainers = house.get(&format!("{TEAMS}/ops/maintainers?limit=1")).await.ok();
    assert_eq!((&maintainers["totalCount"], &maintainers["items"][0]["_id"]), (&json!(2), &json!(me)));
    house.get(&format!("{TEAMS}/none/roles")).await.refused(404, "not_found");
    house.get(&format!("{TEAMS}/none/maintainers")).await.refused(404, "not_found");
    house.get(&format!("{TEAMS}/ops/roles?limit=101")).await.refused(400, "invalid_request");
    let powerless = house.powerless().await;
    assert_eq!(house.raw(&format!("GET {TEAMS}/ops/roles"), &[("authorization", &powerless)], "").await.status(), 200);
    let blind = json!([{"effect": "deny", "resources": ["team/*"], "actions": ["*"]}]);
    let blind = house.post("/api/v2/tokens", json!({"serviceToken": true, "inlineRole": blind})).await.ok();
    let blind = blind["token"].as_str().unwrap();
    for part in ["roles", "maintainers"] {
        let line = format!("GET {TEAMS}/ops/{part}");
        house.raw(&line, &[("authorization", blind)], "").await.refused(403, "forbidden");
    }
}

async fn projects_that_roles_write_to(store: Store) {
    let house = House::open(store).await;
    house.post("/api/v2/projects", json!({"key": "mobile", "name": "M", "tags": ["apps"]})).await.ok();
    let allow =
        |actions: Value, resources: Value| json!({"effect": "allow", "actions": actions, "resources": resources});
    for (at, (policy, expected)) in [
        (json!([allow(json!(["*"]), json!(["proj/*"]))]), "default mobile"),
        (json!([allow(json!(["*"]), json!(["proj/*;apps"]))]), "mobile"),
        (json!([allow(json!(["update*"]), json!(["proj/mob*:env/*;x:flag/*"]))]), "mobile"),
        (json!([allow(json!(["view*"]), json!(["proj/*"]))]), ""),
        (json!([allow(json!(["*"]), json!(["member/*"]))]), ""),
        (json!([allow(json!(["*"]), json!(["proj/${roleAttribute/which}:env/*"]))]), "default"),
        (
            json!([allow(json!(["*"]), json!(["proj/*"])), {"effect": "deny", "actions": ["*"], "resources": ["proj/default"]}]),
            "mobile",
        ),
        (json!([{"effect": "allow", "notActions": ["x"], "notResources": ["proj/default"]}]), "mobile"),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("r{at}");
        custom_role(&house, &key, policy.clone()).await;
        let team = json!({"key": key, "name": "T", "customRoleKeys": [key], "roleAttributes": {"which": ["default"]}});
        let team = house.post(&format!("{TEAMS}?expand=projects,roles"), team).await.ok();
        let keys = |list: &Value| {
            let keys: Vec<_> = list["items"].as_array().unwrap().iter().filter_map(|p| p["key"].as_str()).collect();
            keys.join(" ")
        };
        assert_eq!(keys(&team["projects"]), expected, "{policy}: {team}");
        assert_eq!(keys(&team["roles"]["items"][0]["projects"]), expected, "{policy}");
    }
}

async fn lists_of_the_newest_version(store: Store) {
    let house = House::open(store).await;
    house.post(TEAMS, json!({"key": "ops", "name": "Ops"})).await.ok();
    for (version, there) in [("20220603", true), ("20240415", false)] {
        let headers = [("authorization", crate::support::OWNER), ("ld-api-version", version)];
        let list = house.raw(&format!("GET {TEAMS}?{ALL}"), &headers, "").await.ok();
        let team = &list["items"][0];
        assert_eq!((team["roles"].is_object(), team["projects"].is_object()), (there, there), "{version}");
        assert!(team["members"].is_object() && team["maintainers"].is_object(), "{version}");
        let one = house.raw(&format!("GET {TEAMS}/ops?{ALL}"), &headers, "").await.ok();
        assert!(one["roles"].is_object() && one["projects"].is_object(), "{version}");
    }
}

async fn members_by_file(store: Store) {
    let house = House::open(store).await;
    let (bob, cat) = (invited(&house, "bob@example.com").await, invited(&house, "Cat@example.com").await);
    house.post(TEAMS, json!({"key": "ops", "name": "Ops"})).await.ok();
    let headers = [("authorization", crate::support::OWNER), ("content-type", "multipart/form-data; boundary=sample")];
    let form = |text: &str| {
        format!(
            "--sample\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.csv\"\r\n\r\n{text}\r\n--sample--"
        )
    };
    let line = format!("POST {TEAMS}/ops/members");
    let send = async |text: &str| house.raw(&line, &headers, &form(text)).await;
    let head = house.head().await;
    for (file, message) in [
        ("", "File is empty"),
        ("\n\n", "File is empty"),
        ("email\n", "File is empty"),
        ("x y\nz", "All emails have invalid formatting"),
        ("no@example.com\nnone@example.com", "No emails belong to members of your organization"),
    ] {
        assert_eq!(send(file).await.refused(400, "invalid_request"), message, "{file:?}");
    }
    let answer = send("Email\nbob@example.com,Bob\n\nBOB@example.com\nnot an address\nno@example.com\n").await;
    assert_eq!(answer.status(), 207);
    assert_eq!(
        answer.ok()["items"],
        json!([
            {"status": "success", "value": "bob@example.com"},
            {"message": "Line 3: empty row", "status": "error", "value": ""},
            {"message": "Line 4: duplicate entry", "status": "error", "value": "BOB@example.com"},
            {"message": "Line 5: invalid email formatting", "status": "error", "value": "not an address"},
            {"message": "Line 6: email does not belong to a member of this account", "status": "error", "value": "no@example.com"},
        ])
    );
    assert_eq!(house.head().await, head, "nobody was added");
    let answer = send("bob@example.com\r\ncat@example.com\r\n").await;
    assert_eq!((answer.status(), answer.ok()["items"].as_array().unwrap().len()), (201, 2));
    assert_eq!(house.head().await, head + 1);
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["accesses"][0]["action"]), (&json!("team"), &json!("updateTeamMembers")));
    assert!(entry["description"].as_str().unwrap().contains(&bob) && entry.to_string().contains(&cat), "{entry}");
    let message = send("bob@example.com\ncat@example.com").await.refused(400, "invalid_request");
    assert_eq!(message, "All emails belong to existing team members");
    let invited = invited(&house, "dan@example.com").await;
    assert_eq!(send("bob@example.com\ndan@example.com").await.status(), 207);
    let team = house.get("/api/v2/members?filter=team:ops").await.ok();
    assert!(team["totalCount"] == 2 && !team.to_string().contains(&invited), "{team}");
    house.raw(&format!("POST {TEAMS}/none/members"), &headers, &form("x@y")).await.refused(404, "not_found");
    house.raw(&line, &headers, &form("x").replace("file", "f")).await.refused(400, "invalid_request");
}

async fn who_may(store: Store) {
    let house = House::open(store).await;
    let me = me(&house).await;
    house.post(TEAMS, json!({"key": "ops", "name": "Ops"})).await.ok();
    let role = json!([{"effect": "allow", "resources": ["team/ops"], "actions": ["updateTeamName"]}]);
    let token = house.post("/api/v2/tokens", json!({"serviceToken": true, "inlineRole": role})).await.ok();
    let headers = [("authorization", token["token"].as_str().unwrap())];
    let patch = async |instruction: Value| {
        let body = json!({"instructions": [instruction]}).to_string();
        house.raw(&format!("PATCH {TEAMS}/ops"), &headers, &body).await
    };
    patch(json!({"kind": "updateName", "value": "N"})).await.ok();
    let head = house.head().await;
    for (instruction, action) in [
        (json!({"kind": "updateDescription", "value": "D"}), "updateTeamDescription"),
        (json!({"kind": "addMembers", "values": [me]}), "updateTeamMembers"),
        (
            json!({"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [me]}),
            "updateTeamPermissionGrants",
        ),
        (json!({"kind": "addRoleAttribute", "key": "k", "values": []}), "updateTeamRoleAttributes"),
        (json!({"kind": "removeCustomRoles", "values": []}), "updateTeamCustomRoles"),
    ] {
        let answer = patch(instruction.clone()).await;
        answer.refused(403, "forbidden");
        assert_eq!(answer.json()["access"], json!({"action": action, "resource": "team/ops"}), "{instruction}");
    }
    assert_eq!(house.head().await, head);
}
