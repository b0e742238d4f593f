//! Semantic patch.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::path;
use crate::flags::SEMANTIC;
use crate::support::{House, OWNER, on_both_engines};

on_both_engines! {
    details;
    targets;
    rules;
    clauses;
    what_cannot_be_done;
    as_clients_send_them;
}

async fn details(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let after = house
        .tell(
            "s",
            json!([
                {"kind": "updateName", "value": "N"},
                {"kind": "addTags", "values": ["a", "b", "a"]},
                {"kind": "removeTags", "values": ["b", "c"]},
            ]),
        )
        .await
        .ok();
    assert_eq!((&after["name"], &after["tags"], &after["version"]), (&json!("N"), &json!(["a"]), &json!(2)));
    assert_eq!(house.newest().await["delta"]["instructions"][0]["kind"], "updateName");
}

async fn targets(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let after = house
        .tell(
            "s",
            json!([
                {"kind": "addIncludedUsers", "values": ["a", "b"]},
                {"kind": "addIncludedTargets", "values": ["b", "c"]},
                {"kind": "addExcludedUsers", "values": ["x", "y"]},
                {"kind": "addIncludedTargets", "contextKind": "org", "values": ["o", "p", "o"]},
                {"kind": "addExcludedTargets", "contextKind": "org", "values": ["q"]},
                {"kind": "addExcludedTargets", "contextKind": "user", "values": ["z"]},
            ]),
        )
        .await
        .ok();
    assert_eq!((&after["included"], &after["excluded"]), (&json!(["a", "b", "c"]), &json!(["x", "y", "z"])));
    assert_eq!(after["includedContexts"], json!([{"values": ["o", "p"], "contextKind": "org"}]));
    assert_eq!(after["excludedContexts"], json!([{"values": ["q"], "contextKind": "org"}]));
    let after = house
        .tell(
            "s",
            json!([
                {"kind": "removeIncludedUsers", "values": ["a", "nobody"]},
                {"kind": "removeIncludedTargets", "contextKind": "org", "values": ["o"]},
                {"kind": "removeExcludedTargets", "contextKind": "org", "values": ["q"]},
                {"kind": "removeExcludedUsers", "values": ["x"]},
                {"kind": "addExcludedUsers", "values": ["a"]},
            ]),
        )
        .await
        .ok();
    assert_eq!((&after["included"], &after["excluded"]), (&json!(["b", "c"]), &json!(["y", "z", "a"])));
    assert_eq!(after["includedContexts"], json!([{"values": ["p"], "contextKind": "org"}]));
    assert_eq!(after["excludedContexts"], json!([]));
}

fn rule(attribute: &str) -> Value {
    json!({"kind": "addRule", "clauses": [{"attribute": attribute, "op": "in", "values": ["v"]}]})
}

async fn rules(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let mut weighted = rule("b");
    weighted["weight"] = json!("20000");
    weighted["rolloutContextKind"] = json!("org");
    weighted["description"] = json!("some");
    let made = house.tell("s", json!([rule("a"), weighted, rule("c")])).await.ok();
    let id = |i: usize| made["rules"][i]["_id"].as_str().unwrap();
    assert_eq!(made["rules"][1]["weight"], 20_000);
    let after = house
        .tell(
            "s",
            json!([
                {"kind": "reorderRules", "ruleIds": [id(2), id(0), id(1)]},
                {"kind": "removeRule", "ruleId": id(0)},
                {"kind": "removeRule", "ruleId": "never was"},
                {"kind": "updateRuleDescription", "ruleId": id(2), "description": "third"},
                {"kind": "updateRuleRolloutAndContextKind", "ruleId": id(1), "weight": 30000, "contextKind": "device"},
            ]),
        )
        .await
        .ok();
    let rules = after["rules"].as_array().unwrap();
    assert_eq!(rules.iter().map(|rule| rule["_id"].as_str().unwrap()).collect::<Vec<_>>(), [id(2), id(1)]);
    assert_eq!(rules[0]["description"], "third");
    assert_eq!((&rules[1]["weight"], &rules[1]["rolloutContextKind"]), (&json!(30_000), &json!("device")));
}

async fn clauses(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let made = house.tell("s", json!([rule("a")])).await.ok();
    let rule = made["rules"][0]["_id"].as_str().unwrap();
    let clause = made["rules"][0]["clauses"][0]["_id"].as_str().unwrap();
    let after = house
        .tell(
            "s",
            json!([
                {"kind": "addClauses", "ruleId": rule,
                 "clauses": [{"contextKind": "org", "attribute": "z", "op": "contains", "values": ["x"], "negate": true}]},
                {"kind": "addValuesToClause", "ruleId": rule, "clauseId": clause, "values": ["w", "v"]},
                {"kind": "removeValuesFromClause", "ruleId": rule, "clauseId": clause, "values": ["v"]},
            ]),
        )
        .await
        .ok();
    let clauses = &after["rules"][0]["clauses"];
    assert_eq!((&clauses[0]["values"], &clauses[0]["contextKind"]), (&json!(["w"]), &json!("user")));
    assert_eq!((&clauses[1]["contextKind"], &clauses[1]["negate"]), (&json!("org"), &json!(true)));
    let new = json!({"attribute": "n", "op": "startsWith", "values": ["q"]});
    let after = house
        .tell(
            "s",
            json!([
                {"kind": "updateClause", "ruleId": rule, "clauseId": clause, "clause": new},
                {"kind": "removeClauses", "ruleId": rule, "clauseIds": [clauses[1]["_id"]]},
            ]),
        )
        .await
        .ok();
    let clauses = after["rules"][0]["clauses"].as_array().unwrap();
    assert_eq!((clauses.len(), &clauses[0]["op"], &clauses[0]["_id"]), (1, &json!("startsWith"), &json!(clause)));
}

async fn what_cannot_be_done(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let made = house.tell("s", json!([rule("a"), {"kind": "addExcludedUsers", "values": ["x"]}])).await.ok();
    let id = made["rules"][0]["_id"].as_str().unwrap();
    let head = house.head().await;
    let many: Vec<_> = (0..1_501).map(|i| i.to_string()).collect();
    for (instruction, place) in [
        (json!({"kind": "turnFlagOn"}), "instruction kind 'turnFlagOn' unsupported"),
        (json!({"kind": "updateName"}), "instructions[1].value"),
        (json!({"kind": "updateName", "value": ""}), "name"),
        (json!({"kind": "addTags", "values": "a"}), "instructions[1].values"),
        (json!({"kind": "addTags", "values": ["no tag"]}), "tags"),
        (json!({"kind": "addIncludedUsers", "values": ["x"]}), "'x' would be both included and excluded"),
        (json!({"kind": "addIncludedTargets", "contextKind": "kind", "values": ["x"]}), "contextKind"),
        (json!({"kind": "removeIncludedUsers", "values": many}), "at most 1500"),
        (json!({"kind": "addRule"}), "instructions[1].clauses"),
        (json!({"kind": "addRule", "clauses": [], "weight": 100_001}), "/rules/1/weight"),
        (json!({"kind": "addRule", "clauses": [], "weight": "x"}), "instructions[1].weight"),
        (json!({"kind": "reorderRules", "ruleIds": []}), "instructions[1].ruleIds"),
        (json!({"kind": "reorderRules", "ruleIds": [id, id]}), "instructions[1].ruleIds"),
        (json!({"kind": "updateRuleDescription", "ruleId": "x", "description": "d"}), "instructions[1].ruleId"),
        (json!({"kind": "updateRuleRolloutAndContextKind", "ruleId": id, "weight": 1}), "has no percentage"),
        (
            json!({"kind": "updateClause", "ruleId": id, "clauseId": "x",
            "clause": {"attribute": "a", "op": "in", "values": []}}),
            "instructions[1].clauseId",
        ),
    ] {
        let all = json!([{"kind": "updateName", "value": "never"}, instruction]);
        let message = house.tell("s", all).await.refused(400, "invalid_request");
        assert!(message.contains(place), "{instruction}: {message}");
    }
    assert_eq!(house.head().await, head, "all or nothing");
    let just_enough = json!([{"kind": "addIncludedUsers", "values": many[..1_500]}]);
    assert_eq!(house.tell("s", just_enough).await.ok()["included"].as_array().unwrap().len(), 1_500);
}

async fn as_clients_send_them(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    let send = async |env: &str| {
        let body =
            json!({"environmentKey": env, "comment": "why", "instructions": [{"kind": "updateName", "VALUE": env}]});
        let headers = [("authorization", OWNER), ("content-type", SEMANTIC)];
        house.raw(&format!("PATCH {}", path("s")), &headers, &body.to_string()).await
    };
    assert_eq!(send("test").await.ok()["name"], "test");
    assert_eq!(house.newest().await["comment"], "why");
    assert!(send("production").await.refused(400, "invalid_request").contains("environmentKey"));
}
