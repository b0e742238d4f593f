//! Who would get another variation if a flag were changed.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_store::Store;
use wigwag_store::volume::{Batch, Part, Sighting};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    contexts_of_the_request;
    big_segments_are_asked;
    contexts_that_were_seen;
    every_kind_of_patch;
    variations_that_move;
    what_if_is_refused;
}

const FLAGS: &str = "/api/v2/flags/default";

fn what_if(flag: &str) -> String {
    format!("/api/v2/projects/default/environments/test/flags/{flag}/what-if")
}

/// A flag that is on and serves false to those on the free plan; answers its variations' ids.
async fn flag(house: &House) -> Vec<String> {
    let made = house.post(FLAGS, json!({"key": "f", "name": "F"})).await.ok();
    let ids: Vec<_> =
        made["variations"].as_array().unwrap().iter().map(|v| v["_id"].as_str().unwrap().to_owned()).collect();
    let instructions = json!([{"kind": "turnFlagOn"}, {"kind": "addRule", "variationId": ids[1], "clauses":
        [{"contextKind": "user", "attribute": "plan", "op": "in", "negate": false, "values": ["free"]}]}]);
    house.patch(&format!("{FLAGS}/f"), json!({"environmentKey": "test", "instructions": instructions})).await.ok();
    ids
}

fn user(n: usize) -> Value {
    let plan = ["free", "gold", "silver"][n % 3];
    json!({"kind": "user", "key": format!("u{n}"), "plan": plan})
}

/// Everybody on the gold plan gets false too.
fn proposal(ids: &[String]) -> Value {
    json!([{"kind": "addRule", "variationId": ids[1], "clauses":
        [{"contextKind": "user", "attribute": "plan", "op": "in", "negate": false, "values": ["gold"]}]}])
}

async fn big_segments_are_asked(store: Store) {
    let house = House::open(store).await;
    let ids = flag(&house).await;
    let segments = "/api/v2/segments/default/test";
    house.post(segments, json!({"key": "big", "name": "Big", "unbounded": true})).await.ok();
    let members = json!({"included": {"add": ["u1", "u2", "u3"]}});
    house.post(&format!("{segments}/big/users"), members).await.ok();
    let rule = json!([{"kind": "addRule", "variationId": ids[1], "clauses":
        [{"contextKind": "user", "attribute": "segmentMatch", "op": "segmentMatch", "negate": false, "values": ["big"]}]}]);
    let contexts: Vec<_> = (0..9).map(user).collect();
    let answer = house.post(&what_if("f"), json!({"instructions": rule, "contexts": contexts})).await.ok();
    // `u3` is on the free plan and gets false already.
    assert_eq!((&answer["evaluated"], &answer["changed"]), (&json!(9), &json!(2)));
}

async fn contexts_of_the_request(store: Store) {
    let house = House::open(store).await;
    let ids = flag(&house).await;
    let mut contexts: Vec<_> = (0..30).map(user).collect();
    contexts.push(json!({"kind": "multi", "user": {"key": "m", "plan": "gold"}, "org": {"key": "o", "name": "hush"}}));
    contexts.push(json!({"kind": "user"}));
    let head = house.head().await;
    let body = json!({"instructions": proposal(&ids), "contexts": contexts, "samples": 2});
    let answer = house.post(&what_if("f"), body).await.ok();
    assert_eq!(house.head().await, head, "nothing is written");
    assert_eq!((&answer["source"], &answer["complete"]), (&json!("request"), &json!(true)));
    assert_eq!((&answer["evaluated"], &answer["unreadable"], &answer["changed"]), (&json!(31), &json!(1), &json!(11)));
    let shares = |list: &Value| {
        list.as_array().unwrap().iter().map(|s| (s["value"].clone(), s["count"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(shares(&answer["before"]), [(json!(true), json!(21)), (json!(false), json!(10))]);
    assert_eq!(shares(&answer["after"]), [(json!(true), json!(10)), (json!(false), json!(21))]);
    let decided = answer["decided"].as_array().unwrap().iter();
    let mut decided: Vec<_> = decided.map(|d| (d["reason"]["ruleIndex"].clone(), d["count"].clone())).collect();
    decided.sort_by_key(|(rule, _)| rule.as_u64());
    assert_eq!(
        decided,
        [(json!(null), json!(10)), (json!(0), json!(10)), (json!(1), json!(11))],
        "all, by what decides"
    );
    let [one] = &answer["moves"].as_array().unwrap()[..] else { panic!("{answer}") };
    assert_eq!(one["count"], 11);
    let rule = one["to"]["reason"]["ruleId"].clone();
    assert_eq!(
        one["from"],
        json!({"variationIndex": 0, "variationId": ids[0], "name": null, "value": true, "reason": {"kind": "FALLTHROUGH"}})
    );
    assert_eq!(
        one["to"],
        json!({"variationIndex": 1, "variationId": ids[1], "name": null, "value": false,
            "reason": {"kind": "RULE_MATCH", "ruleIndex": 1, "ruleId": rule}})
    );
    assert_eq!(one["samples"], json!([{"kind": "user", "key": "u1"}, {"kind": "user", "key": "u4"}]));
    // Samples tell who, not what is known of them.
    let lone = json!({"instructions": proposal(&ids), "contexts": [contexts[30]]});
    let answer = house.post(&what_if("f"), lone).await.ok();
    assert_eq!(answer["moves"][0]["samples"], json!([{"kind": "multi", "user": {"key": "m"}, "org": {"key": "o"}}]));
    // What changes nothing moves nobody.
    let same = json!({"instructions": [{"kind": "turnFlagOn"}], "contexts": contexts});
    assert_eq!(house.post(&what_if("f"), same).await.ok()["moves"], json!([]));
}

async fn contexts_that_were_seen(store: Store) {
    let house = House::open(store).await;
    let ids = flag(&house).await;
    let body = json!({"instructions": proposal(&ids)});
    let none = house.post(&what_if("f"), body.clone()).await.ok();
    assert_eq!((&none["source"], &none["evaluated"], &none["complete"]), (&json!("seen"), &json!(0), &json!(true)));
    let test = house.get("/api/v2/projects/default/environments/test").await.ok();
    let env: Arc<str> = test["_id"].as_str().unwrap().into();
    let sighting = |n: usize| {
        let body = user(n);
        let part =
            Part { kind: "user".into(), key: body["key"].as_str().unwrap().into(), body: Some(body.to_string()) };
        Sighting {
            env: env.clone(),
            at: NOW + 60_000 * n as i64,
            application: "app".into(),
            anonymous: vec![],
            parts: vec![part],
        }
    };
    let batch = Batch { sightings: (0..9).map(sighting).collect(), ..Batch::default() };
    house.store.volume().record(batch).await.unwrap();
    let all = house.post(&what_if("f"), body.clone()).await.ok();
    assert_eq!((&all["evaluated"], &all["unreadable"], &all["changed"]), (&json!(9), &json!(0), &json!(3)));
    assert_eq!(all["complete"], true);
    // The most recent ones come first.
    let mut few = body;
    few["limit"] = 2.into();
    let few = house.post(&what_if("f"), few).await.ok();
    assert_eq!((&few["evaluated"], &few["complete"]), (&json!(2), &json!(false)));
    assert_eq!(few["moves"][0]["samples"], json!([{"kind": "user", "key": "u7"}]));
}

async fn every_kind_of_patch(store: Store) {
    let house = House::open(store).await;
    let ids = flag(&house).await;
    let contexts: Vec<_> = (0..9).map(user).collect();
    let changed = async |proposed: Value| {
        let mut body = json!({"contexts": contexts});
        body.as_object_mut().unwrap().extend(proposed.as_object().unwrap().clone());
        let answer = house.post(&what_if("f"), body).await.ok();
        (answer["changed"].as_u64().unwrap(), answer["moves"][0]["to"]["reason"]["kind"].as_str().map(str::to_owned))
    };
    let off = Some("OFF".to_owned());
    let operations = json!([{"op": "replace", "path": "/environments/test/on", "value": false}]);
    assert_eq!(changed(json!({"patch": operations})).await, (6, off.clone()));
    assert_eq!(changed(json!({"merge": {"environments": {"test": {"on": false}}}})).await, (6, off.clone()));
    assert_eq!(changed(json!({"instructions": [{"kind": "turnFlagOff"}]})).await, (6, off));
    // Other environments do not count.
    let elsewhere = json!([{"op": "replace", "path": "/environments/production/on", "value": true}]);
    assert_eq!(changed(json!({"patch": elsewhere})).await, (0, None));
    let targets = json!([{"kind": "addTargets", "contextKind": "user", "variationId": ids[1], "values": ["u1", "u0"]}]);
    assert_eq!(changed(json!({"instructions": targets})).await, (1, Some("TARGET_MATCH".to_owned())));
    // SDKs do not know archived and deleted flags.
    let error = Some("ERROR".to_owned());
    assert_eq!(changed(json!({"instructions": [{"kind": "archiveFlag"}]})).await, (9, error.clone()));
    assert_eq!(changed(json!({"instructions": [{"kind": "deleteFlag"}]})).await, (9, error));
}

/// A variation is the same wherever it stands, unless its value is another.
async fn variations_that_move(store: Store) {
    let house = House::open(store).await;
    let body = json!({"key": "m", "name": "M", "variations": [{"value": "a"}, {"value": "b"}, {"value": "c"}]});
    house.post(FLAGS, body).await.ok();
    let operations = json!([{"op": "replace", "path": "/environments/test/on", "value": true},
        {"op": "replace", "path": "/environments/test/fallthrough/variation", "value": 2},
        {"op": "replace", "path": "/environments/test/offVariation", "value": 2},
        {"op": "replace", "path": "/environments/production/offVariation", "value": 2},
        {"op": "replace", "path": "/defaults", "value": {"onVariation": 0, "offVariation": 2}}]);
    house.patch(&format!("{FLAGS}/m"), operations).await.ok();
    let ask = async |patch: Value| house.post(&what_if("m"), json!({"patch": patch, "contexts": [user(0)]})).await.ok();
    let moved = ask(json!([{"op": "remove", "path": "/variations/1"}])).await;
    assert_eq!((&moved["changed"], &moved["after"][0]["variationIndex"]), (&json!(0), &json!(1)), "{moved}");
    let changed = ask(json!([{"op": "replace", "path": "/variations/2/value", "value": "d"}])).await;
    assert_eq!((&changed["changed"], &changed["moves"][0]["to"]["value"]), (&json!(1), &json!("d")));
}

async fn what_if_is_refused(store: Store) {
    let house = House::open(store).await;
    let ids = flag(&house).await;
    let instructions = proposal(&ids);
    for (body, field) in [
        (json!({}), "instructions"),
        (json!({"instructions": instructions, "patch": []}), "one of"),
        (json!({"instructions": 7}), "instructions"),
        (json!({"instructions": [{"kind": "jump"}]}), "jump"),
        (json!({"patch": [{"op": "replace", "path": "/environments/test/on", "value": 7}]}), "/environments/test/on"),
        (json!({"instructions": instructions, "contexts": 7}), "contexts"),
        (json!({"instructions": instructions, "samples": 101}), "samples"),
        (json!({"instructions": instructions, "limit": 0}), "limit"),
        (json!({"instructions": instructions, "limit": 100_001}), "limit"),
    ] {
        let message = house.post(&what_if("f"), body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{body}: {message}");
    }
    house.post(&what_if("none"), json!({"instructions": instructions})).await.refused(404, "not_found");
    let powerless = house.powerless().await;
    let body = json!({"instructions": instructions}).to_string();
    house
        .raw(&format!("POST {}", what_if("f")), &[("authorization", &powerless)], &body)
        .await
        .refused(403, "forbidden");
    // Who may look may ask.
    let reader = house.post("/api/v2/tokens", json!({"name": "r", "role": "reader"})).await.ok();
    house
        .raw(&format!("POST {}", what_if("f")), &[("authorization", reader["token"].as_str().unwrap())], &body)
        .await
        .ok();
}
