//! The cost of a read or a write does not grow with what else there is, whatever the planner thought of
//! the tables while they were small.

use crate::raw::Place;
use crate::support::{change, config};
use wigwag_model::doc::Kind;
use wigwag_store::volume::{Batch, ContextFilter, PageOf, Part, Sighting};
use wigwag_store::{At, ChangeQuery, Commit, IndexFacts, ListQuery, Predicate, Store, Write};

/// Rows that PostgreSQL has read of our tables and indexes since the database was made.
async fn rows_read(place: &Place) -> i64 {
    // A connection reports what it read when it ends, so the counts are complete once all have ended.
    let ended = "SELECT count(*) AS v FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    for _ in 0..600 {
        if place.value(ended).await == "0" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let tables = place.value("SELECT sum(seq_tup_read) AS v FROM pg_stat_user_tables").await;
    let indexes = place.value("SELECT sum(idx_tup_read) AS v FROM pg_stat_user_indexes").await;
    tables.parse::<i64>().unwrap() + indexes.parse::<i64>().unwrap()
}

fn facts(i: u64) -> IndexFacts {
    IndexFacts::new().text("name", format!("Name {i}")).number("n", i as i64).unique("id", i.to_string())
}

/// Everything a request does but for lists: reads by key and by unique value, a write that changes facts
/// and one that does not, the feed behind it, the log, the past.
async fn some_of_everything(store: &Store, i: u64) {
    let key = config("test", &format!("f{i}"));
    let doc = store.get(&key).await.unwrap().unwrap();
    assert_eq!(store.get_many(&[key.clone(), config("test", "none")]).await.unwrap()[0].as_ref(), Some(&doc));
    assert!(store.find_unique(Kind::FlagConfig, "id", &i.to_string()).await.unwrap().is_some());
    let version = doc.version;
    let moved = facts(i).text("tags", format!("t{version}"));
    let first = Commit::new(vec![Write::update(key.clone(), version, "{}".into(), moved.clone())], change());
    let id = first.change.id.clone();
    let seq = store.commit(first).await.unwrap().seq;
    let again = Write::update(key.clone(), version + 1, "{}".into(), moved);
    store.commit(Commit::new(vec![again], change())).await.unwrap();
    assert_eq!(store.feed(seq - 1, 16).await.unwrap().len(), 2);
    assert_eq!(store.feed(seq, 1000).await.unwrap().len(), 1);
    assert_eq!(store.change(&id).await.unwrap().unwrap().seq, seq);
    assert_eq!(store.history(&key, None, 2).await.unwrap().len(), 2);
    assert_eq!(store.changes_of(&key, None, 2).await.unwrap().len(), 2);
    assert_eq!(store.get_at(&key, At::Seq(seq)).await.unwrap().unwrap().seq, seq);
    let newest = ChangeQuery { limit: 2, project: Some("web".into()), ..ChangeQuery::default() };
    assert_eq!(store.changes(&newest).await.unwrap().len(), 2);
    let one = ListQuery::in_env(Kind::FlagConfig, "web", "test").filter(Predicate::eq("name", format!("Name {i}")));
    assert_eq!(store.list(&one.page(5, 0)).await.unwrap().total, 1);
    store.head().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_reads_as_few_rows_of_large_tables_as_of_small_ones() {
    const ROUNDS: u64 = 12;
    const GROWTH: u64 = 1500;
    let place = Place::postgres().await;
    let store = place.open().await.unwrap();
    let create = |from: u64, to: u64| -> Vec<Write> {
        (from..to).map(|i| Write::create(config("test", &format!("f{i}")), "{}".into(), facts(i))).collect()
    };
    store.commit(Commit::new(create(0, 5), change())).await.unwrap();
    // Statistics of next to nothing, and enough use that plans are kept.
    place.execute("VACUUM ANALYZE").await;
    for _ in 0..ROUNDS {
        some_of_everything(&store, 3).await;
    }
    store.commit(Commit::new(create(5, GROWTH), change())).await.unwrap();
    let one_by_one = (GROWTH..2 * GROWTH).map(|i| store.commit(Commit::new(create(i, i + 1), change())));
    futures_util::future::join_all(one_by_one).await.into_iter().for_each(|done| drop(done.unwrap()));
    for _ in 0..ROUNDS {
        some_of_everything(&store, 3).await;
    }
    store.close().await;
    // About 5 rows for each that was created, and a few dozen for each round, whenever it was: a single
    // statement that went through a table in the second half would add as many rows as there are, each time.
    let read = rows_read(&place).await;
    assert!(read < GROWTH as i64 * 12 + ROUNDS as i64 * 200, "{read} rows read");
}

/// A page of contexts costs what it shows, among 200,000 of them and also where statistics are of none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_reads_a_page_of_contexts_and_no_more() {
    const ALL: u64 = 200_000;
    let place = Place::postgres().await;
    let store = place.open().await.unwrap();
    let part = |key: &str| Part {
        kind: "user".into(),
        key: key.into(),
        body: Some(format!(r#"{{"kind":"user","key":"{key}"}}"#)),
    };
    let seen = Sighting {
        env: "env".into(),
        at: 1,
        application: "go/1".into(),
        anonymous: Vec::new(),
        parts: vec![part("first")],
    };
    store.volume().record(Batch { sightings: vec![seen], ..Batch::default() }).await.unwrap();
    store.close().await;
    for statistics in ["SELECT 1", "ANALYZE"] {
        if statistics == "SELECT 1" {
            place
                .execute(&format!(
                    "INSERT INTO seen_contexts (env, kind, key, app, first_seen, last_seen, body)
                     SELECT env, kind, 'k' || n, app, n, n, body FROM seen_contexts, generate_series(1, {ALL}) n"
                ))
                .await;
            place.execute(&format!("UPDATE seen_kinds SET contexts = {ALL} + 1")).await;
        }
        place.execute(statistics).await;
        let before = rows_read(&place).await;
        let store = place.open().await.unwrap();
        let every = ContextFilter::All(Vec::new());
        let mut asked = 0;
        for filter in [every, ContextFilter::Kind(vec!["user".into()])] {
            let mut after = None;
            for _ in 0..3 {
                let page = PageOf { limit: 20, after, ascending: false, count: true };
                let found = store.volume().contexts("env", &filter, page).await.unwrap();
                assert_eq!((found.items.len(), found.total), (20, Some(ALL + 1)));
                after = found.next;
                asked += 20;
            }
        }
        assert!(store.volume().context("env", "user", "k77").await.unwrap().is_some());
        store.close().await;
        let read = rows_read(&place).await - before;
        // Each row is read from an index and from the table, with its kind and application, and one more of each page.
        assert!(read < asked * 10 + 2_000, "{read} rows read for {asked}, {statistics}");
    }
}
