//! PostgreSQL goes away and comes back while the store is open.

use crate::raw::Place;
use crate::support::{change, flag, no_facts};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use wigwag_store::testing::Server;
use wigwag_store::{Chain, Commit, Store, StoreConfig, StoreError, Write};

/// Waits until the store can be written to again, and returns the sequence of that commit.
async fn written(store: &Store) -> u64 {
    for _ in 0..600 {
        match store.commit(Commit::new(vec![], change())).await {
            Ok(done) => return done.seq,
            Err(StoreError::Unavailable(_) | StoreError::InDoubt(_)) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(e) => panic!("{e}"),
        }
    }
    panic!("the store never came back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_outlives_its_server() {
    let mut server = Server::start(false).unwrap();
    let store = Store::open(&StoreConfig::postgres(server.url("postgres"))).await.unwrap();
    let other = Store::open(&StoreConfig::postgres(server.url("postgres"))).await.unwrap();
    let create = Write::create(flag("a"), "1".into(), no_facts());
    store.commit(Commit::new(vec![create], change())).await.unwrap();

    server.crash().unwrap();
    // What is kept in memory is told of until somebody looks in vain: others may have written.
    assert!(matches!(store.look().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.get(&flag("a")).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.commit(Commit::new(vec![], change())).await, Err(StoreError::Unavailable(_))));
    server.resume().unwrap();

    let seq = written(&store).await;
    assert_eq!(&*store.get(&flag("a")).await.unwrap().unwrap().body, "1");
    assert_eq!(store.look().await.unwrap(), seq);
    assert_eq!(&*store.get(&flag("a")).await.unwrap().unwrap().body, "1", "from memory again");
    // The other process's follower has connected anew and hears of it.
    let heard = tokio::time::timeout(Duration::from_secs(30), async {
        other.watch().wait_for(|head| *head >= seq).await.map(drop)
    });
    heard.await.expect("the follower never came back").unwrap();
}

/// The connection breaks after the server has committed and before it can say so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_known_to_be_done() {
    let server = Server::start(false).unwrap();
    let socket = server.socket();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://postgres@{}/postgres", listener.local_addr().unwrap());
    let armed = Arc::new(AtomicBool::new(false));
    tokio::spawn({
        let armed = Arc::clone(&armed);
        async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(between(client, server, Arc::clone(&armed)));
            }
        }
    });
    let store = Store::open(&StoreConfig::postgres(url)).await.unwrap();
    for i in 0..3 {
        armed.store(true, Ordering::SeqCst);
        let write = Write::create(flag(&format!("f{i}")), "{}".into(), no_facts().text("name", "x"));
        let done = store.commit(Commit::new(vec![write], change())).await.unwrap();
        assert_eq!((done.seq, &*done.versions), (i + 1, &[1][..]));
        assert!(!armed.load(Ordering::SeqCst), "the answer was not lost");
    }
    // The same on what the writer remembers: without reading before.
    for i in 0..3 {
        let body = i.to_string();
        for lost in [false, true] {
            armed.store(lost, Ordering::SeqCst);
            let write = Write::update(flag("f0"), 2 * i + 1 + u64::from(lost), body.clone(), no_facts());
            let done = store.commit(Commit::new(vec![write], change())).await.unwrap();
            assert_eq!(done.seq, 3 + 2 * i + 1 + u64::from(lost));
            assert!(!armed.load(Ordering::SeqCst), "the answer was not lost");
        }
    }
    assert_eq!(store.head().await.unwrap(), 9);
}

/// Carries bytes both ways. Once armed, it loses the answer to the next commit, and the connection with it.
async fn between(client: TcpStream, server: UnixStream, armed: Arc<AtomicBool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let losing = Arc::new(AtomicBool::new(false));
    let up = async {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
            // Our commits tell of themselves on this channel; they are one write.
            if bytes[..n].windows(10).any(|param| param == b"\0\0\0\x06wigwag") && armed.swap(false, Ordering::SeqCst) {
                losing.store(true, Ordering::SeqCst);
            }
            if to_server.write_all(&bytes[..n]).await.is_err() {
                break;
            }
        }
    };
    let down = async {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(n @ 1..) = from_server.read(&mut bytes).await {
            if losing.load(Ordering::SeqCst) {
                // Done only once the server says that no transaction is open any more: then all is dropped.
                if bytes[..n].ends_with(b"Z\0\0\0\x05I") {
                    break;
                }
            } else if to_client.write_all(&bytes[..n]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! { () = up => {}, () = down => {} }
}

/// Connections are cut at random moments, commits under way included. What was acknowledged is there
/// once; of what was said to be unavailable, nothing is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_connection_leaves_no_doubt() {
    let place = Place::postgres().await;
    let store = place.open().await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..6)
        .map(|writer| {
            let (store, over) = (store.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let mut outcomes = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let key = flag(&format!("{writer}-{}", outcomes.len()));
                    let write = Write::create(key.clone(), "{}".into(), no_facts().unique("id", &*key.key));
                    outcomes.push((key, store.commit(Commit::new(vec![write], change())).await));
                }
                outcomes
            })
        })
        .collect();
    for _ in 0..25 {
        let head = store.watch().borrow().wrapping_add(10);
        let went_on = tokio::time::timeout(Duration::from_secs(30), async {
            store.watch().wait_for(|seq| *seq >= head).await.map(drop)
        });
        went_on.await.expect("the writers got stuck").unwrap();
        place
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await;
    }
    over.store(true, Ordering::Relaxed);
    let mut done = 0;
    for writer in writers {
        for (key, outcome) in writer.await.unwrap() {
            let doc = store.get(&key).await.unwrap();
            match outcome {
                Ok(committed) => {
                    let doc = doc.unwrap_or_else(|| panic!("lost {key}"));
                    assert_eq!((doc.seq, doc.version), (committed.seq, 1));
                    done += 1;
                }
                Err(StoreError::Unavailable(_)) => assert_eq!(doc, None, "written all the same: {key}"),
                Err(e) => panic!("{key}: {e}"),
            }
        }
    }
    assert!(matches!(store.verify_chain().await.unwrap(), Chain::Intact { seq, .. } if seq == done));
    assert_eq!(store.verify_documents().await.unwrap(), []);
}
