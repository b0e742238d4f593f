//! Why something is allowed or denied.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, OWNER, on_both_engines};

on_both_engines! {
    for_oneself;
    for_others;
    what_is_refused;
    many_at_once;
}

const PATH: &str = "/api/v2/explain-access";

async fn asked(house: &House, by: &str, query: &str) -> Value {
    house.raw(&format!("GET {PATH}?{query}"), &[("authorization", by)], "").await.ok()
}

async fn for_oneself(store: Store) {
    let house = House::open(store).await;
    let owner = asked(&house, OWNER, "action=updateOn&resource=proj/default:env/test:flag/f").await;
    assert_eq!((&owner["allowed"], &owner["decidedBy"]["roleKey"]), (&json!(true), &json!("owner")));
    assert_eq!(
        owner["summary"],
        "Allowed: the base role owner of the member allows updateOn on proj/default:env/test:flag/f"
    );

    house.post("/api/v2/flags/default", json!({"key": "f", "name": "F", "tags": ["ops"]})).await.ok();
    let deny = json!({"effect": "deny", "actions": ["update*"], "resources": ["proj/*:env/*:flag/*;ops"]});
    let allow = json!({"effect": "allow", "actions": ["updateOn"], "resources": ["proj/*:env/*:flag/*"]});
    let role = json!({"key": "r", "name": "Role R", "policy": [allow, deny], "basePermissions": "reader"});
    house.post("/api/v2/roles", role).await.ok();
    let made = house.post("/api/v2/tokens", json!({"customRoleIds": ["r"]})).await.ok();
    let token = made["token"].as_str().unwrap();
    // Tags count, as they do when it is done.
    let told = asked(&house, token, "action=updateOn&resource=proj/default:env/test:flag/f").await;
    assert_eq!(told["allowed"], false);
    let by = &told["decidedBy"];
    assert_eq!(
        (&by["effect"], &by["kind"], &by["roleKey"], &by["role_name"]),
        (&json!("deny"), &json!("customRole"), &json!("r"), &json!("Role R"))
    );
    assert_eq!((&by["statementIndex"], &by["statement"]), (&json!(1), &deny));
    assert_eq!((&told["tokenId"], &told["memberId"]), (&made["_id"], &made["memberId"]));
    let flag = house
        .raw(
            "PATCH /api/v2/flags/default/f",
            &[("authorization", token)],
            r#"{"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]}"#,
        )
        .await
        .json();
    assert_eq!(flag["reason"]["role_name"], "Role R");
    assert_eq!(flag["reason"]["resources"], deny["resources"]);

    let told = asked(&house, token, "action=updateOn&resource=proj/default:env/test:flag/other").await;
    assert_eq!((&told["allowed"], &told["checks"][1]["rulings"][0]["statementIndex"]), (&json!(true), &json!(0)));
    let told = asked(&house, token, "action=deleteFlag&resource=proj/default:env/test:flag/f").await;
    assert_eq!((&told["allowed"], told.get("decidedBy")), (&json!(false), None));
    assert!(told["summary"].as_str().unwrap().contains("no role of the token allows deleteFlag"), "{told}");
}

async fn for_others(store: Store) {
    let house = House::open(store).await;
    let me = house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned();
    let role = json!({"key": "r", "name": "R", "policy": [{"effect": "allow", "actions": ["createTeam"], "resources": ["team/*"]}]});
    house.post("/api/v2/roles", role).await.ok();
    house
        .post("/api/v2/teams", json!({"key": "ops", "name": "Ops", "memberIDs": [me], "customRoleKeys": ["r"]}))
        .await
        .ok();
    let told = house.get(&format!("{PATH}?action=createTeam&resource=team/x&member={me}")).await.ok();
    let rulings = told["checks"][0]["rulings"].as_array().unwrap();
    let keys: Vec<_> = rulings.iter().map(|r| r["roleKey"].as_str().unwrap()).collect();
    assert_eq!(keys, ["owner", "r"]);
    assert_eq!((&rulings[1]["direct"], &rulings[1]["teams"]), (&json!(false), &json!(["ops"])));

    let service = json!({"role": "writer", "serviceToken": true});
    let service = house.post("/api/v2/tokens", service).await.ok();
    let id = service["_id"].as_str().unwrap();
    let told = house.get(&format!("{PATH}?action=createTeam&resource=team/x&token={id}")).await.ok();
    assert_eq!((&told["allowed"], told.get("memberId")), (&json!(false), None));
    // A reader may ask about others, who have no role may not.
    let reader = house.post("/api/v2/tokens", json!({"role": "reader", "serviceToken": true})).await.ok();
    let query = format!("action=createTeam&resource=team/x&member={me}");
    assert_eq!(asked(&house, reader["token"].as_str().unwrap(), &query).await["allowed"], true);
    house.post("/api/v2/roles", json!({"key": "none", "name": "None", "policy": []})).await.ok();
    let none = house.post("/api/v2/tokens", json!({"serviceToken": true, "customRoleIds": ["none"]})).await.ok();
    let headers = [("authorization", none["token"].as_str().unwrap())];
    house.raw(&format!("GET {PATH}?{query}"), &headers, "").await.refused(403, "forbidden");
    house
        .raw(&format!("GET {PATH}?action=createTeam&resource=team/x&token={id}"), &headers, "")
        .await
        .refused(404, "not_found");
    assert_eq!(
        house.raw(&format!("GET {PATH}?action=createTeam&resource=team/x"), &headers, "").await.ok()["allowed"],
        false
    );
}

async fn what_is_refused(store: Store) {
    let house = House::open(store).await;
    for (query, message) in [
        ("resource=acct", "action"),
        ("action=updateOn", "resource"),
        ("action=updateEverything&resource=acct", "action: there is no action updateEverything"),
        ("action=updateOn&resource=planet/x", "resource: \"planet/x\""),
        ("action=updateOn&resource=proj/x:flag/y", "resource: "),
        ("action=updateOn&resource=acct&member=me&token=x", "token"),
    ] {
        let said = house.get(&format!("{PATH}?{query}")).await.refused(400, "invalid_request");
        assert!(said.contains(message), "{query}: {said}");
    }
    for who in ["member=ffffffffffffffffffffffff", "member=x", "token=ffffffffffffffffffffffff", "token=x"] {
        house.get(&format!("{PATH}?action=updateOn&resource=acct&{who}")).await.refused(404, "not_found");
    }
}

/// One answer a question, in their order; also of a policy that nobody has yet.
async fn many_at_once(store: Store) {
    let house = House::open(store).await;
    let questions = json!([
        {"action": "createTeam", "resource": "team/x"},
        {"action": "updateOn", "resource": "proj/default:env/test:flag/f"},
    ]);
    let reader = house.post("/api/v2/tokens", json!({"role": "reader"})).await.ok();
    let line = format!("POST {PATH}");
    let body = json!({"questions": questions}).to_string();
    let told = house.raw(&line, &[("authorization", reader["token"].as_str().unwrap())], &body).await.ok();
    let allowed = |told: &Value| -> Vec<_> {
        told["items"].as_array().unwrap().iter().map(|one| (one["action"].clone(), one["allowed"].clone())).collect()
    };
    let of = |team: bool, on: bool| vec![(json!("createTeam"), json!(team)), (json!("updateOn"), json!(on))];
    assert_eq!(allowed(&told), of(false, false));
    assert_eq!(allowed(&house.post(PATH, json!({"questions": questions})).await.ok()), of(true, true));
    assert_eq!(
        allowed(&house.post(PATH, json!({"questions": questions, "token": reader["_id"]})).await.ok()),
        of(false, false)
    );

    // As with everybody, who may not see the project may do nothing in it.
    let on = json!({"effect": "allow", "actions": ["updateOn"], "resources": ["proj/*:env/test:flag/*"]});
    let told = house.post(PATH, json!({"questions": questions, "policy": [on]})).await.ok();
    assert_eq!(allowed(&told), of(false, false));
    let policy = json!([{"effect": "allow", "actions": ["viewProject"], "resources": ["proj/*"]}, on]);
    let told = house.post(PATH, json!({"questions": questions, "policy": policy})).await.ok();
    assert_eq!(allowed(&told), of(false, true));
    assert_eq!(told["items"][1]["decidedBy"]["statementIndex"], 1);

    for (body, message) in [
        (json!({"questions": [{"action": "fly", "resource": "acct"}]}), "questions[0].action: there is no action fly"),
        (json!({"questions": [{"action": "updateOn", "resource": "planet/x"}]}), "questions[0].resource"),
        (json!({"questions": questions, "policy": policy, "member": "me"}), "policy"),
        (json!({"questions": questions, "policy": [{"effect": "maybe"}]}), "policy"),
        (json!({"questions": vec![json!({"action": "updateOn", "resource": "acct"}); 201]}), "questions"),
    ] {
        let said = house.post(PATH, body).await.refused(400, "invalid_request");
        assert!(said.contains(message), "{said}");
    }
}
