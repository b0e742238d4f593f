//! `postMigrationSafetyIssues`.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{path, variation};
use crate::support::{Answer, House, on_both_engines};

on_both_engines! {
    stages_that_write_to_one_system_endanger_the_others;
    what_is_not_judged;
}

async fn judge(house: &House, flag: &str, env: &str, instructions: Value) -> Answer {
    let path = format!("/api/v2/projects/default/flags/{flag}/environments/{env}/migration-safety-issues");
    house.post(&path, json!({"comment": "c", "instructions": instructions})).await
}

/// A migration flag with four stages (off, shadow, live, complete), which is on.
async fn migration(house: &House) -> Value {
    house.flag(json!({"key": "m", "purpose": "migration", "migrationSettings": {"stageCount": 4}})).await;
    house.instruct("m", json!([{"kind": "turnFlagOn"}])).await
}

fn rule(flag: &Value, stage: usize) -> Value {
    let clauses = json!([{"attribute": "email", "op": "endsWith", "values": [".edu"]}]);
    json!({"kind": "addRule", "clauses": clauses, "rolloutWeights": {variation(flag, stage): 100_000}})
}

fn default_rule(flag: &Value, stage: usize) -> Value {
    json!({"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {variation(flag, stage): 100_000}})
}

async fn stages_that_write_to_one_system_endanger_the_others(store: Store) {
    let house = House::open(store).await;
    let flag = migration(&house).await;
    let head = house.head().await;
    // Everybody is at `off`; some would read from the new system, which is not written to.
    let found = judge(&house, "m", "test", json!([rule(&flag, 2)])).await;
    assert_eq!(found.status(), 200);
    let issues = found.json();
    assert_eq!((issues.as_array().unwrap().len(), &issues[0]["causingRuleId"]), (1, &json!("fallthrough")));
    assert_eq!(issues[0]["oldSystemAffected"], false);
    assert_eq!(issues[0]["affectedRuleIds"].as_array().unwrap().len(), 1);
    // Both written: nothing is lost.
    judge(&house, "m", "test", json!([rule(&flag, 1)])).await.ok();
    assert_eq!(judge(&house, "m", "test", json!([rule(&flag, 1)])).await.status(), 204);
    let both = json!([default_rule(&flag, 1), rule(&flag, 2)]);
    assert_eq!(judge(&house, "m", "test", both).await.status(), 204);
    // Some only write to the new system, while others read from the old one.
    let issues = judge(&house, "m", "test", json!([default_rule(&flag, 1), rule(&flag, 3)])).await.ok();
    assert_eq!(
        (&issues[0]["oldSystemAffected"], &issues[0]["affectedRuleIds"]),
        (&json!(true), &json!(["fallthrough"]))
    );
    assert_eq!(house.head().await, head, "nothing was changed");
    // What is there already is no finding of the next change.
    house.instruct("m", json!([rule(&flag, 2)])).await;
    assert_eq!(judge(&house, "m", "test", json!([{"kind": "turnFlagOn"}])).await.status(), 204);
    assert_eq!(judge(&house, "m", "production", json!([rule(&flag, 2)])).await.status(), 204, "off there");
    assert_eq!(judge(&house, "m", "test", json!([{"kind": "deleteFlag"}])).await.status(), 204);
}

async fn what_is_not_judged(store: Store) {
    let house = House::open(store).await;
    let flag = migration(&house).await;
    house.boolean("plain").await;
    let on = json!([{"kind": "turnFlagOn"}]);
    let message = judge(&house, "plain", "test", on.clone()).await.refused(400, "invalid_request");
    assert_eq!(message, "plain is not a migration flag");
    judge(&house, "nope", "test", on.clone()).await.refused(404, "not_found");
    judge(&house, "m", "nope", on).await.refused(404, "not_found");
    let unknown = judge(&house, "m", "test", json!([{"kind": "nope"}])).await.refused(400, "invalid_request");
    assert!(unknown.contains("instruction kind 'nope' unsupported"), "{unknown}");
    let fixed = json!([{"kind": "updateFallthroughVariationOrRollout", "variationId": variation(&flag, 0)}]);
    let applied = house.patch(&path("m"), json!({"environmentKey": "test", "instructions": fixed})).await;
    let judged = judge(&house, "m", "test", fixed).await;
    assert_eq!(judged.status() == 400, applied.status() == 400, "judged as it would be applied");
}
