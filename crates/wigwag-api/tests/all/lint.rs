//! The linter over REST; its rules are tested beside it.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, on_both_engines};

on_both_engines! {
    findings_with_the_flag;
    findings_of_a_dry_run;
    the_dry_run_is_refused;
}

const FLAGS: &str = "/api/v2/flags/default";
const LINT: &str = "/api/v2/projects/default/flags/f/lint";

fn told(items: &Value) -> Vec<(String, String)> {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    items.as_array().unwrap().iter().map(|item| (text(item, "code"), text(item, "path"))).collect()
}

async fn flags(house: &House) {
    house.post(FLAGS, json!({"key": "p", "name": "P"})).await.ok();
    let body = json!({"key": "f", "name": "F", "clientSideAvailability": {"usingEnvironmentId": true, "usingMobileKey": false}});
    house.post(FLAGS, body).await.ok();
}

fn rule(attribute: &str) -> Value {
    json!({"clauses": [{"contextKind": "user", "attribute": attribute, "op": "in", "negate": false, "values": ["x"]}], "variation": 0})
}

async fn findings_with_the_flag(store: Store) {
    let house = House::open(store).await;
    flags(&house).await;
    let plain = house.get(&format!("{FLAGS}/f")).await.ok();
    assert!(plain["lint"].is_null());
    assert_eq!(house.get(&format!("{FLAGS}/f?expand=lint")).await.ok()["lint"], json!([]));
    let before = house.head().await;
    let operations = json!([
        {"op": "replace", "path": "/environments/test/on", "value": true},
        {"op": "replace", "path": "/environments/test/rules", "value": [rule("email"), rule("email")]},
        {"op": "replace", "path": "/environments/test/prerequisites", "value": [{"key": "p", "variation": 0}]},
    ]);
    house.patch(&format!("{FLAGS}/f"), operations).await.ok();
    let found = house.get(&format!("{FLAGS}/f?expand=lint")).await.ok();
    let at = |path: &str| format!("/environments/test/{path}");
    assert_eq!(
        told(&found["lint"]),
        [
            ("unreachable-rule".to_owned(), at("rules/1")),
            ("prerequisite-never-holds".to_owned(), at("prerequisites/0")),
            ("exposed-attribute".to_owned(), at("rules/0/clauses/0")),
            ("exposed-attribute".to_owned(), at("rules/1/clauses/0")),
        ]
    );
    assert_eq!((&found["lint"][0]["severity"], &found["lint"][0]["environment"]), (&json!("error"), &json!("test")));
    assert_eq!(found["name"], "F", "beside the flag itself");
    assert_eq!(house.get(&format!("{FLAGS}/f?expand=lint&env=production")).await.ok()["lint"], json!([]));
    assert_eq!(house.get(&format!("{FLAGS}/f?expand=lint&asOf={before}")).await.ok()["lint"], json!([]));
}

async fn findings_of_a_dry_run(store: Store) {
    let house = House::open(store).await;
    flags(&house).await;
    let head = house.head().await;
    let as_it_is = house.send(&format!("POST {LINT}"), None).await.ok();
    assert_eq!((&as_it_is["items"], &as_it_is["totalCount"]), (&json!([]), &json!(0)));
    let operations =
        json!([{"op": "replace", "path": "/environments/test/rules", "value": [rule("plan"), rule("plan")]}]);
    let found = house.post(LINT, operations).await.ok();
    let codes: Vec<_> = told(&found["items"]).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["unreachable-rule", "targeting-while-off"]);
    let instructions = json!({"environmentKey": "test", "instructions": [{"kind": "addPrerequisite", "key": "p",
        "variationId": house.get(&format!("{FLAGS}/p")).await.ok()["variations"][1]["_id"]}]});
    let found = house.post(LINT, instructions).await.ok();
    let codes: Vec<_> = told(&found["items"]).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["prerequisite-never-holds", "prerequisite-never-holds"], "it is off, and never serves false");
    assert_eq!(house.head().await, head, "nothing is written");
}

async fn the_dry_run_is_refused(store: Store) {
    let house = House::open(store).await;
    flags(&house).await;
    house.post(LINT, json!({"patch": 7})).await.refused(400, "invalid_request");
    let broken = json!([{"op": "replace", "path": "/environments/test/on", "value": 7}]);
    let message = house.post(LINT, broken).await.refused(400, "invalid_request");
    assert!(message.contains("/environments/test/on"), "{message}");
    house.post("/api/v2/projects/default/flags/none/lint", json!([])).await.refused(404, "not_found");
    let powerless = house.powerless().await;
    house.raw(&format!("POST {LINT}"), &[("authorization", &powerless)], "").await.refused(403, "forbidden");
}
