//! What was: history, reads as of a sequence or a time, the audit log.

use crate::support::{change, change_at, config, flag, no_facts, on_both_engines};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeMap;
use wigwag_model::doc::Kind;
use wigwag_store::{At, ChangeQuery, Commit, DocKey, Expect, NewChange, Store, Write, WriteOp};

on_both_engines! {
    every_past_state_can_be_read_again;
    history_is_newest_first_and_pages;
    the_log_is_searched_by_its_columns;
    a_change_without_documents_is_in_the_log;
}

/// Bodies by key.
type State = BTreeMap<DocKey, String>;

async fn every_past_state_can_be_read_again(store: Store) {
    let mut rng = StdRng::seed_from_u64(7);
    let mut states = vec![(0, State::new())];
    let mut state = State::new();
    let mut at = 1_000;
    for i in 0..120 {
        let key = config(["test", "prod"].choose(&mut rng).unwrap(), ["a", "b", "c", "d"].choose(&mut rng).unwrap());
        at += rng.random_range(0..3);
        let op = if state.contains_key(&key) && rng.random_bool(0.3) {
            state.remove(&key);
            WriteOp::Delete
        } else {
            state.insert(key.clone(), format!("{i}"));
            WriteOp::Put { body: format!("{i}"), index: no_facts() }
        };
        let write = Write { key, expect: Expect::Any, op };
        let done = store.commit(Commit::new(vec![write], change_at(at))).await.unwrap();
        assert_eq!(done.seq as usize, states.len());
        states.push((at, state.clone()));
    }
    let read = async |at: At, env: Option<&str>| {
        let docs = store.scan_at(Kind::FlagConfig, Some("web"), env, at).await.unwrap();
        docs.into_iter().map(|doc| (doc.key, doc.body.to_string())).collect::<State>()
    };
    for (seq, (_, state)) in states.iter().enumerate() {
        assert_eq!(&read(At::Seq(seq as u64), None).await, state, "as of {seq}");
        let of_test: State =
            state.iter().filter(|(key, _)| &*key.env == "test").map(|(k, b)| (k.clone(), b.clone())).collect();
        assert_eq!(read(At::Seq(seq as u64), Some("test")).await, of_test);
        for key in ["a", "d"].map(|key| config("prod", key)) {
            let doc = store.get_at(&key, At::Seq(seq as u64)).await.unwrap();
            assert_eq!(doc.map(|doc| doc.body.to_string()).as_ref(), state.get(&key));
        }
    }
    for time in 998..at + 2 {
        let (_, state) = states.iter().rfind(|(at, _)| *at <= time).unwrap();
        assert_eq!(&read(At::Time(time), None).await, state, "at {time}");
    }
    // Between any two points: what was there at either, and was written between.
    for _ in 0..200 {
        let (one, other) = (rng.random_range(0..states.len()), rng.random_range(0..states.len()));
        let (from, to) = (one.min(other), one.max(other));
        let (then, now) = (&states[from].1, &states[to].1);
        let mut expected: Vec<_> = then.keys().chain(now.keys()).filter(|key| &*key.env == "test").collect();
        expected.sort();
        expected.dedup();
        expected.retain(|key| then.get(key) != now.get(key));
        let mut found = store.differing(from as u64, to as u64, "web", "test", &[Kind::FlagConfig]).await.unwrap();
        found.sort();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "from {from} to {to}");
    }
    assert!(store.differing(0, 120, "web", "test", &[Kind::Flag]).await.unwrap().is_empty());
    assert!(store.differing(0, 120, "app", "test", &[Kind::FlagConfig]).await.unwrap().is_empty());
    // What is read as of the head is what is there.
    let now = store.scan(Kind::FlagConfig, None, None).await.unwrap();
    assert_eq!(store.scan_at(Kind::FlagConfig, None, None, At::Seq(u64::MAX)).await.unwrap(), now);
    for doc in now {
        assert_eq!(store.get_at(&doc.key, At::Seq(u64::MAX)).await.unwrap().as_ref(), Some(&doc));
    }
}

async fn history_is_newest_first_and_pages(store: Store) {
    let key = flag("a");
    let ops = [Some("1"), Some("2"), None, Some("4")];
    for (i, op) in ops.iter().enumerate() {
        let op = op.map_or(WriteOp::Delete, |body| WriteOp::Put { body: body.into(), index: no_facts() });
        let write = Write { key: key.clone(), expect: Expect::Any, op };
        store.commit(Commit::new(vec![write], change_at(100 + i as i64))).await.unwrap();
    }
    let rows = store.history(&key, None, 10).await.unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.seq, row.at, row.version, row.body.as_deref())).collect();
    assert_eq!(seen, [(4, 103, 4, Some("4")), (3, 102, 3, None), (2, 101, 2, Some("2")), (1, 100, 1, Some("1"))]);
    let next: Vec<_> = store.history(&key, Some(3), 1).await.unwrap().iter().map(|row| row.seq).collect();
    assert_eq!(next, [2]);
    let changes: Vec<_> = store.changes_of(&key, Some(4), 2).await.unwrap().iter().map(|row| row.seq).collect();
    assert_eq!(changes, [3, 2]);
    assert!(store.history(&flag("b"), None, 10).await.unwrap().is_empty());
}

async fn the_log_is_searched_by_its_columns(store: Store) {
    let entry = |at, project: &str, member: Option<&str>, token: Option<&str>, name: &str| NewChange {
        project: project.into(),
        member_id: member.map(str::to_owned),
        token_id: token.map(str::to_owned),
        name: name.into(),
        ..change_at(at)
    };
    let entries = [
        entry(10, "web", Some("ann"), None, "Dark Mode"),
        entry(20, "app", Some("bob"), Some("t1"), "dark mode"),
        entry(20, "web", None, Some("t1"), "Search 100%"),
        entry(15, "", Some("ann"), Some("t2"), "Account"), // a clock that lags
        entry(30, "web", Some("ann"), None, "mode"),
    ];
    for entry in &entries {
        store.commit(Commit::new(vec![], entry.clone())).await.unwrap();
    }
    let found = async |query: ChangeQuery| {
        store.changes(&query).await.unwrap().into_iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    let all = || ChangeQuery { limit: 10, ..Default::default() };
    assert_eq!(found(all()).await, [5, 3, 2, 4, 1]);
    assert_eq!(found(ChangeQuery { limit: 2, ..Default::default() }).await, [5, 3]);
    assert_eq!(found(ChangeQuery { before_seq: Some(3), ..all() }).await, [2, 4, 1]);
    assert_eq!(found(ChangeQuery { before_seq: Some(4), ..all() }).await, [1]);
    assert_eq!(found(ChangeQuery { after: Some(10), before: Some(30), ..all() }).await, [3, 2, 4]);
    assert_eq!(found(ChangeQuery { project: Some("web".into()), ..all() }).await, [5, 3, 1]);
    assert_eq!(found(ChangeQuery { project: Some(String::new()), ..all() }).await, [4]);
    assert_eq!(found(ChangeQuery { member: Some("ann".into()), ..all() }).await, [5, 4, 1]);
    assert_eq!(found(ChangeQuery { token: Some("t1".into()), before: Some(21), ..all() }).await, [3, 2]);
    assert_eq!(found(ChangeQuery { name_contains: Some("MODE".into()), ..all() }).await, [5, 2, 1]);
    assert_eq!(found(ChangeQuery { name_contains: Some("0%".into()), ..all() }).await, [3]);

    let row = store.change(&entries[1].id).await.unwrap().unwrap();
    assert_eq!((row.seq, &row.change), (2, &entries[1]));
    assert_eq!(store.change("nope").await.unwrap(), None);
    assert_eq!(store.seq_at(At::Time(20)).await.unwrap(), 3);
    assert_eq!(store.seq_at(At::Time(9)).await.unwrap(), 0);
}

async fn a_change_without_documents_is_in_the_log(store: Store) {
    let done = store.commit(Commit::new(vec![], change())).await.unwrap();
    assert!(done.versions.is_empty());
    let feed = store.feed(0, 10).await.unwrap();
    assert_eq!((feed.len(), feed[0].seq, feed[0].docs.len()), (1, done.seq, 0));
}
