//! `patchFeatureFlag`: the dialects, what is written, what the log says.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{SEMANTIC, path, variation};
use crate::support::{House, OWNER, on_both_engines};

on_both_engines! {
    every_dialect_arrives;
    instructions_with_their_content_type;
    the_log_says_what_was_done;
    nothing_is_written_when_nothing_changes;
    dry_runs_show_and_do_not_save;
    patches_are_atomic;
    a_failed_test_is_a_conflict;
    unknown_things_are_not_found;
    changes_of_one_flag_at_once_all_arrive;
    long_target_lists;
}

async fn every_dialect_arrives(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let on = |value: bool| json!([{"op": "replace", "path": "/environments/test/on", "value": value}]);
    let bodies = [
        (on(true), true),
        (json!({"patch": on(false), "comment": "c"}), false),
        (json!({"merge": {"environments": {"test": {"on": true}}}, "comment": "c"}), true),
        (json!({"environments": {"test": {"on": false}}}), false),
        (json!({"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]}), true),
    ];
    for (body, expected) in bodies {
        let after = house.patch(&path("f"), body.clone()).await.ok();
        assert_eq!(after["environments"]["test"]["on"], expected, "{body}");
        assert_eq!(after["environments"]["production"]["on"], false);
        assert_eq!(after, house.get(&path("f")).await.ok());
    }
}

async fn instructions_with_their_content_type(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let send = async |body: Value| {
        let headers = [("authorization", OWNER), ("content-type", SEMANTIC)];
        house.raw(&format!("PATCH {}", path("f")), &headers, &body.to_string()).await
    };
    send(json!({"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]})).await.ok();
    for (body, named) in [
        (json!({"instructions": []}), "instructions"),
        (json!([]), "instructions"),
        (json!({"environmentKey": "test"}), "instructions"),
        (json!({"instructions": [{"kind": "turnFlagOff"}]}), "environmentKey"),
        (json!({"environmentKey": "test", "instructions": [{"kind": "nope"}]}), "instruction kind 'nope' unsupported"),
    ] {
        let message = send(body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(named), "{body}: {message}");
    }
    let unknown = send(json!({"environmentKey": "nope", "instructions": [{"kind": "turnFlagOn"}]})).await;
    assert_eq!(unknown.refused(404, "not_found"), "Unknown environment key nope");
}

async fn the_log_says_what_was_done(store: Store) {
    let house = House::open(store).await;
    let flag = house.texts("f").await;
    let body = json!({"comment": "because", "environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]});
    house.patch(&path("f"), body).await.ok();
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "turned on the flag");
    assert_eq!((&entry["comment"], &entry["description"]), (&json!("because"), &json!("")));
    assert_eq!(entry["accesses"], json!([{"action": "updateOn", "resource": "proj/default:env/test:flag/f"}]));
    assert_eq!(entry["delta"]["instructions"][0]["kind"], "turnFlagOn");
    assert!(entry["title"].as_str().unwrap().contains("Test"), "one environment is named: {}", entry["title"]);
    let several = json!([
        {"kind": "turnFlagOff"},
        {"kind": "updateOffVariation", "variationId": variation(&flag, 0)},
        {"kind": "updateName", "value": "F2"},
    ]);
    house.instruct("f", several).await;
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "updated the flag");
    let description = entry["description"].as_str().unwrap();
    assert_eq!(
        description,
        "* Changed the name from ~~`f`~~ to `F2`\n* Turned the flag off\n* Changed the off variation from ~~`c`~~ to `a`\n"
    );
    let accesses = entry["accesses"].as_array().unwrap().iter();
    let mut actions: Vec<_> = accesses.map(|a| a["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["updateName", "updateName", "updateOffVariation", "updateOn"]);
}

async fn nothing_is_written_when_nothing_changes(store: Store) {
    let house = House::open(store).await;
    let before = house.boolean("f").await;
    let head = house.head().await;
    house.clock.advance(1000);
    for body in [
        json!({"environmentKey": "test", "instructions": [{"kind": "turnFlagOff"}, {"kind": "removeRule", "ruleId": "x"}]}),
        json!([]),
        json!([{"op": "replace", "path": "/environments/test/fallthough", "value": {"variation": 0}}]),
        json!({"name": "f", "archived": false, "_version": 9}),
    ] {
        assert_eq!(house.patch(&path("f"), body).await.ok(), before);
    }
    assert_eq!(house.head().await, head);
}

async fn dry_runs_show_and_do_not_save(store: Store) {
    let house = House::open(store).await;
    let before = house.boolean("f").await;
    let head = house.head().await;
    let dry = format!("{}?dryRun=true", path("f"));
    let shown = house.patch(&dry, json!([{"op": "replace", "path": "/name", "value": "N"}])).await.ok();
    assert_eq!(shown["name"], "N");
    house.patch(&dry, json!([{"op": "replace", "path": "/name", "value": ""}])).await.refused(400, "invalid_request");
    house.patch(&dry, json!({"instructions": [{"kind": "deleteFlag"}]})).await.ok();
    assert_eq!(house.get(&path("f")).await.ok(), before);
    assert_eq!(house.head().await, head);
    house.patch(&format!("{}?dryRun=maybe", path("f")), json!([])).await.refused(400, "invalid_request");
}

async fn patches_are_atomic(store: Store) {
    let house = House::open(store).await;
    let before = house.boolean("f").await;
    let body = json!({"environmentKey": "test", "instructions": [
        {"kind": "turnFlagOn"}, {"kind": "updateName", "value": "N"}, {"kind": "updateOffVariation", "variationId": "x"}]});
    let message = house.patch(&path("f"), body).await.refused(400, "invalid_request");
    assert!(message.starts_with("instructions[2]"), "{message}");
    let body = json!([{"op": "replace", "path": "/name", "value": "N"}, {"op": "remove", "path": "/tags/7"}]);
    house.patch(&path("f"), body).await.refused(400, "invalid_patch");
    let twice = "{\"name\": \"a\", \"name\": \"b\"}";
    let headers = [("authorization", OWNER), ("content-type", "application/json")];
    house.raw(&format!("PATCH {}", path("f")), &headers, twice).await.refused(400, "invalid_request");
    assert_eq!(house.get(&path("f")).await.ok(), before);
}

async fn a_failed_test_is_a_conflict(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let body = |version: u32| {
        json!([{"op": "test", "path": "/environments/test/version", "value": version},
               {"op": "replace", "path": "/environments/test/on", "value": true}])
    };
    let answer = house.patch(&path("f"), body(7)).await;
    assert_eq!(answer.status(), 409);
    let after = house.patch(&path("f"), body(1)).await.ok();
    assert_eq!(
        (&after["environments"]["test"]["on"], &after["environments"]["test"]["version"]),
        (&json!(true), &json!(2))
    );
}

async fn unknown_things_are_not_found(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    let unknown = [
        ("/api/v2/flags/nope/f", "Unknown project key nope"),
        ("/api/v2/flags/default/nope", "Unknown feature flag key nope"),
    ];
    for (path, message) in unknown {
        assert_eq!(house.get(path).await.refused(404, "not_found"), message);
        assert_eq!(house.patch(path, json!([])).await.refused(404, "not_found"), message);
        assert_eq!(house.delete(path).await.refused(404, "not_found"), message);
    }
    let env = house.get(&format!("{}?env=test,nope", path("f"))).await.refused(404, "not_found");
    assert_eq!(env, "Unknown environment key nope");
}

/// Each adds a tag and a target of its own; none may be lost, whoever was first.
async fn changes_of_one_flag_at_once_all_arrive(store: Store) {
    let house = House::open(store).await;
    let flag = house.boolean("f").await;
    let one = async |i: usize| {
        let instructions = json!([
            {"kind": "addTags", "values": [format!("t{i}")]},
            {"kind": "addTargets", "variationId": variation(&flag, i % 2), "values": [format!("u{i}")]},
        ]);
        house.instruct("f", instructions).await;
    };
    futures_util::future::join_all((0..24).map(one)).await;
    let after = house.get(&path("f")).await.ok();
    assert_eq!(after["tags"].as_array().unwrap().len(), 24);
    let targets = after["environments"]["test"]["targets"].as_array().unwrap();
    assert_eq!(targets.iter().map(|t| t["values"].as_array().unwrap().len()).sum::<usize>(), 24);
    assert_eq!((&after["_version"], &after["environments"]["test"]["version"]), (&json!(25), &json!(25)));
}

async fn long_target_lists(store: Store) {
    let house = House::open(store).await;
    let flag = house.boolean("f").await;
    let keys: Vec<_> = (0..10_000).map(|i| format!("user-key-{i}")).collect();
    let add = json!([{"kind": "addTargets", "variationId": variation(&flag, 0), "values": keys}]);
    let after = house.instruct("f", add).await;
    assert_eq!(after["environments"]["test"]["targets"][0]["values"].as_array().unwrap().len(), 10_000);
    let clash = json!({"environmentKey": "test", "instructions": [
        {"kind": "addTargets", "variationId": variation(&flag, 1), "values": ["user-key-9999"]}]});
    let message = house.patch(&path("f"), clash).await.refused(400, "invalid_request");
    assert!(message.contains("user-key-9999"), "{message}");
    let remove = json!([{"kind": "removeTargets", "variationId": variation(&flag, 0), "values": keys[1..]}]);
    let after = house.instruct("f", remove).await;
    assert_eq!(after["environments"]["test"]["targets"][0]["values"], json!(["user-key-0"]));
}
