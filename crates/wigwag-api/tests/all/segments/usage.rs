//! What uses a segment.

use serde_json::json;
use wigwag_store::Store;

use super::{SEGMENTS, asks, path};
use crate::support::{House, on_both_engines};

on_both_engines! {
    flags_that_ask;
    what_is_in_use_stays;
}

async fn ask(house: &House, flag: &str, env: &str, segments: &[&str]) {
    let mut rule = asks(segments);
    rule["variation"] = json!(0);
    let patch = json!([{"op": "replace", "path": format!("/environments/{env}/rules"), "value": [rule]}]);
    house.patch(&format!("/api/v2/flags/default/{flag}"), patch).await.ok();
}

async fn flags_that_ask(store: Store) {
    let house = House::open(store).await;
    house.segment("s").await;
    for key in ["f", "g", "h"] {
        house.boolean(key).await;
    }
    ask(&house, "f", "test", &["other", "s"]).await;
    ask(&house, "g", "production", &["s"]).await;
    let shown = house.get(&path("s")).await.ok();
    let expected = json!([{
        "name": "f", "key": "f",
        "_links": {
            "self": {"href": "/api/v2/flags/default/f", "type": "application/json"},
            "parent": {"href": "/api/v2/flags/default", "type": "application/json"},
        },
        "_site": {"href": "/default/test/features/f", "type": "text/html"},
    }]);
    assert_eq!(shown["_flags"], expected);
    assert!(house.get(SEGMENTS).await.ok()["items"][0].get("_flags").is_none());
}

async fn what_is_in_use_stays(store: Store) {
    let house = House::open(store).await;
    for key in ["s", "t"] {
        house.segment(key).await;
    }
    for i in 0..12 {
        house.boolean(&format!("f{i:02}")).await;
        ask(&house, &format!("f{i:02}"), "test", &["s"]).await;
    }
    house.nest("t", &["s"]).await.ok();
    let head = house.head().await;
    let message = house.delete(&path("s")).await.refused(409, "conflict");
    let flags = "f00, f01, f02, f03, f04, f05, f06, f07, f08, f09 and 2 more";
    assert_eq!(message, format!("Segment is still in use by the flags {flags} and the segments t"));
    assert_eq!(house.head().await, head);
    for i in 0..12 {
        ask(&house, &format!("f{i:02}"), "test", &[]).await;
    }
    let message = house.delete(&path("s")).await.refused(409, "conflict");
    assert_eq!(message, "Segment is still in use by the segments t");
    house.delete(&path("t")).await.ok();
    house.delete(&path("s")).await.ok();
}
