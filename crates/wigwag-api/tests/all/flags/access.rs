//! Each change needs exactly its own action, where it happens.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{FLAGS, path};
use crate::support::{Answer, House, on_both_engines};

on_both_engines! {
    one_action_in_one_environment;
    what_concerns_the_flag_needs_every_environment;
    several_changes_need_all_their_actions;
    descriptions_of_rules_have_an_action_of_their_own;
    hidden_projects_are_refused;
}

/// A token that sees the project and may do `actions` in `environments`.
async fn token(house: &House, environments: &str, actions: Value) -> String {
    let flags = format!("proj/*:env/{environments}:flag/*");
    house
        .token(json!([
            {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
            {"effect": "allow", "resources": [flags], "actions": actions},
        ]))
        .await
}

async fn send(house: &House, token: &str, body: Value) -> Answer {
    house.by(token, &format!("PATCH {}", path("f")), &body).await
}

fn denied(answer: &Answer) -> (String, String) {
    answer.refused(403, "forbidden");
    let access = &answer.json()["access"];
    (access["action"].as_str().unwrap().to_owned(), access["resource"].as_str().unwrap().to_owned())
}

fn set(path: &str, value: Value) -> Value {
    json!([{"op": "add", "path": path, "value": value}])
}

async fn one_action_in_one_environment(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let token = token(&house, "test", json!(["updateOn"])).await;
    send(&house, &token, set("/environments/test/on", json!(true))).await.ok();
    let elsewhere = send(&house, &token, set("/environments/production/on", json!(true))).await;
    assert_eq!(denied(&elsewhere), ("updateOn".into(), "proj/default:env/production:flag/f".into()));
    let other = send(&house, &token, set("/environments/test/offVariation", json!(0))).await;
    assert_eq!(denied(&other).0, "updateOffVariation");
    let nothing = send(&house, &token, set("/environments/test/offVariation", json!(1))).await;
    nothing.ok();
}

async fn what_concerns_the_flag_needs_every_environment(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let part = token(&house, "test", json!(["*"])).await;
    let named = send(&house, &part, set("/name", json!("N"))).await;
    assert_eq!(denied(&named), ("updateName".into(), "proj/default:env/production:flag/f".into()));
    let created = house.by(&part, &format!("POST {FLAGS}"), &json!({"name": "G", "key": "g"})).await;
    assert_eq!(denied(&created), ("createFlag".into(), "proj/default:env/production:flag/g".into()));
    let deleted = house.by(&part, &format!("DELETE {}", path("f")), &Value::Null).await;
    assert_eq!(denied(&deleted).0, "deleteFlag");
    let all = token(&house, "*", json!(["updateName"])).await;
    send(&house, &all, set("/name", json!("N"))).await.ok();
}

async fn several_changes_need_all_their_actions(store: Store) {
    let house = House::open(store).await;
    let before = house.boolean("f").await;
    let token = token(&house, "*", json!(["updateOn", "updateTags"])).await;
    let body = json!({"environmentKey": "test", "instructions": [
        {"kind": "turnFlagOn"}, {"kind": "addTags", "values": ["t"]}, {"kind": "updateTrackEvents", "trackEvents": true}]});
    assert_eq!(denied(&send(&house, &token, body).await).0, "updateTrackEvents");
    assert_eq!(house.get(&path("f")).await.ok(), before, "nothing of it was done");
}

async fn descriptions_of_rules_have_an_action_of_their_own(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    house.patch(&path("f"), set("/environments/test/rules/-", json!({"clauses": [], "variation": 0}))).await.ok();
    let describe = |text: &str| set("/environments/test/rules/0/description", json!(text));
    for action in ["updateFlagRuleDescription", "updateRules"] {
        let token = token(&house, "test", json!([action])).await;
        send(&house, &token, describe(action)).await.ok();
        assert_eq!(house.newest().await["accesses"][0]["action"], action);
    }
    let token = token(&house, "test", json!(["updateFlagRuleDescription"])).await;
    let more = send(&house, &token, set("/environments/test/rules/0/trackEvents", json!(true))).await;
    assert_eq!(denied(&more).0, "updateRules");
}

async fn hidden_projects_are_refused(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let token = house.powerless().await;
    for line in [format!("GET {FLAGS}"), format!("GET {}", path("f")), format!("PATCH {}", path("f"))] {
        let answer = house.by(&token, &line, &json!([])).await;
        assert_eq!(denied(&answer), ("viewProject".into(), "proj/default".into()));
    }
}
