//! `postFeatureFlag?clone=`.

use serde_json::json;
use wigwag_store::Store;

use super::{FLAGS, path, variation};
use crate::support::{House, on_both_engines};

on_both_engines! {
    targeting_comes_along;
    what_cannot_be_cloned;
}

async fn targeting_comes_along(store: Store) {
    let house = House::open(store).await;
    let source = house.texts("source").await;
    let source = house
        .instruct(
            "source",
            json!([
                {"kind": "turnFlagOn"},
                {"kind": "addRule", "variationId": variation(&source, 1),
                 "clauses": [{"attribute": "email", "op": "endsWith", "values": [".edu"]}]},
                {"kind": "addTargets", "variationId": variation(&source, 2), "values": ["ann"]},
                {"kind": "addTags", "values": ["t"]},
            ]),
        )
        .await;
    let clone = house.post(&format!("{FLAGS}?clone=source"), json!({"name": "Clone", "key": "clone"})).await;
    assert_eq!(clone.status(), 201);
    let clone = clone.json();
    let (old, new) = (&source["environments"]["test"], &clone["environments"]["test"]);
    for name in ["on", "targets", "fallthrough", "offVariation"] {
        assert_eq!(old[name], new[name], "{name}");
    }
    assert_eq!(old["rules"][0]["clauses"][0]["values"], new["rules"][0]["clauses"][0]["values"]);
    assert_ne!(old["rules"][0]["_id"], new["rules"][0]["_id"]);
    assert_ne!(variation(&source, 0), variation(&clone, 0));
    assert_ne!(old["salt"], new["salt"]);
    assert_eq!((&clone["tags"], &clone["name"], &new["version"]), (&json!(["t"]), &json!("Clone"), &json!(1)));
    assert_eq!(clone["environments"]["production"]["on"], false);
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "cloned the flag");
    let actions: Vec<_> = entry["accesses"].as_array().unwrap().iter().map(|a| a["action"].clone()).collect();
    assert_eq!(actions, ["createFlag", "createFlag", "cloneFlag", "cloneFlag"]);
    assert_eq!(clone, house.get(&path("clone")).await.ok());
}

async fn what_cannot_be_cloned(store: Store) {
    let house = House::open(store).await;
    house.texts("source").await;
    let post = async |source: &str, body| house.post(&format!("{FLAGS}?clone={source}"), body).await;
    let unknown = post("nope", json!({"name": "C", "key": "c"})).await.refused(404, "not_found");
    assert!(unknown.contains("nope"), "{unknown}");
    let other = json!({"name": "C", "key": "c", "variations": [{"value": "x"}, {"value": "y"}]});
    assert!(post("source", other).await.refused(400, "invalid_request").contains("variations"));
    post("source", json!({"name": "C", "key": "source"})).await.refused(409, "conflict");
    let same = json!({"name": "C", "key": "c", "isFlagOn": false,
        "variations": [{"value": "a"}, {"value": "b"}, {"value": "c"}]});
    post("source", same).await.ok();
}
