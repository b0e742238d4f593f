//! `deleteFeatureFlag`, and `deleteFlag` among the instructions.

use serde_json::json;
use wigwag_store::Store;

use super::{keys, path};
use crate::support::{House, on_both_engines};

on_both_engines! {
    a_deleted_flag_is_gone;
    an_instruction_deletes_as_well;
}

async fn a_deleted_flag_is_gone(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    house.boolean("g").await;
    let answer = house.delete(&path("f")).await;
    assert_eq!((answer.status(), answer.text()), (204, String::new()));
    house.get(&path("f")).await.refused(404, "not_found");
    assert_eq!(keys(&house.get("/api/v2/flags/default").await.ok()), ["g"]);
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["name"]), (&json!("deleted the flag"), &json!("f")));
    assert_eq!(entry["accesses"].as_array().unwrap().len(), 2);
    house.delete(&path("f")).await.refused(404, "not_found");
}

async fn an_instruction_deletes_as_well(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let body = json!({"comment": "old", "instructions": [{"kind": "deleteFlag"}]});
    assert_eq!(house.patch(&path("f"), body).await.status(), 204);
    house.get(&path("f")).await.refused(404, "not_found");
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["comment"]), (&json!("deleted the flag"), &json!("old")));
}
