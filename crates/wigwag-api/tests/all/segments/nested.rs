//! Segments that ask segments.

use wigwag_store::Store;

use serde_json::json;

use super::{asks, path};
use crate::support::{House, on_both_engines};

on_both_engines! {
    circles_are_refused;
    two_halves_of_a_circle_at_once;
}

async fn circles_are_refused(store: Store) {
    let house = House::open(store).await;
    for key in ["a", "b", "c"] {
        house.segment(key).await;
    }
    let itself = house.nest("a", &["a"]).await.refused(400, "invalid_request");
    assert_eq!(itself, "/rules: segments would form a cycle: a → a");
    house.nest("a", &["b", "missing", "no key at all"]).await.ok();
    house.nest("b", &["c"]).await.ok();
    let circle = house.nest("c", &["a"]).await.refused(400, "invalid_request");
    assert_eq!(circle, "/rules: segments would form a cycle: c → a → b → c");
    let rule = asks(&["a"]);
    let instruction = json!([{"kind": "addRule", "clauses": rule["clauses"]}]);
    assert!(house.tell("c", instruction).await.refused(400, "invalid_request").contains("c → a → b → c"));
    house.nest("b", &[]).await.ok();
    house.nest("c", &["a"]).await.ok();
    assert_eq!(house.get(&path("c")).await.ok()["rules"][0]["clauses"][0]["values"], json!(["a"]));
}

async fn two_halves_of_a_circle_at_once(store: Store) {
    let house = House::open(store).await;
    for i in 0..8 {
        let (a, b) = (format!("a{i}"), format!("b{i}"));
        tokio::join!(house.segment(&a), house.segment(&b));
        let (to_a, to_b) = ([a.as_str()], [b.as_str()]);
        let (one, other) = tokio::join!(house.nest(&a, &to_b), house.nest(&b, &to_a));
        let mut statuses = [one.status(), other.status()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "one of them must lose");
    }
}
