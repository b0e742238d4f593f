//! PostgreSQL goes away and comes back while the store is open.

use crate::raw::Place;
use crate::support::{change, flag, no_facts};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
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
    assert!(matches!(store.get(&flag("a")).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.commit(Commit::new(vec![], change())).await, Err(StoreError::Unavailable(_))));
    server.resume().unwrap();

    let seq = written(&store).await;
    assert_eq!(&*store.get(&flag("a")).await.unwrap().unwrap().body, "1");
    // The other process's follower has connected anew and hears of it.
    let heard = tokio::time::timeout(Duration::from_secs(30), async {
        other.watch().wait_for(|head| *head >= seq).await.map(drop)
    });
    heard.await.expect("the follower never came back").unwrap();
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
