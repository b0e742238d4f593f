//! Documents: create, update, delete, create again; what is refused.

use crate::support::{change, config, flag, no_facts, on_both_engines, put};
use wigwag_model::doc::Kind;
use wigwag_store::{Commit, DocKey, Expect, Holders, IndexFacts, Scope, Store, StoreError, Write, WriteOp};

on_both_engines! {
    versions_rise_through_deletion_and_recreation;
    a_lost_race_changes_nothing;
    any_takes_what_there_is;
    uniques_are_held_by_one_live_document;
    uniques_move_within_one_commit;
    many_are_read_in_order;
    the_few_of_a_project_are_its_own_by_key;
    a_scope_goes_with_all_its_documents;
    a_change_can_require_what_it_does_not_write;
    a_change_can_require_who_has_a_fact;
    what_an_engine_could_not_hold_is_refused;
    bodies_come_back_byte_for_byte;
}

async fn versions_rise_through_deletion_and_recreation(store: Store) {
    let key = flag("a");
    let created = put(&store, vec![Write::create(key.clone(), "1".into(), no_facts())]).await.unwrap();
    assert_eq!((created.seq, &*created.versions), (1, &[1][..]));
    let updated = put(&store, vec![Write::update(key.clone(), 1, "2".into(), no_facts())]).await.unwrap();
    assert_eq!(updated.versions, [2]);
    let doc = store.get(&key).await.unwrap().unwrap();
    assert_eq!((doc.version, doc.seq, doc.created_seq, &*doc.body), (2, 2, 1, "2"));

    assert_eq!(put(&store, vec![Write::delete(key.clone(), Expect::Version(2))]).await.unwrap().versions, [3]);
    assert_eq!(store.get(&key).await.unwrap(), None);
    assert!(store.scan(Kind::Flag, None, None).await.unwrap().is_empty());

    assert_eq!(put(&store, vec![Write::create(key.clone(), "4".into(), no_facts())]).await.unwrap().versions, [4]);
    let doc = store.get(&key).await.unwrap().unwrap();
    assert_eq!((doc.version, doc.seq, doc.created_seq), (4, 4, 4));
    assert_eq!(store.head().await.unwrap(), 4);
    assert_eq!(*store.watch().borrow(), 4);
}

async fn the_few_of_a_project_are_its_own_by_key(store: Store) {
    let key = |project, env| DocKey::in_project(Kind::Environment, project, env);
    let keys = [key("p", "b"), key("p", "a"), key("q", "c"), key("p", "gone"), flag("a")];
    put(&store, keys.iter().map(|key| Write::create(key.clone(), "{}".into(), no_facts())).collect()).await.unwrap();
    put(&store, vec![Write::delete(key("p", "gone"), Expect::Any)]).await.unwrap();
    let few = store.few_of(Kind::Environment, "p").await.unwrap();
    assert_eq!(few.iter().map(|doc| &*doc.key.key).collect::<Vec<_>>(), ["a", "b"]);
}

async fn a_lost_race_changes_nothing(store: Store) {
    let key = flag("a");
    put(&store, vec![Write::create(key.clone(), "1".into(), no_facts())]).await.unwrap();
    let other = Write::create(flag("b"), "{}".into(), no_facts());
    let stale = Write::update(key.clone(), 7, "x".into(), no_facts());
    match put(&store, vec![other, stale]).await.unwrap_err() {
        StoreError::Conflict { key: at, expected: Expect::Version(7), found: Some(1) } => assert_eq!(at, key),
        other => panic!("{other:?}"),
    }
    let again = put(&store, vec![Write::create(key.clone(), "x".into(), no_facts())]).await;
    assert!(matches!(again, Err(StoreError::Conflict { expected: Expect::Absent, found: Some(1), .. })));
    let absent = put(&store, vec![Write::update(flag("c"), 1, "x".into(), no_facts())]).await;
    assert!(matches!(absent, Err(StoreError::Conflict { found: None, .. })));
    assert_eq!(store.get(&flag("b")).await.unwrap(), None);
    assert_eq!(&*store.get(&key).await.unwrap().unwrap().body, "1");
    assert_eq!(store.head().await.unwrap(), 1);
}

async fn any_takes_what_there_is(store: Store) {
    let key = flag("a");
    let any = |body: &str| Write {
        key: key.clone(),
        expect: Expect::Any,
        op: WriteOp::Put { body: body.into(), index: no_facts() },
    };
    assert_eq!(put(&store, vec![any("1")]).await.unwrap().versions, [1]);
    assert_eq!(put(&store, vec![any("2")]).await.unwrap().versions, [2]);
    assert_eq!(put(&store, vec![Write::delete(key.clone(), Expect::Any)]).await.unwrap().versions, [3]);
    let gone = put(&store, vec![Write::delete(key.clone(), Expect::Any)]).await;
    assert!(matches!(gone, Err(StoreError::Conflict { found: None, .. })));
}

fn member(id: &str, email: &str) -> Write {
    let facts = IndexFacts::new().unique("email", email);
    Write {
        key: DocKey::account(Kind::Member, id),
        expect: Expect::Any,
        op: WriteOp::Put { body: "{}".into(), index: facts },
    }
}

async fn uniques_are_held_by_one_live_document(store: Store) {
    put(&store, vec![member("1", "ann@example.com")]).await.unwrap();
    match put(&store, vec![member("2", "ann@example.com")]).await.unwrap_err() {
        StoreError::Duplicate { kind: Kind::Member, field, value } => {
            assert_eq!((&*field, &*value), ("email", "ann@example.com"));
        }
        other => panic!("{other:?}"),
    }
    let found = store.find_unique(Kind::Member, "email", "ann@example.com").await.unwrap().unwrap();
    assert_eq!(&*found.key.key, "1");
    assert_eq!(store.find_unique(Kind::Token, "email", "ann@example.com").await.unwrap(), None);

    // Writing the same document again keeps its value; changing or deleting it lets the value go.
    put(&store, vec![member("1", "ann@example.com")]).await.unwrap();
    put(&store, vec![member("1", "new@example.com")]).await.unwrap();
    put(&store, vec![member("2", "ann@example.com")]).await.unwrap();
    put(&store, vec![Write::delete(DocKey::account(Kind::Member, "2"), Expect::Any)]).await.unwrap();
    assert_eq!(store.find_unique(Kind::Member, "email", "ann@example.com").await.unwrap(), None);
    put(&store, vec![member("3", "ann@example.com")]).await.unwrap();
}

async fn uniques_move_within_one_commit(store: Store) {
    put(&store, vec![member("1", "a@x"), member("2", "b@x")]).await.unwrap();
    put(&store, vec![member("1", "b@x"), member("2", "a@x")]).await.unwrap();
    let holder = |email: &'static str| {
        let store = &store;
        async move { store.find_unique(Kind::Member, "email", email).await.unwrap().unwrap().key.key }
    };
    assert_eq!((&*holder("a@x").await, &*holder("b@x").await), ("2", "1"));
    let both = put(&store, vec![member("3", "c@x"), member("4", "c@x")]).await;
    assert!(matches!(both, Err(StoreError::Duplicate { .. })));
    assert_eq!(store.find_unique(Kind::Member, "email", "c@x").await.unwrap(), None);
}

async fn many_are_read_in_order(store: Store) {
    let writes = ["a", "b", "c"].map(|key| Write::create(flag(key), format!("\"{key}\""), no_facts()));
    put(&store, writes.into()).await.unwrap();
    let keys = ["c", "nope", "a", "c"].map(flag);
    let found = store.get_many(&keys).await.unwrap();
    let bodies: Vec<_> = found.iter().map(|doc| doc.as_ref().map(|doc| &*doc.body)).collect();
    assert_eq!(bodies, [Some("\"c\""), None, Some("\"a\""), Some("\"c\"")]);
    assert!(store.get_many(&[]).await.unwrap().is_empty());
}

async fn a_scope_goes_with_all_its_documents(store: Store) {
    let project = DocKey::account(Kind::Project, "web");
    let elsewhere = DocKey::in_env(Kind::FlagConfig, "app", "prod", "a");
    let keys = [project.clone(), flag("a"), config("prod", "a"), config("test", "a"), elsewhere.clone()];
    let index = |key: &DocKey| IndexFacts::new().text("name", "n").unique("id", key.to_string());
    let writes = keys.iter().map(|key| Write::create(key.clone(), "{}".into(), index(key)));
    put(&store, writes.collect()).await.unwrap();

    // An environment: its documents go, but for one that the same commit writes anew.
    let kept = config("test", "kept");
    let commit = Commit {
        requires: Vec::new(),
        holders: Vec::new(),
        writes: vec![Write::create(kept.clone(), "{}".into(), no_facts())],
        deletes_under: vec![Scope::Environment("web".into(), "test".into())],
        members: Vec::new(),
        change: change(),
    };
    let done = store.commit(commit).await.unwrap();
    assert_eq!(done.versions, [1]);
    assert_eq!(store.get(&config("test", "a")).await.unwrap(), None);
    assert!(store.get(&config("prod", "a")).await.unwrap().is_some());
    assert!(store.get(&kept).await.unwrap().is_some());

    // The project: everything in it, each with a version of its own; what is elsewhere stays.
    let commit = Commit {
        requires: Vec::new(),
        holders: Vec::new(),
        writes: vec![Write::delete(project.clone(), Expect::Version(1))],
        deletes_under: vec![Scope::Project("web".into())],
        members: Vec::new(),
        change: change(),
    };
    let done = store.commit(commit).await.unwrap();
    assert_eq!(done.versions, [2]);
    let feed = store.feed(done.seq - 1, 10).await.unwrap();
    let gone: Vec<_> = feed[0].docs.iter().map(|doc| (doc.key.clone(), doc.version, doc.body.clone())).collect();
    assert_eq!(gone, [(project, 2, None), (flag("a"), 2, None), (config("prod", "a"), 2, None), (kept, 2, None)]);
    assert!(store.get(&elsewhere).await.unwrap().is_some());
    assert_eq!(store.find_unique(Kind::Flag, "id", &flag("a").to_string()).await.unwrap(), None);
    let again = put(&store, vec![Write::create(flag("a"), "{}".into(), index(&flag("a")))]).await.unwrap();
    assert_eq!(again.versions, [3]);
}

async fn a_change_can_require_who_has_a_fact(store: Store) {
    let needs = |flag: &str| no_facts().text("needs", flag);
    let held = |env: Option<&str>, docs: &[(&str, &str)]| Holders {
        kind: Kind::FlagConfig,
        project: "web".into(),
        env: env.map(Into::into),
        field: "needs",
        value: "b".into(),
        docs: docs.iter().map(|(env, key)| ((*env).into(), (*key).into())).collect(),
    };
    let attempt = async |key: &str, holders: Vec<Holders>| {
        let writes = vec![Write::create(flag(key), "{}".into(), no_facts())];
        store.commit(Commit { holders, ..Commit::new(writes, change()) }).await
    };
    attempt("one", vec![held(None, &[])]).await.unwrap();
    let writes = [("prod", "a", "b"), ("test", "a", "b"), ("test", "c", "other")];
    let writes = writes.iter().map(|(env, key, of)| Write::create(config(env, key), "{}".into(), needs(of)));
    put(&store, writes.collect()).await.unwrap();
    for (env, docs) in
        [(None, &[][..]), (None, &[("prod", "a")]), (Some("prod"), &[]), (Some("test"), &[("test", "c")])]
    {
        let lost = attempt("two", vec![held(Some("dev"), &[]), held(env, docs)]).await.unwrap_err();
        assert!(matches!(lost, StoreError::Conflict { .. }), "{env:?} {docs:?}: {lost:?}");
    }
    assert_eq!(store.get(&flag("two")).await.unwrap(), None);
    let all = [("prod", "a"), ("test", "a")];
    attempt("two", vec![held(None, &all), held(Some("test"), &all[1..]), held(Some("dev"), &[])]).await.unwrap();
    // Of two that arrive together, one has the fact and the other needs that nobody has.
    put(&store, vec![Write::delete(config("prod", "a"), Expect::Any), Write::delete(config("test", "a"), Expect::Any)])
        .await
        .unwrap();
    let make = put(&store, vec![Write::create(config("test", "d"), "{}".into(), needs("b"))]);
    let (made, alone) = tokio::join!(make, attempt("three", vec![held(None, &[])]));
    made.unwrap();
    assert_eq!(alone.is_ok(), store.get(&flag("three")).await.unwrap().is_some());
    attempt("four", vec![held(None, &[])]).await.unwrap_err();
}

async fn a_change_can_require_what_it_does_not_write(store: Store) {
    let project = DocKey::account(Kind::Project, "web");
    put(&store, vec![Write::create(project.clone(), "{}".into(), no_facts())]).await.unwrap();
    let attempt = async |key: &str, requires: Vec<(DocKey, Expect)>| {
        let writes = vec![Write::create(flag(key), "{}".into(), no_facts())];
        store
            .commit(Commit {
                requires,
                holders: Vec::new(),
                writes,
                deletes_under: Vec::new(),
                members: Vec::new(),
                change: change(),
            })
            .await
    };
    let none = DocKey::account(Kind::Project, "none");
    let done = attempt("a", vec![(project.clone(), Expect::Version(1)), (none.clone(), Expect::Absent)]).await.unwrap();
    assert_eq!(done.versions, [1], "of what is written only");
    assert_eq!(store.get(&project).await.unwrap().unwrap().version, 1);
    attempt("live", vec![(project.clone(), Expect::Live)]).await.unwrap();
    for (key, expected) in
        [(&project, Expect::Version(2)), (&project, Expect::Absent), (&none, Expect::Version(1)), (&none, Expect::Live)]
    {
        let lost = attempt("b", vec![(key.clone(), expected)]).await.unwrap_err();
        assert!(matches!(lost, StoreError::Conflict { key: found, .. } if found == *key));
    }
    assert_eq!(store.get(&flag("b")).await.unwrap(), None);
    // Commits that arrive together see each other: one changes what the other requires.
    let update = put(&store, vec![Write::update(project.clone(), 1, "{}".into(), no_facts())]);
    let (update, needs) = tokio::join!(update, attempt("c", vec![(project.clone(), Expect::Version(1))]));
    update.unwrap();
    assert_eq!(needs.is_ok(), store.get(&flag("c")).await.unwrap().is_some());
    attempt("d", vec![(project, Expect::Version(1))]).await.unwrap_err();
}

async fn what_an_engine_could_not_hold_is_refused(store: Store) {
    let create = |key: DocKey, body: &str, facts: IndexFacts| vec![Write::create(key, body.into(), facts)];
    let long = "k".repeat(600);
    let facts = IndexFacts::new;
    let bad = [
        create(flag(""), "{}", facts()),
        create(flag("a\0b"), "{}", facts()),
        create(flag(&long), "{}", facts()),
        create(flag("a"), "\"\0\"", facts()),
        create(flag("a"), "{}", facts().text("key", "x")),
        create(flag("a"), "{}", facts().number("created", 1)),
        create(flag("a"), "{}", facts().number("x", 1).text("x", "1")),
        create(flag("a"), "{}", facts().unique("x", "y".repeat(2000))),
        [create(flag("a"), "{}", facts()), create(flag("a"), "{}", facts())].concat(),
        vec![Write::delete(flag("a"), Expect::Absent)],
    ];
    for writes in bad {
        let said = format!("{writes:?}");
        assert!(matches!(put(&store, writes).await, Err(StoreError::Invalid(_))), "{said}");
    }
    let mut nameless = change();
    nameless.id.clear();
    assert!(matches!(store.commit(Commit::new(vec![], nameless)).await, Err(StoreError::Invalid(_))));

    let first = change();
    store.commit(Commit::new(vec![], first.clone())).await.unwrap();
    let again = store.commit(Commit::new(create(flag("a"), "{}", facts()), first)).await;
    assert!(matches!(again, Err(StoreError::Invalid(_))), "{again:?}");
    assert_eq!(store.head().await.unwrap(), 1);
    assert_eq!(store.get(&flag("a")).await.unwrap(), None);

    // Facts are cut and cleaned rather than refused: they come from names that people type.
    let odd = facts().text("name", "x\0y".repeat(2000)).many("tags", [long.as_str(), "ü".repeat(900).as_str()]);
    put(&store, create(flag("a"), "{}", odd)).await.unwrap();
    // The longest parts together, of letters that grow in lower case and do not compress.
    let mut state = 7_u32;
    let mut letters = |from: &[char], bytes: usize| {
        let mut text = String::new();
        while text.len() + 2 <= bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push(from[(state >> 16) as usize % from.len()]);
        }
        text
    };
    let keys: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let (key, name) = (letters(&keys, 512), letters(&['\u{23a}', '\u{23e}', '\u{2c6f}', 'A', 'B'], 4000));
    let unique = letters(&keys, 1024);
    let whole = DocKey::in_env(Kind::FlagConfig, letters(&keys, 512), letters(&keys, 512), key);
    let mut entry = change();
    (entry.id, entry.project, entry.member_id) = (letters(&keys, 512), letters(&keys, 512), Some(letters(&keys, 512)));
    let commit = Commit::new(create(whole, "{}", facts().text("name", name).unique("id", unique)), entry);
    store.commit(commit).await.unwrap();
    assert_eq!(store.verify_documents().await.unwrap(), []);
}

async fn bodies_come_back_byte_for_byte(store: Store) {
    let body = "{ \"b\" : 1.0, \"a\":1e2,\"a\":\"\\u0000 \u{10ffff} é\",  \"z\":[ ] }";
    put(&store, vec![Write::create(flag("a"), body.into(), no_facts())]).await.unwrap();
    assert_eq!(&*store.get(&flag("a")).await.unwrap().unwrap().body, body);
    assert_eq!(store.history(&flag("a"), None, 1).await.unwrap()[0].body.as_deref(), Some(body));
}
