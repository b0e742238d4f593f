//! A random walk of changes through REST: after each, what SDKs are sent evaluates exactly as the
//! documents do, and a change that is refused leaves no trace.

mod draw;

use std::collections::BTreeMap;
use std::sync::Arc;

use draw::{Draw, ENVIRONMENTS, FLAGS, USERS};
use serde_json::{Value, json};
use wigwag_api::read::{Evaluator, evaluator};
use wigwag_auth::Unrestricted;
use wigwag_eval::{CompiledFlag, CompiledSegment, Environment, Lookup, evaluate};
use wigwag_kit::{ApiVersion, App, Caller, Ctx};
use wigwag_model::context::Context;
use wigwag_model::id::Ids;
use wigwag_testkit::{Engine, TestServer, flag};

const STEPS: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sdks_evaluate_as_the_documents_do() {
    let mut outcomes = Outcomes::default();
    for (engine, seed) in [(Engine::Sqlite, 1), (Engine::Sqlite, 2), (Engine::Postgres, 3)] {
        walk(engine, seed, &mut outcomes).await;
    }
    outcomes.check();
}

async fn walk(engine: Engine, seed: u64, outcomes: &mut Outcomes) {
    let server = TestServer::start(engine).await;
    let texts = |values: [&str; 3]| values.map(|value| json!(value));
    server.create_flag("default", flag(FLAGS[0])).await;
    for (key, values) in
        [(FLAGS[1], ["red", "green", "blue"]), (FLAGS[2], ["1", "10", "100"]), (FLAGS[3], ["a", "b", "c"])]
    {
        server.create_flag("default", flag(key).variations(&texts(values))).await;
    }
    let documents = documents(&server);
    let keys = [server.sdk_key(ENVIRONMENTS[0]).await, server.sdk_key(ENVIRONMENTS[1]).await];
    let mut stream = Followed::start(&server).await;
    let mut draw = Draw::new(seed);
    for step in 0..STEPS {
        let flags = flags(&server).await;
        let change = draw.change(&flags);
        let path = format!("/api/v2/flags/default/{}", change.flag);
        let head = head(&server).await;
        let answer = match change.copy {
            true => server.post(&format!("{path}/copy"), &change.body).await,
            false => server.patch(&path, &change.body).await,
        };
        let what = format!("seed {seed}, step {step}: {} {}", change.flag, change.body);
        match answer.status {
            200 | 201 => outcomes.accepted += 1,
            400 => {
                outcomes.refused += 1;
                assert_eq!(self::head(&server).await, head, "{what} was refused, yet something changed");
            }
            status => panic!("{what}: {status} {}", answer.text),
        }
        for (environment, key) in ENVIRONMENTS.iter().zip(&keys) {
            let sent = server.with_token(key).get("/sdk/latest-all").await.expect(200).json();
            let documents = evaluator(&documents, "default", environment).await.unwrap();
            outcomes.compare(&parsed(&sent), &documents, &what);
        }
    }
    let last = server.with_token(&keys[0]).get("/sdk/latest-all").await.expect(200).json();
    stream.catch_up(&last).await;
}

/// What evaluates the documents: it knows nothing of what is sent to SDKs.
fn documents(server: &TestServer) -> Ctx {
    let app = App {
        store: server.server().store().clone(),
        clock: server.clock.clone(),
        ids: Ids::seeded(9),
        site: String::new(),
        account_id: String::new(),
        keyring: Arc::new(wigwag_kit::Keyring::of([7; 32])),
        extensions: http::Extensions::new(),
    };
    let caller = Caller { member: None, token: None, authority: Arc::new(Unrestricted) };
    Ctx { app: Arc::new(app), caller: Arc::new(caller), version: ApiVersion::NEWEST, as_of: None, based_on: None }
}

async fn head(server: &TestServer) -> u64 {
    server.server().store().head().await.unwrap()
}

/// The flags as clients see them.
async fn flags(server: &TestServer) -> Vec<Value> {
    let mut flags = Vec::new();
    for key in FLAGS {
        flags.push(server.get(&format!("/api/v2/flags/default/{key}")).await.expect(200).json());
    }
    flags
}

/// The payload as an SDK reads it.
fn parsed(sent: &Value) -> Environment {
    let mut environment = Environment::default();
    for one in sent["flags"].as_object().unwrap().values() {
        environment.put_flag(Arc::new(CompiledFlag::new(serde_json::from_value(one.clone()).unwrap())));
    }
    for one in sent["segments"].as_object().unwrap().values() {
        environment.put_segment(Arc::new(CompiledSegment::new(serde_json::from_value(one.clone()).unwrap())));
    }
    environment
}

fn contexts() -> Vec<Context> {
    let countries = ["NO", "SE", "DK", "FI"];
    let user = |(i, key): (usize, &&str)| {
        Context::user(key)
            .unwrap()
            .with("country", json!(countries[i % countries.len()]))
            .with("email", json!(format!("{key}@{}", if i % 2 == 0 { "a.edu" } else { "b.example" })))
            .with("age", json!(10 * i))
            .with("address", json!({"city": if i % 3 == 0 { "Oslo" } else { "Bergen" }}))
            .with("version", json!(format!("{i}.5.0")))
    };
    let device = |key: &str| Context::single("device", key).unwrap().with("version", json!("1.0.0"));
    let mut all: Vec<_> = USERS.iter().enumerate().map(user).collect();
    all.push(Context::multi([user((1, &USERS[1])), device("d1")]).unwrap());
    all.push(device("d2"));
    all
}

/// What the walk met, so that one that meets nothing does not pass.
#[derive(Default)]
struct Outcomes {
    accepted: usize,
    refused: usize,
    reasons: BTreeMap<String, usize>,
}

impl Outcomes {
    /// Both answer the same for everybody: value, variation and reason.
    fn compare(&mut self, sent: &Environment, documents: &Evaluator, what: &str) {
        for key in FLAGS {
            assert_eq!(sent.flag(key).is_some(), documents.flag(key).is_some(), "{what}: {key}");
            for context in contexts() {
                let (one, other) = (evaluate(sent, key, &context), evaluate(documents, key, &context));
                let (one, other) = (serde_json::to_value(one).unwrap(), serde_json::to_value(other).unwrap());
                assert_eq!(one, other, "{what}: {key} for {}", context.canonical_key());
                *self.reasons.entry(one["reason"]["kind"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    }

    fn check(&self) {
        let steps = self.accepted + self.refused;
        assert!(self.accepted.min(self.refused) > steps / 5, "{} of {steps} were accepted", self.accepted);
        for kind in ["OFF", "FALLTHROUGH", "TARGET_MATCH", "RULE_MATCH", "PREREQUISITE_FAILED", "ERROR"] {
            assert!(self.reasons.contains_key(kind), "{kind} is not among {:?}", self.reasons);
        }
    }
}

/// A stream followed as an SDK follows it.
struct Followed {
    events: wigwag_testkit::EventStream,
    data: Value,
}

impl Followed {
    async fn start(server: &TestServer) -> Self {
        let mut events = server.all_stream(ENVIRONMENTS[0]).await;
        let put = events.next().await;
        Self { events, data: put.data["data"].clone() }
    }

    /// Takes in what comes until it is as it should be.
    async fn catch_up(&mut self, wanted: &Value) {
        while self.live() != *wanted {
            let event = self.events.next().await;
            let path = event.data["path"].as_str().unwrap();
            let (kind, key) = path.trim_start_matches('/').split_once('/').unwrap();
            let item = &mut self.data[kind][key];
            let version = event.data["version"].as_u64().or(event.data["data"]["version"].as_u64());
            assert!(version > item["version"].as_u64(), "versions rise: {event:?}");
            *item = match event.name.as_str() {
                "delete" => json!({"version": version, "deleted": true}),
                _ => event.data["data"].clone(),
            };
        }
    }

    /// Without those that are deleted.
    fn live(&self) -> Value {
        let mut data = self.data.clone();
        for kind in ["flags", "segments"] {
            data[kind].as_object_mut().unwrap().retain(|_, item| item["deleted"] != json!(true));
        }
        data
    }
}
