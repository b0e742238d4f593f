//! Where contexts stand in segments.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::path;
use crate::support::{House, on_both_engines};

on_both_engines! {
    in_every_segment;
    in_big_segments;
    what_is_no_context;
    standard_segments_are_not_looked_up;
}

const EVALUATE: &str = "/api/v2/projects/default/environments/test/segments/evaluate";

async fn in_every_segment(store: Store) {
    let house = House::open(store).await;
    for key in ["by-name", "by-rule", "excluded", "nested", "none", "of-orgs"] {
        house.segment(key).await;
    }
    house.tell("by-name", json!([{"kind": "addIncludedUsers", "values": ["ann"]}])).await.ok();
    let rule = json!([{"kind": "addRule", "clauses": [{"attribute": "email", "op": "endsWith", "values": [".edu"]}]}]);
    house.tell("by-rule", rule.clone()).await.ok();
    house.tell("excluded", rule).await.ok();
    house.tell("excluded", json!([{"kind": "addExcludedUsers", "values": ["ann"]}])).await.ok();
    house.nest("nested", &["none", "by-name"]).await.ok();
    let org = json!([{"kind": "addIncludedTargets", "contextKind": "org", "values": ["o"]}]);
    house.tell("of-orgs", org).await.ok();
    let patch = json!([{"op": "replace", "path": "/description", "value": "d"}]);
    house.patch(&path("by-name"), patch).await.ok();

    let context = json!({"kind": "user", "key": "ann", "email": "ann@example.edu"});
    let found = house.post(EVALUATE, context).await.ok();
    let expected = json!({
        "name": "by-name", "key": "by-name", "description": "d", "unbounded": false, "external": "",
        "isMember": true, "isIndividuallyTargeted": true, "isRuleTargeted": false,
        "_links": {
            "self": {"href": path("by-name"), "type": "application/json"},
            "parent": {"href": super::SEGMENTS, "type": "application/json"},
        },
    });
    assert_eq!(found["items"][0], expected);
    assert_eq!(found["_links"]["self"]["href"], EVALUATE);
    let expected = [
        ("by-name", [true, true, false]),
        ("by-rule", [true, false, true]),
        ("excluded", [false, false, false]),
        ("nested", [true, false, true]),
        ("none", [false, false, false]),
        ("of-orgs", [false, false, false]),
    ];
    assert_eq!(standings(&found), expected.map(|(key, standing)| (key.to_owned(), standing)));
    let both = json!({"kind": "multi", "user": {"key": "bob"}, "org": {"key": "o"}});
    let members: Vec<_> = standings(&house.post(EVALUATE, both).await.ok());
    let members: Vec<_> = members.iter().filter(|(_, standing)| standing[0]).map(|(key, _)| key.as_str()).collect();
    assert_eq!(members, ["of-orgs"]);
}

fn standings(found: &Value) -> Vec<(String, [bool; 3])> {
    let names = ["isMember", "isIndividuallyTargeted", "isRuleTargeted"];
    let one =
        |item: &Value| (item["key"].as_str().unwrap().to_owned(), names.map(|name| item[name].as_bool().unwrap()));
    found["items"].as_array().unwrap().iter().map(one).collect()
}

async fn what_is_no_context(store: Store) {
    let house = House::open(store).await;
    for body in [json!({}), json!({"kind": "user"}), json!({"kind": "kind", "key": "k"}), json!(7)] {
        let message = house.post(EVALUATE, body.clone()).await.refused(400, "invalid_request");
        assert!(message.starts_with("context: "), "{body}: {message}");
    }
    let elsewhere = "/api/v2/projects/default/environments/none/segments/evaluate";
    let unknown = house.post(elsewhere, json!({"kind": "user", "key": "ann"})).await;
    assert_eq!(unknown.refused(404, "not_found"), "Unknown environment key none");
    let powerless = house.powerless().await;
    let context = json!({"kind": "user", "key": "ann"});
    house.by(&powerless, &format!("POST {EVALUATE}"), &context).await.refused(403, "forbidden");
}

async fn in_big_segments(store: Store) {
    let house = House::open(store).await;
    house.big_segment("big").await;
    let users = format!("{}/users", path("big"));
    house.post(&users, json!({"included": {"add": ["ann"]}, "excluded": {"add": ["eve"]}})).await.ok();
    let find = async |key: &str| {
        let found = house.get(&format!("{}/contexts/{key}", path("big"))).await.ok();
        assert_eq!(house.get(&format!("{users}/{key}")).await.ok(), found, "{key}");
        found
    };
    assert_eq!(find("ann").await, json!({"userKey": "ann", "included": true, "excluded": false}));
    assert_eq!(find("eve").await, json!({"userKey": "eve", "included": false, "excluded": true}));
    for nobody in ["bob", "a%2Fb", "%00"] {
        let found = find(nobody).await;
        assert_eq!((&found["included"], &found["excluded"]), (&json!(false), &json!(false)), "{nobody}");
    }
    let ann = json!({"kind": "user", "key": "ann"});
    assert_eq!(standings(&house.post(EVALUATE, ann.clone()).await.ok()), [("big".to_owned(), [true, true, false])]);
    house.delete(&path("big")).await.ok();
    house.big_segment("big").await;
    assert_eq!(find("ann").await["included"], false, "the members went with the segment");
    assert_eq!(standings(&house.post(EVALUATE, ann).await.ok()), [("big".to_owned(), [false, false, false])]);
}

async fn standard_segments_are_not_looked_up(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    for kind in ["contexts", "users"] {
        house.get(&format!("{}/{kind}/ann", path("s"))).await.refused(400, "invalid_request");
        house.get(&format!("{}/{kind}/ann", path("none"))).await.refused(404, "not_found");
        let line = format!("GET {}/{kind}/ann", path("s"));
        house.by(&house.powerless().await, &line, &Value::Null).await.refused(403, "forbidden");
    }
}
