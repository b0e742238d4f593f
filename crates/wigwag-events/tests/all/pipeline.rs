//! From the intake to the store.

use std::path::Path;
use std::sync::Arc;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::json;
use wigwag_events::{EventMetrics, Intake, JournalConfig, Pipeline};
use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;
use wigwag_sdk::{EventBatch, EventSink, Taken};
use wigwag_store::Store;
use wigwag_store::volume::{ContextFilter, Grain, Span};

use crate::reading::{NOW, batch};

fn seen(key: &str) -> EventBatch {
    batch(&json!([{"kind": "index", "context": {"kind": "user", "key": key}}, {"kind": "index", "context": key},
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

/// With a journal in a directory.
fn intake(dir: &Path, metrics: EventMetrics) -> Arc<Intake> {
    let config = JournalConfig::in_directory(dir);
    Arc::new(Intake::open(config, &Ids::seeded(1), Clock::frozen(NOW), metrics).unwrap())
}

async fn keys(store: &Store) -> Vec<String> {
    let page = wigwag_store::volume::PageOf { limit: 99, after: None, ascending: true, count: true };
    let found = store.volume().contexts("env", &ContextFilter::every(), page).await.unwrap();
    found.items.into_iter().map(|context| context.key).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_is_recorded_before_the_end() {
    for store in [Store::temporary().await.unwrap(), wigwag_store::testing::postgres().await.unwrap()] {
        let ((registry, metrics), dir) = (registered(), tempfile::tempdir().unwrap());
        let intake = intake(dir.path(), metrics);
        // Batches may come before the store is open.
        assert_eq!(intake.take(seen("a")).await, Taken::Yes);
        let running = tokio::spawn(Pipeline::new(&intake).run(store.clone()));
        let again = EventBatch { payload_id: Some("p-1".into()), ..seen("b") };
        for _ in 0..3 {
            assert_eq!(intake.take(again.clone()).await, Taken::Yes);
        }
        assert_eq!(intake.take(EventBatch { env: "other".into(), ..again }).await, Taken::Yes);
        intake.close();
        running.await.unwrap();
        let used = store.volume().flag_use("env", None, 0).await.unwrap();
        assert_eq!((used.len(), used[0].variations.as_slice()), (1, &[0][..]));
        assert_eq!(keys(&store).await, ["a", "b"]);
        told(&registry, "wigwag_events_batches_repeated_total 2");
        told(&registry, "wigwag_events_batches_recorded_total 3");
        told(&registry, "wigwag_events_waiting_bytes 0");
        told(&registry, "wigwag_events_unclear_total 3");
        assert_eq!(intake.take(seen("late")).await, Taken::Full);
    }
}

/// Whether the process ended before a batch was recorded, or just after: it counts once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_is_recorded_once() {
    for store in [Store::temporary().await.unwrap(), wigwag_store::testing::postgres().await.unwrap()] {
        let dir = tempfile::tempdir().unwrap();
        for (round, key) in ["a", "b", "c"].into_iter().enumerate() {
            let held = intake(dir.path(), EventMetrics::default());
            assert_eq!(held.take(seen(key)).await, Taken::Yes);
            held.close();
            // The second one is left for the next start.
            if round != 1 {
                Pipeline::new(&held).run(store.clone()).await;
            }
            release(held, dir.path()).await;
        }
        assert_eq!(keys(&store).await, ["a", "b", "c"]);
        let span = Span { grain: Grain::Hour, from: NOW, to: NOW };
        let counted = store.volume().evaluations("env", "f", span).await.unwrap();
        assert_eq!(counted.iter().map(|each| (each.variation, each.count)).collect::<Vec<_>>(), [(Some(0), 6)]);
    }
}

/// Waits until the directory can be opened again.
async fn release(held: Arc<Intake>, dir: &Path) {
    drop(held);
    let lock = std::fs::File::open(dir.join("lock")).unwrap();
    while lock.try_lock().is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_there_is_no_room_for_is_refused_and_may_come_again() {
    let ((registry, metrics), dir) = (registered(), tempfile::tempdir().unwrap());
    let config = JournalConfig { most: 300, ..JournalConfig::in_directory(dir.path()) };
    let intake = Intake::open(config, &Ids::seeded(1), Clock::frozen(NOW), metrics).unwrap();
    let first = EventBatch { payload_id: Some("1".into()), ..seen("a") };
    let second = EventBatch { payload_id: Some("2".into()), ..seen("b") };
    assert_eq!(intake.take(first).await, Taken::Yes);
    assert_eq!(intake.take(second.clone()).await, Taken::Full);
    assert_eq!(intake.take(second).await, Taken::Full, "it counts as never sent");
    told(&registry, "wigwag_events_batches_shed_total 2");
    let intake = intake.with_room(10);
    assert_eq!(intake.take(seen("c")).await, Taken::Full);
    told(&registry, "wigwag_events_batches_shed_total 3");
}
