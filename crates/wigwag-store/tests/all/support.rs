//! What the tests share.

use std::sync::atomic::{AtomicU64, Ordering};
use wigwag_model::doc::Kind;
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Store, Write};

/// Runs each test function of a module on both engines.
macro_rules! on_both_engines {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        mod sqlite {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(wigwag_store::Store::temporary().await.unwrap()).await })*
        }
        mod postgres {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(wigwag_store::testing::postgres().await.unwrap()).await })*
        }
    };
}
pub(crate) use on_both_engines;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// An entry for the log with an id of its own, dated `at`.
pub(crate) fn change_at(at: i64) -> NewChange {
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    NewChange {
        id: format!("change-{n}"),
        at,
        kind: "flag".into(),
        project: "web".into(),
        name: format!("Change {n}"),
        member_id: Some("ann".into()),
        token_id: None,
        resources: vec!["proj/web:env/*:flag/a".into()],
        body: format!("{{\"n\":{n}}}"),
    }
}

/// An entry for the log.
pub(crate) fn change() -> NewChange {
    change_at(1_700_000_000_000)
}

/// Commits these writes.
pub(crate) async fn put(store: &Store, writes: Vec<Write>) -> wigwag_store::Result<wigwag_store::Committed> {
    store.commit(Commit::new(writes, change())).await
}

/// A flag of project `web`.
pub(crate) fn flag(key: &str) -> DocKey {
    DocKey::in_project(Kind::Flag, "web", key)
}

/// A flag configuration of project `web`.
pub(crate) fn config(env: &str, key: &str) -> DocKey {
    DocKey::in_env(Kind::FlagConfig, "web", env, key)
}

/// No facts.
pub(crate) fn no_facts() -> IndexFacts {
    IndexFacts::new()
}
