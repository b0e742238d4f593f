//! Contexts and usage: recording, searching, forgetting.

use crate::support::on_both_engines;
use std::sync::Arc;
use wigwag_store::Store;
use wigwag_store::volume::{
    Advance, Batch, ContextFilter, Count, CountsBefore, Cursor, Grain, InstanceFilter, KeyPage, Measure, MetricEvent,
    PageOf, Part, SeenContext, Sender, Sighting, Span, Tally, Test, Unique, Usage, hash_of, hash_of_key,
};

on_both_engines! {
    contexts_are_found_by_what_they_are;
    pages_follow_each_other_in_time;
    pages_follow_each_other_by_key;
    what_changes_is_found_by_the_new_alone;
    many_are_walked_and_few_are_looked_up;
    instances_keep_what_was_sent_together;
    attributes_and_values_are_counted;
    what_is_removed_leaves_nothing;
    the_index_holds_through_merges;
    what_is_old_expires;
    a_context_is_erased_wherever_it_is;
    sizes_are_told;
    evaluations_add_up;
    what_is_counted_adds_up;
    a_journal_is_recorded_once;
    flags_too_many_are_not_counted;
    a_closed_volume_says_so;
}

const MINUTE: i64 = 60_000;
const NOW: i64 = 1_700_000_000_000;

fn part(body: &str) -> Part {
    let value: serde_json::Value = serde_json::from_str(body).unwrap();
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    Part { kind: text("kind"), key: text("key"), body: Some(body.to_owned()) }
}

fn sighting(at: i64, application: &str, bodies: &[&str]) -> Sighting {
    Sighting {
        env: "env".into(),
        at,
        application: application.into(),
        anonymous: Vec::new(),
        parts: bodies.iter().map(|body| part(body)).collect(),
    }
}

async fn see(store: &Store, sightings: Vec<Sighting>) {
    store.volume().record(Batch { sightings, ..Batch::default() }).await.unwrap();
}

fn page(limit: usize) -> PageOf {
    PageOf { limit, after: None, ascending: false, count: true }
}

/// Keys of the contexts that match, newest first.
async fn keys(store: &Store, filter: ContextFilter) -> Vec<String> {
    let found = store.volume().contexts("env", &filter, page(50)).await.unwrap();
    assert_eq!(found.total, Some(found.items.len() as u64));
    found.items.into_iter().map(|context| context.key).collect()
}

fn attribute(kind: Option<&str>, name: &str, test: Test) -> ContextFilter {
    ContextFilter::attribute(kind, name, test)
}

fn is(value: &str) -> Test {
    Test::AnyOf(vec![value.into()])
}

async fn people(store: &Store) {
    see(
        store,
        vec![
            sighting(NOW, "go/1", &[r#"{"kind":"user","key":"ann","name":"Ann Berg","age":41,"city":"Ulm"}"#]),
            sighting(
                NOW + MINUTE,
                "js/2",
                &[r#"{"kind":"user","key":"bob","email":"bob@acme.test","city":"Bonn","since":"2024-01-02T00:00:00Z"}"#],
            ),
            sighting(NOW + 2 * MINUTE, "go/1", &[r#"{"kind":"org","key":"acme","name":"Acme","a/b":{"c":true}}"#]),
        ],
    )
    .await;
}

async fn contexts_are_found_by_what_they_are(store: Store) {
    people(&store).await;
    let some = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let cases = [
        (ContextFilter::every(), some(&["acme", "bob", "ann"])),
        (ContextFilter::Kind(some(&["user"])), some(&["bob", "ann"])),
        (ContextFilter::Kind(some(&["robot"])), some(&[])),
        (ContextFilter::Key(some(&["ann", "acme", "nobody"])), some(&["acme", "ann"])),
        (ContextFilter::KeyPrefix("a".into()), some(&["acme", "ann"])),
        (ContextFilter::KindKey(vec![("user".into(), "acme".into()), ("user".into(), "bob".into())]), some(&["bob"])),
        (ContextFilter::Application(some(&["go/1"])), some(&["acme", "ann"])),
        (ContextFilter::Application(some(&["none"])), some(&[])),
        (attribute(Some("user"), "city", is("Ulm")), some(&["ann"])),
        (attribute(None, "name", Test::Prefix("A".into())), some(&["acme", "ann"])),
        (attribute(None, "name", Test::Exists), some(&["acme", "ann"])),
        (attribute(None, "/a~1b/c", is("true")), some(&["acme"])),
        (attribute(None, "age", Test::Above(40)), some(&["ann"])),
        (attribute(None, "age", Test::Above(41)), some(&[])),
        (attribute(None, "since", Test::Below(NOW + 20_000_000_000)), some(&["bob"])),
        (ContextFilter::words("BERG"), some(&["ann"])),
        (ContextFilter::words("acme"), some(&["acme", "bob"])),
        (
            ContextFilter::All(vec![
                attribute(None, "name", Test::Exists),
                ContextFilter::Not(Box::new(ContextFilter::Kind(some(&["org"])))),
            ]),
            some(&["ann"]),
        ),
        (
            ContextFilter::Any(vec![attribute(None, "city", is("Bonn")), ContextFilter::Key(some(&["ann"]))]),
            some(&["bob", "ann"]),
        ),
        (ContextFilter::Not(Box::new(attribute(None, "city", is("Bonn")))), some(&["acme", "ann"])),
        (ContextFilter::Any(Vec::new()), some(&[])),
    ];
    for (filter, want) in cases {
        assert_eq!(keys(&store, filter.clone()).await, want, "{filter:?}");
    }
    assert!(store.volume().contexts("other", &ContextFilter::every(), page(5)).await.unwrap().items.is_empty());
    let ann = store.volume().context("env", "user", "ann").await.unwrap().unwrap();
    assert_eq!((ann.application.as_str(), ann.first_seen, ann.last_seen), ("go/1", NOW, NOW));
    assert_eq!(store.volume().context("env", "org", "ann").await.unwrap(), None);
    let kinds = store.volume().kinds("env").await.unwrap();
    let kinds: Vec<_> = kinds.iter().map(|kind| (kind.name.as_str(), kind.contexts, kind.last_seen)).collect();
    assert_eq!(kinds, [("org", 1, NOW + 2 * MINUTE), ("user", 2, NOW + MINUTE)]);
}

async fn pages_follow_each_other_in_time(store: Store) {
    let bodies: Vec<String> = (0..23).map(|n| format!("{{\"kind\":\"user\",\"key\":\"u{n:02}\"}}")).collect();
    see(&store, bodies.iter().enumerate().map(|(n, body)| sighting(NOW + n as i64 / 2, "", &[body])).collect()).await;
    for filter in [ContextFilter::every(), ContextFilter::KeyPrefix("u".into())] {
        for ascending in [false, true] {
            let (mut all, mut after): (Vec<String>, Option<Cursor>) = (Vec::new(), None);
            loop {
                let wanted = PageOf { limit: 5, after, ascending, count: true };
                let found = store.volume().contexts("env", &filter, wanted).await.unwrap();
                assert_eq!(found.total, Some(23));
                all.extend(found.items.into_iter().map(|context| context.key));
                after = found.next;
                if after.is_none() {
                    break;
                }
            }
            let mut want: Vec<String> = (0..23).map(|n| format!("u{n:02}")).collect();
            if !ascending {
                want.reverse();
            }
            assert_eq!(all, want, "{filter:?} {ascending}");
        }
    }
}

async fn pages_follow_each_other_by_key(store: Store) {
    let body = |n: usize| format!("{{\"kind\":\"user\",\"key\":\"u{n:04}\",\"third\":{}}}", n % 3);
    let order: Vec<usize> = (0..2_500).map(|n| n * 1_009 % 2_500).collect();
    let other = r#"{"kind":"org","key":"u0001","third":1}"#;
    see(&store, order.iter().map(|n| sighting(NOW, "", &[&body(*n)])).chain([sighting(NOW, "", &[other])]).collect())
        .await;
    // The first is walked, the others are few.
    let filters = [
        (ContextFilter::every(), (0..2_500).collect::<Vec<_>>()),
        (ContextFilter::Not(Box::new(attribute(None, "third", is("1")))), (0..2_500).filter(|n| n % 3 != 1).collect()),
        (attribute(None, "third", is("1")), (0..2_500).filter(|n| n % 3 == 1).collect()),
    ];
    for (filter, want) in filters {
        for ascending in [true, false] {
            let (mut all, mut after) = (Vec::new(), None);
            loop {
                let page = KeyPage { limit: 700, after, ascending, count: true };
                let found = store.volume().contexts_by_key("env", "user", &filter, page).await.unwrap();
                assert_eq!(found.total, Some(want.len() as u64));
                all.extend(found.items.into_iter().map(|context| context.key));
                after = found.next;
                if after.is_none() {
                    break;
                }
            }
            let mut want: Vec<String> = want.iter().map(|n| format!("u{n:04}")).collect();
            if !ascending {
                want.reverse();
            }
            assert_eq!(all, want, "{filter:?} {ascending}");
        }
    }
    let page = KeyPage { limit: 5, after: None, ascending: true, count: true };
    let none = store.volume().contexts_by_key("env", "robot", &ContextFilter::every(), page).await.unwrap();
    assert_eq!((none.items.len(), none.total), (0, Some(0)));
}

async fn what_changes_is_found_by_the_new_alone(store: Store) {
    people(&store).await;
    see(&store, vec![sighting(NOW + 10 * MINUTE, "", &[r#"{"kind":"user","key":"ann","city":"Bonn"}"#])]).await;
    assert_eq!(keys(&store, attribute(None, "city", is("Ulm"))).await, Vec::<String>::new());
    assert_eq!(keys(&store, attribute(None, "city", is("Bonn"))).await, ["ann", "bob"]);
    assert_eq!(keys(&store, attribute(None, "age", Test::Above(0))).await, Vec::<String>::new());
    // A sighting that only names the key changes no attribute, and the application stays known.
    let named = Part { kind: "user".into(), key: "ann".into(), body: None };
    see(&store, vec![Sighting { parts: vec![named], ..sighting(NOW + 30 * MINUTE, "", &[]) }]).await;
    let ann = store.volume().context("env", "user", "ann").await.unwrap().unwrap();
    assert_eq!((ann.last_seen, ann.first_seen, ann.application.as_str()), (NOW + 30 * MINUTE, NOW, "go/1"));
    assert!(ann.body.contains("Bonn"));
    // Within a minute nothing is written.
    let body = ann.body.clone();
    see(&store, vec![sighting(NOW + 30 * MINUTE + 5, "", &[&body])]).await;
    assert_eq!(store.volume().context("env", "user", "ann").await.unwrap().unwrap(), ann);
}

async fn many_are_walked_and_few_are_looked_up(store: Store) {
    let body = |n: usize| format!("{{\"kind\":\"user\",\"key\":\"u{n}\",\"even\":{},\"n\":{n}}}", n.is_multiple_of(2));
    let bodies: Vec<String> = (0..5000).map(body).collect();
    see(&store, bodies.iter().enumerate().map(|(n, body)| sighting(NOW + n as i64, "", &[body])).collect()).await;
    let find = async |filter: ContextFilter| store.volume().contexts("env", &filter, page(3)).await.unwrap();
    let names = |items: &[SeenContext]| items.iter().map(|context| context.key.clone()).collect::<Vec<_>>();
    // Half of them: more than few, so they are walked.
    let even = attribute(None, "even", is("true"));
    let found = find(even.clone()).await;
    assert_eq!((names(&found.items), found.total), (vec!["u4998".into(), "u4996".into(), "u4994".into()], Some(2500)));
    let next = PageOf { after: found.next, ..page(1) };
    assert_eq!(names(&store.volume().contexts("env", &even, next).await.unwrap().items), ["u4992"]);
    // Both conditions: by the one that few meet.
    let found =
        find(ContextFilter::All(vec![even, attribute(None, "n", Test::AnyOf(vec!["7".into(), "8".into()]))])).await;
    assert_eq!((names(&found.items), found.total), (vec!["u8".into()], Some(1)));
    let found = find(attribute(None, "n", Test::Below(2))).await;
    assert_eq!(names(&found.items), ["u1", "u0"]);
    assert_eq!(find(ContextFilter::every()).await.total, Some(5000));
}

async fn instances_keep_what_was_sent_together(store: Store) {
    people(&store).await;
    let both = [r#"{"kind":"org","key":"acme","name":"Acme"}"#, r#"{"kind":"user","key":"ann","name":"Ann"}"#];
    see(&store, vec![sighting(NOW + 5 * MINUTE, "go/1", &both)]).await;
    let volume = store.volume();
    let all = volume.instances("env", &InstanceFilter::every(), page(10)).await.unwrap();
    assert_eq!((all.items.len(), all.total), (4, Some(4)));
    let multi: serde_json::Value = serde_json::from_str(&all.items[0].body).unwrap();
    assert_eq!(multi["kind"], "multi");
    assert_eq!((&multi["org"]["key"], &multi["user"]["name"]), (&"acme".into(), &"Ann".into()));
    assert!(all.items[3].body.contains("\"Ann\""), "a lone part shows its context: {}", all.items[3].body);
    let pair = |kind: &str, key: &str| (kind.to_owned(), key.to_owned());
    let hash = hash_of([("user", "ann"), ("org", "acme")].into_iter());
    let set = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect();
    for (filter, want) in [
        (InstanceFilter::Id(vec![hash.clone()]), 1),
        (InstanceFilter::Not(Box::new(InstanceFilter::Id(vec![hash]))), 3),
        (InstanceFilter::KindsHave(set(&["user"])), 3),
        (InstanceFilter::KindsAre(set(&["user"])), 2),
        (InstanceFilter::KindsAre(set(&["user", "org"])), 1),
        (InstanceFilter::KeysHave([pair("user", "ann")].into()), 2),
        (InstanceFilter::KeysAre([pair("user", "ann")].into()), 1),
        (InstanceFilter::KeysHave([pair("user", "zoe")].into()), 0),
        (InstanceFilter::Application(vec!["go/1".into()]), 3),
    ] {
        let found = volume.instances("env", &filter, page(10)).await.unwrap();
        assert_eq!((found.items.len(), found.total), (want, Some(want as u64)), "{filter:?}");
    }
    let ann = volume.contexts("env", &ContextFilter::Key(vec!["ann".into(), "bob".into()]), page(5)).await.unwrap();
    let keys: Vec<_> = ann.items.iter().map(|context| context.key.as_str()).collect();
    assert_eq!((keys, volume.associated(&ann.items).await.unwrap()), (vec!["ann", "bob"], vec![1, 0]));
}

async fn attributes_and_values_are_counted(store: Store) {
    people(&store).await;
    let hidden = r#"{"kind":"user","key":"zoe","city":"Ulm","_meta":{"redactedAttributes":["email"]}}"#;
    see(&store, vec![sighting(NOW, "", &[hidden])]).await;
    let volume = store.volume();
    let names = volume.attributes("env", Some("user"), None, 100).await.unwrap();
    let names: Vec<_> = names.iter().map(|a| (a.name.as_str(), a.contexts, a.redacted)).collect();
    let want =
        [("/city", 3, false), ("/email", 2, true), ("/age", 1, false), ("/name", 1, false), ("/since", 1, false)];
    assert_eq!(names, want);
    let names = volume.attributes("env", None, Some("na"), 100).await.unwrap();
    let names: Vec<_> = names.iter().map(|a| (a.kind.as_str(), a.name.as_str())).collect();
    assert_eq!(names, [("org", "/name"), ("user", "/name")]);
    let values = volume.values("env", "city", None, None, 50).await.unwrap();
    let values: Vec<_> = values.iter().map(|v| (v.kind.as_str(), v.value.as_str(), v.contexts)).collect();
    assert_eq!(values, [("user", "Ulm", 2), ("user", "Bonn", 1)]);
    let values = volume.values("env", "/city", None, Some("B"), 50).await.unwrap();
    assert_eq!(values.len(), 1);
    // More values than are counted: those asked for by how they begin are found all the same.
    let body = |n: usize| format!("{{\"kind\":\"thing\",\"key\":\"t{n}\",\"serial\":\"s-{n:04}\"}}");
    let bodies: Vec<String> = (0..1200).map(body).collect();
    see(&store, bodies.iter().map(|body| sighting(NOW, "", &[body])).collect()).await;
    assert_eq!(volume.values("env", "serial", None, None, 100).await.unwrap().len(), 100);
    let late = volume.values("env", "serial", None, Some("s-119"), 100).await.unwrap();
    assert_eq!(late.len(), 10);
    assert!(late.iter().all(|value| value.contexts == 1));
}

/// Contexts come, change and go in many batches, so that runs of the index are merged on several levels.
async fn the_index_holds_through_merges(store: Store) {
    let body = |n: usize, colour: usize| {
        format!(
            "{{\"kind\":\"user\",\"key\":\"u{n:04}\",\"colour\":\"c{colour}\",\"size\":{},\"half\":{}}}",
            n % 50,
            n % 2
        )
    };
    let mut colours = std::collections::BTreeMap::new();
    for round in 0..330_usize {
        let n = round * 7 % 200;
        let colour = round % 9;
        see(&store, vec![sighting(NOW + round as i64, "", &[&body(n, colour)])]).await;
        colours.insert(n, colour);
        if round % 11 == 10 {
            let gone = round * 3 % 200;
            let key = format!("u{gone:04}");
            let was = store.volume().remove_context("env", "user", &key).await.unwrap();
            assert_eq!(was, colours.remove(&gone).is_some());
        }
    }
    let all = |holds: &dyn Fn(usize, usize) -> bool| {
        let some = colours.iter().filter(|(n, colour)| holds(**n, **colour));
        some.map(|(n, _)| format!("u{n:04}")).collect::<Vec<_>>()
    };
    let found = async |filter: ContextFilter| {
        let wanted = PageOf { limit: 500, after: None, ascending: false, count: true };
        let found = store.volume().contexts("env", &filter, wanted).await.unwrap();
        let mut keys: Vec<_> = found.items.into_iter().map(|context| context.key).collect();
        keys.sort_unstable();
        keys
    };
    for wanted in 0..9 {
        let filter = attribute(None, "colour", is(&format!("c{wanted}")));
        assert_eq!(found(filter).await, all(&|_, colour| colour == wanted), "c{wanted}");
    }
    assert_eq!(found(attribute(None, "size", Test::Below(7))).await, all(&|n, _| n % 50 < 7));
    assert_eq!(found(attribute(None, "size", Test::Above(7))).await, all(&|n, _| n % 50 > 7));
    assert_eq!(found(attribute(None, "half", is("1"))).await, all(&|n, _| n % 2 == 1));
    assert_eq!(found(attribute(None, "colour", Test::Prefix("c".into()))).await, all(&|_, _| true));
    assert_eq!(found(ContextFilter::words("u00")).await, all(&|n, _| n < 100));
    let values = store.volume().values("env", "colour", None, None, 20).await.unwrap();
    let counted: std::collections::BTreeMap<_, _> =
        values.into_iter().map(|each| (each.value, each.contexts)).collect();
    for (colour, count) in &counted {
        assert_eq!(all(&|_, of| format!("c{of}") == *colour).len() as u64, *count, "{colour}");
    }
    assert_eq!(counted.values().sum::<u64>(), colours.len() as u64);
    // Everything goes, and the index with it.
    while store.volume().expire(NOW + 1_000, 50).await.unwrap() {}
    assert_eq!(found(attribute(None, "half", Test::Exists)).await, Vec::<String>::new());
    assert_eq!(store.volume().values("env", "colour", None, Some("c"), 20).await.unwrap(), []);
}

async fn what_is_removed_leaves_nothing(store: Store) {
    people(&store).await;
    let both = [r#"{"kind":"org","key":"acme"}"#, r#"{"kind":"user","key":"new","city":"Rom"}"#];
    see(&store, vec![sighting(NOW + 5 * MINUTE, "", &both)]).await;
    let volume = store.volume();
    let hash = hash_of([("user", "new"), ("org", "acme")].into_iter());
    assert!(volume.remove_instance("env", &hash).await.unwrap());
    assert!(!volume.remove_instance("env", &hash).await.unwrap());
    // The user was in nothing else, the organisation was.
    assert_eq!(keys(&store, ContextFilter::every()).await, ["acme", "bob", "ann"]);
    assert_eq!(keys(&store, attribute(None, "city", is("Rom"))).await, Vec::<String>::new());
    assert!(volume.remove_context("env", "user", "bob").await.unwrap());
    assert!(!volume.remove_context("env", "user", "bob").await.unwrap());
    assert_eq!(volume.instances("env", &InstanceFilter::every(), page(9)).await.unwrap().items.len(), 2);
    let values = volume.values("env", "city", None, None, 9).await.unwrap();
    assert_eq!(values.iter().map(|v| v.value.as_str()).collect::<Vec<_>>(), ["Ulm"]);
    while volume.remove_environment("env", 1).await.unwrap() {}
    assert!(keys(&store, ContextFilter::every()).await.is_empty());
    assert!(volume.attributes("env", None, None, 9).await.unwrap().is_empty());
}

async fn what_is_old_expires(store: Store) {
    people(&store).await;
    while store.volume().expire(NOW + MINUTE, 1).await.unwrap() {}
    assert_eq!(keys(&store, ContextFilter::every()).await, ["acme", "bob"]);
    assert_eq!(store.volume().instances("env", &InstanceFilter::every(), page(9)).await.unwrap().total, Some(2));
}

fn metric(contexts: &str, at: i64) -> MetricEvent {
    MetricEvent { env: "env".into(), key: "bought".into(), at, value: None, contexts: contexts.into() }
}

async fn a_context_is_erased_wherever_it_is(store: Store) {
    people(&store).await;
    let volume = store.volume();
    let ann = r#"{"org":"acme","user":"ann"}"#;
    let before = || Batch {
        sightings: vec![sighting(
            NOW,
            "",
            &[r#"{"kind":"org","key":"acme"}"#, r#"{"kind":"user","key":"ann","name":"Ann Berg"}"#],
        )],
        metrics: vec![
            metric(ann, NOW),
            metric(r#"{"user":"ann"}"#, NOW),
            metric(r#"{"user":"anna","org":"ann"}"#, NOW),
        ],
        ..Batch::default()
    };
    volume.record(before()).await.unwrap();
    let kept = volume.kept_of("env", "user", "ann").await.unwrap();
    assert_eq!((kept.contexts, kept.metric_events), (1, 2));
    assert!(kept.instances >= 2, "{kept:?}");
    volume.erase("env", "user", "ann", NOW).await.unwrap();
    let none = wigwag_store::volume::Kept::default();
    assert_eq!(volume.kept_of("env", "user", "ann").await.unwrap(), none);
    assert!(keys(&store, attribute(None, "name", is("Ann Berg"))).await.is_empty());
    assert!(volume.values("env", "name", None, None, 9).await.unwrap().iter().all(|value| value.value != "Ann Berg"));
    // What happened before and still waited somewhere is not recorded; who else is named stays.
    volume.record(before()).await.unwrap();
    assert_eq!(volume.kept_of("env", "user", "ann").await.unwrap(), none);
    assert_eq!(volume.kept_of("env", "user", "anna").await.unwrap().metric_events, 2);
    assert_eq!(volume.kept_of("env", "org", "acme").await.unwrap().contexts, 1);
    assert_eq!(volume.kept_of("env", "org", "acme").await.unwrap().metric_events, 2);
    // Elsewhere, and from then on, it is a context like any other.
    see(&store, vec![sighting(NOW + 1, "", &[r#"{"kind":"user","key":"ann"}"#])]).await;
    assert_eq!(volume.kept_of("env", "user", "ann").await.unwrap().contexts, 1);
    let other = Sighting { env: "other".into(), ..sighting(NOW, "", &[r#"{"kind":"user","key":"ann"}"#]) };
    see(&store, vec![other]).await;
    assert_eq!(volume.kept_of("other", "user", "ann").await.unwrap().contexts, 1);
}

async fn sizes_are_told(store: Store) {
    let volume = store.volume();
    assert_eq!(volume.sizes("env").await.unwrap(), wigwag_store::volume::Sizes::default());
    people(&store).await;
    volume.record(Batch { metrics: vec![metric("{}", NOW)], ..Batch::default() }).await.unwrap();
    let sizes = volume.sizes("env").await.unwrap();
    let contexts = keys(&store, ContextFilter::every()).await.len() as u64;
    assert_eq!((sizes.contexts.rows, sizes.metrics.rows, sizes.counts.rows), (contexts, 1, 0));
    assert!(sizes.contexts.bytes > 60 * contexts && sizes.contexts.bytes < 400 * contexts, "{sizes:?}");
    assert!(!sizes.contexts.is_more());
    assert!(volume.bytes().await.unwrap() > 10_000);
}

async fn evaluations_add_up(store: Store) {
    let usage = |flag: &str, at, counts: &[(Option<u32>, u64)]| Usage {
        env: "env".into(),
        flag: flag.into(),
        at,
        application: "go/1".into(),
        fallback: Some("false".into()),
        sender: sender("GoClient", "1"),
        kinds: vec!["user".into()],
        counts: counts
            .iter()
            .map(|(variation, count)| Count { variation: *variation, version: 3, count: *count })
            .collect(),
    };
    let record = async |usage| store.volume().record(Batch { usage, ..Batch::default() }).await.unwrap();
    record(vec![usage("a", NOW, &[(Some(0), 3)]), usage("b", NOW, &[(None, 1)]), usage("a", NOW + 1, &[(Some(0), 1)])])
        .await;
    record(vec![usage("a", NOW + 3_600_000, &[(Some(1), 2)])]).await;
    // An older batch that comes late does not turn time back.
    record(vec![usage("a", NOW - 5, &[(Some(0), 1)])]).await;
    let volume = store.volume();
    let span = Span { grain: Grain::Hour, from: NOW, to: NOW + 3_600_000 };
    let found = volume.evaluations_of("env", &["a", "b", "none"], span).await.unwrap();
    let found: Vec<_> = found.iter().map(|each| (each.flag.as_str(), each.variation, each.count)).collect();
    assert_eq!(found, [("a", Some(0), 5), ("a", Some(1), 2), ("b", None, 1)]);
    assert!(volume.evaluations_of("env", &[], span).await.unwrap().is_empty());
    assert!(volume.evaluations_of("other", &["a"], span).await.unwrap().is_empty());
    let used = volume.flag_use("env", None, NOW).await.unwrap();
    let used: Vec<_> = used.iter().map(|u| (u.flag.as_str(), u.last_requested, u.variations.clone())).collect();
    assert_eq!(used, [("a", NOW + 3_600_000, vec![0, 1]), ("b", NOW, vec![])]);
    let used = volume.flag_use("env", Some(&["a", "none"]), NOW + 3_600_000).await.unwrap();
    assert_eq!((used[0].variations.as_slice(), used[0].fallback.as_deref()), (&[1][..], Some("false")));
    let keys = async |kind, app, since| volume.flags_used("env", kind, app, since).await.unwrap();
    assert_eq!(keys(None, None, NOW).await, ["a", "b"]);
    assert_eq!(keys(Some("user"), Some("go/1"), NOW + 1).await, ["a"]);
    assert!(keys(Some("org"), None, 0).await.is_empty());
    assert!(keys(None, Some("js/2"), 0).await.is_empty());
    let counted = async |grain, from, to| {
        let found = volume.evaluations("env", "a", Span { grain, from, to }).await.unwrap();
        found
            .iter()
            .map(|e| (e.at - NOW.div_euclid(grain.length()) * grain.length(), e.variation, e.count))
            .collect::<Vec<_>>()
    };
    assert_eq!(counted(Grain::Hour, NOW, NOW + 3_600_000).await, [(0, Some(0), 5), (3_600_000, Some(1), 2)]);
    assert_eq!(counted(Grain::Hour, NOW + 3_600_000, NOW + 7_200_000).await, [(3_600_000, Some(1), 2)]);
    assert_eq!(counted(Grain::Day, NOW, NOW).await.iter().map(|each| each.2).sum::<u64>(), 7);
    let minutes = [NOW + 3_600_000; 3];
    while volume.expire_counts(CountsBefore { steps: minutes, metrics: 0 }, 5).await.unwrap() {}
    assert_eq!(counted(Grain::Minute, 0, i64::MAX).await.len(), 1);
    assert_eq!(counted(Grain::Hour, 0, i64::MAX).await, [(3_600_000, Some(1), 2)]);
    assert_eq!(counted(Grain::Day, 0, i64::MAX).await.iter().map(|each| each.2).sum::<u64>(), 7);
}

fn sender(sdk: &str, version: &str) -> Arc<Sender> {
    Arc::new(Sender { sdk: sdk.into(), sdk_version: version.into(), ..Sender::default() })
}

async fn what_is_counted_adds_up(store: Store) {
    let tally = |measure, name: &str, at, count, sdk: &str| Tally {
        env: "env".into(),
        sender: sender(sdk, "1"),
        measure,
        name: name.into(),
        at,
        count,
    };
    let unique = |key: &str, at| Unique {
        env: "env".into(),
        sender: sender("go", "1"),
        kind: "user".into(),
        anonymous: false,
        hash: hash_of_key("user", key),
        at,
    };
    let metric = |value| MetricEvent { env: "env".into(), key: "buy".into(), at: NOW, value, contexts: "{}".into() };
    let volume = store.volume();
    for n in 0..3_u64 {
        let tallies = vec![
            tally(Measure::Events, "index", NOW, 2, "go"),
            tally(Measure::Events, "index", NOW, 1, "js"),
            tally(Measure::Connections, "", NOW, 5 - n, "go"),
        ];
        let uniques = vec![unique("a", NOW), unique(&format!("b{n}"), NOW), unique("a", NOW + 86_400_000)];
        let metrics = vec![metric(Some(1.5)), metric(None)];
        volume.record(Batch { tallies, uniques, metrics, ..Batch::default() }).await.unwrap();
    }
    let span = |grain| Span { grain, from: NOW, to: NOW };
    for grain in Grain::ALL {
        let events = volume.counts(Measure::Events, span(grain)).await.unwrap();
        let mut events: Vec<_> = events.iter().map(|p| (&*p.sender.sdk, p.name.as_str(), p.count)).collect();
        events.sort_unstable();
        assert_eq!(events, [("go", "index", 6), ("js", "index", 3)]);
        let peaks = volume.counts(Measure::Connections, span(grain)).await.unwrap();
        assert_eq!(peaks.iter().map(|p| (p.name.as_str(), p.count)).collect::<Vec<_>>(), [("", 5)]);
    }
    let days = volume.uniques(NOW, NOW + 86_400_000).await.unwrap();
    assert_eq!(
        days.iter().map(|day| (day.kind.as_str(), day.sketch.count())).collect::<Vec<_>>(),
        [("user", 4), ("user", 1)]
    );
    let senders = volume.senders(0).await.unwrap();
    let versions: Vec<_> = senders.iter().map(|seen| (&*seen.sender.sdk, &*seen.sender.sdk_version)).collect();
    assert_eq!(versions, [("go", "1"), ("js", "1"), ("go", "")]);
    let before = CountsBefore { steps: [NOW + 200_000_000; 3], metrics: NOW + 1 };
    while volume.expire_counts(before, 2).await.unwrap() {}
    assert!(volume.counts(Measure::Events, span(Grain::Day)).await.unwrap().is_empty());
    assert!(volume.uniques(0, NOW + 86_400_000).await.unwrap().is_empty());
}

async fn a_journal_is_recorded_once(store: Store) {
    let volume = store.volume();
    let batch = || Batch {
        tallies: vec![Tally {
            env: "env".into(),
            sender: sender("go", "1"),
            measure: Measure::Events,
            name: "index".into(),
            at: NOW,
            count: 1,
        }],
        ..Batch::default()
    };
    let from = |from, to| Advance { journal: "j".into(), from, to };
    assert_eq!(volume.journal_position("j").await.unwrap(), 0);
    for (begin, end) in [(0, 10), (0, 10), (10, 20), (0, 10), (10, 20)] {
        volume.record_from(from(begin, end), batch().into()).await.unwrap();
    }
    assert_eq!(volume.journal_position("j").await.unwrap(), 20);
    let counted = volume.counts(Measure::Events, Span { grain: Grain::Day, from: NOW, to: NOW }).await.unwrap();
    assert_eq!(counted[0].count, 2);
    volume.reset_journal("j", 5).await.unwrap();
    assert_eq!(volume.journal_position("j").await.unwrap(), 5);
}

async fn flags_too_many_are_not_counted(store: Store) {
    let used = |name: String, env: &str| Usage {
        env: env.into(),
        flag: name,
        at: NOW,
        application: "".into(),
        fallback: None,
        kinds: Vec::new(),
        sender: Arc::default(),
        counts: vec![Count { variation: Some(0), version: 1, count: 1 }],
    };
    let usage = (0..20_003).map(|n| used(format!("f{n:05}"), "env")).collect();
    assert_eq!(store.volume().record(Batch { usage, ..Batch::default() }).await.unwrap(), 3);
    // Those that are known count on, and other environments have room.
    let more = [used("f00000".into(), "env"), used("new".into(), "env"), used("new".into(), "other")];
    let batch = Batch { usage: more.into(), ..Batch::default() };
    assert_eq!(store.volume().record(batch).await.unwrap(), 1);
}

async fn a_closed_volume_says_so(store: Store) {
    store.clone().close().await;
    assert!(matches!(store.volume().record(Batch::default()).await, Err(wigwag_store::StoreError::Closed)));
}
