//! Teams: semantic-patch.md 10.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    every_instruction;
    lists;
    bulk;
}

const TEAMS: &str = "/api/v2/teams";
const ALL: &str = "expand=members,roles,roleAttributes,projects,maintainers";

async fn me(house: &House) -> String {
    house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned()
}

async fn from_creation_to_deletion(store: Store) {
    let house = House::open(store).await;
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
    house.post(TEAMS, json!({"key": "ops", "name": "Ops"})).await.ok();
    let path = format!("{TEAMS}/ops?{ALL}");
    let apply = async |instruction: Value| house.patch(&path, json!({"instructions": [instruction]})).await;
    for (instruction, pointer, expected) in [
        (json!({"kind": "updateName", "value": "N"}), "/name", json!("N")),
        (json!({"kind": "updateDescription", "value": "D"}), "/description", json!("D")),
        (json!({"kind": "addMembers", "values": [me, me]}), "/members/totalCount", json!(1)),
        (json!({"kind": "removeMembers", "values": [me]}), "/members/totalCount", json!(0)),
        (json!({"kind": "replaceMembers", "values": [me]}), "/members/totalCount", json!(1)),
        (json!({"kind": "addCustomRoles", "values": ["a", "b"]}), "/roles/totalCount", json!(2)),
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
