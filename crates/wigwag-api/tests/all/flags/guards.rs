//! Environments that ask for comments or approvals.

use serde_json::json;
use wigwag_store::Store;

use super::path;
use crate::support::{House, on_both_engines};

on_both_engines! {
    comments_can_be_required;
    approvals_can_be_required;
}

const TEST: &str = "/api/v2/projects/default/environments/test";

async fn comments_can_be_required(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    house.patch(TEST, json!([{"op": "replace", "path": "/requireComments", "value": true}])).await.ok();
    let on = |comment: &str, env: &str| json!({"comment": comment, "environmentKey": env, "instructions": [{"kind": "turnFlagOn"}]});
    let message = house.patch(&path("f"), on(" ", "test")).await.refused(400, "invalid_request");
    assert!(message.starts_with("comment:"), "{message}");
    house.patch(&path("f"), on("", "production")).await.ok();
    house.patch(&path("f"), json!([{"op": "replace", "path": "/name", "value": "N"}])).await.ok();
    house.patch(&path("f"), on("why", "test")).await.ok();
    house.patch(&path("f"), on("", "test")).await.ok();
}

async fn approvals_can_be_required(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    house.flag(json!({"name": "T", "key": "tagged", "tags": ["careful"]})).await;
    let resources = json!(["proj/*", "proj/*:env/*", "proj/*:env/*:flag/*"]);
    let token = house
        .token(json!([
            {"effect": "allow", "resources": resources, "actions": ["*"]},
            {"effect": "deny", "resources": ["proj/*:env/*:flag/*"], "actions": ["bypassRequiredApproval"]},
        ]))
        .await;
    let settings =
        |name: &str, value| json!([{"op": "replace", "path": format!("/approvalSettings/{name}"), "value": value}]);
    house.patch(TEST, settings("requiredApprovalTags", json!(["careful"]))).await.ok();
    let on = json!({"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]});
    let line = |key: &str| format!("PATCH {}", path(key));
    let text = house.by(&token, &line("tagged"), &on).await.refused(405, "method_not_allowed");
    assert_eq!(text, "Approval is required to make this request");
    house.by(&token, &line("f"), &on).await.ok();
    let off = json!([{"op": "remove", "path": "/approvalSettings/requiredApprovalTags"}]);
    house.patch(TEST, off).await.ok();
    house.patch(TEST, settings("required", json!(true))).await.ok();
    let targets = json!([{"op": "add", "path": "/environments/test/offVariation", "value": 0}]);
    house.by(&token, &line("f"), &targets).await.refused(405, "method_not_allowed");
    let name = json!([{"op": "replace", "path": "/name", "value": "N"}]);
    house.by(&token, &line("f"), &name).await.ok();
    let elsewhere = json!([{"op": "replace", "path": "/environments/production/on", "value": true}]);
    house.by(&token, &line("f"), &elsewhere).await.ok();
}
