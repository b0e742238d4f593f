//! Facts across scopes: times against a plain list, and the texts in use.

use crate::support::{change, on_both_engines};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeMap;
use wigwag_model::doc::Kind;
use wigwag_store::{Commit, DocKey, Expect, IndexFacts, Store, Write, WriteOp};

on_both_engines! {
    what_is_due_is_what_the_list_says;
    texts_are_those_of_documents_there_are;
}

async fn what_is_due_is_what_the_list_says(store: Store) {
    let mut rng = StdRng::seed_from_u64(5);
    let mut times: BTreeMap<DocKey, Option<i64>> = BTreeMap::new();
    for _ in 0..60 {
        let name = |rng: &mut StdRng, of: &[&str]| of[rng.random_range(0..of.len())].to_owned();
        let (env, own) = (name(&mut rng, &["test", "live", "x"]), name(&mut rng, &["a", "b", "c", "d"]));
        let key = DocKey::in_env(Kind::FlagConfig, name(&mut rng, &["web", "app"]), env, own);
        let op = if times.contains_key(&key) && rng.random_bool(0.3) {
            times.remove(&key);
            WriteOp::Delete
        } else {
            let at = rng.random_bool(0.8).then(|| rng.random_range(0..9));
            times.insert(key.clone(), at);
            let facts = IndexFacts::new().number("other", 1).text("name", "n");
            let index = at.map_or(facts.clone(), |at| facts.number("dueAt", at));
            WriteOp::Put { body: "{}".into(), index }
        };
        store.commit(Commit::new(vec![Write { key, expect: Expect::Any, op }], change())).await.unwrap();
        for until in [-1, 0, 4, 9] {
            let mut expected: Vec<_> =
                times.iter().filter_map(|(key, at)| Some((at.filter(|at| *at <= until)?, key.clone()))).collect();
            expected.sort();
            let expected: Vec<_> = expected.into_iter().map(|(_, key)| key).collect();
            assert_eq!(store.due(Kind::FlagConfig, "dueAt", until).await.unwrap(), expected);
            let next = times.values().flatten().copied().filter(|at| *at > until).min();
            assert_eq!(store.next_due(Kind::FlagConfig, "dueAt", until).await.unwrap(), next);
        }
        assert!(store.due(Kind::Segment, "dueAt", 9).await.unwrap().is_empty());
    }
}

async fn texts_are_those_of_documents_there_are(store: Store) {
    let put = async |project: &str, env: &str, key: &str, tags: &[&str], state: &str| {
        let index = IndexFacts::new().many("tags", tags).text("state", state);
        let op = WriteOp::Put { body: "{}".into(), index };
        let write = Write { key: DocKey::in_env(Kind::Segment, project, env, key), expect: Expect::Any, op };
        store.commit(Commit::new(vec![write], change())).await.unwrap();
    };
    put("web", "a", "1", &["x", "y"], "live").await;
    put("web", "b", "1", &["x", "Z"], "old").await;
    put("app", "a", "1", &["x"], "live").await;
    put("app", "a", "2", &["gone"], "live").await;
    put("app", "a", "2", &[], "live").await;
    let texts = async |but| {
        let mut found = store.texts(Kind::Segment, "tags", but).await.unwrap();
        found.sort();
        found.into_iter().map(|(project, text)| format!("{project} {text}")).collect::<Vec<_>>()
    };
    assert_eq!(texts(None).await, ["app x", "web Z", "web x", "web y"]);
    assert_eq!(texts(Some(("state", "old"))).await, ["app x", "web x", "web y"]);
    assert!(store.texts(Kind::Flag, "tags", None).await.unwrap().is_empty());
}
