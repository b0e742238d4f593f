//! Roles that come with Wigwag: access-control.md 2.2.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_auth::Unrestricted;
use wigwag_kit::{Caller, Change, Ctx, Keyring, Proofs, Spec, Target};
use wigwag_model::clock::Clock;
use wigwag_model::doc::{CustomRole, Kind};
use wigwag_model::id::Ids;
use wigwag_store::{Expect, IndexFacts, Store};

use crate::support::{House, on_both_engines};

on_both_engines! {
    every_account_has_them;
    they_are_held_like_others;
    only_statements_can_be_added;
    a_start_brings_what_is_missing;
}

const ROLES: &str = "/api/v2/roles";
const KEYS: [&str; 9] = [
    "launchdarkly-admin",
    "launchdarkly-architect",
    "launchdarkly-billing-admin",
    "launchdarkly-contributor",
    "launchdarkly-developer",
    "launchdarkly-maintainer",
    "launchdarkly-member",
    "launchdarkly-project-admin",
    "launchdarkly-viewer",
];

async fn every_account_has_them(store: Store) {
    let house = House::open(store).await;
    let list = house.get(ROLES).await.ok();
    let mut keys: Vec<_> = list["items"].as_array().unwrap().iter().map(|r| r["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, KEYS);
    for role in list["items"].as_array().unwrap() {
        assert_eq!((&role["policy"], &role["basePermissions"]), (&json!([]), &json!("no_access")));
        assert_eq!(role["_presetBundleVersion"], 1);
        let none = role["_presetStatements"].as_array().unwrap().is_empty();
        assert_eq!(none, role["key"] == "launchdarkly-member", "{role}");
    }
    house.post(ROLES, json!({"key": "own", "name": "Own", "policy": []})).await.ok();
    let own = house.get(&format!("{ROLES}/own")).await.ok();
    assert!(own.get("_presetBundleVersion").is_none() && own.get("_presetStatements").is_none(), "{own}");
}

/// Gives the owner, for whom the tokens here act, role attributes by a team.
async fn attribute(house: &House, attributes: Value) {
    let me = house.get("/api/v2/members/me").await.ok()["_id"].clone();
    let team = json!({"key": "attributes", "name": "A", "memberIDs": [me], "roleAttributes": attributes});
    house.post("/api/v2/teams", team).await.ok();
}

/// A token that holds one of them and nothing else.
async fn token(house: &House, role: &str) -> String {
    let made = house.post("/api/v2/tokens", json!({"customRoleIds": [role]})).await.ok();
    made["token"].as_str().unwrap().to_owned()
}

async fn status(house: &House, token: &str, line: &str, body: &Value) -> u16 {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    house.raw(line, &[("authorization", token)], &text).await.status()
}

async fn they_are_held_like_others(store: Store) {
    let house = House::open(store).await;
    house.post("/api/v2/projects", json!({"key": "other", "name": "Other"})).await.ok();
    for project in ["default", "other"] {
        house.post(&format!("/api/v2/flags/{project}"), json!({"key": "lamp", "name": "Lamp"})).await.ok();
    }
    let of = ["projectAdmin", "maintainer", "developer", "contributor", "viewer"];
    let attributes: Value = of.iter().map(|of| (format!("{of}ProjectKeys"), json!(["default"]))).collect();
    attribute(&house, attributes).await;

    let on = json!([{"op": "replace", "path": "/environments/test/on", "value": true}]);
    let flag = json!({"key": "f", "name": "F"});
    let rename = json!([{"op": "replace", "path": "/name", "value": "Renamed"}]);
    // Reads, switches, creates flags, creates views, renames projects.
    for (role, allowed) in [
        ("launchdarkly-viewer", [true, false, false, false, false]),
        ("launchdarkly-contributor", [true, true, false, false, false]),
        ("launchdarkly-developer", [true, true, true, false, false]),
        ("launchdarkly-maintainer", [true, false, false, true, true]),
        ("launchdarkly-project-admin", [true, true, true, true, true]),
        ("launchdarkly-architect", [true, true, true, true, true]),
        ("launchdarkly-admin", [true, true, true, true, true]),
        ("launchdarkly-member", [false; 5]),
        ("launchdarkly-billing-admin", [false; 5]),
    ] {
        let token = token(&house, role).await;
        for (nth, (action, resource)) in [
            ("viewProject", "proj/default"),
            ("updateOn", "proj/default:env/test:flag/lamp"),
            ("createFlag", "proj/default:env/test:flag/f"),
            ("createView", "proj/default:view/v"),
            ("updateProjectName", "proj/default"),
        ]
        .into_iter()
        .enumerate()
        {
            let line = format!("GET /api/v2/explain-access?action={action}&resource={resource}");
            let said = house.raw(&line, &[("authorization", &token)], "").await.ok();
            assert_eq!(said["allowed"], allowed[nth], "{role} {action}: {}", said["summary"]);
        }
        let reads = status(&house, &token, "GET /api/v2/flags/default/lamp", &Value::Null).await;
        assert_eq!(reads, if allowed[0] { 200 } else { 403 }, "{role}");
        let everywhere = role.ends_with("-admin") && !role.contains("project") && !role.contains("billing");
        let elsewhere = everywhere || role == "launchdarkly-architect";
        let reads = status(&house, &token, "GET /api/v2/flags/other/lamp", &Value::Null).await;
        assert_eq!(reads, if elsewhere { 200 } else { 403 }, "{role}");
    }
    let developer = token(&house, "launchdarkly-developer").await;
    assert_eq!(status(&house, &developer, "PATCH /api/v2/flags/default/lamp", &on).await, 200);
    assert_eq!(status(&house, &developer, "POST /api/v2/flags/default", &flag).await, 201);
    assert_eq!(status(&house, &developer, "POST /api/v2/flags/other", &flag).await, 403);
    assert_eq!(status(&house, &developer, "PATCH /api/v2/projects/default", &rename).await, 403);
    let contributor = token(&house, "launchdarkly-contributor").await;
    assert_eq!(status(&house, &contributor, "DELETE /api/v2/flags/default/f", &Value::Null).await, 403);
    let architect = token(&house, "launchdarkly-architect").await;
    assert_eq!(status(&house, &architect, "POST /api/v2/teams", &json!({"key": "t", "name": "T"})).await, 403);

    // By members and teams as well, by key.
    let body = json!([{"email": "d@example.com", "customRoles": ["launchdarkly-developer"],
        "roleAttributes": {"developerProjectKeys": ["other"]}}]);
    house.post("/api/v2/members", body).await.ok();
    house
        .post("/api/v2/teams", json!({"key": "t", "name": "T", "customRoleKeys": ["launchdarkly-developer"]}))
        .await
        .ok();
    let role = house.get(&format!("{ROLES}/launchdarkly-developer")).await.ok();
    assert_eq!(role["assignedTo"], json!({"membersCount": 1, "teamsCount": 1}));
}

async fn only_statements_can_be_added(store: Store) {
    let house = House::open(store).await;
    let path = format!("{ROLES}/launchdarkly-viewer");
    let before = house.get(&path).await.ok();
    let head = house.head().await;
    for (member, value) in [("name", "Mine"), ("description", "Mine"), ("basePermissions", "reader")] {
        let patch = json!([{"op": "replace", "path": format!("/{member}"), "value": value}]);
        let said = house.patch(&path, patch).await.refused(400, "invalid_request");
        assert!(said.contains(member), "{said}");
    }
    let ours = json!([{"op": "replace", "path": "/_presetStatements", "value": []}]);
    assert_eq!(house.patch(&path, ours).await.ok(), before, "not what a patch can touch");
    house.delete(&path).await.refused(409, "conflict");
    assert_eq!(house.head().await, head);

    attribute(&house, json!({"viewerProjectKeys": ["default"]})).await;
    let viewer = token(&house, "launchdarkly-viewer").await;
    let look = async || status(&house, &viewer, "GET /api/v2/projects/default", &Value::Null).await;
    assert_eq!(look().await, 200);
    let deny = json!({"effect": "deny", "actions": ["viewProject"], "resources": ["proj/default"]});
    let after = house.patch(&path, json!([{"op": "add", "path": "/policy/-", "value": deny}])).await.ok();
    assert_eq!((&after["policy"], &after["_presetStatements"]), (&json!([deny]), &before["_presetStatements"]));
    assert_eq!(look().await, 403, "a statement of the account denies what the preset allows");
    house.patch(&path, json!([{"op": "remove", "path": "/policy/0"}])).await.ok();
    assert_eq!(look().await, 200);
}

async fn a_start_brings_what_is_missing(store: Store) {
    let house = House::open(store).await;
    let list = house.get(ROLES).await.ok();
    let id = |key: &str| {
        let role = list["items"].as_array().unwrap().iter().find(|role| role["key"] == key).unwrap();
        role["_id"].as_str().unwrap().to_owned()
    };
    // One of an earlier edition, with a statement of the account, one that is gone, one of the account's own.
    let own = json!([{"effect": "deny", "actions": ["*"], "resources": ["acct"]}]);
    let stored = async |key: &str| {
        let doc = house.store.find_unique(Kind::CustomRole, "roleKey", key).await.unwrap().unwrap();
        (doc.key.clone(), Expect::Version(doc.version), doc.decode::<CustomRole>().unwrap())
    };
    let nobody = Caller { member: None, token: None, authority: Arc::new(Unrestricted) };
    let ctx = Ctx { caller: Arc::new(nobody), ..house.ctx() };
    let change = |verb: &str| {
        let proof = ctx.authorise("updatePolicy", &Spec::top("role", "x")).unwrap();
        let target = Target {
            kind: "role".to_owned(),
            name: "x".to_owned(),
            resources: vec![],
            href: String::new(),
            site: String::new(),
            project: String::new(),
            environment: None,
            document: None,
        };
        Change::new(Proofs::of(proof), verb, target)
    };
    let facts = |role: &CustomRole| IndexFacts::new().text("name", &role.name).unique("roleKey", role.key.as_str());
    let mut all = change("changed");
    let (key, expect, mut role) = stored("launchdarkly-admin").await;
    role.preset_version = Some(0);
    role.preset_statements.clear();
    role.policy = own.as_array().unwrap().clone();
    all.put(key, expect, &role, facts(&role)).unwrap();
    let (key, expect, _) = stored("launchdarkly-viewer").await;
    all.delete(key, expect);
    let (key, expect, mut role) = stored("launchdarkly-member").await;
    role.preset_version = None;
    "Ours".clone_into(&mut role.name);
    all.put(key, expect, &role, facts(&role)).unwrap();
    all.commit(&ctx).await.unwrap();

    let (clock, ids) = (Clock::system(), Ids::seeded(9));
    let start = async || {
        let given = Some(Keyring::of([7; 32]));
        wigwag_api::bootstrap::run(&house.store, &clock, &ids, given, Default::default()).await.unwrap();
    };
    start().await;
    let now = house.get(ROLES).await.ok();
    assert_eq!(now["totalCount"], 9);
    let find = |key: &str| now["items"].as_array().unwrap().iter().find(|role| role["key"] == key).unwrap();
    let renewed = find("launchdarkly-admin");
    assert_eq!((renewed["_id"].as_str(), &renewed["policy"]), (Some(&*id("launchdarkly-admin")), &own));
    assert!(!renewed["_presetStatements"].as_array().unwrap().is_empty());
    assert_eq!(find("launchdarkly-member")["name"], "Ours");
    assert!(find("launchdarkly-viewer")["_presetBundleVersion"].is_number());
    let head = house.head().await;
    start().await;
    assert_eq!(house.head().await, head, "nothing is missing any more");
}
