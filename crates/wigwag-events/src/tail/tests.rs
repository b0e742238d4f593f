#![allow(clippy::unwrap_used)]
use super::*;
use wigwag_sdk::Origin;

fn batch(env: &str, events: &Value) -> EventBatch {
    EventBatch {
        env: env.into(),
        body: events.to_string().into(),
        payload_id: None,
        schema: 4,
        unsummarised: false,
        application: "".into(),
        origin: Origin { sdk: "GoClient".into(), ..Origin::default() },
        received: 1000,
    }
}

fn tail() -> (Tail, Clock) {
    let clock = Clock::frozen(1000);
    (Tail::new(clock.clone()), clock)
}

fn all(rate: u32) -> Wanted {
    Wanted { rate, ..Wanted::default() }
}

async fn heard(listener: &mut Listener) -> (Vec<Value>, u64, u64) {
    let Heard { events, left_out, lost } = listener.next().await;
    (events.iter().map(|text| serde_json::from_str(text).unwrap()).collect(), left_out, lost)
}

#[tokio::test]
async fn who_listens_hears_its_environment_as_long_as_it_does() {
    let (tail, _) = tail();
    let mut listener = tail.listen("env", all(10)).unwrap();
    tail.show(&batch("other", &json!([{"kind": "custom", "key": "no"}])));
    tail.show(&batch("env", &json!([{"kind": "debug", "key": "lamp"}, 7, {"kind": "custom", "key": "buy"}])));
    let (events, left_out, lost) = heard(&mut listener).await;
    assert_eq!((events.len(), left_out, lost), (2, 0, 0));
    assert_eq!(events[0]["event"], json!({"kind": "debug", "key": "lamp"}));
    assert_eq!((&events[0]["at"], &events[0]["sender"]["sdk"]), (&json!(1000), &json!("GoClient")));
    drop(listener);
    assert_eq!(tail.0.listening.load(Ordering::Acquire), 0);
    let most: Vec<_> = (0..LISTENERS).map(|_| tail.listen("env", all(1)).unwrap()).collect();
    assert!(tail.listen("env", all(1)).is_none());
    drop(most);
    assert!(tail.listen("env", all(1)).is_some());
}

#[tokio::test]
async fn only_so_many_in_a_second_and_the_rest_is_counted() {
    let (tail, clock) = tail();
    let mut listener = tail.listen("env", all(3)).unwrap();
    let events = json!([{"kind": "custom", "key": "a"}, {"kind": "custom", "key": "a"}]);
    for _ in 0..5 {
        tail.show(&batch("env", &events));
    }
    let (shown, left_out, lost) = heard(&mut listener).await;
    assert_eq!((shown.len(), left_out, lost), (3, 7, 0));
    clock.advance(1000);
    tail.show(&batch("env", &events));
    assert_eq!(heard(&mut listener).await.0.len(), 2);
}

#[tokio::test]
async fn a_slow_listener_loses_events_and_holds_nobody_up() {
    let (tail, clock) = tail();
    let mut slow = tail.listen("env", all(100)).unwrap();
    let mut quick = tail.listen("env", all(100)).unwrap();
    let events: Value = (0..100).map(|_| json!({"kind": "custom", "key": "a"})).collect();
    for _ in 0..4 {
        tail.show(&batch("env", &events));
        assert_eq!(heard(&mut quick).await.0.len(), 100);
        clock.advance(1000);
    }
    let (shown, left_out, lost) = heard(&mut slow).await;
    assert_eq!((shown.len(), left_out, lost), (QUEUE.0, 0, 400 - QUEUE.0 as u64));
    // Long ones fill it by their bytes; what is longer still is only named.
    let long = json!([{"kind": "custom", "key": "a", "data": "x".repeat(LONG)}]);
    for _ in 0..60 {
        tail.show(&batch("env", &long));
    }
    let (shown, _, lost) = heard(&mut slow).await;
    assert!(shown.len() < 60 && shown.len() as u64 + lost == 60, "{} {lost}", shown.len());
    tail.show(&batch("env", &json!([{"kind": "custom", "key": "a", "data": "x".repeat(2 * LONG)}])));
    assert_eq!(heard(&mut slow).await.0[0]["event"]["cut"], true);
}

const LONG: usize = 30 << 10;

#[tokio::test]
async fn filters_must_all_hold() {
    let (tail, _) = tail();
    let events = json!([
        {"kind": "feature", "key": "lamp", "contextKeys": {"user": "ann", "org": "acme"}},
        {"kind": "debug", "key": "other", "context": {"kind": "user", "key": "ann"}},
        {"kind": "summary", "features": {"lamp": {}}},
        {"kind": "migration_op", "evaluation": {"key": "lamp"}, "contextKeys": {"user": "bob"}},
        {"kind": "custom", "key": "lamp", "userKey": "ann"},
    ]);
    let text = |text: &str| Some(text.to_owned());
    let is = |wanted: Wanted, kinds: &'static [&'static str]| {
        let (tail, events) = (&tail, &events);
        async move {
            let mut listener = tail.listen("env", wanted.clone()).unwrap();
            tail.show(&batch("env", events));
            tail.show(&batch("env", &json!([{"kind": "end"}])));
            let found: Vec<_> = listener.slot.waiting.lock().events.drain(..).collect();
            let found: Vec<Value> = found.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
            let found: Vec<_> = found.iter().map(|each| each["event"]["kind"].as_str().unwrap()).collect();
            assert_eq!(found, kinds, "{wanted:?}");
            listener.slot.waiting.lock().bytes = 0;
            drop(std::mem::replace(&mut listener, tail.listen("x", all(1)).unwrap()));
        }
    };
    let wanted = || all(50);
    is(Wanted { flag: text("lamp"), ..wanted() }, &["feature", "summary", "migration_op"]).await;
    is(Wanted { kinds: vec!["debug".into(), "summary".into()], ..wanted() }, &["debug", "summary"]).await;
    is(Wanted { context_kind: text("org"), ..wanted() }, &["feature"]).await;
    is(Wanted { context_key: text("ann"), ..wanted() }, &["feature", "debug", "custom"]).await;
    is(Wanted { context_kind: text("org"), context_key: text("ann"), ..wanted() }, &[]).await;
    is(Wanted { flag: text("lamp"), context_key: text("bob"), ..wanted() }, &["migration_op"]).await;
}

#[tokio::test]
async fn what_is_private_is_not_shown() {
    let (tail, _) = tail();
    let mut listener = tail.listen("env", all(50)).unwrap();
    let secret = "SECRET";
    let user = json!({"key": "ann", "email": secret, "address": {"street": secret, "city": "Ulm"},
        "_meta": {"privateAttributes": ["email", "/address/street"], "redactedAttributes": ["gone"]}});
    let mut single = user.clone();
    single["kind"] = "user".into();
    tail.show(&batch(
        "env",
        &json!([
            {"kind": "identify", "context": single},
            {"kind": "debug", "key": "f", "context": {"kind": "multi", "user": user, "org": {"key": "acme"}}},
            {"kind": "identify", "user": {"key": "ann", "email": secret, "custom": {"plan": secret, "city": "Ulm"},
                "privateAttributeNames": ["email", "plan"]}},
            {"kind": "debug", "user": {"key": "ann", "custom": {"/a/b": secret, "city": "Ulm"},
                "privateAttributeNames": ["/a/b"]}},
        ]),
    ));
    let (events, ..) = heard(&mut listener).await;
    assert_eq!(events.len(), 4);
    for event in &events {
        assert!(!event.to_string().contains(secret), "{event}");
        assert!(event.to_string().contains("Ulm"), "{event}");
    }
}
