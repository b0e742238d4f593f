//! Nobody gives more than they may themselves: members, teams, roles and tokens.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::house::{House, on_both_engines};

on_both_engines! {
    invitations_are_held_to_the_inviter,
    roles_of_members_are_held_to_the_giver,
    teams_are_held_to_the_giver,
    roles_are_held_to_who_changes_them,
    tokens_are_held_to_their_maker,
}

const MEMBERS: &str = "/api/v2/members";
const TEAMS: &str = "/api/v2/teams";
const ROLES: &str = "/api/v2/roles";

fn allow(actions: &[&str], resources: &[&str]) -> Value {
    json!({"effect": "allow", "actions": actions, "resources": resources})
}

/// A member who manages people and may turn flags of one project on, and a token of theirs.
async fn manager(house: &House) -> (String, String) {
    let policy = json!([
        allow(&["*"], &["member/*", "team/*", "role/*", "member/*:token/*", "service-token/*"]),
        allow(&["viewProject"], &["proj/default"]),
        allow(&["updateOn", "updateTargets"], &["proj/default:env/*:flag/*"]),
    ]);
    role(house, "manager", policy).await;
    let id = invite(house, "manager@example.com", json!({"customRoles": ["manager"]})).await;
    let token = house.token_of(&id).await;
    (id, token)
}

async fn role(house: &House, key: &str, policy: Value) {
    let role = json!({"key": key, "name": key, "policy": policy});
    house.owner().post(ROLES, role).await.expect(201);
}

async fn invite(house: &House, email: &str, mut member: Value) -> String {
    member["email"] = email.into();
    let made = house.owner().post(MEMBERS, json!([member])).await.expect(201);
    made["items"][0]["_id"].as_str().unwrap().to_owned()
}

/// Roles within and beyond what the manager may.
async fn some_roles(house: &House) {
    role(house, "on", json!([allow(&["updateOn"], &["proj/default:env/test:flag/*"])])).await;
    role(house, "rules", json!([allow(&["updateRules"], &["proj/default:env/test:flag/*"])])).await;
    role(house, "scoped", json!([allow(&["updateOn"], &["proj/${roleAttribute/projects}:env/*:flag/*"])])).await;
}

fn too_far(field: &str, action: &str) -> String {
    format!("{field}: nobody can give more than they may themselves: {action} goes too far")
}

async fn invitations_are_held_to_the_inviter(house: House) {
    let (_, token) = manager(&house).await;
    some_roles(&house).await;
    let manager = house.with(&token);
    house.owner().post(TEAMS, json!({"key": "wide", "name": "Wide", "customRoleKeys": ["rules"]})).await.expect(201);
    for (member, field) in [
        (json!({"role": "admin"}), "[0].role"),
        (json!({"role": "writer"}), "[0].role"),
        (json!({"role": "reader"}), "[0].role"),
        (json!({"role": "admin", "customRoles": ["on"]}), "[0].role"),
        (json!({"customRoles": ["on", "rules"]}), "[0].customRoles"),
        (json!({"customRoles": ["scoped"], "roleAttributes": {"projects": ["default", "other"]}}), "[0].customRoles"),
        (json!({"customRoles": ["on"], "teamKeys": ["wide"]}), "memberIDs"),
    ] {
        let mut post = member.clone();
        post["email"] = "new@example.com".into();
        let message = house.unchanged(manager.post(MEMBERS, json!([post]))).await.refused(403, "forbidden");
        assert!(message.starts_with(&format!("{field}: nobody can give more")), "{member}: {message}");
    }
    let owner = json!([{"email": "new@example.com", "role": "owner"}]);
    house.unchanged(manager.post(MEMBERS, owner)).await.refused(400, "invalid_request");
    let fits = json!([
        {"email": "a@example.com", "role": "no_access"},
        {"email": "b@example.com", "customRoles": ["on"]},
        {"email": "c@example.com", "customRoles": ["scoped"], "roleAttributes": {"projects": ["default"]}},
        {"email": "d@example.com", "customRoles": ["manager"]},
    ]);
    assert_eq!(manager.post(MEMBERS, fits).await.expect(201)["totalCount"], 4);
    let anybody =
        json!([{"email": "e@example.com", "role": "admin"}, {"email": "f@example.com", "customRoles": ["rules"]}]);
    house.owner().post(MEMBERS, anybody).await.expect(201);
}

async fn roles_of_members_are_held_to_the_giver(house: House) {
    let (_, token) = manager(&house).await;
    some_roles(&house).await;
    let manager = house.with(&token);
    let bob = invite(&house, "bob@example.com", json!({"role": "no_access"})).await;
    let path = format!("{MEMBERS}/{bob}");
    let set = |member: &str, value: Value| json!([{"op": "replace", "path": format!("/{member}"), "value": value}]);
    for (patch, field, action) in [
        (set("role", json!("reader")), "role", "viewAccount"),
        (set("customRoles", json!(["rules"])), "customRoles", "updateRules"),
    ] {
        let message = house.unchanged(manager.patch(&path, patch)).await.refused(403, "forbidden");
        assert_eq!(message, too_far(field, action));
    }
    let admin = house.unchanged(manager.patch(&path, set("role", json!("admin")))).await;
    assert!(admin.refused(403, "forbidden").starts_with("role: nobody can give more"));
    manager.patch(&path, set("customRoles", json!(["on", "scoped"]))).await.expect(200);
    // Other attributes make more of the roles that are there.
    let wider = house.unchanged(manager.patch(&path, set("roleAttributes", json!({"projects": ["other"]})))).await;
    assert_eq!(wider.refused(403, "forbidden"), too_far("roleAttributes", "updateOn"));
    manager.patch(&path, set("roleAttributes", json!({"projects": ["default"]}))).await.expect(200);
    // To take rights away is to give none.
    let dan = invite(&house, "dan@example.com", json!({"role": "writer"})).await;
    manager.patch(&format!("{MEMBERS}/{dan}"), set("role", json!("reader"))).await.expect(200);
    // Many at once: each is told.
    let many = json!({"instructions": [{"kind": "replaceMembersRoles", "value": "admin", "memberIDs": [bob]}]});
    let done = house.unchanged(manager.patch(MEMBERS, many)).await.expect(200);
    assert_eq!(done["members"], json!([]));
    assert!(done["errors"][0][&bob].as_str().unwrap().starts_with("role: nobody can give more"));
    // A role that was more than the manager's before is no fault of who changes something else.
    let eve = invite(&house, "eve@example.com", json!({"role": "admin"})).await;
    manager.patch(&format!("{MEMBERS}/{eve}"), set("roleAttributes", json!({"k": ["v"]}))).await.expect(200);
    // What lay under custom roles comes back when they go.
    manager.patch(&format!("{MEMBERS}/{eve}"), set("customRoles", json!(["on"]))).await.expect(200);
    let back = house.unchanged(manager.patch(&format!("{MEMBERS}/{eve}"), set("customRoles", json!([])))).await;
    assert!(back.refused(403, "forbidden").starts_with("role: nobody can give more"));
    let gone = house.unchanged(manager.delete(&format!("{ROLES}/on"))).await;
    assert!(gone.refused(403, "forbidden").starts_with("role: nobody can give more"));
}

async fn teams_are_held_to_the_giver(house: House) {
    let (me, token) = manager(&house).await;
    some_roles(&house).await;
    let (owner, manager) = (house.owner(), house.with(&token));
    let bob = invite(&house, "bob@example.com", json!({"role": "no_access"})).await;
    for (team, field, action) in [
        (json!({"customRoleKeys": ["rules"]}), "customRoleKeys", "updateRules"),
        (json!({"customRoleKeys": ["scoped"]}), "customRoleKeys", "updateOn"),
        (json!({"roleAttributes": {"projects": ["x"]}}), "roleAttributes", "updateOn"),
    ] {
        let mut post = json!({"key": "t", "name": "T"});
        post.as_object_mut().unwrap().extend(team.as_object().unwrap().clone());
        let message = house.unchanged(manager.post(TEAMS, post)).await.refused(403, "forbidden");
        assert_eq!(message, too_far(field, action));
    }
    manager
        .post(TEAMS, json!({"key": "t", "name": "T", "customRoleKeys": ["on"], "memberIDs": [bob]}))
        .await
        .expect(201);
    let path = format!("{TEAMS}/t");
    let instruct = |instruction: Value| json!({"instructions": [instruction]});
    let add = instruct(json!({"kind": "addCustomRoles", "values": ["rules"]}));
    let message = house.unchanged(manager.patch(&path, add.clone())).await.refused(403, "forbidden");
    assert_eq!(message, too_far("customRoleKeys", "updateRules"));
    owner.patch(&path, add).await.expect(200);

    // Now the team has more than the manager: they put nobody into it, themselves least of all.
    let join = json!({"kind": "addMembers", "values": [me]});
    let far = too_far("memberIDs", "updateRules");
    let tries = [
        ("PATCH", path.clone(), instruct(join.clone())),
        ("POST", format!("{MEMBERS}/{bob}/teams"), json!({"teamKeys": ["t"]})),
    ];
    owner.patch(&path, instruct(json!({"kind": "removeMembers", "values": [bob]}))).await.expect(200);
    for (method, path, body) in tries {
        let message = house.unchanged(manager.send(method, &path, Some(body))).await.refused(403, "forbidden");
        assert_eq!(message, far, "{method} {path}");
    }
    let many = instruct(json!({"kind": "addMembersToTeams", "memberIDs": [bob], "teamKeys": ["t"]}));
    let done = house.unchanged(manager.version("beta").patch(TEAMS, many)).await.expect(200);
    assert_eq!(done["errors"][0]["t"], far);
    let form =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\nbob@example.com\r\n--b--\r\n";
    let headers = [("authorization", token.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    let line = format!("POST {path}/members");
    let answer = house.unchanged(house.house.bytes(&line, &headers, Bytes::from(form))).await;
    assert_eq!(answer.refused(403, "forbidden"), far);
    // What they may do is theirs to grant, and who was granted to choose the members does.
    let mine = instruct(json!({"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [me]}));
    manager.patch(&path, mine).await.expect(200);
    manager.patch(&path, instruct(json!({"kind": "addMembers", "values": [bob]}))).await.expect(200);
}

async fn roles_are_held_to_who_changes_them(house: House) {
    let (_, token) = manager(&house).await;
    some_roles(&house).await;
    let manager = house.with(&token);
    let path = format!("{ROLES}/rules");
    let set = |member: &str, value: Value| json!([{"op": "replace", "path": format!("/{member}"), "value": value}]);
    // A new role is nobody's: it is compared when it is given.
    manager.post(ROLES, json!({"key": "all", "name": "All", "policy": [allow(&["*"], &["acct"])]})).await.expect(201);
    let own = allow(&["*"], &["proj/*"]);
    let message = house.unchanged(manager.patch(&format!("{ROLES}/manager"), set("policy", json!([own])))).await;
    assert!(message.refused(403, "forbidden").starts_with("policy: nobody can give more"));
    let reader = house.unchanged(manager.patch(&path, set("basePermissions", json!("reader")))).await;
    assert!(reader.refused(403, "forbidden").starts_with("policy: nobody can give more"));
    let on = allow(&["updateOn"], &["proj/default:env/*:flag/*"]);
    let rules = allow(&["updateRules"], &["proj/default:env/test:flag/*"]);
    let deny = json!({"effect": "deny", "actions": ["*"], "resources": ["proj/default:env/test:flag/x"]});
    // What was there already stays, and may be narrowed; taking a denial away widens everything.
    manager.patch(&path, set("policy", json!([rules, on, deny]))).await.expect(200);
    let wider = house.unchanged(manager.patch(&path, set("policy", json!([rules, on])))).await;
    assert_eq!(wider.refused(403, "forbidden"), too_far("policy", "updateRules"));
    manager.patch(&path, set("name", json!("Renamed"))).await.expect(200);
    house.owner().patch(&path, set("policy", json!([rules, on]))).await.expect(200);
}

async fn tokens_are_held_to_their_maker(house: House) {
    let (_, token) = manager(&house).await;
    some_roles(&house).await;
    let manager = house.with(&token);
    let flags = "/api/v2/flags/default";
    house.owner().post(flags, json!({"key": "lamp", "name": "Lamp"})).await.expect(201);
    let refused = json!({"name": "a", "role": "owner"});
    house.unchanged(manager.post("/api/v2/tokens", refused)).await.refused(400, "invalid_request");
    let rename = json!([{"op": "replace", "path": "/name", "value": "Mine"}]);
    let on = json!([{"op": "replace", "path": "/environments/test/on", "value": true}]);
    for (at, grant) in [
        json!({"role": "admin"}),
        json!({"role": "admin", "serviceToken": true}),
        json!({"customRoleIds": ["rules"], "serviceToken": true}),
        json!({"inlineRole": [allow(&["*"], &["proj/*:env/*:flag/*", "proj/*"])], "serviceToken": true}),
        json!({}),
    ]
    .into_iter()
    .enumerate()
    {
        let made = manager.post("/api/v2/tokens", grant.clone()).await;
        // Either it is not made, or it can no more than its maker; one that asks for nothing is made.
        if at < 4 && made.status() == 403 {
            continue;
        }
        let value = made.expect(201)["token"].as_str().unwrap().to_owned();
        let theirs = house.with(&value);
        theirs.patch(&format!("{flags}/lamp"), rename.clone()).await.refused(403, "forbidden");
        theirs.post(MEMBERS, json!([{"email": "x@example.com", "role": "admin"}])).await.refused(403, "forbidden");
        if at == 4 {
            theirs.patch(&format!("{flags}/lamp"), on.clone()).await.expect(200);
        }
    }
}
