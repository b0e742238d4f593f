//! Members: written with documents, staged and switched, folded, counted and paged.

use crate::support::{change, flag, no_facts, on_both_engines};
use std::collections::BTreeSet;
use wigwag_model::doc::Kind;
use wigwag_store::{
    Commit, Committed, DocKey, Expect, MemberCounts, MemberDone, MemberList, MemberOp, MemberPlace, MemberSet,
    MemberWrite, Membership, Result, Scope, Store, StoreError, Write,
};

on_both_engines! {
    members_are_written_with_documents_or_not_at_all;
    a_staged_set_shows_when_it_is_switched_to;
    merged_sets_fold_into_one_unseen;
    members_go_with_their_segment;
    pages_go_through_all_sets_in_order;
    what_cannot_be_held_is_refused;
    changes_take_turns_with_a_long_import;
    what_was_done_to_members_is_on_record;
}

use MemberList::{Excluded, Included};

fn segment(key: &str) -> DocKey {
    DocKey::in_env(Kind::Segment, "web", "test", key)
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|&key| key.to_owned()).collect()
}

fn numbered(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|n| format!("user-{n:05}")).collect()
}

async fn write(store: &Store, writes: Vec<Write>, ops: Vec<(&DocKey, MemberOp)>) -> Result<Committed> {
    let members = ops.into_iter().map(|(owner, op)| MemberWrite { owner: owner.clone(), generation: 3, op }).collect();
    store.commit(Commit { members, ..Commit::new(writes, change()) }).await
}

async fn create(store: &Store, key: &DocKey) {
    write(store, vec![Write::create(key.clone(), "{}".into(), no_facts())], vec![]).await.unwrap();
}

async fn stage(store: &Store, owner: &DocKey, list: MemberList, all: Vec<String>) -> MemberSet {
    let set = store.stage_members(owner, list, 1).await.unwrap();
    for chunk in all.chunks(7) {
        assert!(store.stage_more(set, chunk.to_vec(), 2).await.unwrap());
    }
    set
}

async fn tidy(store: &Store, most: u64) {
    while store.tidy_members(most).await.unwrap() {}
}

async fn is(store: &Store, owner: &DocKey, key: &str) -> (bool, bool) {
    let Membership { included, excluded } = store.membership(owner, key).await.unwrap();
    (included, excluded)
}

async fn counts(store: &Store, owner: &DocKey) -> (u64, u64) {
    let MemberCounts { included, excluded } = store.member_counts(owner).await.unwrap();
    (included, excluded)
}

async fn all(store: &Store, owner: &DocKey, list: MemberList, page: u32) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    loop {
        let after = found.last().cloned().unwrap_or_default();
        let next = store.members_page(owner, list, &after, page).await.unwrap();
        let last = (next.len() as u32) < page;
        found.extend(next);
        if last {
            return found;
        }
    }
}

async fn members_are_written_with_documents_or_not_at_all(store: Store) {
    let (big, other) = (segment("big"), segment("other"));
    let add = |list, added: &[&str]| MemberOp::Add { list, keys: keys(added) };
    let made = vec![Write::create(big.clone(), "1".into(), no_facts())];
    write(&store, made, vec![(&big, add(Included, &["a", "b", "a"])), (&big, add(Excluded, &["b", "c"]))])
        .await
        .unwrap();
    assert_eq!(is(&store, &big, "a").await, (true, false));
    assert_eq!(is(&store, &big, "b").await, (true, true));
    assert_eq!(is(&store, &big, "c").await, (false, true));
    assert_eq!(is(&store, &other, "a").await, (false, false));
    assert_eq!(counts(&store, &big).await, (2, 2));

    let remove = MemberOp::Remove { list: Included, keys: keys(&["b", "none"]) };
    let stale = vec![Write::update(big.clone(), 9, "2".into(), no_facts())];
    let lost = write(&store, stale, vec![(&big, remove.clone()), (&big, add(Included, &["d"]))]).await;
    assert!(matches!(lost, Err(StoreError::Conflict { found: Some(1), .. })));
    assert_eq!((is(&store, &big, "b").await, is(&store, &big, "d").await), ((true, true), (false, false)));

    let next = vec![Write::update(big.clone(), 1, "2".into(), no_facts())];
    write(&store, next, vec![(&big, remove), (&big, add(Included, &["a", "d"]))]).await.unwrap();
    assert_eq!((is(&store, &big, "b").await, is(&store, &big, "d").await), ((false, true), (true, false)));
    assert_eq!(counts(&store, &big).await, (2, 2));
    let asked = [(big.clone(), "d".to_owned()), (other, "d".to_owned()), (big, "c".to_owned())];
    let found = store.memberships(&asked).await.unwrap();
    assert_eq!(
        found.iter().map(|m| (m.included, m.excluded)).collect::<Vec<_>>(),
        [(true, false), (false, false), (false, true)]
    );
}

async fn a_staged_set_shows_when_it_is_switched_to(store: Store) {
    let big = segment("big");
    create(&store, &big).await;
    let old = [
        (&big, MemberOp::Add { list: Included, keys: numbered(0..30) }),
        (&big, MemberOp::Add { list: Excluded, keys: keys(&["x"]) }),
    ];
    write(&store, vec![], old.into()).await.unwrap();
    let set = stage(&store, &big, Included, numbered(20..60)).await;
    assert_eq!(counts(&store, &big).await, (30, 1));
    assert_eq!(is(&store, &big, "user-00050").await, (false, false));
    let staged = store.staged_members().await.unwrap();
    assert_eq!(
        staged.iter().map(|s| (s.set, s.owner.clone(), s.touched_at)).collect::<Vec<_>>(),
        [(set, big.clone(), 2)]
    );

    write(&store, vec![], vec![(&big, MemberOp::Replace(set))]).await.unwrap();
    assert_eq!(is(&store, &big, "user-00050").await, (true, false));
    assert_eq!(is(&store, &big, "user-00010").await, (false, false));
    assert_eq!(is(&store, &big, "x").await, (false, true));
    assert_eq!(counts(&store, &big).await, (40, 1));
    assert!(store.staged_members().await.unwrap().is_empty());
    tidy(&store, 4).await;
    assert_eq!(all(&store, &big, Included, 9).await, numbered(20..60));

    // A set is put in force once, and not when it was thrown away or is somebody else's.
    let again = write(&store, vec![], vec![(&big, MemberOp::Replace(set))]).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    let lost = stage(&store, &big, Included, numbered(0..5)).await;
    let foreign = write(&store, vec![], vec![(&segment("other"), MemberOp::Merge(lost))]).await;
    assert!(matches!(foreign, Err(StoreError::Conflict { .. })), "{foreign:?}");
    store.discard_members(lost).await.unwrap();
    assert!(!store.stage_more(lost, numbered(5..6), 3).await.unwrap());
    let late = write(&store, vec![], vec![(&big, MemberOp::Merge(lost))]).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
    tidy(&store, 2).await;
    assert_eq!(counts(&store, &big).await, (40, 1));
}

async fn merged_sets_fold_into_one_unseen(store: Store) {
    let big = segment("big");
    create(&store, &big).await;
    write(&store, vec![], vec![(&big, MemberOp::Add { list: Included, keys: numbered(0..30) })]).await.unwrap();
    let set = stage(&store, &big, Included, numbered(20..60)).await;
    let more = stage(&store, &big, Included, numbered(100..110)).await;
    write(&store, vec![], vec![(&big, MemberOp::Merge(set)), (&big, MemberOp::Merge(more))]).await.unwrap();
    let mut expected: BTreeSet<String> = numbered(0..60).into_iter().chain(numbered(100..110)).collect();
    let mut rounds = 0;
    loop {
        let found = all(&store, &big, Included, 8).await;
        assert_eq!(found, expected.iter().cloned().collect::<Vec<_>>(), "round {rounds}");
        // Single members are written meanwhile, wherever they are.
        let gone = expected.pop_first().unwrap();
        let late = format!("user-{:05}", 59 - rounds);
        expected.remove(&late);
        let ops = vec![
            (&big, MemberOp::Remove { list: Included, keys: vec![gone, late] }),
            (&big, MemberOp::Add { list: Included, keys: numbered(200 + rounds..201 + rounds) }),
        ];
        write(&store, vec![], ops).await.unwrap();
        expected.extend(numbered(200 + rounds..201 + rounds));
        rounds += 1;
        if !store.tidy_members(5).await.unwrap() {
            break;
        }
    }
    assert!(rounds > 5);
    assert_eq!(counts(&store, &big).await, (expected.len() as u64, 0));
}

async fn members_go_with_their_segment(store: Store) {
    let (big, second) = (segment("big"), segment("second"));
    for key in [&big, &second] {
        create(&store, key).await;
        write(&store, vec![], vec![(key, MemberOp::Add { list: Included, keys: numbered(0..20) })]).await.unwrap();
    }
    let set = stage(&store, &big, Included, numbered(0..9)).await;
    write(&store, vec![Write::delete(big.clone(), Expect::Any)], vec![]).await.unwrap();
    assert_eq!((counts(&store, &big).await, is(&store, &big, "user-00001").await), ((0, 0), (false, false)));
    assert!(!store.stage_more(set, numbered(9..10), 3).await.unwrap());
    create(&store, &big).await;
    assert_eq!(counts(&store, &big).await, (0, 0));
    write(&store, vec![], vec![(&big, MemberOp::Add { list: Included, keys: numbered(3..4) })]).await.unwrap();
    tidy(&store, 6).await;
    assert_eq!(all(&store, &big, Included, 50).await, numbered(3..4));
    assert_eq!(counts(&store, &second).await, (20, 0));

    let deletes_under = vec![Scope::Environment("web".into(), "test".into())];
    store.commit(Commit { deletes_under, ..Commit::new(vec![], change()) }).await.unwrap();
    assert_eq!((counts(&store, &big).await, counts(&store, &second).await), ((0, 0), (0, 0)));
    tidy(&store, 6).await;
}

async fn pages_go_through_all_sets_in_order(store: Store) {
    let big = segment("big");
    create(&store, &big).await;
    let odd = ["\u{e9}t\u{e9}", "Zed", "a b", "zed", "\u{1F6A6}", "'; --"];
    write(&store, vec![], vec![(&big, MemberOp::Add { list: Excluded, keys: keys(&odd) })]).await.unwrap();
    let set = stage(&store, &big, Excluded, keys(&["Zed", "m", "n"])).await;
    write(&store, vec![], vec![(&big, MemberOp::Merge(set))]).await.unwrap();
    let expected: BTreeSet<String> = odd.iter().copied().chain(["m", "n"]).map(str::to_owned).collect();
    for page in 1..10 {
        assert_eq!(all(&store, &big, Excluded, page).await, expected.iter().cloned().collect::<Vec<_>>());
    }
    assert!(all(&store, &big, Included, 3).await.is_empty());
    for key in &expected {
        assert_eq!(is(&store, &big, key).await, (false, true), "{key}");
    }
}

async fn what_cannot_be_held_is_refused(store: Store) {
    let big = segment("big");
    create(&store, &big).await;
    let set = store.stage_members(&big, Included, 1).await.unwrap();
    for bad in [String::new(), "nul\0".into(), "x".repeat(513)] {
        let op = MemberOp::Add { list: Included, keys: vec!["good".into(), bad.clone()] };
        assert!(matches!(write(&store, vec![], vec![(&big, op)]).await, Err(StoreError::Invalid(_))), "{bad:?}");
        let staged = store.stage_more(set, vec!["good".into(), bad], 1).await;
        assert!(matches!(staged, Err(StoreError::Invalid(_))));
    }
    write(&store, vec![], vec![(&big, MemberOp::Replace(set))]).await.unwrap();
    assert_eq!(counts(&store, &big).await, (0, 0));
}

async fn changes_take_turns_with_a_long_import(store: Store) {
    let big = segment("big");
    create(&store, &big).await;
    let set = store.stage_members(&big, Included, 1).await.unwrap();
    let importer = store.clone();
    let import = tokio::spawn(async move {
        for n in 0..100 {
            assert!(importer.stage_more(set, numbered(n * 50..n * 50 + 50), 1).await.unwrap());
        }
    });
    let mut written = 0;
    while !import.is_finished() {
        let key = flag(&format!("f{written}"));
        write(&store, vec![Write::create(key, "{}".into(), no_facts())], vec![]).await.unwrap();
        written += 1;
    }
    import.await.unwrap();
    assert!(written > 0);
    write(&store, vec![], vec![(&big, MemberOp::Replace(set))]).await.unwrap();
    assert_eq!(counts(&store, &big).await, (5000, 0));
    assert_eq!(store.head().await.unwrap(), written + 2);
}

mod places {
    use super::*;
    use crate::raw::{Place, in_both_places};

    in_both_places! {
        what_was_staged_outlives_its_process_unseen;
    }

    /// A process that ends in the middle of an import leaves a set that nobody sees.
    async fn what_was_staged_outlives_its_process_unseen(place: Place) {
        let store = place.open().await.unwrap();
        let big = segment("big");
        create(&store, &big).await;
        write(&store, vec![], vec![(&big, MemberOp::Add { list: Included, keys: numbered(0..10) })]).await.unwrap();
        let set = stage(&store, &big, Included, numbered(5..50)).await;
        let thrown_away = stage(&store, &big, Included, numbered(5..50)).await;
        store.discard_members(thrown_away).await.unwrap();
        drop(store);
        let store = place.open().await.unwrap();
        assert_eq!(counts(&store, &big).await, (10, 0));
        assert_eq!(all(&store, &big, Included, 50).await, numbered(0..10));
        let staged: Vec<_> = store.staged_members().await.unwrap().into_iter().map(|staged| staged.set).collect();
        assert_eq!(staged, [set]);
        store.discard_members(set).await.unwrap();
        tidy(&store, 10).await;
        assert_eq!(place.value("SELECT count(*) AS v FROM members").await, "10");
        assert_eq!(place.value("SELECT count(*) AS v FROM member_sets").await, "1");
        let new = store.stage_members(&big, Included, 1).await.unwrap();
        assert!(new.0 > thrown_away.0, "an id was given twice");
    }
}

async fn what_was_done_to_members_is_on_record(store: Store) {
    let (big, elsewhere) = (segment("big"), DocKey::in_env(Kind::Segment, "web", "other", "big"));
    assert_eq!(store.member_log_end("web", "test").await.unwrap(), MemberPlace::default());
    create(&store, &big).await;
    create(&store, &elsewhere).await;
    let add = |list, added: &[&str]| MemberOp::Add { list, keys: keys(added) };
    let remove = MemberOp::Remove { list: Excluded, keys: keys(&["c"]) };
    let first = write(&store, vec![], vec![(&big, add(Included, &["a"])), (&big, remove)]).await.unwrap().seq;
    write(&store, vec![], vec![(&elsewhere, add(Included, &["a"]))]).await.unwrap();
    let set = stage(&store, &big, Included, numbered(0..20)).await;
    let last = write(&store, vec![], vec![(&big, MemberOp::Replace(set))]).await.unwrap().seq;
    // A commit that fails leaves no trace.
    write(&store, vec![], vec![(&big, MemberOp::Replace(set))]).await.unwrap_err();

    let rows = store.member_log("web", "test", MemberPlace::default(), 10).await.unwrap();
    assert!(rows.iter().all(|row| row.owner == big && row.generation == 3));
    let told: Vec<_> = rows.iter().map(|row| ((row.place.seq, row.place.n), row.done.clone())).collect();
    let wanted = [
        ((first, 0), MemberDone::Included(keys(&["a"]))),
        ((first, 1), MemberDone::NotExcluded(keys(&["c"]))),
        ((last, 0), MemberDone::Many),
    ];
    assert_eq!(told, wanted);
    assert_eq!(store.member_log("web", "test", rows[0].place, 1).await.unwrap(), rows[1..2]);
    assert_eq!(store.member_log_end("web", "test").await.unwrap(), rows[2].place);
    assert_eq!(store.member_log("web", "test", rows[2].place, 1).await.unwrap(), []);
}
