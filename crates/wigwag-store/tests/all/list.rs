//! Lists against a model that is too simple to be wrong.

use crate::support::{change, on_both_engines};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use wigwag_model::doc::Kind;
use wigwag_store::{Commit, DocKey, Expect, IndexFacts, ListQuery, Listing, Predicate, Sort, Store, Write, WriteOp};

on_both_engines! {
    every_list_is_what_the_model_says;
    ties_and_missing_facts_have_their_place;
    facts_that_change_are_found_anew;
}

/// A document of the model.
#[derive(Clone, Debug, Default)]
struct Modelled {
    texts: BTreeMap<&'static str, Vec<String>>,
    numbers: BTreeMap<&'static str, i64>,
    created: u64,
}

type Model = BTreeMap<DocKey, Modelled>;

const WORDS: &[&str] = &["", "a", "A", "ab", "aB", "b", "ba", "É", "éa", "zz", "a b", "%", "_", "10", "\u{10ffff}"];
const KEYS: &[&str] = &["a", "ab", "b", "ba", "c", "d-1", "d-2", "e", "x.y", "zz"];

impl Modelled {
    fn random(rng: &mut StdRng) -> Self {
        let mut doc = Self::default();
        let mut some = |field, most: usize| {
            let values: Vec<String> =
                (0..rng.random_range(0..=most)).map(|_| WORDS.choose(rng).unwrap().to_string()).collect();
            if !values.is_empty() {
                doc.texts.insert(field, values);
            }
        };
        some("name", 1);
        some("tags", 3);
        doc.texts.insert("title", vec![WORDS.choose(rng).unwrap().to_string()]);
        if rng.random_bool(0.8) {
            doc.numbers.insert("n", *[-5, 0, 1, 2, i64::MAX, i64::MIN].choose(rng).unwrap());
        }
        doc
    }

    fn facts(&self) -> IndexFacts {
        let texts = self.texts.iter().fold(IndexFacts::new(), |facts, (field, values)| facts.many(field, values));
        self.numbers.iter().fold(texts, |facts, (field, value)| facts.number(field, *value))
    }

    fn texts<'a>(&'a self, key: &'a DocKey, field: &str) -> Vec<&'a str> {
        if field == "key" {
            return vec![&key.key];
        }
        self.texts.get(field).map(|values| values.iter().map(String::as_str).collect()).unwrap_or_default()
    }

    fn number(&self, field: &str) -> Option<i64> {
        if field == "created" { Some(self.created as i64) } else { self.numbers.get(field).copied() }
    }

    fn holds(&self, key: &DocKey, predicate: &Predicate) -> bool {
        let any = |field: &str, test: &dyn Fn(&str) -> bool| self.texts(key, field).into_iter().any(test);
        match predicate {
            Predicate::All => true,
            Predicate::And(parts) => parts.iter().all(|part| self.holds(key, part)),
            Predicate::Or(parts) => parts.iter().any(|part| self.holds(key, part)),
            Predicate::Not(inner) => !self.holds(key, inner),
            Predicate::TextEq { field, value } => any(field, &|text| text == value),
            Predicate::TextAnyOf { field, values } => any(field, &|text| values.iter().any(|v| v == text)),
            Predicate::TextContains { field, needle } => {
                any(field, &|text| text.to_lowercase().contains(&needle.to_lowercase()))
            }
            Predicate::TextStartsWith { field, prefix } => any(field, &|text| text.starts_with(prefix)),
            Predicate::NumberRange { field, min, max } => {
                self.number(field).is_some_and(|n| min.is_none_or(|min| n >= min) && max.is_none_or(|max| n <= max))
            }
            Predicate::Exists { field } => !self.texts(key, field).is_empty() || self.number(field).is_some(),
            Predicate::KeyIn(keys) => keys.iter().any(|one| **one == *key.key),
        }
    }

    fn compare(&self, key: &DocKey, other: &Self, other_key: &DocKey, sort: &Sort) -> Ordering {
        let way = |ordering: Ordering| if sort.descending { ordering.reverse() } else { ordering };
        let least = |doc: &Self, key: &DocKey| {
            let text = doc.texts(key, &sort.field).into_iter().min().map(str::to_owned);
            (text.is_some() || doc.number(&sort.field).is_some()).then(|| (text, doc.number(&sort.field)))
        };
        match (least(self, key), least(other, other_key)) {
            (Some(mine), Some(others)) => way(mine.cmp(&others)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

/// What a list of the model gives: the keys of the page and the total.
fn expected(model: &Model, query: &ListQuery<'_>) -> (Vec<DocKey>, u64) {
    let mut all: Vec<(&DocKey, &Modelled)> = model
        .iter()
        .filter(|(key, _)| query.project.is_none_or(|project| *key.project == *project))
        .filter(|(key, _)| query.env.is_none_or(|env| *key.env == *env))
        .filter(|(key, doc)| doc.holds(key, &query.filter))
        .collect();
    let backwards = query.sort.last().is_some_and(|sort| sort.descending);
    all.sort_by(|(key, doc), (other_key, other)| {
        let sorted = query.sort.iter().map(|sort| doc.compare(key, other, other_key, sort));
        let by_key = (&key.key, &key.project, &key.env).cmp(&(&other_key.key, &other_key.project, &other_key.env));
        let last = if backwards { by_key.reverse() } else { by_key };
        sorted.fold(Ordering::Equal, Ordering::then).then(last)
    });
    let page = all.iter().skip(query.offset as usize).take(query.limit.map_or(usize::MAX, |limit| limit as usize));
    (page.map(|(key, _)| (*key).clone()).collect(), all.len() as u64)
}

fn predicate(rng: &mut StdRng, depth: u32) -> Predicate {
    let text_field = |rng: &mut StdRng| (*["name", "tags", "key", "title", "none"].choose(rng).unwrap()).to_owned();
    let word = |rng: &mut StdRng| {
        let words = if rng.random_bool(0.5) { WORDS } else { KEYS };
        (*words.choose(rng).unwrap()).to_owned()
    };
    let words = |rng: &mut StdRng| (0..rng.random_range(0..4)).map(|_| word(rng)).collect::<Vec<_>>();
    let parts = |rng: &mut StdRng| (0..rng.random_range(0..4)).map(|_| predicate(rng, depth - 1)).collect();
    match rng.random_range(0..if depth == 0 { 7 } else { 11 }) {
        0 => Predicate::TextEq { field: text_field(rng), value: word(rng) },
        1 => Predicate::TextAnyOf { field: text_field(rng), values: words(rng) },
        2 => Predicate::TextContains { field: text_field(rng), needle: word(rng) },
        3 => Predicate::TextStartsWith { field: text_field(rng), prefix: word(rng) },
        4 => {
            let mut bound = || rng.random_bool(0.6).then(|| rng.random_range(-6..6));
            let (min, max) = (bound(), bound());
            let field = (*["n", "created", "none"].choose(rng).unwrap()).to_owned();
            Predicate::NumberRange { field, min, max }
        }
        5 => Predicate::Exists { field: (*["name", "tags", "n", "key", "none"].choose(rng).unwrap()).to_owned() },
        6 => Predicate::KeyIn((0..rng.random_range(0..5)).map(|_| KEYS.choose(rng).unwrap().to_string()).collect()),
        7 => Predicate::Not(Box::new(predicate(rng, depth - 1))),
        8 if rng.random_bool(0.3) => Predicate::any_contains(&["key", "title"], &word(rng)),
        8 => Predicate::Or(parts(rng)),
        9 => Predicate::And(parts(rng)),
        _ => Predicate::All,
    }
}

fn sorts(rng: &mut StdRng) -> Vec<Sort> {
    let one = |rng: &mut StdRng| Sort {
        field: (*["name", "n", "key", "created", "tags", "none"].choose(rng).unwrap()).to_owned(),
        descending: rng.random_bool(0.5),
    };
    (0..*[0, 1, 1, 1, 2].choose(rng).unwrap()).map(|_| one(rng)).collect()
}

/// A few changes of the model and the store alike.
async fn change_some(store: &Store, model: &mut Model, rng: &mut StdRng, most: usize) {
    for _ in 0..most {
        let kind = Kind::FlagConfig;
        let project = *["web", "app"].choose(rng).unwrap();
        let env = *["test", "prod"].choose(rng).unwrap();
        let key = DocKey::in_env(kind, project, env, *KEYS.choose(rng).unwrap());
        let op = if model.contains_key(&key) && rng.random_bool(0.3) {
            model.remove(&key);
            WriteOp::Delete
        } else {
            let created = model.get(&key).map_or(0, |doc| doc.created);
            let doc = Modelled { created, ..Modelled::random(rng) };
            let index = doc.facts();
            model.insert(key.clone(), doc);
            WriteOp::Put { body: "{}".into(), index }
        };
        let write = Write { key: key.clone(), expect: Expect::Any, op };
        let done = store.commit(Commit::new(vec![write], change())).await.unwrap();
        if let Some(doc) = model.get_mut(&key).filter(|doc| doc.created == 0) {
            doc.created = done.seq;
        }
    }
}

async fn every_list_is_what_the_model_says(store: Store) {
    for seed in 0..12 {
        let mut rng = StdRng::seed_from_u64(seed);
        // The model has one store to live in: each round starts from what the last one left.
        let mut model = Model::new();
        for doc in store.scan(Kind::FlagConfig, None, None).await.unwrap() {
            let delete = Write::delete(doc.key, Expect::Any);
            store.commit(Commit::new(vec![delete], change())).await.unwrap();
        }
        for _ in 0..4 {
            change_some(&store, &mut model, &mut rng, 25).await;
            for _ in 0..25 {
                store.set_few(*[0, 2, 1000].choose(&mut rng).unwrap());
                let project = *[Some("web"), Some("app"), None].choose(&mut rng).unwrap();
                let env = *[Some("test"), Some("test"), None].choose(&mut rng).unwrap();
                let query = ListQuery {
                    filter: if rng.random_bool(0.2) { Predicate::All } else { predicate(&mut rng, 2) },
                    sort: sorts(&mut rng),
                    limit: *[None, Some(0), Some(1), Some(3), Some(20)].choose(&mut rng).unwrap(),
                    offset: *[0, 0, 1, 4, 50].choose(&mut rng).unwrap(),
                    ..ListQuery::scoped(Kind::FlagConfig, project, env)
                };
                let listing = store.list(&query).await.unwrap();
                let keys =
                    |listing: Listing| (listing.docs.into_iter().map(|doc| doc.key).collect::<Vec<_>>(), listing.total);
                assert_eq!(keys(listing), expected(&model, &query), "seed {seed}, {query:?}");
                // What is not in the index comes out the same.
                let all = store.scan(Kind::FlagConfig, None, None).await.unwrap();
                let given = all.into_iter().map(|doc| (doc.clone(), model[&doc.key].facts()));
                let among = keys(Listing::among(given, &query));
                assert_eq!(among, expected(&model, &query), "seed {seed}, {query:?} in memory");
            }
        }
        assert_eq!(store.verify_documents().await.unwrap(), []);
    }
}

async fn ties_and_missing_facts_have_their_place(store: Store) {
    let flag = |key: &str, facts| Write::create(DocKey::in_project(Kind::Flag, "web", key), "{}".into(), facts);
    let writes = vec![
        flag("d", IndexFacts::new().text("name", "x")),
        flag("b", IndexFacts::new()),
        flag("a", IndexFacts::new()),
        flag("c", IndexFacts::new().text("name", "x")),
        flag("e", IndexFacts::new().many("name", ["z", "w"])),
    ];
    store.commit(Commit::new(writes, change())).await.unwrap();
    for few in [0, 1000] {
        store.set_few(few);
        let keys = async |query: ListQuery<'_>| {
            let docs = store.list(&query).await.unwrap().docs;
            docs.iter().map(|doc| doc.key.key.to_string()).collect::<String>()
        };
        let all = ListQuery::in_project(Kind::Flag, "web");
        assert_eq!(keys(all.clone()).await, "abcde");
        assert_eq!(keys(all.clone().sort("name", false)).await, "ecdab");
        assert_eq!(keys(all.clone().sort("name", true)).await, "dceba");
        assert_eq!(keys(all.clone().sort("name", true).page(2, 1)).await, "ce");
        assert_eq!(keys(all.clone().sort("name", true).page(2, 2)).await, "eb");
        assert_eq!(keys(all.clone().sort("created", true)).await, "edcba");
        assert_eq!(keys(all.clone().sort("none", false)).await, "abcde");
    }
}

async fn facts_that_change_are_found_anew(store: Store) {
    let key = DocKey::in_project(Kind::Flag, "web", "a");
    let put = |expect, name: &str| Write {
        key: key.clone(),
        expect,
        op: WriteOp::Put { body: "{}".into(), index: IndexFacts::new().text("name", name) },
    };
    let total = async |name: &str| {
        let query = ListQuery::in_project(Kind::Flag, "web").filter(Predicate::eq("name", name));
        store.list(&query).await.unwrap().total
    };
    store.commit(Commit::new(vec![put(Expect::Absent, "old")], change())).await.unwrap();
    assert_eq!((total("old").await, total("new").await), (1, 0));
    store.commit(Commit::new(vec![put(Expect::Version(1), "new")], change())).await.unwrap();
    assert_eq!((total("old").await, total("new").await), (0, 1));
    store.commit(Commit::new(vec![Write::delete(key.clone(), Expect::Any)], change())).await.unwrap();
    assert_eq!((total("old").await, total("new").await), (0, 0));
    let query = ListQuery::scoped(Kind::Flag, None, None);
    assert_eq!(store.list(&query).await.unwrap().total, 0);
}
