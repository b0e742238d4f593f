//! Slow readers: nobody waits for them, nothing piles up for them, and in the end they are let go.

use std::time::Duration;

use crate::client::Connection;
use crate::evaluation::{ADA, MOBILE, b64};
use crate::server::{BOUND, KEY, Options, Server, config, flag};

/// Readers are let go by no clock, however long a test takes.
fn patient() -> Options {
    let mut options = Options::default();
    options.serve.write_stall = Duration::from_secs(3600);
    options
}

/// Far more than a pair of sockets can hold, in one environment.
fn much() -> Vec<wigwag_live::MemoryWrite> {
    (0..80).flat_map(|n| flag(&format!("big-{n}"), 200_000)).chain(flag("f", 0)).collect()
}

#[tokio::test]
async fn a_slow_reader_holds_nobody_up_and_catches_up_by_itself() {
    let server = Server::with(patient(), much()).await;
    let mut slow = Connection::slow_stream(server.address, "/all", KEY).await;
    let (mut quick, ..) = Connection::stream(server.address, "/all").await;
    assert!(quick.event().await.unwrap().starts_with("event: put"));
    // The slow one is stuck in its put while all this happens.
    for n in 2..=400 {
        server.commit(vec![config("f")]).await;
        let patch = quick.event().await.unwrap();
        assert!(patch.contains(&format!("\"path\":\"/flags/f\",\"data\":{{\"key\":\"f\",\"version\":{n},")));
    }
    assert!(slow.event().await.unwrap().contains("\"f\":{\"key\":\"f\",\"version\":1,"));
    // 399 changes are more than the tail holds: the slow one starts over, and gets nothing twice.
    let put = slow.event().await.unwrap();
    assert!(put.starts_with("event: put") && put.contains("\"f\":{\"key\":\"f\",\"version\":400,"));
    server.commit(vec![config("f")]).await;
    assert!(slow.event().await.unwrap().contains("\"version\":401,"));
}

/// Streams that are not `/all`: of the newer protocol, and of results for a context by either.
fn others() -> [(String, &'static str); 3] {
    let context = b64(ADA);
    [
        ("/sdk/stream".to_owned(), KEY),
        (format!("/meval/{context}"), MOBILE),
        (format!("/sdk/stream/eval/{context}"), MOBILE),
    ]
}

#[tokio::test]
async fn nothing_piles_up_for_slow_readers_of_other_streams() {
    let server = Server::with(patient(), much()).await;
    let mut slow = Vec::new();
    for (target, key) in others() {
        slow.push((Connection::slow_stream(server.address, &target, key).await, target));
    }
    let (mut quick, ..) = Connection::stream(server.address, "/all").await;
    quick.event().await.unwrap();
    for _ in 0..400 {
        server.commit(vec![config("f")]).await;
        quick.event().await.unwrap();
    }
    server.commit(flag("f", 5)).await;
    for (mut slow, target) in slow {
        // Everything as it was and as it is, in 82 objects by the newer protocol: fewer than there were changes.
        let mut pieces = 0;
        while !slow.event().await.expect("the stream goes on").contains("\"xxxxx\"") {
            pieces += 1;
            assert!(pieces < 300, "{target}");
        }
    }
}

#[tokio::test]
async fn readers_of_other_streams_that_stopped_are_let_go() {
    let mut options = Options::default();
    options.serve.write_stall = Duration::from_millis(100);
    let server = Server::with(options, much()).await;
    let mut stuck = Vec::new();
    for (target, key) in others() {
        stuck.push(Connection::slow_stream(server.address, &target, key).await);
    }
    server.until(|live| live.stream_count() == 0).await;
    drop(stuck);
}

#[tokio::test]
async fn a_reader_that_stopped_is_let_go() {
    let mut options = Options::default();
    options.serve.write_stall = Duration::from_millis(100);
    let server = Server::with(options, much()).await;
    let stuck = Connection::slow_stream(server.address, "/all", KEY).await;
    let (mut quick, ..) = Connection::stream(server.address, "/all").await;
    quick.event().await.unwrap();
    server.until(|live| live.stream_count() == 1).await;
    server.commit(vec![config("f")]).await;
    assert!(quick.event().await.unwrap().contains("\"version\":2,"));
    drop(stuck);
}

#[tokio::test]
async fn a_reader_that_is_slow_but_goes_on_is_kept() {
    let mut options = Options::default();
    options.serve.write_stall = BOUND;
    let server = Server::with(options, much()).await;
    let mut slow = Connection::slow_stream(server.address, "/all", KEY).await;
    let put = slow.event().await.unwrap();
    assert!(put.len() > 16_000_000);
    server.commit(vec![config("f")]).await;
    assert!(slow.event().await.unwrap().contains("\"version\":2,"));
}
