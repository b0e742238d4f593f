//! `postFeatureFlag`.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{FLAGS, path, variation};
use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    a_boolean_flag_with_every_default;
    what_was_created_is_what_is_read;
    one_entry_names_every_environment;
    a_key_is_taken_once;
    bodies_that_are_refused;
    prerequisites_and_state_from_the_start;
    migration_flags_have_their_own_variations;
    service_tokens_leave_no_maintainer;
    the_naming_convention_is_kept;
}

async fn a_boolean_flag_with_every_default(store: Store) {
    let house = House::open(store).await;
    let flag = house.flag(json!({"name": "My flag", "key": "my-flag"})).await;
    let expected = [
        ("name", json!("My flag")),
        ("key", json!("my-flag")),
        ("kind", json!("boolean")),
        ("description", json!("")),
        ("_version", json!(1)),
        ("creationDate", json!(NOW)),
        ("temporary", json!(true)),
        ("tags", json!([])),
        ("customProperties", json!({})),
        ("archived", json!(false)),
        ("deprecated", json!(false)),
        ("goalIds", json!([])),
        ("experiments", json!({"baselineIdx": 0, "items": []})),
        ("_purpose", json!("")),
        ("defaults", json!({"onVariation": 0, "offVariation": 1})),
        ("clientSideAvailability", json!({"usingMobileKey": true, "usingEnvironmentId": false})),
        ("includeInSnippet", json!(false)),
    ];
    for (name, value) in expected {
        assert_eq!(flag[name], value, "{name}");
    }
    let values: Vec<_> = flag["variations"].as_array().unwrap().iter().map(|v| v["value"].clone()).collect();
    assert_eq!(values, [json!(true), json!(false)]);
    assert_eq!(flag["_maintainer"]["email"], "ann@example.com");
    assert_eq!(flag["maintainerId"], flag["_maintainer"]["_id"]);
    assert_eq!(flag["environments"].as_object().unwrap().len(), 2);
    for config in flag["environments"].as_object().unwrap().values() {
        assert_eq!((&config["on"], &config["version"]), (&json!(false), &json!(1)));
        assert_eq!((&config["fallthrough"], &config["offVariation"]), (&json!({"variation": 0}), &json!(1)));
        for list in ["targets", "contextTargets", "rules", "prerequisites"] {
            assert_eq!(config[list], json!([]), "{list}");
        }
        assert_eq!((config["salt"].as_str().unwrap().len(), config["sel"].as_str().unwrap().len()), (32, 32));
        assert_eq!(config["lastModified"], NOW);
    }
}

async fn what_was_created_is_what_is_read(store: Store) {
    let house = House::open(store).await;
    let body = json!({
        "name": "Big", "key": "big", "description": "d", "temporary": false, "tags": ["x", "y", "x"],
        "variations": [{"value": {"a": 1}, "name": "A"}, {"value": {"b": [2]}, "description": "bee"}],
        "defaults": {"onVariation": 1, "offVariation": 0},
        "clientSideAvailability": {"usingEnvironmentId": true, "usingMobileKey": false},
        "customProperties": {"jira": {"name": "Jira", "value": ["A-1"]}},
        "somethingElse": 7,
    });
    let created = house.flag(body).await;
    assert_eq!(created, house.get(&path("big")).await.ok());
    assert_eq!((&created["kind"], &created["tags"]), (&json!("multivariate"), &json!(["x", "y"])));
    assert_eq!(created["variations"][0]["value"], json!({"a": 1}));
    assert_eq!(created["variations"][1]["description"], "bee");
    assert_eq!(created["includeInSnippet"], true);
    assert_eq!(created["environments"]["test"]["fallthrough"], json!({"variation": 1}));
    let one = house.get(&format!("{}?env=production", path("big"))).await.ok();
    assert_eq!(one["environments"].as_object().unwrap().len(), 1);
}

async fn one_entry_names_every_environment(store: Store) {
    let house = House::open(store).await;
    let before = house.head().await;
    house.boolean("f").await;
    assert_eq!(house.head().await, before + 1);
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["kind"]), (&json!("created the flag"), &json!("flag")));
    let accesses = entry["accesses"].as_array().unwrap().iter();
    let resources: std::collections::BTreeSet<_> = accesses.map(|a| a["resource"].as_str().unwrap()).collect();
    let every = ["proj/default:env/production:flag/f", "proj/default:env/test:flag/f"];
    assert_eq!(resources, every.into_iter().collect());
    assert!(entry["accesses"].as_array().unwrap().iter().all(|a| a["action"] == "createFlag"));
}

async fn a_key_is_taken_once(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let again = house.post(FLAGS, json!({"name": "F", "key": "f"})).await;
    assert_eq!(again.refused(409, "conflict"), "A feature with that key already exists");
    house.delete(&path("f")).await.ok();
    let anew = house.boolean("f").await;
    assert_eq!(anew["environments"]["test"]["version"], 3, "SDKs need versions that only rise");
    assert_eq!(house.post("/api/v2/flags/nope", json!({})).await.refused(404, "not_found"), "Unknown project key nope");
}

async fn bodies_that_are_refused(store: Store) {
    let house = House::open(store).await;
    let head = house.head().await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"name": "F", "key": "f"});
        body[name] = value;
        body
    };
    let values = |list: Value| with("variations", list);
    let cases = [
        (json!({"key": "f"}), "name"),
        (json!({"name": "F"}), "key"),
        (json!([]), "invalid"),
        (json!("x"), "invalid type"),
        (with("key", json!("")), "key"),
        (with("key", json!("-f")), "key"),
        (with("key", json!("a b")), "key"),
        (with("key", json!("x".repeat(257))), "key"),
        (with("key", json!(7)), "key"),
        (with("name", json!(" ")), "name"),
        (with("tags", json!(["a b"])), "tags[0]"),
        (with("tags", json!("a")), "tags"),
        (with("temporary", json!("yes")), "temporary"),
        (values(json!([])), "variations"),
        (values(json!([{}])), "variations[0].value"),
        (values(json!([{"value": "a"}, {"value": 1}])), "variations/1/value"),
        (values(json!([{"value": 1}, {"value": 1.0}])), "variations/1/value"),
        (values(json!([{"value": true}, {"value": true}])), "variations"),
        (with("defaults", json!({"onVariation": 2, "offVariation": 0})), "defaults/onVariation"),
        (with("defaults", json!({"onVariation": 0})), "defaults.offVariation"),
        (with("defaults", json!({"onVariation": -1, "offVariation": 0})), "defaults.onVariation"),
        (with("maintainerId", json!("0".repeat(24))), "maintainerId"),
        (with("maintainerTeamKey", json!("nope")), "maintainerTeamKey"),
        (with("customProperties", json!({"k": {"name": "K", "value": "v"}})), "customProperties.k.value"),
        (with("initialPrerequisites", json!([{"key": "nope", "variationId": "v"}])), "initialPrerequisites[0].key"),
        (with("initialPrerequisites", json!([{"key": "f", "variationId": "v"}])), "initialPrerequisites[0].key"),
        (with("purpose", json!("fun")), "purpose"),
        (with("migrationSettings", json!({"stageCount": 2})), "migrationSettings"),
        (with("viewKeys", json!(["v"])), "viewKeys"),
    ];
    for (body, named) in cases {
        let message = house.post(FLAGS, body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(named), "{body}: {message}");
    }
    assert_eq!(house.head().await, head, "nothing was written");
}

async fn prerequisites_and_state_from_the_start(store: Store) {
    let house = House::open(store).await;
    let other = house.boolean("other").await;
    let flag = house
        .flag(json!({"name": "F", "key": "f", "isFlagOn": true,
            "initialPrerequisites": [{"key": "other", "variationId": variation(&other, 1)}]}))
        .await;
    for config in flag["environments"].as_object().unwrap().values() {
        assert_eq!(config["on"], true);
        assert_eq!(config["prerequisites"], json!([{"key": "other", "variation": 1}]));
        assert_eq!(config["_summary"]["prerequisites"], 1);
    }
}

async fn migration_flags_have_their_own_variations(store: Store) {
    let house = House::open(store).await;
    let body = |settings: Value| json!({"key": "m", "purpose": "migration", "migrationSettings": settings});
    for (settings, named) in [
        (json!({"stageCount": 3}), "stageCount"),
        (json!({"stageCount": 6}), "contextKind"),
        (json!({"stageCount": 2, "contextKind": "org"}), "contextKind"),
        (json!({"stageCount": 6, "contextKind": "multi"}), "contextKind"),
        (json!({}), "stageCount"),
    ] {
        let message = house.post(FLAGS, body(settings.clone())).await.refused(400, "invalid_request");
        assert!(message.contains(named), "{settings}: {message}");
    }
    let flag = house.flag(body(json!({"stageCount": 6, "contextKind": "org"}))).await;
    let stages: Vec<_> = flag["variations"].as_array().unwrap().iter().map(|v| v["value"].clone()).collect();
    assert_eq!(stages, ["off", "dualwrite", "shadow", "live", "rampdown", "complete"]);
    assert_eq!((&flag["_purpose"], &flag["name"]), (&json!("migration"), &json!("m")));
    let rollout = &flag["environments"]["test"]["fallthrough"]["rollout"];
    assert_eq!((&rollout["contextKind"], &rollout["variations"][0]["weight"]), (&json!("org"), &json!(100_000)));
    assert!(flag.get("migrationSettings").is_none());
    let expanded = house.get(&format!("{}?expand=migrationSettings", path("m"))).await.ok();
    assert_eq!(expanded["migrationSettings"], json!({"contextKind": "org", "stageCount": 6}));
    for instruction in [
        json!({"kind": "addVariation", "value": "more"}),
        json!({"kind": "updateVariation", "variationId": variation(&flag, 0), "value": "more"}),
        json!({"kind": "updateFallthroughVariationOrRollout", "variationId": variation(&flag, 1)}),
    ] {
        let body = json!({"environmentKey": "test", "instructions": [instruction]});
        house.patch(&path("m"), body).await.refused(400, "invalid_request");
    }
    let ratio = json!([{"op": "add", "path": "/environments/test/migrationSettings/checkRatio", "value": 5}]);
    let after = house.patch(&format!("{}?expand=migrationSettings", path("m")), ratio).await.ok();
    assert_eq!(after["environments"]["test"]["migrationSettings"], json!({"checkRatio": 5}));
}

async fn service_tokens_leave_no_maintainer(store: Store) {
    let house = House::open(store).await;
    let everything = json!([{"effect": "allow", "resources": ["proj/*", "proj/*:env/*", "proj/*:env/*:flag/*"],
        "actions": ["*"]}]);
    let token = house.token(everything).await;
    let flag = house.by(&token, &format!("POST {FLAGS}"), &json!({"name": "F", "key": "f"})).await.ok();
    assert!(flag.get("maintainerId").is_none() && flag.get("_maintainer").is_none());
}

async fn the_naming_convention_is_kept(store: Store) {
    let house = House::open(store).await;
    let convention =
        json!({"name": "Named", "key": "named", "namingConvention": {"case": "kebabCase", "prefix": "T-"}});
    house.post("/api/v2/projects", convention).await.ok();
    let post = |key: &str| house.post("/api/v2/flags/named", json!({"name": "F", "key": key}));
    let message = post("my-flag").await.refused(400, "invalid_request");
    assert!(message.contains("key") && message.contains("T-"), "{message}");
    post("T-myFlag").await.refused(400, "invalid_request");
    post("T-my-flag").await.ok();
    let clone = |key: &str| house.post("/api/v2/flags/named?clone=T-my-flag", json!({"name": "C", "key": key}));
    assert!(clone("other").await.refused(400, "invalid_request").contains("T-"));
    clone("T-other").await.ok();
}
