//! Who may do what.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{SEGMENTS, path};
use crate::support::{House, on_both_engines};

on_both_engines! {
    every_part_has_its_action;
    creating_and_deleting;
    policies_see_tags_as_they_were;
    hidden_projects;
}

fn allow(actions: &[&str], resource: &str) -> Value {
    json!([{"effect": "allow", "actions": ["viewProject"], "resources": ["proj/*"]},
        {"effect": "allow", "actions": actions, "resources": [resource]}])
}

const TEST: &str = "proj/default:env/test:segment/*";

async fn every_part_has_its_action(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let nothing = house.token(allow(&["createFlag"], "proj/*:env/*:flag/*")).await;
    let line = format!("PATCH {}", path("s"));
    for (member, value, action) in [
        ("name", json!("N"), "updateName"),
        ("description", json!("d"), "updateDescription"),
        ("tags", json!(["t"]), "updateTags"),
        ("included", json!(["a"]), "updateIncluded"),
        ("includedContexts", json!([{"contextKind": "org", "values": ["o"]}]), "updateIncluded"),
        ("excluded", json!(["b"]), "updateExcluded"),
        ("excludedContexts", json!([{"contextKind": "org", "values": ["p"]}]), "updateExcluded"),
        ("rules", json!([{"clauses": []}]), "updateRules"),
    ] {
        let patch = json!([{"op": "replace", "path": format!("/{member}"), "value": value}]);
        let denied = house.by(&nothing, &line, &patch).await;
        denied.refused(403, "forbidden");
        let access = &denied.json()["access"];
        assert_eq!(*access, json!({"action": action, "resource": "proj/default:env/test:segment/s"}), "{member}");
        let able = house.token(allow(&[action], TEST)).await;
        house.by(&able, &line, &patch).await.ok();
    }
    let both =
        json!([{"op": "replace", "path": "/name", "value": "O"}, {"op": "replace", "path": "/tags", "value": []}]);
    let one = house.token(allow(&["updateName"], TEST)).await;
    let denied = house.by(&one, &line, &both).await;
    denied.refused(403, "forbidden");
    assert_eq!(denied.json()["access"]["action"], "updateTags");
}

async fn creating_and_deleting(store: Store) {
    let house = House::open(store).await;
    let production = house.token(allow(&["*"], "proj/default:env/production:segment/*")).await;
    let test = house.token(allow(&["createSegment", "deleteSegment"], TEST)).await;
    let (create, body) = (format!("POST {SEGMENTS}"), json!({"key": "s", "name": "S"}));
    house.by(&production, &create, &body).await.refused(403, "forbidden");
    house.by(&test, &create, &body).await.ok();
    let delete = format!("DELETE {}", path("s"));
    house.by(&production, &delete, &Value::Null).await.refused(403, "forbidden");
    house.by(&test, &delete, &Value::Null).await.ok();
}

async fn policies_see_tags_as_they_were(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let tagged = house.token(allow(&["updateTags"], "proj/*:env/*:segment/*;mine")).await;
    let line = format!("PATCH {}", path("s"));
    let patch = |tags: &[&str]| json!([{"op": "replace", "path": "/tags", "value": tags}]);
    house.by(&tagged, &line, &patch(&["mine"])).await.refused(403, "forbidden");
    house.patch(&path("s"), patch(&["mine"])).await.ok();
    house.by(&tagged, &line, &patch(&["other"])).await.ok();
}

async fn hidden_projects(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let powerless = house.powerless().await;
    for line in [format!("GET {SEGMENTS}"), format!("GET {}", path("s"))] {
        house.by(&powerless, &line, &Value::Null).await.refused(403, "forbidden");
    }
}
