//! Streams as cursors: order, catching up, heartbeats, the end.

use std::time::Duration;

use serde_json::json;
use wigwag_live::{Feed, MemoryLog};
use wigwag_model::clock::Clock;
use wigwag_model::doc::Kind;

use crate::sdk::Store;
use crate::support::{Running, config, drain, env, flag, flag_doc, gone, key_of, piece, segment};

#[tokio::test]
async fn an_empty_environment_puts_both_maps() {
    let running = Running::with(vec![]).await;
    let put = String::from_utf8(drain(&mut running.stream())).unwrap();
    assert_eq!(put, "event: put\ndata: {\"path\":\"/\",\"data\":{\"flags\":{},\"segments\":{}}}\n\n");
}

#[tokio::test]
async fn what_others_depend_on_is_sent_first() {
    let running = Running::with(vec![]).await;
    let mut stream = running.stream();
    drain(&mut stream);
    let values = [json!(true)];
    running
        .commit(vec![
            flag_doc("a", &values, false),
            config("e", "a", true, &["b"]),
            flag_doc("b", &values, false),
            config("e", "b", true, &["c"]),
            flag_doc("c", &values, false),
            config("e", "c", true, &[]),
            segment("e", "s1", &[], &["s2"]),
            segment("e", "s2", &["u"], &[]),
        ])
        .await;
    let told = String::from_utf8(drain(&mut stream)).unwrap();
    let paths: Vec<&str> = told.split("\"path\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(paths, ["/segments/s2", "/segments/s1", "/flags/c", "/flags/b", "/flags/a"]);
}

#[tokio::test]
async fn flags_that_require_each_other_are_still_sent() {
    let running = Running::with(vec![]).await;
    let mut stream = running.stream();
    drain(&mut stream);
    let values = [json!(true)];
    let writes = vec![
        flag_doc("a", &values, false),
        config("e", "a", true, &["b"]),
        flag_doc("b", &values, false),
        config("e", "b", true, &["a", "b"]),
    ];
    running.commit(writes).await;
    let mut store = Store::default();
    assert_eq!(store.read(&drain(&mut stream)), 2);
}

#[tokio::test]
async fn the_legacy_stream_has_bare_maps_and_no_segments() {
    let running = Running::with(flag("f")).await;
    let mut stream = running.live.subscribe(running.live.by_sdk_key("sdk-e").unwrap(), Feed::Flags);
    let put = String::from_utf8(drain(&mut stream)).unwrap();
    assert!(put.starts_with("event: put\ndata: {\"f\":{\"key\":\"f\","), "{put}");
    running.commit(vec![segment("e", "s", &["u"], &[])]).await;
    assert_eq!(drain(&mut stream), b"");
    running.commit(vec![config("e", "f", false, &[])]).await;
    let told = String::from_utf8(drain(&mut stream)).unwrap();
    assert!(
        told.starts_with("event: patch\ndata: {\"path\":\"/f\",\"data\":{\"key\":\"f\",\"version\":2,\"on\":false"),
        "{told}"
    );
    running.commit(vec![gone(Kind::FlagConfig, "p", "e", "f"), gone(Kind::Flag, "p", "", "f")]).await;
    assert_eq!(drain(&mut stream), b"event: delete\ndata: {\"path\":\"/f\",\"version\":3}\n\n");
}

#[tokio::test]
async fn a_stream_a_little_behind_gets_each_patch_and_one_far_behind_starts_over() {
    let running = Running::with(flag("f")).await;
    let (mut near, mut far) = (running.stream(), running.stream());
    let mut stores = [Store::default(), Store::default()];
    stores[0].read(&drain(&mut near));
    stores[1].read(&drain(&mut far));
    for n in 0..300 {
        running.commit(vec![config("e", "f", n % 2 == 0, &[])]).await;
        if n == 199 {
            assert!(stores[0].read(&drain(&mut near)) >= 1);
        }
    }
    // 100 changes are in the tail, 300 are not.
    assert_eq!(stores[0].read(&drain(&mut near)), 100);
    let told = drain(&mut far);
    assert!(told.starts_with(b"event: put"));
    assert_eq!(stores[1].read(&told), 1);
    assert_eq!(stores[0].items, stores[1].items);
    assert_eq!(stores[0].items["/flags/f"]["version"], 301);
}

#[tokio::test]
async fn a_change_in_the_middle_of_a_put_follows_it() {
    let many: Vec<_> = (0..200).flat_map(|n| flag(&format!("f{n:03}"))).collect();
    let running = Running::with(many).await;
    let mut stream = running.stream();
    let mut bytes = piece(&mut stream).await.unwrap();
    running.commit(vec![config("e", "f000", false, &[]), config("e", "f199", false, &[])]).await;
    bytes.extend(drain(&mut stream));
    let mut store = Store::default();
    assert_eq!(store.read(&bytes), 3);
    let snapshot = running.live.by_sdk_key("sdk-e").unwrap().env.snapshot();
    assert_eq!(store.items, Store::of(&snapshot));
}

#[tokio::test]
async fn an_idle_stream_hears_a_heartbeat() {
    let log = MemoryLog::default();
    log.commit(vec![env("e", &[key_of("sdk-e", None)])]);
    let running = Running::start(log, Clock::frozen(0), Duration::from_millis(32)).await;
    let mut stream = running.stream();
    drain(&mut stream);
    assert_eq!(piece(&mut stream).await.unwrap(), b":\n\n");
    assert_eq!(piece(&mut stream).await.unwrap(), b":\n\n");
}

#[tokio::test]
async fn closing_ends_all_streams() {
    let running = Running::with(flag("f")).await;
    let mut streams: Vec<_> = (0..40).map(|_| running.stream()).collect();
    for stream in &mut streams {
        drain(stream);
    }
    assert_eq!(running.live.stream_count(), 40);
    let mut waiting = streams.pop().unwrap();
    let end = tokio::spawn(async move { piece(&mut waiting).await });
    running.live.close();
    assert_eq!(end.await.unwrap(), None);
    for stream in &mut streams {
        assert_eq!(piece(stream).await, None);
    }
    drop(streams);
    assert_eq!(running.live.stream_count(), 0);
}

#[tokio::test]
async fn a_change_that_sdks_cannot_see_is_not_sent() {
    let running = Running::with(flag("f")).await;
    let mut stream = running.stream();
    drain(&mut stream);
    let mut renamed = flag("f").remove(0);
    renamed.body = renamed.body.map(|body| body.replace("\"name\":\"f\"", "\"name\":\"other\""));
    running.log.commit(vec![renamed]);
    running.commit(flag("g")).await;
    let mut store = Store::default();
    store.read(&drain(&mut stream));
    assert_eq!(store.items.keys().collect::<Vec<_>>(), ["/flags/g"]);
}
