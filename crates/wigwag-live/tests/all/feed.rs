//! Environments and keys coming, changing and going.

use std::time::Duration;

use serde_json::json;
use wigwag_live::{Live, MemoryLog};
use wigwag_model::clock::Clock;
use wigwag_model::doc::Kind;

use crate::support::{Running, config, drain, env, flag, flag_doc, gone, key_of, piece};

fn knows(live: &Live, key: &str) -> bool {
    live.by_sdk_key(key).is_some()
}

#[tokio::test]
async fn every_kind_of_credential_finds_its_environment() {
    let running = Running::with(flag("f")).await;
    let id = |grant: Option<wigwag_live::Grant>| grant.map(|g| g.env.snapshot().settings().id.clone());
    assert_eq!(id(running.live.by_sdk_key("sdk-e")).as_deref(), Some("id-e"));
    assert_eq!(id(running.live.by_mobile_key("mob-e")).as_deref(), Some("id-e"));
    assert!(running.live.by_client_id("id-e").is_some());
    assert!(running.live.by_sdk_key("mob-e").is_none());
    assert!(running.live.by_sdk_key("").is_none());
    assert!(running.live.by_mobile_key("sdk-e").is_none());
}

#[tokio::test]
async fn a_removed_key_ends_its_streams_and_no_others() {
    let log = MemoryLog::default();
    log.commit(vec![env("e", &[key_of("sdk-e", None), key_of("sdk-old", Some(1_000))])]);
    let running = Running::start(log, Clock::frozen(0), Duration::from_secs(3600)).await;
    let mut kept = running.stream();
    let mut old = running.live.subscribe(running.live.by_sdk_key("sdk-old").unwrap(), wigwag_live::Feed::All);
    drain(&mut kept);
    drain(&mut old);

    running.log.commit(vec![env("e", &[key_of("sdk-e", None), key_of("sdk-new", None)])]);
    running.until(|live| knows(live, "sdk-new")).await;

    assert!(!knows(&running.live, "sdk-old"));
    assert_eq!(piece(&mut old).await, None);
    running.commit(flag("f")).await;
    assert!(piece(&mut kept).await.is_some());
}

#[tokio::test]
async fn an_expired_key_is_refused_at_once_and_its_streams_end() {
    let log = MemoryLog::default();
    log.commit(vec![env("e", &[key_of("sdk-e", None), key_of("sdk-old", Some(1_000))])]);
    let clock = Clock::frozen(999);
    let running = Running::start(log, clock.clone(), Duration::from_millis(16)).await;
    let mut old = running.live.subscribe(running.live.by_sdk_key("sdk-old").unwrap(), wigwag_live::Feed::All);
    drain(&mut old);

    clock.advance(1);
    assert!(!knows(&running.live, "sdk-old"));
    while piece(&mut old).await.is_some() {}

    // A later expiry brings it back for new streams.
    running.log.commit(vec![env("e", &[key_of("sdk-e", None), key_of("sdk-old", Some(5_000))])]);
    running.until(|live| knows(live, "sdk-old")).await;
    let mut again = running.live.subscribe(running.live.by_sdk_key("sdk-old").unwrap(), wigwag_live::Feed::All);
    assert!(piece(&mut again).await.is_some());
}

#[tokio::test]
async fn a_key_that_gets_or_loses_an_expiry_keeps_its_streams() {
    let running = Running::with(flag("f")).await;
    let mut stream = running.stream();
    drain(&mut stream);
    running.log.commit(vec![env("e", &[key_of("sdk-2", None), key_of("sdk-e", Some(10))])]);
    running.until(|live| knows(live, "sdk-2")).await;
    running.commit(vec![config("e", "f", false, &[])]).await;
    assert!(String::from_utf8(piece(&mut stream).await.unwrap()).unwrap().starts_with("event: patch"));
}

#[tokio::test]
async fn a_deleted_environment_ends_its_streams_and_may_come_back() {
    let running = Running::with(flag("f")).await;
    let mut stream = running.stream();
    drain(&mut stream);
    running.log.commit(vec![gone(Kind::FlagConfig, "p", "e", "f"), gone(Kind::Environment, "p", "", "e")]);
    running.until(|live| !knows(live, "sdk-e")).await;
    assert_eq!(piece(&mut stream).await, None);
    assert!(running.live.by_client_id("id-e").is_none());

    running.log.commit(vec![config("e", "f", true, &[]), env("e", &[key_of("sdk-e", None)])]);
    running.until(|live| knows(live, "sdk-e")).await;
    let put = String::from_utf8(drain(&mut running.stream())).unwrap();
    assert!(put.contains(r#""f":{"key":"f","version":3"#), "{put}");
}

#[tokio::test]
async fn archiving_is_a_deletion_to_sdks_and_undoing_it_a_newer_version() {
    let running = Running::with(flag("f")).await;
    let mut stream = running.stream();
    drain(&mut stream);
    let values = [json!(true), json!(false)];
    running.commit(vec![flag_doc("f", &values, true), config("e", "f", true, &[])]).await;
    let told = String::from_utf8(drain(&mut stream)).unwrap();
    assert_eq!(told, "event: delete\ndata: {\"path\":\"/flags/f\",\"version\":2}\n\n");
    running.commit(vec![flag_doc("f", &values, false), config("e", "f", true, &[])]).await;
    let told = String::from_utf8(drain(&mut stream)).unwrap();
    assert!(
        told.starts_with("event: patch\ndata: {\"path\":\"/flags/f\",\"data\":{\"key\":\"f\",\"version\":3,"),
        "{told}"
    );
}

#[tokio::test]
async fn a_document_that_cannot_be_read_does_not_take_the_others_along() {
    let mut broken = config("e", "g", true, &[]);
    broken.body = Some("{\"on\":7}".into());
    let mut writes = flag("f");
    writes.extend([flag_doc("g", &[json!(1)], false), broken]);
    let running = Running::with(writes).await;
    let snapshot = running.live.by_sdk_key("sdk-e").unwrap().env.snapshot();
    let keys: Vec<&str> = snapshot.flags().iter().map(|item| item.key()).collect();
    assert_eq!(keys, ["f"]);
}
