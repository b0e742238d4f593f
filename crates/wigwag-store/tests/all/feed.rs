//! The feed under load, and commits that arrive together.

use crate::support::{change, config, flag, no_facts, on_both_engines};
use std::collections::BTreeMap;
use std::time::Duration;
use wigwag_model::doc::Kind;
use wigwag_store::{Chain, Commit, Expect, FeedRow, IndexFacts, Scope, Store, StoreError, Write, WriteOp};

on_both_engines! {
    followers_see_every_commit_once_and_in_order;
    one_bad_commit_does_not_harm_its_neighbours;
    racing_writers_lose_no_update;
    uniques_hold_under_races;
    a_scope_deleted_in_a_storm_goes_whole;
}

const WRITERS: u64 = 32;
const EACH: u64 = 12;

/// Reads the feed from the start until it has seen `total` changes, waking with the watch.
async fn follow(store: Store, total: u64) -> Vec<FeedRow> {
    let mut watch = store.watch();
    let mut seen: Vec<FeedRow> = Vec::new();
    while (seen.len() as u64) < total {
        let after = seen.last().map_or(0, |row| row.seq);
        let next = store.feed(after, 7).await.unwrap();
        if next.is_empty() {
            let waited = tokio::time::timeout(Duration::from_secs(60), watch.wait_for(|head| *head > after)).await;
            waited.expect("the watch never told of a change").unwrap();
        }
        seen.extend(next);
    }
    seen
}

async fn followers_see_every_commit_once_and_in_order(store: Store) {
    let followers: Vec<_> = (0..2).map(|_| tokio::spawn(follow(store.clone(), WRITERS * EACH))).collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut done = Vec::new();
                for i in 0..EACH {
                    let keys = [config("test", &format!("w{writer}")), config("prod", &format!("w{writer}"))];
                    let writes = keys.map(|key| Write {
                        key,
                        expect: if i == 0 { Expect::Absent } else { Expect::Version(i) },
                        op: WriteOp::Put { body: format!("{writer}:{i}"), index: no_facts() },
                    });
                    let committed = store.commit(Commit::new(writes.into(), change())).await.unwrap();
                    assert_eq!(committed.versions, [i + 1, i + 1]);
                    done.push((committed.seq, format!("{writer}:{i}")));
                }
                done
            })
        })
        .collect();
    let mut done = BTreeMap::new();
    for writer in writers {
        done.extend(writer.await.unwrap());
    }
    assert_eq!(done.len() as u64, WRITERS * EACH, "no sequence was given twice");
    for follower in followers {
        let feed = follower.await.unwrap();
        assert!(feed.iter().map(|row| row.seq).eq(1..=WRITERS * EACH), "no gap, no repetition");
        for row in &feed {
            let bodies: Vec<_> = row.docs.iter().map(|doc| doc.body.as_deref().unwrap()).collect();
            assert_eq!(bodies, [&*done[&row.seq], &*done[&row.seq]]);
            assert_eq!((&*row.docs[0].key.env, &*row.docs[1].key.env), ("test", "prod"));
        }
    }
    assert!(matches!(store.verify_chain().await.unwrap(), Chain::Intact { seq, .. } if seq == WRITERS * EACH));
    assert_eq!(store.verify_documents().await.unwrap(), []);
}

async fn one_bad_commit_does_not_harm_its_neighbours(store: Store) {
    let taken = change();
    store
        .commit(Commit::new(vec![Write::create(flag("taken"), "{}".into(), no_facts())], taken.clone()))
        .await
        .unwrap();
    // Good ones among bad ones of every sort, all at once: those that the planner refuses, and one that
    // only the database can refuse (its id is taken), which takes the whole group's transaction along.
    let commits: Vec<Commit> = (0..40)
        .map(|i| {
            let good = Write::create(flag(&format!("good-{i}")), "{}".into(), no_facts().text("name", "x"));
            match i % 5 {
                0 => Commit::new(vec![good, Write::update(flag("taken"), 9, "{}".into(), no_facts())], change()),
                1 => Commit::new(vec![good, Write::create(flag("taken"), "{}".into(), no_facts())], change()),
                2 if i == 22 => Commit::new(vec![good], taken.clone()),
                _ => Commit::new(vec![good], change()),
            }
        })
        .collect();
    let tasks: Vec<_> = commits
        .into_iter()
        .map(|commit| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(commit).await })
        })
        .collect();
    for (i, task) in tasks.into_iter().enumerate() {
        let result = task.await.unwrap();
        let exists = store.get(&flag(&format!("good-{i}"))).await.unwrap().is_some();
        match i % 5 {
            0 | 1 => assert!(matches!(result, Err(StoreError::Conflict { .. })), "{i}: {result:?}"),
            2 if i == 22 => assert!(matches!(result, Err(StoreError::Invalid(_))), "{i}: {result:?}"),
            _ => assert!(result.is_ok(), "{i}: {result:?}"),
        }
        assert_eq!(exists, result.is_ok(), "{i}");
    }
    assert_eq!(store.verify_documents().await.unwrap(), []);
    assert_eq!(store.head().await.unwrap(), 24);
}

async fn racing_writers_lose_no_update(store: Store) {
    let key = flag("counter");
    store.commit(Commit::new(vec![Write::create(key.clone(), "0".into(), no_facts())], change())).await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (store, key) = (store.clone(), key.clone());
            tokio::spawn(async move {
                for _ in 0..5 {
                    loop {
                        let doc = store.get(&key).await.unwrap().unwrap();
                        let next = doc.decode::<u64>().unwrap() + 1;
                        let write = Write::update(key.clone(), doc.version, next.to_string(), no_facts());
                        match store.commit(Commit::new(vec![write], change())).await {
                            Ok(_) => break,
                            Err(StoreError::Conflict { .. }) => {}
                            Err(e) => panic!("{e}"),
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let doc = store.get(&key).await.unwrap().unwrap();
    assert_eq!((&*doc.body, doc.version), ("80", 81));
}

async fn uniques_hold_under_races(store: Store) {
    let tasks: Vec<_> = (0..24)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                let index = IndexFacts::new().unique("email", format!("e{}", i % 3));
                let write = Write::create(flag(&format!("f{i}")), "{}".into(), index);
                store.commit(Commit::new(vec![write], change())).await
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(e) => assert!(matches!(e, StoreError::Duplicate { .. }), "{e:?}"),
        }
    }
    assert_eq!(won, 3);
    assert_eq!(store.verify_documents().await.unwrap(), []);
}

async fn a_scope_deleted_in_a_storm_goes_whole(store: Store) {
    let writers: Vec<_> = (0..30)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                let write = Write::create(config("test", &format!("f{i}")), "{}".into(), no_facts().text("name", "x"));
                let deletes_under =
                    if i % 10 == 9 { vec![Scope::Environment("web".into(), "test".into())] } else { Vec::new() };
                store
                    .commit(Commit {
                        requires: Vec::new(),
                        holders: Vec::new(),
                        writes: vec![write],
                        deletes_under,
                        members: Vec::new(),
                        change: change(),
                    })
                    .await
                    .unwrap()
                    .seq
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    // Replaying the feed gives what is there: each deletion took exactly what was there before it.
    let mut replayed = BTreeMap::new();
    for row in store.feed(0, 100).await.unwrap() {
        let gone = row.docs.iter().filter(|doc| doc.body.is_none()).count();
        if row.docs.len() > 1 {
            assert_eq!(gone, replayed.len(), "change {}", row.seq);
        }
        for doc in row.docs {
            match doc.body {
                Some(body) => replayed.insert(doc.key, (doc.version, body)),
                None => replayed.remove(&doc.key),
            };
        }
    }
    let docs = store.scan(Kind::FlagConfig, None, None).await.unwrap();
    let now: BTreeMap<_, _> = docs.into_iter().map(|doc| (doc.key, (doc.version, doc.body))).collect();
    assert_eq!(replayed, now);
    assert_eq!(store.verify_documents().await.unwrap(), []);
}

/// Two stores on one database stand for two processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_one_log() {
    let place = crate::raw::Place::postgres().await;
    let stores = [place.open().await.unwrap(), place.open().await.unwrap()];
    let total = 2 * 8 * EACH;
    let followers: Vec<_> = stores.iter().map(|store| tokio::spawn(follow(store.clone(), total))).collect();
    let mut writers = Vec::new();
    for (i, store) in stores.iter().enumerate() {
        for writer in 0..8 {
            let store = store.clone();
            writers.push(tokio::spawn(async move {
                for n in 0..EACH {
                    let own =
                        Write::create(flag(&format!("{i}-{writer}-{n}")), "{}".into(), no_facts().text("name", "n"));
                    let shared = Write {
                        key: flag("shared"),
                        expect: Expect::Any,
                        op: WriteOp::Put { body: "{}".into(), index: no_facts().unique("id", "shared") },
                    };
                    store.commit(Commit::new(vec![own, shared], change())).await.unwrap();
                }
            }));
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    for follower in followers {
        let feed = follower.await.unwrap();
        assert!(feed.iter().map(|row| row.seq).eq(1..=total), "no gap, no repetition");
        assert!(feed.iter().all(|row| row.docs[1].version == row.seq), "each saw the one before");
    }
    assert!(matches!(stores[0].verify_chain().await.unwrap(), Chain::Intact { seq, .. } if seq == total));
    assert_eq!(stores[1].verify_documents().await.unwrap(), []);
}
