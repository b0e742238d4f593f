//! A signal ends streams cleanly, lets requests finish, and leaves a database that opens at once.

use rustix::process::Signal;
use wigwag_testkit::{Engine, TestServer};

use crate::process::Process;

#[tokio::test]
async fn streams_end_and_the_process_leaves_with_zero() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(&["--data-dir", dir.path().to_str().unwrap()], &[]);
    let mut stream = server.client("").stream("/all", &server.told("SDK key")).await;
    assert_eq!(stream.next().await.name, "put");
    server.signal(Signal::TERM);
    assert_eq!(stream.next_or_end().await, None, "the stream ends");
    assert_eq!(server.end().0, Some(0));
    let wal = dir.path().join("wigwag.db-wal");
    assert!(std::fs::metadata(&wal).map_or(0, |m| m.len()) == 0, "the log was checkpointed");
}

#[tokio::test]
async fn stopping_in_process_ends_streams_on_both_engines() {
    for engine in Engine::ALL {
        let mut server = TestServer::start(engine).await;
        let mut stream = server.all_stream("test").await;
        stream.next().await;
        server.stop().await;
        assert_eq!(stream.next_or_end().await, None);
    }
}
