//! Sessions and passes: rows that are no changes.

use crate::support::on_both_engines;
use wigwag_store::{Pass, SessionRow, Store};

on_both_engines! {
    sessions;
    passes;
    one_of_many_takes_a_pass;
}

fn session(hash: &str, member: &str, created: i64) -> SessionRow {
    SessionRow {
        hash: hash.into(),
        id: format!("id-{hash}"),
        member: member.into(),
        created,
        seen: created,
        expires: created + 1_000,
        agent: "Browser \u{1f600}".into(),
        address: "::1".into(),
        how: "password".into(),
    }
}

fn pass(hash: &str, kind: &str) -> Pass {
    Pass { hash: hash.into(), kind: kind.into(), member: "ann".into(), expires: 10, body: "{}".into() }
}

async fn sessions(store: Store) {
    let head = store.head().await.unwrap();
    for (hash, member, created) in [("a", "ann", 1), ("b", "ann", 2), ("c", "ann", 3), ("d", "bob", 2_000)] {
        store.put_session(&session(hash, member, created)).await.unwrap();
    }
    assert!(store.put_session(&session("a", "eve", 9)).await.is_err(), "a hash is taken once");
    assert_eq!(store.session("a").await.unwrap(), Some(session("a", "ann", 1)));
    assert_eq!(store.session("x").await.unwrap(), None);
    let hashes = async |member: &str| -> Vec<String> {
        store.sessions_of(member).await.unwrap().into_iter().map(|s| s.hash).collect()
    };
    assert_eq!(hashes("ann").await, ["c", "b", "a"]);
    store.session_seen("a", 500).await.unwrap();
    store.session_seen("a", 400).await.unwrap();
    assert_eq!(store.session("a").await.unwrap().unwrap().seen, 500);
    assert!(!store.end_session_named("bob", "id-a").await.unwrap(), "of another member");
    assert!(store.end_session_named("ann", "id-c").await.unwrap());
    assert!(store.end_session("b").await.unwrap() && !store.end_session("b").await.unwrap());
    store.put_session(&session("e", "ann", 4)).await.unwrap();
    assert_eq!(store.end_sessions("ann", "e").await.unwrap(), 1);
    assert_eq!(hashes("ann").await, ["e"]);
    assert_eq!(store.all_sessions().await.unwrap().len(), 2);
    assert_eq!(store.forget_sessions(1_004, 0).await.unwrap(), 1, "the one that ended");
    assert_eq!(store.forget_sessions(0, 2_000).await.unwrap(), 1, "the one that was idle");
    assert_eq!(store.head().await.unwrap(), head, "nothing of it is a change");
}

async fn passes(store: Store) {
    assert!(store.put_pass(&pass("a", "reset")).await.unwrap());
    assert!(!store.put_pass(&pass("a", "other")).await.unwrap());
    assert_eq!(store.pass("other", "a").await.unwrap(), None, "it is good for one thing");
    assert_eq!(store.pass("reset", "a").await.unwrap(), Some(pass("a", "reset")));
    assert!(!store.change_pass("a", "other", "bob", "{1}").await.unwrap());
    assert!(store.change_pass("a", "{}", "bob", "{1}").await.unwrap());
    let changed = store.pass("reset", "a").await.unwrap().unwrap();
    assert_eq!((&*changed.member, &*changed.body), ("bob", "{1}"));
    assert_eq!(store.drop_passes("bob", "other").await.unwrap(), 0);
    assert_eq!(store.drop_passes("bob", "reset").await.unwrap(), 1);
    store.put_pass(&pass("b", "reset")).await.unwrap();
    assert_eq!(store.forget_passes(9).await.unwrap(), 0);
    assert_eq!(store.forget_passes(10).await.unwrap(), 1);
}

async fn one_of_many_takes_a_pass(store: Store) {
    store.put_pass(&pass("a", "reset")).await.unwrap();
    let takers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.take_pass("a").await.unwrap() })
    });
    let mut won = 0;
    for taker in takers.collect::<Vec<_>>() {
        won += usize::from(taker.await.unwrap());
    }
    assert_eq!(won, 1);
}
