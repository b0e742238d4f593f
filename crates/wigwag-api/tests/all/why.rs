//! Why a flag gives what it gives.

use serde_json::{Value, json};
use wigwag_model::doc::{Kind, Segment, SegmentRule};
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Store, Write};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    a_rule_and_who_made_it;
    prerequisites_and_segments;
    as_of_another_time;
    both_methods_and_refusals;
}

const FLAGS: &str = "/api/v2/flags/default";

fn why(flag: &str) -> String {
    format!("/api/v2/projects/default/environments/test/flags/{flag}/why")
}

async fn flag(house: &House, key: &str) {
    house.post(FLAGS, json!({"key": key, "name": key})).await.ok();
}

async fn instruct(house: &House, flag: &str, instructions: Value) -> u64 {
    let body = json!({"environmentKey": "test", "instructions": instructions});
    house.patch(&format!("{FLAGS}/{flag}"), body).await.ok();
    house.head().await
}

async fn variations(house: &House, flag: &str) -> Vec<String> {
    let flag = house.get(&format!("{FLAGS}/{flag}")).await.ok();
    flag["variations"].as_array().unwrap().iter().map(|v| v["_id"].as_str().unwrap().to_owned()).collect()
}

fn rule(variation: &str, attribute: &str, op: &str, values: Value) -> Value {
    json!([{"kind": "addRule", "variationId": variation, "clauses":
        [{"contextKind": "user", "attribute": attribute, "op": op, "negate": false, "values": values}]}])
}

async fn ask(house: &House, flag: &str, context: Value) -> Value {
    house.post(&why(flag), json!({"context": context})).await.ok()
}

async fn a_rule_and_who_made_it(store: Store) {
    let house = House::open(store).await;
    flag(&house, "f").await;
    let made = house.head().await;
    let [yes, no] = &variations(&house, "f").await[..] else { panic!() };
    let first = instruct(&house, "f", rule(no, "email", "endsWith", json!(["@example.org"]))).await;
    let second = instruct(&house, "f", rule(yes, "plan", "in", json!(["gold"]))).await;
    let on = instruct(&house, "f", json!([{"kind": "turnFlagOn"}])).await;
    let told = ask(&house, "f", json!({"kind": "user", "key": "u", "email": "u@example.com", "plan": "gold"})).await;
    assert_eq!((&told["value"], &told["variationIndex"]), (&json!(true), &json!(0)));
    assert_eq!((&told["reason"]["kind"], &told["reason"]["ruleIndex"]), (&json!("RULE_MATCH"), &json!(1)));
    let rules = told["trace"]["rules"].as_array().unwrap();
    let outcomes: Vec<_> = rules.iter().map(|r| (r["matched"].clone(), r["clauses"][0]["outcome"].clone())).collect();
    assert_eq!(outcomes, [(json!(false), json!("notMatched")), (json!(true), json!("matched"))]);
    let parts = &told["lastChanged"]["flags"]["f"]["environment"]["parts"];
    let by = |part: String| parts[&part]["sequence"].as_u64().unwrap();
    let id = |n: usize| format!("rules/{}", rules[n]["id"].as_str().unwrap());
    assert_eq!([by(id(0)), by(id(1)), by("ruleOrder".into()), by("on".into())], [first, second, second, on]);
    assert_eq!(by("fallthrough".into()), made, "as it was made");
    assert_eq!(parts["on"]["titleVerb"], "turned on the flag");
    assert_eq!(parts["on"]["member"]["email"], "ann@example.com");
    assert_eq!(told["lastChanged"]["flags"]["f"]["environment"]["version"], told["trace"]["version"]);
    // A part that changes and changes back belongs to the last of these.
    instruct(&house, "f", json!([{"kind": "turnFlagOff"}])).await;
    let again = instruct(&house, "f", json!([{"kind": "turnFlagOn"}])).await;
    let told = ask(&house, "f", json!({"kind": "user", "key": "u"})).await;
    assert_eq!(told["reason"], json!({"kind": "FALLTHROUGH"}));
    let parts = &told["lastChanged"]["flags"]["f"]["environment"]["parts"];
    assert_eq!((&parts["on"]["sequence"], &parts[&id(0)]["sequence"]), (&json!(again), &json!(first)));
}

async fn prerequisites_and_segments(store: Store) {
    let house = House::open(store).await;
    flag(&house, "base").await;
    flag(&house, "top").await;
    let base = variations(&house, "base").await;
    instruct(
        &house,
        "top",
        json!([{"kind": "addPrerequisite", "key": "base", "variationId": base[0]}, {"kind": "turnFlagOn"}]),
    )
    .await;
    let user = json!({"kind": "user", "key": "u", "plan": "gold"});
    let told = ask(&house, "top", user.clone()).await;
    assert_eq!(told["reason"], json!({"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "base"}));
    assert_eq!(told["trace"]["prerequisites"][0]["flag"]["on"], false);
    assert!(told["lastChanged"]["flags"]["base"]["environment"]["parts"]["on"]["sequence"].is_u64(), "{told}");

    segment(&house.store, "gold").await;
    let seen = house.head().await;
    let on = instruct(&house, "base", json!([{"kind": "turnFlagOn"}])).await;
    let tops = variations(&house, "top").await;
    instruct(&house, "top", rule(&tops[1], "", "segmentMatch", json!(["gold"]))).await;
    let told = ask(&house, "top", user).await;
    assert_eq!((&told["value"], &told["reason"]["kind"]), (&json!(false), &json!("RULE_MATCH")));
    let traced = &told["trace"]["rules"][0]["clauses"][0]["segments"][0];
    assert_eq!((&traced["key"], &traced["version"], &traced["contained"]), (&json!("gold"), &json!(1), &json!(true)));
    let blamed = &told["lastChanged"]["segments"]["gold"];
    assert_eq!((&blamed["version"], &blamed["parts"]["rules/r"]["sequence"]), (&json!(1), &json!(seen)));
    assert_eq!(told["lastChanged"]["flags"]["base"]["environment"]["parts"]["on"]["sequence"], on);
}

/// A segment of those on the gold plan, written as its resource would.
async fn segment(store: &Store, key: &str) {
    let clause: wigwag_model::doc::Clause = serde_json::from_value(
        json!({"id": "c", "contextKind": "user", "attribute": "plan", "op": "in", "values": ["gold"]}),
    )
    .unwrap();
    let rule = SegmentRule {
        id: "r".into(),
        description: None,
        clauses: vec![clause],
        weight: None,
        bucket_by: None,
        rollout_context_kind: None,
    };
    let segment = json!({"key": key, "name": key, "salt": "s", "createdAt": NOW, "lastModified": NOW});
    let segment = Segment { rules: vec![rule], ..serde_json::from_value(segment).unwrap() };
    let at = DocKey::in_env(Kind::Segment, "default", "test", key);
    let record = json!({"titleVerb": "created the segment", "accesses": [],
        "target": {"kind": "segment", "name": key, "resources": [], "href": ""}});
    let change = NewChange {
        id: format!("{:024}", 7),
        at: NOW,
        kind: "segment".into(),
        project: "default".into(),
        body: record.to_string(),
        ..NewChange::default()
    };
    let write = Write::create(at, serde_json::to_string(&segment).unwrap(), IndexFacts::new());
    store.commit(Commit::new(vec![write], change)).await.unwrap();
}

async fn as_of_another_time(store: Store) {
    let house = House::open(store).await;
    flag(&house, "f").await;
    let made = house.head().await;
    house.clock.advance(1_000);
    let on = instruct(&house, "f", json!([{"kind": "turnFlagOn"}])).await;
    let user = json!({"kind": "user", "key": "u"});
    let reason = |told: &Value| told["reason"]["kind"].as_str().unwrap().to_owned();
    let then = house.post(&format!("{}?asOf={made}", why("f")), json!({"context": user})).await.ok();
    assert_eq!(reason(&then), "OFF");
    assert_eq!(then["lastChanged"]["flags"]["f"]["environment"]["parts"]["on"]["sequence"], made);
    let then = house.post(&why("f"), json!({"context": user, "asOf": NOW.to_string()})).await.ok();
    assert_eq!(reason(&then), "OFF");
    let now = house.post(&why("f"), json!({"context": user})).await.ok();
    assert_eq!(
        (reason(&now).as_str(), &now["lastChanged"]["flags"]["f"]["environment"]["parts"]["on"]["sequence"]),
        ("FALLTHROUGH", &json!(on))
    );
    house.post(&format!("{}?asOf={}", why("f"), made - 1), json!({"context": user})).await.refused(404, "not_found");
    let message = house.post(&why("f"), json!({"context": user, "asOf": "soon"})).await.refused(400, "invalid_request");
    assert!(message.starts_with("asOf"), "{message}");
}

async fn both_methods_and_refusals(store: Store) {
    let house = House::open(store).await;
    flag(&house, "f").await;
    let user = json!({"kind": "user", "key": "u"});
    let line = format!("{}?context=%7B%22kind%22:%22user%22,%22key%22:%22u%22%7D", why("f"));
    let (got, posted) = (house.get(&line).await.ok(), ask(&house, "f", user.clone()).await);
    assert_eq!(got, posted);
    assert_eq!(got["reason"], json!({"kind": "OFF"}));
    let head = house.head().await;
    for (body, field) in
        [(json!({}), "context"), (json!({"context": 7}), "context"), (json!({"context": {"kind": "user"}}), "context")]
    {
        let message = house.post(&why("f"), body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{body}: {message}");
    }
    house.get(&why("f")).await.refused(400, "invalid_request");
    house.post(&why("none"), json!({"context": user})).await.refused(404, "not_found");
    let powerless = house.powerless().await;
    let head_then = house.head().await;
    assert_eq!(head_then, head + 1);
    house
        .raw(&format!("POST {}", why("f")), &[("authorization", &powerless)], &json!({"context": user}).to_string())
        .await
        .refused(403, "forbidden");
    // SDKs do not know archived flags.
    house.patch(&format!("{FLAGS}/f"), json!({"instructions": [{"kind": "archiveFlag"}]})).await.ok();
    let told = ask(&house, "f", user).await;
    assert_eq!(told["reason"], json!({"kind": "ERROR", "errorKind": "FLAG_NOT_FOUND"}));
    assert!(
        told["trace"].is_null()
            && told["lastChanged"]["flags"]["f"]["flag"]["parts"]["archivedAt"]["titleVerb"] == "archived the flag"
    );
}
