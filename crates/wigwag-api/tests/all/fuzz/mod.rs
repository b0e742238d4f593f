//! Whatever is sent, something is answered that the contract knows: no panic, and no fault of ours.
//!
//! Good requests, in an order in which each would succeed, are bent before they are sent: bodies, patches of all
//! dialects, filters and other parameters, cookies. `scripts/fuzz requests` goes on with new seeds for as long as you
//! like; a seed that found something is told with it.

mod bend;
mod dice;

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Value, json};
use wigwag_kit::Operation;
use wigwag_store::Store;

use crate::samples::{SAMPLES, filled, remember};
use crate::support::{HERE, House, OWNER};
use crate::sweeps::{built, content_type, is_endless, prepared};
use dice::Dice;

const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";
const MERGE: &str = "application/merge-patch+json";
/// Bent requests before each good one.
const BENT: usize = 5;
/// Requests that read, after each.
const READS: usize = 3;

/// What sign-in and directories send.
const OTHERS: &[(&str, &str)] = &[
    ("POST /internal/session", r#"{"email": "bob@example.com", "password": "correct horse battery"}"#),
    ("POST /internal/session/totp", r#"{"code": "123456"}"#),
    ("POST /internal/session/totp/set-up", ""),
    ("POST /internal/session/totp/confirm", r#"{"code": "123456"}"#),
    ("POST /internal/totp/confirm", r#"{"code": "123456"}"#),
    ("PUT /internal/require-mfa", r#"{"requireMfa": "none"}"#),
    ("POST /internal/password", r#"{"current": "c", "password": "correct horse battery"}"#),
    ("POST /internal/password-reset", r#"{"email": "bob@example.com"}"#),
    ("POST /internal/password-reset/finish", r#"{"token": "t", "password": "correct horse battery"}"#),
    ("POST /internal/invitation/accept", r#"{"token": "t", "password": "correct horse battery", "firstName": "B"}"#),
    ("POST /internal/device-authorization", r#"{"clientId": "c", "deviceName": "d"}"#),
    ("POST /internal/device-authorization/token", r#"{"deviceCode": "d"}"#),
    ("POST /scim/v2/Users", r#"{"userName": "u@example.com", "emails": [{"value": "v@example.com"}], "active": true}"#),
    ("POST /scim/v2/Groups", r#"{"displayName": "G", "members": [{"value": "$me"}]}"#),
    ("PATCH /scim/v2/Users/$me", r#"{"Operations": [{"op": "replace", "path": "name.givenName", "value": "A"}]}"#),
    ("PATCH /scim/v2/Groups/g", r#"{"Operations": [{"op": "add", "path": "members", "value": [{"value": "$me"}]}]}"#),
    ("POST /scim/v2/.search", r#"{"filter": "userName eq \"u@example.com\"", "startIndex": 1, "count": 1}"#),
    ("GET /scim/v2/Users", ""),
    ("GET /scim/v2/Groups", ""),
    ("GET /internal/session", ""),
    ("GET /account", ""),
];

struct Fuzz {
    house: House,
    dice: Dice,
    seed: u64,
    /// How many requests were done, and refused.
    done: u32,
    refused: u32,
}

/// A request as it is sent.
struct Sent {
    line: String,
    content: String,
    body: Vec<u8>,
    /// By whom and in which version it is asked is not bent either: what later ones need is then there.
    good: bool,
}

impl Fuzz {
    async fn round(seed: u64) {
        let house = House::open(Store::temporary().await.unwrap()).await;
        let mut ids = prepared(&house).await;
        let mut fuzz = Self { house, dice: Dice(seed), seed, done: 0, refused: 0 };
        for sample in SAMPLES {
            let Some(operation) = built(&fuzz.house).find(|o| o.entry.id == sample.id).cloned() else { continue };
            let (line, body) = (filled(sample.line, &ids), filled(sample.body, &ids));
            for _ in 0..BENT {
                let sent = fuzz.bent(&line, &body);
                fuzz.send(sent).await;
            }
            let content = content_type(&body).1.to_owned();
            let good = Sent { line, content, body: body.into_bytes(), good: true };
            if let Some(answer) = fuzz.send(good).await {
                remember(&mut ids, operation.entry.id, &answer);
            }
            for _ in 0..READS {
                let sent = fuzz.read(&ids);
                fuzz.send(sent).await;
            }
        }
        for (line, body) in OTHERS {
            for _ in 0..BENT {
                let sent = fuzz.bent(&filled(line, &ids), &filled(body, &ids));
                fuzz.send(sent).await;
            }
        }
        let (done, refused) = (fuzz.done, fuzz.refused);
        println!("seed {seed}: {done} done, {refused} refused");
        assert!(done > 200 && refused > 300, "neither all good nor all bad: {done}, {refused}");
    }

    /// A request that was good.
    fn bent(&mut self, line: &str, body: &str) -> Sent {
        let dice = &mut self.dice;
        let mut content = content_type(body).1.to_owned();
        let mut value: Option<Value> = serde_json::from_str(body).ok();
        if line.starts_with("PATCH") && dice.one_in(2) {
            (content, value) = match dice.below(3) {
                0 => (content, Some(bend::json_patch(dice))),
                1 => (SEMANTIC.to_owned(), Some(bend::instructions(dice))),
                _ => (MERGE.to_owned(), Some(bend::merge_patch(dice))),
            };
        } else if let Some(value) = &mut value {
            for _ in 0..=dice.below(3) {
                bend::bent(dice, value);
            }
        }
        let text = value.map_or_else(|| body.to_owned(), |value| value.to_string());
        let body = if dice.one_in(6) { bend::broken(dice, &text) } else { text.into_bytes() };
        let types =
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", SEMANTIC, MERGE, "x", ""];
        if dice.one_in(12) {
            content = dice.pick(&types).to_owned();
        }
        let query = match () {
            () if line.starts_with("GET /scim/") => self.scim_query(),
            () if dice.one_in(5) => self.query(None),
            () => String::new(),
        };
        Sent { line: format!("{line}{query}"), content, body, good: false }
    }

    /// A request that reads something there is, or nothing.
    fn read(&mut self, ids: &[(String, String)]) -> Sent {
        let answers = |o: &&Operation| o.entry.method == "GET" && !is_endless(o);
        let reads: Vec<Operation> = built(&self.house).filter(answers).cloned().collect();
        let operation = &reads[self.dice.below(reads.len())];
        let path: Vec<String> = operation.entry.path.split('/').map(|step| self.step(step, ids)).collect();
        let query = self.query(Some(operation));
        Sent {
            line: format!("GET {}{query}", path.join("/")),
            content: "application/json".to_owned(),
            body: Vec::new(),
            good: false,
        }
    }

    fn step(&mut self, step: &str, ids: &[(String, String)]) -> String {
        if !step.starts_with('{') {
            return step.to_owned();
        }
        let known = ["sample", "test", "extra", "f", "s", "user", "ann", "k", "default", "production"];
        match self.dice.below(8) {
            0 => ids[self.dice.below(ids.len())].1.clone(),
            1 => {
                self.dice.pick(&["%00", "%ff", "%2f", "..", "%25", "%c3%a9", "-", "x".repeat(300).as_str()]).to_owned()
            }
            _ => match step {
                "{projectKey}" => "sample".to_owned(),
                "{environmentKey}" => "test".to_owned(),
                "{featureFlagKey}" | "{flagKey}" => "f".to_owned(),
                _ => self.dice.pick(&known).to_owned(),
            },
        }
    }

    fn query(&mut self, operation: Option<&Operation>) -> String {
        let usual = ["filter", "sort", "limit", "offset", "expand", "env", "q", "query", "asOf", "ignoreConflicts"];
        let own =
            operation.map(|o| o.entry.query.iter().map(|(name, _)| *name).collect::<Vec<_>>()).unwrap_or_default();
        let names = [&own[..], &usual[..]].concat();
        let count = self.dice.below(4);
        let given: Vec<(&str, String)> =
            (0..count).map(|_| (self.dice.pick(&names), bend::parameter(&mut self.dice))).collect();
        wigwag_kit::query::render(given.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// What directories look for people and groups by.
    fn scim_query(&mut self) -> String {
        let filter = bend::scim_filter(&mut self.dice);
        let rest = self.query(None);
        format!("{}{}", wigwag_kit::query::render([("filter", filter.as_str())]), rest.replacen('?', "&", 1))
    }

    /// The answer's body, where it is a success with JSON.
    async fn send(&mut self, sent: Sent) -> Option<Value> {
        let Sent { line, content, body, good } = sent;
        let (method, target) = line.split_once(' ').unwrap();
        let mut request = http::Request::builder().method(method).uri(target);
        request = request.header("content-type", HeaderValue::from_str(&content).unwrap());
        let version = if good { "beta" } else { self.dice.pick(&["beta", "beta", "20240415", "20191212", "x"]) };
        request = request.header("ld-api-version", version);
        match bend::cookies(&mut self.dice).filter(|_| !good && self.dice.one_in(10)) {
            Some(cookies) => request = request.header("cookie", cookies),
            None => request = request.header("authorization", OWNER),
        }
        // An address that no client can send.
        let mut request = request.body(Bytes::from(body.clone())).ok()?;
        request.extensions_mut().insert(wigwag_kit::Peer(HERE));
        let answer = self.house.server.handle(request).await;
        let (status, text) = (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned());
        let told = || {
            let start = String::from_utf8_lossy(&body[..body.len().min(2_000)]).into_owned();
            format!("seed {}: {line} ({content})\n{start}\nanswered {status}: {text}", self.seed)
        };
        assert!(status < 500 || status == 501, "{}", told());
        *(if status < 400 { &mut self.done } else { &mut self.refused }) += 1;
        let value = serde_json::from_str::<Value>(&text).ok();
        if status >= 400 && target.starts_with("/api/v2") {
            let error = value.as_ref().unwrap_or(&Value::Null);
            assert!(error["code"].is_string() && error["message"] != json!(""), "{}", told());
        }
        value.filter(|_| status < 300)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent() {
    for seed in 1..=3 {
        Box::pin(Fuzz::round(seed)).await;
    }
}

/// `scripts/fuzz requests`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "does not end"]
async fn without_end() {
    for seed in std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().. {
        Box::pin(Fuzz::round(seed)).await;
    }
}
