//! Documents in few words, and a live registry fed by a log in memory.

use std::future::poll_fn;
use std::time::Duration;

use serde_json::{Value, json};
use wigwag_live::{Feed, Feeder, FeederConfig, Live, MemoryLog, MemoryWrite, Subscription};
use wigwag_model::clock::Clock;
use wigwag_model::doc::Kind;

/// Long enough for anything that happens at all.
pub(crate) const BOUND: Duration = Duration::from_secs(20);

pub(crate) fn put(kind: Kind, project: &str, env: &str, key: &str, body: &Value) -> MemoryWrite {
    let body = Some(body.to_string());
    MemoryWrite { kind, project: project.into(), env: env.into(), key: key.into(), body }
}

pub(crate) fn gone(kind: Kind, project: &str, env: &str, key: &str) -> MemoryWrite {
    MemoryWrite { kind, project: project.into(), env: env.into(), key: key.into(), body: None }
}

pub(crate) fn key_of(value: &str, expiry: Option<i64>) -> Value {
    expiry.map_or_else(|| json!({ "value": value }), |at| json!({ "value": value, "expiry": at }))
}

/// Environment `env` of project `p`, with its keys.
pub(crate) fn env(env: &str, sdk_keys: &[Value]) -> MemoryWrite {
    let body = json!({
        "id": format!("id-{env}"), "key": env, "name": env, "color": "000000", "sdkKeys": sdk_keys,
        "mobileKeys": [key_of(&format!("mob-{env}"), None)], "createdAt": 0,
    });
    put(Kind::Environment, "p", "", env, &body)
}

pub(crate) fn flag_doc(key: &str, variations: &[Value], archived: bool) -> MemoryWrite {
    let variations: Vec<Value> =
        variations.iter().enumerate().map(|(n, value)| json!({ "id": n.to_string(), "value": value })).collect();
    let mut body = json!({
        "key": key, "name": key, "kind": "multivariate", "variations": variations,
        "defaults": { "onVariation": 0, "offVariation": 0 }, "temporary": false,
        "clientSideAvailability": { "usingMobileKey": true, "usingEnvironmentId": false }, "createdAt": 0,
    });
    if archived {
        body["archivedAt"] = json!(5);
    }
    put(Kind::Flag, "p", "", key, &body)
}

pub(crate) fn config(env: &str, key: &str, on: bool, prerequisites: &[&str]) -> MemoryWrite {
    asking(env, key, on, prerequisites, &[])
}

/// A configuration that serves variation 2 to the members of segments.
pub(crate) fn asking(env: &str, key: &str, on: bool, prerequisites: &[&str], segments: &[&str]) -> MemoryWrite {
    let rules: Vec<Value> = segments
        .iter()
        .map(|segment| {
            let clause = json!({ "id": "c", "attribute": "", "op": "segmentMatch", "values": [segment] });
            json!({ "id": "r", "clauses": [clause], "serve": { "variation": 2 } })
        })
        .collect();
    let prerequisites: Vec<Value> = prerequisites.iter().map(|key| json!({ "key": key, "variation": 0 })).collect();
    let body = json!({
        "on": on, "salt": "s", "sel": "s", "lastModified": 0, "prerequisites": prerequisites, "rules": rules,
        "fallthrough": { "variation": 0 }, "offVariation": 1,
    });
    put(Kind::FlagConfig, "p", env, key, &body)
}

pub(crate) fn segment(env: &str, key: &str, included: &[&str], uses: &[&str]) -> MemoryWrite {
    let rules: Vec<Value> = uses
        .iter()
        .map(|other| {
            let clause = json!({ "id": "c", "attribute": "", "op": "segmentMatch", "values": [other] });
            json!({ "id": "r", "clauses": [clause] })
        })
        .collect();
    let body = json!({
        "key": key, "name": key, "salt": "s", "included": included, "rules": rules, "createdAt": 0, "lastModified": 0,
    });
    put(Kind::Segment, "p", env, key, &body)
}

/// A big segment of kind `user`. `touched` makes it another document, as a change of members does.
pub(crate) fn big_segment(env: &str, key: &str, generation: u32, touched: u32) -> MemoryWrite {
    let body = json!({
        "key": key, "name": key, "salt": "s", "createdAt": 0, "lastModified": touched, "unbounded": true,
        "unboundedContextKind": "user", "generation": generation,
    });
    put(Kind::Segment, "p", env, key, &body)
}

/// A flag that is on in environment `e`, both documents.
pub(crate) fn flag(key: &str) -> Vec<MemoryWrite> {
    vec![flag_doc(key, &[json!(true), json!(false)], false), config("e", key, true, &[])]
}

/// A running feeder over `log`.
pub(crate) struct Running {
    pub(crate) live: Live,
    pub(crate) log: MemoryLog,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    pub(crate) async fn start(log: MemoryLog, clock: Clock, heartbeat: Duration) -> Self {
        let live = Live::new(clock);
        let feeder = Feeder::new(log.clone(), live.clone(), FeederConfig { heartbeat });
        let task = tokio::spawn(feeder.run());
        let running = Self { live, log, task };
        running.until(Live::is_loaded).await;
        running
    }

    /// With environment `e` of project `p` and key `sdk-e`, and heartbeats out of the way.
    pub(crate) async fn with(writes: Vec<MemoryWrite>) -> Self {
        let log = MemoryLog::default();
        log.commit(vec![env("e", &[key_of("sdk-e", None)])]);
        if !writes.is_empty() {
            log.commit(writes);
        }
        Self::start(log, Clock::frozen(0), Duration::from_secs(3600)).await
    }

    pub(crate) async fn until(&self, done: impl Fn(&Live) -> bool) {
        let wait = async {
            while !done(&self.live) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(BOUND, wait).await.expect("the condition never came true");
    }

    /// Commits and waits until environment `e` shows it.
    pub(crate) async fn commit(&self, writes: Vec<MemoryWrite>) -> u64 {
        let seq = self.log.commit(writes);
        self.until(|live| live.by_sdk_key("sdk-e").is_some_and(|g| g.env.snapshot().seq() >= seq)).await;
        seq
    }

    pub(crate) fn stream(&self) -> Subscription {
        self.live.subscribe(self.live.by_sdk_key("sdk-e").unwrap(), Feed::All)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The next piece of a stream, or `None` at its end.
pub(crate) async fn piece(stream: &mut Subscription) -> Option<Vec<u8>> {
    let next = poll_fn(|cx| stream.poll_next(cx));
    tokio::time::timeout(BOUND, next).await.expect("nothing came").map(|bytes| bytes.to_vec())
}

/// What can be read from a stream without waiting.
pub(crate) fn drain(stream: &mut Subscription) -> Vec<u8> {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let mut out = Vec::new();
    while let std::task::Poll::Ready(Some(piece)) = stream.poll_next(&mut cx) {
        out.extend(piece);
    }
    out
}
