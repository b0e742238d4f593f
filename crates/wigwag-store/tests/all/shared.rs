//! Stores on PostgreSQL. Of several on one database, each with what it keeps in memory, whoever looks is told what any wrote.

use crate::raw::Place;
use crate::support::{change, config, flag, no_facts, put};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wigwag_model::doc::Kind;
use wigwag_store::{Commit, DocKey, Expect, Store, Write, WriteOp};

const STORES: usize = 3;
/// Changes that each writer makes.
const EACH: usize = 60;

async fn stores(place: &Place) -> Vec<Store> {
    let mut stores = Vec::new();
    for _ in 0..STORES {
        stores.push(place.open().await.unwrap());
    }
    stores
}

fn environment(key: &str) -> DocKey {
    DocKey::in_project(Kind::Environment, "web", key)
}

fn set(key: DocKey, expect: Expect, body: &str) -> Write {
    Write { key, expect, op: WriteOp::Put { body: body.into(), index: no_facts() } }
}

/// All ways to read what is kept, which say the same.
async fn read(store: &Store, name: &str) -> Option<String> {
    let (one, two) = (environment(name), config("test", name));
    let docs = store.get_many(&[one.clone(), two]).await.unwrap();
    let bodies: Vec<_> = docs.iter().map(|doc| doc.as_ref().map(|doc| doc.body.to_string())).collect();
    assert_eq!(bodies[0], bodies[1], "two that are written together, as of one moment");
    bodies[0].clone()
}

/// Each writer has a pair of documents, which it writes at one store after the other and reads at the next. Others
/// write meanwhile, so that no store's memory is ever far from being outdated.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_reads_what_others_wrote() {
    let place = Place::postgres().await;
    let stores = Arc::new(stores(&place).await);
    let over = Arc::new(AtomicBool::new(false));
    let watching: Vec<_> = (0..STORES)
        .map(|at| {
            let (stores, over) = (Arc::clone(&stores), Arc::clone(&over));
            tokio::spawn(async move {
                while !over.load(Ordering::SeqCst) {
                    read(&stores[at], "w0").await;
                    // What is in memory is there at once.
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let writing: Vec<_> = (0..4)
        .map(|writer| {
            let stores = Arc::clone(&stores);
            tokio::spawn(async move {
                let name = format!("w{writer}");
                let mut version = 0;
                for n in 0..EACH {
                    let (wrote, reads) = (&stores[n % STORES], &stores[(n + 1 + writer % 2) % STORES]);
                    let body = n.to_string();
                    // Now and then they are deleted, and made again.
                    let gone = n % 7 == 6;
                    let expect = if n == 0 || n % 7 == 0 { Expect::Absent } else { Expect::Version(version) };
                    let write = |key| {
                        if gone { Write { key, expect, op: WriteOp::Delete } } else { set(key, expect, &body) }
                    };
                    let done = put(wrote, vec![write(environment(&name)), write(config("test", &name))]).await.unwrap();
                    version = done.versions[0];
                    assert!(reads.look().await.unwrap() >= done.seq);
                    assert_eq!(read(reads, &name).await, (!gone).then_some(body));
                    let listed = reads.few_of(Kind::Environment, "web").await.unwrap();
                    let listed = listed.iter().find(|doc| doc.key == environment(&name));
                    assert_eq!(listed.map(|doc| doc.version), (!gone).then_some(version));
                    let written = reads.written(done.seq - 1, done.seq, &[Kind::Environment]).await.unwrap();
                    assert_eq!(written, [environment(&name)]);
                }
            })
        })
        .collect();
    for writer in writing {
        writer.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for watcher in watching {
        watcher.await.unwrap();
    }
}

/// Whoever is far behind asks the database: what is in memory is not up to date, however long it takes until it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_behind_is_not_told_what_was() {
    let place = Place::postgres().await;
    let stores = stores(&place).await;
    let (writes, reads) = (&stores[0], &stores[1]);
    put(writes, vec![set(flag("a"), Expect::Absent, "0")]).await.unwrap();
    for many in [1, 20, 200, 1100] {
        reads.look().await.unwrap();
        assert!(reads.get(&flag("a")).await.unwrap().is_some(), "it is in memory");
        let mut last = 0;
        for n in 1..=many {
            last = put(writes, vec![set(flag("a"), Expect::Any, &n.to_string())]).await.unwrap().seq;
        }
        assert_eq!(reads.look().await.unwrap(), last);
        let doc = reads.get(&flag("a")).await.unwrap().unwrap();
        assert_eq!((doc.seq, &*doc.body), (last, &*many.to_string()));
        let feed = reads.feed(last - 1, 10).await.unwrap();
        assert_eq!(feed.iter().map(|row| row.seq).collect::<Vec<_>>(), [last]);
    }
}

/// A server takes over that lacks the last changes, and others are made in their place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_longer_in_the_log_is_forgotten() {
    let place = Place::postgres().await;
    let stores = stores(&place).await;
    for n in 0..3 {
        put(&stores[0], vec![set(flag("a"), Expect::Any, &n.to_string())]).await.unwrap();
    }
    let body = async |store: &Store| store.get(&flag("a")).await.unwrap().unwrap().body.to_string();
    for store in &stores {
        store.look().await.unwrap();
        assert_eq!(body(store).await, "2");
    }
    place
        .execute(
            "DELETE FROM changes WHERE seq = 3; DELETE FROM versions WHERE seq = 3;
             UPDATE docs SET seq = 2, version = 2, body = '1'",
        )
        .await;
    put(&stores[1], vec![set(flag("a"), Expect::Version(2), "another")]).await.unwrap();
    for store in &stores {
        store.look().await.unwrap();
        assert_eq!(body(store).await, "another");
        // Nobody has to ask for it to be found out.
        tokio::time::timeout(Duration::from_secs(30), store.changes_lost()).await.expect("it is told");
    }
}

/// Lists choose how to go about it by how large tables are said to be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statistics_keep_up_with_what_is_written() {
    let place = Place::postgres().await;
    let store = place.open().await.unwrap();
    for n in 0..12 {
        let flags = (0..100).map(|m| {
            let facts = no_facts().text("name", format!("{n}-{m}"));
            Write::create(flag(&format!("f{n}-{m}")), "{}".into(), facts)
        });
        put(&store, flags.collect()).await.unwrap();
    }
    // Autovacuum would be there within a minute.
    let known = async || place.value("SELECT analyze_count AS v FROM pg_stat_user_tables WHERE relname = 'ix'").await;
    let told = async {
        while known().await == "0" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), told).await.expect("they are taken");
}

/// A primary took over that lacks the last change: the next is not written on top of what is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_behind_a_change_that_is_gone() {
    let place = Place::postgres().await;
    let store = place.open().await.unwrap();
    let key = flag("a");
    let commit = |body: &str| {
        let op = WriteOp::Put { body: body.into(), index: no_facts() };
        let write = Write { key: key.clone(), expect: Expect::Any, op };
        Commit::new(vec![write], change())
    };
    for seq in 1..=3 {
        assert_eq!(store.commit(commit("{}")).await.unwrap().seq, seq);
    }
    place.execute("DELETE FROM versions WHERE seq = 3").await;
    place.execute("DELETE FROM changes WHERE seq = 3").await;
    assert_eq!(store.commit(commit("[]")).await.unwrap().seq, 3);
}
