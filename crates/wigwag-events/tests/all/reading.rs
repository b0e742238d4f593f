//! What each kind of event tells.

use serde_json::{Value, json};
use wigwag_events::read;
use wigwag_sdk::{EventBatch, Origin};
use wigwag_store::volume::{Batch, Count, Measure, hash_of_key};

pub(crate) const NOW: i64 = 1_700_000_000_000;

pub(crate) fn batch(events: &Value) -> EventBatch {
    EventBatch {
        env: "env".into(),
        body: events.to_string().into(),
        payload_id: None,
        schema: 4,
        unsummarised: false,
        application: "go/1".into(),
        origin: Origin { sdk: "go".into(), sdk_version: "1".into(), ..Origin::default() },
        received: NOW,
    }
}

fn told(events: Value) -> Batch {
    read(&[batch(&events)]).0
}

/// Kinds, keys and bodies of the parts that the only event tells.
fn parts(event: Value) -> Vec<(String, String, Value)> {
    let found = told(json!([event]));
    let body = |text: Option<String>| text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
    let parts = found.sightings.into_iter().flat_map(|sighting| sighting.parts);
    parts.map(|part| (part.kind, part.key, body(part.body))).collect()
}

/// Keys of flags can be made up by anybody with a client-side id.
#[test]
fn a_batch_names_so_many_flags_at_most() {
    let features: serde_json::Map<_, _> =
        (0..10_004).map(|n| (format!("f{n}"), json!({"counters": [{"variation": 0, "count": 2}]}))).collect();
    let first = json!({"kind": "summary", "endDate": NOW, "features": features});
    let again =
        json!({"kind": "summary", "endDate": NOW, "features": {"f0": {"counters": [{"variation": 0, "count": 2}]}}});
    let first = batch(&json!([first, again]));
    let (told, left_out) = read(std::slice::from_ref(&first));
    assert_eq!((told.usage.len(), left_out.usage), (10_001, 4));
    // Another batch has room of its own.
    let other =
        json!({"kind": "summary", "endDate": NOW, "features": {"x": {"counters": [{"variation": 0, "count": 1}]}}});
    let (told, left_out) = read(&[first, batch(&json!([other]))]);
    assert_eq!((told.usage.len(), left_out.usage), (10_002, 4));
}

#[test]
fn whole_contexts_lose_only_what_is_not_theirs() {
    let context = json!({"kind": "user", "key": "a", "name": "Ann", "anonymous": false, "x": null, "deep": {"y": [1]},
        "_meta": {"redactedAttributes": ["email"], "privateAttributes": ["z"]}});
    let want = json!({"kind": "user", "key": "a", "name": "Ann", "deep": {"y": [1]},
        "_meta": {"redactedAttributes": ["email"]}});
    for kind in ["identify", "index", "debug", "custom", "feature", "migration_op"] {
        let event = json!({"kind": kind, "key": "k", "context": context});
        assert_eq!(parts(event), [("user".to_owned(), "a".to_owned(), want.clone())], "{kind}");
    }
}

#[test]
fn several_kinds_are_several_parts_and_the_anonymous_are_left_out() {
    let context = json!({"kind": "multi", "user": {"key": "u", "b": 1}, "org": {"key": "o"},
        "device": {"key": "d", "anonymous": true}});
    let found = told(json!([{"kind": "index", "context": context, "creationDate": NOW - 5}]));
    let sighting = &found.sightings[0];
    assert_eq!((sighting.at, &sighting.anonymous[..]), (NOW - 5, &["device".to_owned()][..]));
    let kinds: Vec<_> = sighting.parts.iter().map(|part| (part.kind.as_str(), part.key.as_str())).collect();
    assert_eq!(kinds, [("org", "o"), ("user", "u")]);
    assert!(parts(json!({"kind": "index", "context": {"kind": "user", "key": "x", "anonymous": true}})).is_empty());
}

#[test]
fn older_forms_are_understood() {
    let user = json!({"key": "u", "email": "u@x.test", "custom": {"plan": "free", "n": 3}, "privateAttrs": ["name"]});
    let want = json!({"kind": "user", "key": "u", "email": "u@x.test", "plan": "free", "n": 3,
        "_meta": {"redactedAttributes": ["name"]}});
    let one = |body: Value| vec![("user".to_owned(), "u".to_owned(), body)];
    assert_eq!(parts(json!({"kind": "identify", "key": "u", "user": user})), one(want));
    assert_eq!(parts(json!({"kind": "custom", "key": "k", "userKey": "u"})), one(Value::Null));
    assert!(parts(json!({"kind": "custom", "userKey": "u", "contextKind": "anonymousUser"})).is_empty());
    let keys = json!({"kind": "custom", "key": "k", "contextKeys": {"user": "u", "bad kind": "x", "kind": "y"}});
    assert_eq!(parts(keys), one(Value::Null));
}

#[test]
fn what_makes_no_sense_tells_nothing() {
    for event in [
        json!({"kind": "mine", "context": {"kind": "user", "key": "u"}}),
        json!({"context": {"kind": "user", "key": "u"}}),
        json!({"kind": "index"}),
        json!({"kind": "index", "context": 7}),
        json!({"kind": "index", "context": {"kind": "user"}}),
        json!({"kind": "index", "context": {"kind": "user", "key": ""}}),
        json!({"kind": "index", "context": {"kind": "kind", "key": "k"}}),
        json!({"kind": "index", "context": {"kind": "multi", "user": 3}}),
        json!({"kind": "index", "context": {"kind": "user", "key": "k".repeat(2000)}}),
        json!({"kind": "alias", "key": "u", "contextKind": "user", "previousKey": "v"}),
        json!({"kind": "summary", "features": {"f": {"counters": [{"count": 1, "unknown": true}, {"count": "x"}]}}}),
    ] {
        let found = told(json!([event.clone(), 7, null]));
        assert!(found.sightings.is_empty() && found.usage.is_empty(), "{event}");
    }
}

/// Each event of a known kind counts once, whatever it lacks.
#[test]
fn what_makes_no_sense_is_counted() {
    let user = json!({"kind": "user", "key": "u"});
    let count = json!({"variation": 0, "version": 1, "count": 2});
    let summary = |counters: Value| json!({"kind": "summary", "features": {"f": {"counters": counters}}});
    let unknown = json!({"unknown": true, "count": 1});
    for (event, unclear) in [
        (json!({"kind": "index", "context": user}), 0),
        (json!({"kind": "index", "context": {"kind": "user", "key": "u", "anonymous": true}}), 0),
        (json!({"kind": "index", "context": {"kind": "multi", "user": {"key": "u"}, "org": {"key": "o"}}}), 0),
        (json!({"kind": "index", "context": {"kind": "multi", "user": {"key": "u"}, "org": {}}}), 1),
        (json!({"kind": "index", "context": {"kind": "multi"}}), 1),
        (json!({"kind": "index", "context": {"key": "u"}}), 0),
        (json!({"kind": "identify", "user": {"key": "u"}}), 0),
        (json!({"kind": "identify", "user": {"key": "u", "custom": 7}}), 1),
        (json!({"kind": "identify"}), 1),
        (json!({"kind": "index", "context": 7}), 1),
        (json!({"kind": "index", "context": {"kind": "bad kind", "key": "u"}}), 1),
        (json!({"kind": "custom", "key": "k", "contextKeys": {"user": "u"}}), 0),
        (json!({"kind": "custom", "key": "k", "contextKeys": {"user": "u", "bad kind": "x"}}), 1),
        (json!({"kind": "custom", "key": "k", "userKey": "u", "contextKind": "anonymousUser"}), 0),
        (json!({"kind": "custom", "key": "", "context": user}), 1),
        (json!({"kind": "click", "context": user}), 1),
        (json!({"kind": "feature", "context": user}), 1),
        (json!({"kind": "feature", "key": "f", "context": user}), 0),
        (json!({"kind": "debug", "key": [], "context": {}}), 1),
        (json!({"kind": "migration_op", "contextKeys": {"user": "u"}}), 0),
        (json!({"kind": "summary", "features": {}}), 0),
        (summary(json!([count, unknown])), 0),
        (summary(json!([count, 7, {"count": "x"}])), 1),
        (summary(json!([{"count": -1}])), 1),
        (summary(json!({})), 1),
        (json!({"kind": "summary", "features": {"f": 7}}), 1),
        (json!({"kind": "summary"}), 1),
        (json!({"kind": "summary", "features": {}, "context": {"kind": "user"}}), 1),
        (json!({"kind": "mine", "context": 7}), 0),
        (json!({"kind": "alias", "key": "u"}), 0),
        (json!({"kind": "diagnostic"}), 0),
    ] {
        assert_eq!(read(&[batch(&json!([event, 7]))]).1.unclear, unclear, "{event}");
    }
    let (told, left_out) = read(&[batch(&json!([summary(json!([7, count])), {"kind": "index"}]))]);
    assert_eq!((told.usage.len(), left_out.unclear), (1, 2), "what makes sense is read");
}

#[test]
fn long_contexts_keep_their_names() {
    let context = json!({"kind": "user", "key": "u", "name": "Ann", "essay": "x".repeat(40_000)});
    let want = json!({"kind": "user", "key": "u", "name": "Ann"});
    assert_eq!(parts(json!({"kind": "index", "context": context}))[0].2, want);
}

#[test]
fn summaries_count_and_so_do_lone_evaluations() {
    let summary = json!([{"kind": "summary", "startDate": NOW - 9, "endDate": NOW - 3, "features": {
        "f": {"default": false, "contextKinds": ["user", "org"], "counters": [
            {"value": true, "variation": 0, "version": 3, "count": 41}, {"value": false, "version": 3, "count": 2},
            {"value": 0, "unknown": true, "count": 9}]}}}]);
    let usage = &told(summary).usage[0];
    assert_eq!((usage.flag.as_str(), usage.at, usage.fallback.as_deref()), ("f", NOW - 3, Some("false")));
    let count = |variation, version, count| Count { variation, version, count };
    assert_eq!(usage.counts, [count(Some(0), 3, 41), count(None, 3, 2)]);
    assert_eq!((usage.kinds.len(), &*usage.sender.sdk), (2, "go"));

    let feature =
        json!({"kind": "feature", "key": "f", "version": 1, "variation": 1, "context": {"kind": "org", "key": "o"}});
    assert!(told(json!([feature])).usage.is_empty(), "summed up elsewhere");
    let alone = |unsummarised, schema| {
        let (all, _) = read(&[EventBatch { unsummarised, schema, ..batch(&json!([feature])) }]);
        all.usage.into_iter().map(|usage| (usage.counts, usage.kinds)).collect::<Vec<_>>()
    };
    let want = vec![(vec![count(Some(1), 1, 1)], vec!["org".to_owned()])];
    assert_eq!(alone(true, 4), want);
    assert_eq!(alone(false, 2), want);
    assert!(alone(false, 3).is_empty());
}

#[test]
fn clocks_that_are_wrong_are_not_believed() {
    let at = |said: Value| {
        let event = json!([{"kind": "index", "creationDate": said, "context": {"kind": "user", "key": "u"}}]);
        told(event).sightings[0].at
    };
    assert_eq!(at(json!(NOW - 1000)), NOW - 1000);
    assert_eq!(at(json!(1_699_999_999_000.5)), NOW - 1000);
    for wrong in [json!(NOW + 1), json!(12), json!("soon"), Value::Null] {
        assert_eq!(at(wrong), NOW);
    }
}

#[test]
fn private_values_are_dropped_if_an_sdk_leaves_them_in() {
    let context = json!({"kind": "user", "key": "a", "email": "a@b.test", "deep": {"x": 1, "y": {"z": 2}}, "n": 1,
        "_meta": {"privateAttributes": ["email", "/deep/y/z", "/deep/none", "none"], "redactedAttributes": ["ssn"]}});
    let want = json!({"kind": "user", "key": "a", "deep": {"x": 1, "y": {}}, "n": 1,
        "_meta": {"redactedAttributes": ["ssn", "email", "/deep/y/z"]}});
    assert_eq!(parts(json!({"kind": "index", "context": context}))[0].2, want);
}

/// In whatever form and kind of event it comes.
#[test]
fn no_private_value_is_told_whoever_names_it_private() {
    let secret = "SECRET";
    let deep = json!({"street": secret, "city": "Ulm"});
    let today = |list: &str| {
        json!({"key": "a", "email": secret, "address": deep, "custom": {"plan": secret},
            "_meta": {list: ["email", "/address/street", "plan"]}})
    };
    let older = |list: &str| {
        json!({"key": "a", "email": secret, "name": secret, "avatar": "x",
            "custom": {"plan": secret, "/p": secret, "address": {"city": "Ulm"}}, list: ["email", "name", "plan", "/p"]})
    };
    let kinded = |mut part: Value| {
        part["kind"] = "user".into();
        part
    };
    let several = |part: Value| json!({"kind": "multi", "org": {"key": "o"}, "user": part});
    let mut contexts = Vec::new();
    for list in ["privateAttributes", "redactedAttributes"] {
        contexts.extend([("context", kinded(today(list))), ("context", several(today(list)))]);
        let user = json!({"key": "a", "email": secret, "avatar": "x", "custom": {"address": {"city": "Ulm"}},
            "_meta": {list: ["email"]}});
        contexts.extend([("user", user.clone()), ("context", user)]);
    }
    for list in ["privateAttributeNames", "privateAttrs"] {
        contexts.extend([("user", older(list)), ("context", older(list)), ("context", kinded(older(list)))]);
    }
    for (member, context) in contexts {
        for kind in ["identify", "index", "feature", "debug", "custom", "click", "pageview", "migration_op", "summary"]
        {
            let event = json!({"kind": kind, "key": "k", member: context, "version": 1, "features": {}});
            for schema in [1, 3, 4] {
                let (told, _) = read(&[EventBatch { schema, ..batch(&json!([event])) }]);
                let bodies: Vec<_> = told
                    .sightings
                    .iter()
                    .flat_map(|seen| &seen.parts)
                    .filter_map(|part| part.body.as_deref())
                    .collect();
                let all = bodies.concat();
                assert!(all.contains("Ulm") && all.contains("redactedAttributes"), "{event}: {all}");
                assert!(!format!("{told:?}").contains(secret), "{event}: {all}");
            }
        }
    }
}

#[test]
fn names_that_older_sdks_call_private_are_shown_as_left_out() {
    let user = json!({"key": "u", "email": "u@x.test", "custom": {"plan": "free", "/p": 1, "n": 3},
        "privateAttributeNames": ["email", "/p", "none"], "privateAttrs": ["name"]});
    let want = json!({"kind": "user", "key": "u", "plan": "free", "n": 3,
        "_meta": {"redactedAttributes": ["name", "email", "/~1p"]}});
    assert_eq!(parts(json!({"kind": "identify", "key": "u", "user": user}))[0].2, want);
}

#[test]
fn metric_events_are_kept_with_their_number_and_keys() {
    let keys = json!({"user": "u", "org": "o"});
    let context = json!({"kind": "user", "key": "d", "anonymous": true});
    let all = told(json!([
        {"kind": "custom", "key": "$ld:ai:tokens:total", "metricValue": 2.5, "contextKeys": keys, "data": {"secret": 1}},
        {"kind": "click", "key": "buy", "context": context, "creationDate": NOW - 7, "url": "https://x.test"},
        {"kind": "custom", "context": context},
    ]));
    let told: Vec<_> = all.metrics.iter().map(|m| (&*m.key, m.value, m.at, &*m.contexts)).collect();
    let first = ("$ld:ai:tokens:total", Some(2.5), NOW, r#"{"user":"u","org":"o"}"#);
    assert_eq!(told, [first, ("buy", None, NOW - 7, r#"{"user":"d"}"#)]);
    let uniques: Vec<_> = all.uniques.iter().map(|u| (&*u.kind, u.anonymous, u.hash)).collect();
    let device = ("user", true, hash_of_key("user", "d"));
    let (user, org) = (("user", false, hash_of_key("user", "u")), ("org", false, hash_of_key("org", "o")));
    assert_eq!(uniques, [user, org, device]);
    let mut tallies: Vec<_> = all.tallies.iter().map(|t| (t.measure, &*t.name, t.count)).collect();
    tallies.sort_unstable();
    let (events, metrics) = (Measure::Events, Measure::MetricEvents);
    assert_eq!(
        tallies,
        [(events, "click", 1), (events, "custom", 2), (metrics, "$ld:ai:tokens:total", 1), (Measure::Clicks, "buy", 1)]
    );
}

fn index(key: &str, at: i64, name: Option<&str>) -> Value {
    json!({"kind": "index", "creationDate": at, "context": {"kind": "user", "key": key, "name": name}})
}

#[test]
fn of_equal_contexts_the_last_is_left_with_the_latest_time() {
    let first = batch(&json!([index("x", NOW - 5, None), index("y", NOW - 1, None), index("x", NOW - 9, Some("1"))]));
    let second =
        batch(&json!([index("x", NOW - 7, None), index("x", NOW - 6, Some("2")), index("x", NOW - 8, Some("1"))]));
    let (told, _) = read(&[first, second]);
    let left: Vec<_> =
        told.sightings.iter().map(|s| (&*s.parts[0].key, s.at - NOW, s.parts[0].body.clone().unwrap())).collect();
    let body = |key: &str, name: Option<&str>| match name {
        Some(name) => json!({"kind": "user", "key": key, "name": name}).to_string(),
        None => json!({"kind": "user", "key": key}).to_string(),
    };
    let want = [("y", -1, None), ("x", -5, None), ("x", -6, Some("2")), ("x", -8, Some("1"))];
    assert_eq!(left, want.map(|(key, at, name)| (key, at, body(key, name))));
}

#[test]
fn what_is_counted_in_a_minute_is_summed_by_sender() {
    let custom = |key: &str, at: i64| json!({"kind": "custom", "key": key, "creationDate": at, "userKey": "u"});
    let minute = NOW - NOW % 60_000;
    let go =
        || batch(&json!([custom("x", minute), custom("x", minute + 9), custom("x", minute - 1), custom("y", minute)]));
    let js = EventBatch { origin: Origin { sdk: "js".into(), ..Origin::default() }, ..go() };
    let (told, _) = read(&[go(), js, go()]);
    let metrics = told.tallies.iter().filter(|tally| tally.measure == Measure::MetricEvents);
    let mut sums: Vec<_> =
        metrics.map(|t| (&*t.sender.sdk, &*t.name, t.at.div_euclid(60_000) - minute / 60_000, t.count)).collect();
    sums.sort_unstable();
    let want = [
        ("go", "x", -1, 2),
        ("go", "x", 0, 4),
        ("go", "y", 0, 2),
        ("js", "x", -1, 1),
        ("js", "x", 0, 2),
        ("js", "y", 0, 1),
    ];
    assert_eq!(sums, want);
    let events = told.tallies.iter().filter(|tally| tally.measure == Measure::Events).map(|tally| tally.count);
    assert_eq!(events.sum::<u64>(), 12);
}

#[test]
fn a_context_counts_once_a_day_and_sender() {
    let day = NOW - NOW % (24 * 60 * 60_000);
    let events =
        json!([index("a", day, None), index("a", day + 1, None), index("b", day, None), index("a", day - 1, None)]);
    let js = EventBatch {
        origin: Origin { sdk: "js".into(), ..Origin::default() },
        ..batch(&json!([index("a", day, None)]))
    };
    let (told, _) = read(&[batch(&events), js]);
    let mut seen: Vec<_> = told.uniques.iter().map(|u| (&*u.sender.sdk, u.hash, u.at - day)).collect();
    let hash = |key: &str| hash_of_key("user", key);
    let mut want = vec![("go", hash("a"), 0), ("go", hash("b"), 0), ("go", hash("a"), -1), ("js", hash("a"), 0)];
    seen.sort_unstable();
    want.sort_unstable();
    assert_eq!(seen, want);
}
