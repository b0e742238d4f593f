//! Custom roles: access-control.md 2.3 and 3.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    patches;
    what_is_refused;
    categories_limit_resources;
    lists;
    a_deleted_role_is_taken_from_everybody;
}

const ROLES: &str = "/api/v2/roles";
/// Roles that every account has.
const PRESETS: usize = 9;

fn statement() -> Value {
    json!({"effect": "allow", "actions": ["updateOn"], "resources": ["proj/*:env/production:flag/*"]})
}

async fn from_creation_to_deletion(store: Store) {
    let house = House::open(store).await;
    let policy = json!([
        {"resources": ["proj/*"], "actions": ["*"], "effect": "deny"},
        statement(),
        {"effect": "allow", "notActions": ["delete*"], "notResources": ["proj/*:env/*;{critical:true}:flag/*"]},
        {"effect": "allow", "actions": ["*"], "resources": ["proj/${roleAttribute/p}:env/*:flag/*;view:${roleAttribute/v}"]},
    ]);
    let body = json!({"key": "ops", "name": "Ops", "description": "Those on call", "policy": policy,
        "basePermissions": "reader", "resourceCategory": "project"});
    let answer = house.post(ROLES, body.clone()).await;
    assert_eq!(answer.status(), 201);
    let role = answer.ok();
    let id = role["_id"].as_str().unwrap();
    assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    for name in ["key", "name", "description", "policy", "basePermissions", "resourceCategory"] {
        assert_eq!(role[name], body[name], "{name}");
    }
    assert_eq!(role["assignedTo"], json!({"membersCount": 0, "teamsCount": 0}));
    assert_eq!(role["_links"]["self"]["href"], "/api/v2/roles/ops");
    for by in ["ops", id] {
        assert_eq!(house.get(&format!("{ROLES}/{by}")).await.ok(), role);
    }
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["titleVerb"]), (&json!("role"), &json!("created the role")));
    assert_eq!(entry["accesses"], json!([{"action": "createRole", "resource": "role/ops"}]));
    house.post(ROLES, body).await.refused(409, "conflict");

    let plain = house.post(ROLES, json!({"key": "plain", "name": "P", "policy": []})).await.ok();
    assert_eq!((&plain["basePermissions"], &plain["policy"]), (&json!("no_access"), &json!([])));
    assert!(plain.get("resourceCategory").is_none() && plain.get("description").is_none(), "{plain}");

    assert_eq!(house.delete(&format!("{ROLES}/{id}")).await.status(), 204);
    let entry = house.newest().await;
    assert_eq!(entry["accesses"], json!([{"action": "deleteRole", "resource": "role/ops"}]));
    assert_eq!(entry["titleVerb"], "deleted the role");
    for by in ["ops", id] {
        house.get(&format!("{ROLES}/{by}")).await.refused(404, "not_found");
    }
    house.delete(&format!("{ROLES}/ops")).await.refused(404, "not_found");
}

async fn patches(store: Store) {
    let house = House::open(store).await;
    house.post(ROLES, json!({"key": "r", "name": "R", "description": "d", "policy": [statement()]})).await.ok();
    let path = format!("{ROLES}/r");
    let more = json!({"effect": "deny", "actions": ["deleteFlag"], "resources": ["proj/*:env/*:flag/*"]});
    let cases = [
        (
            json!([{"op": "add", "path": "/policy/0", "value": more}]),
            "policy",
            json!([more, statement()]),
            "updatePolicy",
        ),
        (
            json!({"patch": [{"op": "add", "path": "/policy/-", "value": more}], "comment": "why"}),
            "policy",
            json!([more, statement(), more]),
            "updatePolicy",
        ),
        (json!([{"op": "replace", "path": "/policy", "value": []}]), "policy", json!([]), "updatePolicy"),
        (json!([{"op": "replace", "path": "/name", "value": "S"}]), "name", json!("S"), "updateName"),
        (json!([{"op": "remove", "path": "/description"}]), "description", Value::Null, "updateDescription"),
        (json!([{"op": "add", "path": "/description", "value": "e"}]), "description", json!("e"), "updateDescription"),
        (
            json!([{"op": "replace", "path": "/basePermissions", "value": "reader"}]),
            "basePermissions",
            json!("reader"),
            "updateBasePermissions",
        ),
    ];
    for (patch, member, expected, action) in cases {
        let role = house.patch(&path, patch.clone()).await.ok();
        assert_eq!(role.get(member).unwrap_or(&Value::Null), &expected, "{patch}");
        let entry = house.newest().await;
        assert_eq!(entry["accesses"], json!([{"action": action, "resource": "role/r"}]));
        assert_eq!(entry["titleVerb"], "updated the role");
    }
    let line = format!("PATCH {path}");
    let merged = house.raw(
        &line,
        &[("authorization", crate::support::OWNER), ("content-type", "application/merge-patch+json")],
        r#"{"name": "merged"}"#,
    );
    assert_eq!(merged.await.ok()["name"], "merged");
    // What never changes.
    let head = house.head().await;
    for patch in [
        json!([{"op": "replace", "path": "/basePermissions", "value": "writer"}]),
        json!([{"op": "replace", "path": "/policy/7", "value": more}]),
        json!([{"op": "replace", "path": "/policy", "value": [{"effect": "allow"}]}]),
    ] {
        let status = house.patch(&path, patch.clone()).await.status();
        assert!(matches!(status, 400 | 422), "{patch}: {status}");
    }
    assert_eq!(house.head().await, head);
}

async fn what_is_refused(store: Store) {
    let house = House::open(store).await;
    let head = house.head().await;
    let with = |policy: Value| json!({"key": "r", "name": "R", "policy": policy});
    let act = |action: &str| json!({"effect": "allow", "actions": ["*", action], "resources": ["proj/*"]});
    let on = |resource: &str| json!({"effect": "allow", "actions": ["*"], "resources": [resource]});
    let cases = [
        (json!({"name": "R", "policy": []}), "key"),
        (json!({"key": "r", "policy": []}), "name"),
        (json!({"key": "r", "name": "R"}), "policy"),
        (json!({"key": "a b", "name": "R", "policy": []}), "key"),
        (json!({"key": "r", "name": " ", "policy": []}), "name"),
        (json!({"key": "r", "name": "R", "policy": [], "basePermissions": "writer"}), "basePermissions"),
        (json!({"key": "r", "name": "R", "policy": [], "resourceCategory": "team"}), "resourceCategory"),
        (with(json!([act("updateEverything")])), "policy[0].actions[1]: there is no action updateEverything"),
        (with(json!([act("upgrade*")])), "policy[0].actions[1]: no action matches upgrade*"),
        (with(json!([on("proj/*"), on("planet/*")])), "policy[1].resources[0]: \"planet/*\""),
        (with(json!([on("proj/*:flag/*")])), "policy[0].resources[0]: \"proj/*:flag/*\""),
        (with(json!([on("acct/x")])), "must have the form acct"),
        (with(json!([{"effect": "maybe", "actions": ["*"], "resources": ["acct"]}])), "policy[0]: effect"),
        (with(json!([{"effect": "allow", "actions": [], "resources": ["acct"]}])), "policy[0]: needs actions"),
        (with(json!(["allow"])), "policy[0]: must be an object"),
    ];
    for (body, message) in cases {
        let said = house.post(ROLES, body.clone()).await.refused(400, "invalid_request");
        assert!(said.contains(message), "{body}: {said}");
    }
    let inline = json!({"inlineRole": [act("updateEverything")]});
    let said = house.post("/api/v2/tokens", inline).await.refused(400, "invalid_request");
    assert!(said.contains("inlineRole[0].actions[1]"), "{said}");
    assert_eq!(house.head().await, head);
}

async fn lists(store: Store) {
    let house = House::open(store).await;
    for n in 0..25 {
        house.post(ROLES, json!({"key": format!("r{n}"), "name": "R", "policy": []})).await.ok();
    }
    let list = house.get(ROLES).await.ok();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["totalCount"]), (20, &json!(25 + PRESETS)));
    let rest = house.get(list["_links"]["next"]["href"].as_str().unwrap()).await.ok();
    assert_eq!(rest["items"].as_array().unwrap().len(), 5 + PRESETS);
    let old = [("authorization", crate::support::OWNER), ("ld-api-version", "20220603")];
    let all = house.raw(&format!("GET {ROLES}"), &old, "").await.ok();
    assert_eq!(all["items"].as_array().unwrap().len(), 25 + PRESETS);
    // Whoever may not look around the account sees no roles.
    let powerless = house.powerless().await;
    let nobody = json!({"inlineRole": [{"effect": "deny", "actions": ["*"], "resources": ["acct"]}]});
    let nobody = house.post("/api/v2/tokens", nobody).await.ok()["token"].as_str().unwrap().to_owned();
    assert!(!powerless.is_empty());
    for path in [ROLES.to_owned(), format!("{ROLES}/r1")] {
        let denied = house.raw(&format!("GET {path}"), &[("authorization", &nobody)], "").await;
        denied.refused(403, "forbidden");
    }
}

async fn a_deleted_role_is_taken_from_everybody(store: Store) {
    let house = House::open(store).await;
    for key in ["a", "b"] {
        house.post(ROLES, json!({"key": key, "name": key, "policy": [statement()]})).await.ok();
    }
    house.post("/api/v2/teams", json!({"key": "t", "name": "T", "customRoleKeys": ["a", "b"]})).await.ok();
    let me = house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned();
    let token = json!({"name": "n", "customRoleIds": ["a"]});
    let token = house.post("/api/v2/tokens", token).await.ok();
    let role = house.get(&format!("{ROLES}/a")).await.ok();
    assert_eq!(role["assignedTo"], json!({"membersCount": 0, "teamsCount": 1}));
    assert_eq!(token["customRoleIds"], json!([role["_id"]]));
    let value = token["token"].as_str().unwrap();
    let as_token = [("authorization", value)];
    house.raw("GET /api/v2/projects/default", &as_token, "").await.refused(403, "forbidden");

    let head = house.head().await;
    house.delete(&format!("{ROLES}/a")).await.ok();
    assert_eq!(house.head().await, head + 1, "one change");
    let team = house.get("/api/v2/teams/t?expand=roles").await.ok();
    assert_eq!(team["roles"]["items"].as_array().unwrap().len(), 1, "{team}");
    assert_eq!(team["roles"]["items"][0]["key"], "b");
    // The token of the role that is gone may do nothing, rather than all that its member may.
    house.raw("GET /api/v2/projects/default", &as_token, "").await.refused(403, "forbidden");
    assert_eq!(house.get(&format!("/api/v2/members/{me}")).await.ok()["customRoles"], json!([]));
}

async fn categories_limit_resources(store: Store) {
    let house = House::open(store).await;
    let role = |category: &str, list: &str, resources: Value| {
        let policy = json!([{"effect": "allow", "actions": ["*"], list: resources}]);
        json!({"key": category, "name": "R", "resourceCategory": category, "policy": policy})
    };
    for (category, list, resources) in [
        ("project", "resources", json!(["proj/a", "member/*"])),
        ("project", "notResources", json!(["proj/a", "acct"])),
        ("organization", "resources", json!(["member/*", "proj/*:env/*"])),
    ] {
        let message = house.post(ROLES, role(category, list, resources)).await.refused(400, "invalid_request");
        assert!(message.contains(&format!("policy[0].{list}[1]")), "{message}");
    }
    house.post(ROLES, role("any", "resources", json!(["member/*", "proj/*"]))).await.ok();
    house.post(ROLES, role("organization", "resources", json!(["member/*", "team/*"]))).await.ok();
    house.post(ROLES, role("project", "resources", json!(["proj/*:env/*:flag/*"]))).await.ok();
    let other = json!([{"op": "replace", "path": "/policy/0/resources", "value": ["acct"]}]);
    house.patch(&format!("{ROLES}/project"), other).await.refused(400, "invalid_request");
}
