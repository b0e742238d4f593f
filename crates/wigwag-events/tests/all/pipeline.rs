//! From the intake to the store.

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::json;
use wigwag_events::{EventMetrics, Pipeline};
use wigwag_sdk::{EventBatch, EventSink, Taken};
use wigwag_store::Store;
use wigwag_store::volume::ContextFilter;

use crate::reading::batch;

fn seen(key: &str) -> EventBatch {
    batch(&json!([{"kind": "index", "context": {"kind": "user", "key": key}},
        {"kind": "summary", "features": {"f": {"counters": [{"variation": 0, "version": 1, "count": 2}]}}}]))
}

fn registered() -> (Registry, EventMetrics) {
    let mut registry = Registry::default();
    let metrics = EventMetrics::register(&mut registry);
    (registry, metrics)
}

fn told(registry: &Registry, line: &str) {
    let mut text = String::new();
    encode(&mut text, registry).unwrap();
    assert!(text.contains(line), "{line} is not in\n{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_is_recorded_before_the_end() {
    for store in [Store::temporary().await.unwrap(), wigwag_store::testing::postgres().await.unwrap()] {
        let (registry, metrics) = registered();
        let (intake, pipeline) = Pipeline::new(metrics);
        // Batches may come before the store is open.
        assert_eq!(intake.take(seen("a")), Taken::Yes);
        let running = tokio::spawn(pipeline.run(store.clone()));
        let again = EventBatch { payload_id: Some("p-1".into()), ..seen("b") };
        for _ in 0..3 {
            assert_eq!(intake.take(again.clone()), Taken::Yes);
        }
        assert_eq!(intake.take(EventBatch { env: "other".into(), ..again }), Taken::Yes);
        intake.close();
        running.await.unwrap();
        let used = store.volume().flag_use("env", None, 0).await.unwrap();
        assert_eq!((used.len(), used[0].variations.as_slice()), (1, &[0][..]));
        let page = wigwag_store::volume::PageOf { limit: 9, after: None, ascending: true, count: true };
        let found = store.volume().contexts("env", &ContextFilter::every(), page).await.unwrap();
        assert_eq!(found.items.iter().map(|c| c.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        told(&registry, "wigwag_events_batches_repeated_total 2");
        told(&registry, "wigwag_events_batches_recorded_total 3");
        told(&registry, "wigwag_events_waiting_bytes 0");
        assert_eq!(intake.take(seen("late")), Taken::Full);
    }
}

#[test]
fn what_there_is_no_room_for_is_refused_and_may_come_again() {
    let (registry, metrics) = registered();
    let (intake, _pipeline) = Pipeline::new(metrics);
    let intake = intake.with_room(200);
    let first = EventBatch { payload_id: Some("1".into()), ..seen("a") };
    let second = EventBatch { payload_id: Some("2".into()), ..seen("b") };
    assert_eq!(intake.take(first), Taken::Yes);
    assert_eq!(intake.take(second.clone()), Taken::Full);
    assert_eq!(intake.take(second), Taken::Full, "it counts as never sent");
    told(&registry, "wigwag_events_batches_shed_total 2");
}
