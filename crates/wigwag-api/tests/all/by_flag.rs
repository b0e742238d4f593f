//! Evaluations of one flag in detail, and of a page of flags at a glance.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_store::Store;
use wigwag_store::volume::{Batch, Count, Sender, SenderKind, Usage};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    /// By variation, and by who asked.
    a_flag_is_told_in_detail;
    /// Days of many flags in one request.
    many_flags_are_told_at_a_glance;
}

const TEST: &str = "/api/v2/projects/default/environments/test";
const DAY: i64 = 86_400_000;

impl House {
    async fn counted(&self, flag: &str, at: i64, sdk: &str, variation: Option<u32>, count: u64) {
        let sender =
            Sender { kind: SenderKind::Server, sdk: sdk.into(), application: "shop".into(), ..Sender::default() };
        let usage = Usage {
            env: self.env_id().await.as_str().into(),
            flag: flag.into(),
            at,
            application: "".into(),
            sender: Arc::new(sender),
            fallback: None,
            kinds: Vec::new(),
            counts: vec![Count { variation, version: 3, count }],
        };
        self.store.volume().record(Batch { usage: vec![usage], ..Batch::default() }).await.unwrap();
    }
}

fn sums(list: &Value, label: &str) -> Vec<(Value, Value, i64)> {
    let about = list["metadata"].as_array().unwrap().iter().enumerate();
    about
        .map(|(n, about)| {
            let points = list["series"].as_array().unwrap().iter();
            let sum = points.map(|point| point[n.to_string()].as_i64().unwrap()).sum();
            (about["variation"].clone(), about[label].clone(), sum)
        })
        .collect()
}

async fn a_flag_is_told_in_detail(store: Store) {
    let house = House::open(store).await;
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    house.counted("lamp", NOW - DAY, "GoClient", Some(0), 3).await;
    house.counted("lamp", NOW, "GoClient", Some(1), 4).await;
    house.counted("lamp", NOW, "NodeJSClient", Some(0), 5).await;
    house.counted("lamp", NOW, "NodeJSClient", None, 1).await;
    house.counted("other", NOW, "GoClient", Some(0), 99).await;
    let path = format!("{TEST}/flags/lamp/evaluations");
    let list = house.get(&path).await.ok();
    assert_eq!(list["series"].as_array().unwrap().len(), 8, "seven days back, and today");
    assert_eq!(
        sums(&list, "value"),
        [(json!(0), json!(true), 8), (json!(1), json!(false), 4), (Value::Null, Value::Null, 1)]
    );
    let list = house.get(&format!("{path}?groupBy=sdkName&from={}", NOW - 3 * 3_600_000)).await.ok();
    let hours = list["series"].as_array().unwrap();
    assert_eq!(hours[1]["time"].as_i64().unwrap() - hours[0]["time"].as_i64().unwrap(), 3_600_000);
    let found = sums(&list, "sdkName");
    assert!(found.contains(&(json!(0), json!("NodeJSClient"), 5)), "{found:?}");
    assert!(found.contains(&(json!(1), json!("GoClient"), 4)), "{found:?}");
    assert_eq!(found.len(), 3, "{found:?}");
    let list = house.get(&format!("{path}?sdkName=GoClient&groupBy=flagVersion,sdkAppId")).await.ok();
    assert_eq!(sums(&list, "flagVersion"), [(json!(0), json!("3"), 3), (json!(1), json!("3"), 4)]);
    assert_eq!(list["metadata"][0]["sdkAppId"], "shop");
    house.get(&format!("{path}?groupBy=colour")).await.refused(400, "invalid_request");
    house.get(&format!("{path}?from=yesterday")).await.refused(400, "invalid_request");
    house.get(&format!("{TEST}/flags/none/evaluations")).await.refused(404, "not_found");
}

async fn many_flags_are_told_at_a_glance(store: Store) {
    let house = House::open(store).await;
    house.counted("a", NOW - 6 * DAY, "GoClient", Some(0), 3).await;
    house.counted("a", NOW - 7 * DAY, "GoClient", Some(0), 100).await;
    house.counted("a", NOW, "GoClient", Some(1), 4).await;
    house.counted("a", NOW, "NodeJSClient", Some(1), 2).await;
    house.counted("b", NOW, "GoClient", None, 1).await;
    let path = format!("{TEST}/evaluations/sparklines");
    let list = house.post(&path, json!({"flags": ["b", "a", "none"]})).await.ok();
    assert_eq!(list["step"], DAY);
    assert_eq!(list["from"], NOW.div_euclid(DAY) * DAY - 6 * DAY);
    let a = json!({"key": "a", "total": 9, "counts": [3, 0, 0, 0, 0, 0, 6], "variations": [
        {"variation": 0, "counts": [3, 0, 0, 0, 0, 0, 0]}, {"variation": 1, "counts": [0, 0, 0, 0, 0, 0, 6]}]});
    assert_eq!(list["items"][1], a);
    assert_eq!((&list["items"][0]["key"], &list["items"][0]["total"]), (&json!("b"), &json!(1)));
    assert_eq!(list["items"][0]["variations"][0]["variation"], Value::Null);
    assert_eq!(list["items"][2], json!({"key": "none", "total": 0, "counts": [0, 0, 0, 0, 0, 0, 0], "variations": []}));
    let list = house.post(&path, json!({"flags": ["a"], "days": 8})).await.ok();
    assert_eq!(list["items"][0]["counts"], json!([100, 3, 0, 0, 0, 0, 0, 6]));
    let many: Vec<_> = (0..101).map(|n| n.to_string()).collect();
    for (field, body) in [
        ("flags", json!({"flags": many})),
        ("flags", json!({})),
        ("days", json!({"flags": [], "days": 31})),
        ("days", json!({"flags": [], "days": 0})),
    ] {
        let message = house.post(&path, body).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{message}");
    }
    assert_eq!(house.post(&path, json!({"flags": many[..100]})).await.ok()["items"].as_array().unwrap().len(), 100);
    let powerless = house.powerless().await;
    let headers = [("authorization", powerless.as_str())];
    house.raw(&format!("POST {path}"), &headers, "{\"flags\":[]}").await.refused(403, "forbidden");
}
