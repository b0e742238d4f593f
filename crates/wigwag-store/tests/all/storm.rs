//! A storm of writes that says what was acknowledged, to be killed in the midst of it.
#![expect(clippy::disallowed_methods, reason = "its parent tells it by the environment where to rage")]

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wigwag_model::doc::Kind;
use wigwag_store::{Chain, Commit, DocKey, IndexFacts, NewChange, Scope, Store, StoreConfig, StoreError, Write};

const WRITERS: u64 = 8;

/// Where the storm of a child process rages: `sqlite DIR`, `sqlite-alone DIR` for a single writer, which does not
/// go through the writer's thread, or `postgres URL`.
pub(crate) const PLACE: &str = "WIGWAG_STORM";
/// The name of the test that is the storm.
pub(crate) const TEST: &str = "storm::a_storm_leaves_everything_sound";

/// As a test: a storm of some length. As a child of [`crate::kill`]: one that ends when it is killed,
/// and prints `ack SEQ ID KEY VERSION BODY` for each commit that the store said is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_leaves_everything_sound() {
    let place = std::env::var(PLACE).unwrap_or_default();
    match place.split_once(' ') {
        Some(("sqlite", dir)) => rage(&open(&StoreConfig::sqlite(dir)).await, WRITERS, u64::MAX).await,
        Some(("sqlite-alone", dir)) => rage(&open(&StoreConfig::sqlite(dir)).await, 1, u64::MAX).await,
        Some((_, url)) => {
            rage(&open(&StoreConfig::postgres_with(url, 4)).await, WRITERS, u64::MAX).await;
        }
        None => {
            let store = Store::temporary().await.unwrap();
            rage(&store, WRITERS, 200).await;
            assert_eq!(store.head().await.unwrap(), 200);
            assert!(matches!(store.verify_chain().await.unwrap(), Chain::Intact { seq: 200, .. }));
            assert_eq!(store.verify_documents().await.unwrap(), []);
        }
    }
}

async fn rage(store: &Store, writers: u64, commits: u64) {
    let run = store.head().await.unwrap();
    let next = Arc::new(AtomicU64::new(0));
    let write = |writer| tokio::spawn(write(store.clone(), run, writer, Arc::clone(&next), commits));
    for writer in (0..writers).map(write).collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

/// A server that was ended a moment ago takes a while to recover.
async fn open(config: &StoreConfig) -> Store {
    for _ in 0..600 {
        match Store::open(config).await {
            Ok(store) => return store,
            Err(StoreError::Unavailable(_) | StoreError::Locked(_)) => {}
            Err(e) => panic!("{e}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the store does not open");
}

/// Creates, updates and deletes documents of its own, two in each commit, and now and then a whole scope.
async fn write(store: Store, run: u64, writer: u64, next: Arc<AtomicU64>, commits: u64) {
    let project = format!("p{writer}");
    for i in 0_u64.. {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= commits {
            return;
        }
        let flag = DocKey::in_project(Kind::Flag, project.as_str(), format!("f{}", i % 5));
        let config = DocKey::in_env(Kind::FlagConfig, project.as_str(), "test", format!("f{}", i % 5));
        let body = format!("{run}-{n}");
        let facts = || {
            IndexFacts::new()
                .text("name", format!("Name {}", n % 3))
                .many("tags", (0..n % 4).map(|t| format!("t{t}")))
                .number("n", n as i64)
                .unique("id", format!("{project}-{}", i % 5))
        };
        let found = store.get_many(&[flag.clone(), config.clone()]).await;
        let Ok(found) = found else { return };
        let put = |key: &DocKey, doc: &Option<wigwag_store::Doc>| match doc {
            Some(doc) => Write::update(key.clone(), doc.version, body.clone(), facts()),
            None => Write::create(key.clone(), body.clone(), facts()),
        };
        let deletes_under = if n % 40 == 39 { vec![Scope::Project(project.as_str().into())] } else { Vec::new() };
        let writes = match (&found[0], n % 7) {
            (Some(doc), 6) => {
                vec![Write::delete(flag.clone(), wigwag_store::Expect::Version(doc.version)), put(&config, &found[1])]
            }
            _ => vec![put(&flag, &found[0]), put(&config, &found[1])],
        };
        let change = NewChange { id: format!("c-{run}-{n}"), at: n as i64, body: "{}".into(), ..Default::default() };
        match store
            .commit(Commit {
                requires: Vec::new(),
                holders: Vec::new(),
                writes,
                deletes_under,
                members: Vec::new(),
                change,
            })
            .await
        {
            Ok(done) => {
                let line = format!("ack {} c-{run}-{n} {} {} {body}\n", done.seq, config.key, done.versions[1]);
                // One write for the line: what is cut off by the kill was not acknowledged.
                let mut out = std::io::stdout().lock();
                out.write_all(line.as_bytes()).and_then(|()| out.flush()).unwrap();
            }
            // The server was ended: nothing is claimed of this commit, and the storm is over.
            Err(StoreError::Unavailable(_) | StoreError::InDoubt(_)) => return,
            Err(e) => panic!("{e}"),
        }
    }
}
