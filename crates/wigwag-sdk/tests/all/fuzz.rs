//! Whatever is sent to any path of SDKs, something is answered that SDKs know, and the next one is served as well.
//!
//! `scripts/fuzz sdks` goes on with new seeds for as long as you like; a seed that found something is told with it.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::client::{Connection, get};
use crate::evaluation::{ADA, ID, MOBILE, server};
use crate::server::{KEY, Server};

/// Methods and paths. `{env}` is a client-side ID, `{b64}` a context, `{key}` a flag or segment.
const PATHS: &[(&str, &str)] = &[
    ("GET", "/all"),
    ("GET", "/flags"),
    ("GET", "/sdk/stream"),
    ("GET", "/sdk/poll"),
    ("GET", "/sdk/latest-all"),
    ("GET", "/sdk/latest-flags"),
    ("GET", "/sdk/latest-flags/{key}"),
    ("GET", "/sdk/latest-segments/{key}"),
    ("GET", "/sdk/flags"),
    ("GET", "/sdk/flags/{key}"),
    ("GET", "/sdk/segments"),
    ("GET", "/sdk/segments/{key}"),
    ("POST", "/bulk"),
    ("POST", "/diagnostic"),
    ("GET", "/sdk/evalx/{env}/contexts/{b64}"),
    ("REPORT", "/sdk/evalx/{env}/context"),
    ("REPORT", "/sdk/evalx/{env}/contexts"),
    ("GET", "/sdk/evalx/{env}/users/{b64}"),
    ("REPORT", "/sdk/evalx/{env}/user"),
    ("REPORT", "/sdk/evalx/{env}/users"),
    ("GET", "/sdk/eval/{env}/users/{b64}"),
    ("REPORT", "/sdk/eval/{env}/user"),
    ("REPORT", "/sdk/eval/{env}/users"),
    ("GET", "/eval/{env}/{b64}"),
    ("REPORT", "/eval/{env}"),
    ("GET", "/ping/{env}"),
    ("GET", "/sdk/goals/{env}"),
    ("POST", "/events/bulk/{env}"),
    ("POST", "/events/diagnostic/{env}"),
    ("GET", "/a/{env}.gif?d={b64}"),
    ("GET", "/a/{env}?d={b64}"),
    ("GET", "/msdk/evalx/contexts/{b64}"),
    ("REPORT", "/msdk/evalx/context"),
    ("REPORT", "/msdk/evalx/contexts"),
    ("GET", "/msdk/evalx/users/{b64}"),
    ("REPORT", "/msdk/evalx/user"),
    ("REPORT", "/msdk/evalx/users"),
    ("GET", "/msdk/eval/users/{b64}"),
    ("GET", "/msdk/eval/user/{b64}"),
    ("REPORT", "/msdk/eval/user"),
    ("REPORT", "/msdk/eval/users"),
    ("GET", "/meval/{b64}"),
    ("REPORT", "/meval"),
    ("GET", "/mping"),
    ("POST", "/handshake"),
    ("GET", "/mevalalternate"),
    ("POST", "/mobile"),
    ("POST", "/mobile/events"),
    ("POST", "/mobile/events/bulk"),
    ("POST", "/mobile/events/diagnostic"),
    ("GET", "/sdk/poll/eval/{b64}?auth={env}"),
    ("POST", "/sdk/poll/eval?auth={env}"),
    ("REPORT", "/sdk/poll/eval?auth={env}"),
    ("GET", "/sdk/stream/eval/{b64}?auth={env}"),
    ("POST", "/sdk/stream/eval?auth={env}"),
    ("REPORT", "/sdk/stream/eval?auth={env}"),
    ("GET", "/sdk/bootstrap/{env}/contexts/{b64}"),
    ("POST", "/sdk/bootstrap/{env}/context"),
    ("REPORT", "/sdk/bootstrap/{env}/context"),
    ("GET", "/sdk/bootstrap/contexts/{b64}"),
    ("POST", "/sdk/bootstrap/context"),
    ("GET", "/sdk/evalx/contexts/{b64}"),
    ("REPORT", "/sdk/evalx/context"),
    ("GET", "/sdk/evalx/users/{b64}"),
    ("REPORT", "/sdk/evalx/user"),
    ("GET", "/sdk/eval/users/{b64}"),
    ("REPORT", "/sdk/eval/user"),
    ("POST", "/ofrep/v1/evaluate/flags"),
    ("POST", "/ofrep/v1/evaluate/flags/{key}"),
    ("GET", "/ofrep/v1/changes/{env}"),
];

/// Where paths are stated.
const SOURCES: &[&str] = &[
    include_str!("../../src/client/routes.rs"),
    include_str!("../../src/router.rs"),
    include_str!("../../src/ofrep/mod.rs"),
];

#[test]
fn every_path_is_drawn() {
    let named = |path: &str| path.replace("{*context}", "{b64}").replace("{id}", "{env}");
    let stated = SOURCES.iter().flat_map(|source| source.split('"')).filter(|text| text.starts_with('/'));
    let stated: Vec<String> = stated.filter(|text| !text.contains(char::is_whitespace)).map(named).collect();
    let drawn = |path: &str| PATHS.iter().any(|(_, drawn)| drawn.split('?').next() == Some(path));
    assert!(stated.len() > 60, "{stated:?}");
    assert_eq!(stated.iter().filter(|path| !drawn(path)).collect::<Vec<_>>(), [""; 0], "paths without a fuzz target");
}

/// Statuses that SDKs know what to make of (sdk-protocol.md 1.5), and those of the HTTP library for what is no request.
const KNOWN: &[u16] = &[200, 202, 204, 304, 400, 401, 404, 405, 413, 414, 415, 431];

/// One of each kind.
const EVENTS: &str = r#"[
    {"kind":"identify","creationDate":1,"context":{"kind":"user","key":"a"}},
    {"kind":"custom","key":"k","creationDate":1,"contextKeys":{"user":"a"},"metricValue":1.5},
    {"kind":"index","creationDate":1,"context":{"kind":"multi","user":{"key":"a"},"org":{"key":"o"}}},
    {"kind":"feature","key":"f","creationDate":1,"context":{"key":"a"},"version":1,"variation":0,"value":true,"default":null,
     "reason":{"kind":"RULE_MATCH","ruleIndex":0},"samplingRatio":1},
    {"kind":"debug","key":"f","creationDate":1,"user":{"key":"a","custom":{"x":[1]}},"version":1,"value":{"a":1}},
    {"kind":"summary","startDate":1,"endDate":2,"features":{"f":{"default":1,"contextKinds":["user"],
     "counters":[{"variation":0,"version":1,"value":true,"count":3},{"unknown":true,"value":1,"count":1}]}}},
    {"kind":"click","key":"g","creationDate":1,"url":"https://h/","selector":"a","contextKeys":{"user":"a"}},
    {"kind":"pageview","key":"g","creationDate":1,"url":"https://h/","contextKeys":{"user":"a"}},
    {"kind":"migration_op","operation":"read","creationDate":1,"contextKeys":{"user":"a"},"evaluation":{"key":"m",
     "value":"live","default":"off","variation":2,"version":1,"reason":{"kind":"FALLTHROUGH"}},"measurements":[
     {"key":"invoked","values":{"old":true,"new":true}},{"key":"latency_ms","values":{"old":1.5,"new":2}},
     {"key":"consistent","value":true,"samplingRatio":2}]}
]"#;
const MULTI: &str = r#"{"kind":"multi","user":{"key":"0","_meta":{"privateAttributes":["/a/b"]}},"org":{"key":"o","n":[1,{"x":null}]}}"#;
const OFREP: &str = r#"{"context":{"targetingKey":"ann","kind":"user","plan":"gold"}}"#;

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// Any value, mostly small.
    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 8 } else { 10 }) {
            0 => Value::Null,
            1 => json!(self.one_in(2)),
            2 => json!(self.next()),
            3 => json!(-1.5e300),
            4 => json!(""),
            5 => json!("user"),
            6 => json!("\u{0}ü\u{2028}%:/~1"),
            7 => json!("k".repeat(self.below(3000))),
            8 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let names = ["key", "kind", "multi", "", "_meta", "custom", "context", "__proto__"];
                let members = (0..self.below(4)).map(|_| (self.pick(&names).to_owned(), self.value(depth - 1)));
                Value::Object(members.collect())
            }
        }
    }

    /// A body that was good.
    fn bent(&mut self, good: &str) -> Vec<u8> {
        let mut value: Value = serde_json::from_str(good).unwrap();
        for _ in 0..self.below(3) {
            self.bend(&mut value);
        }
        let mut body = value.to_string().into_bytes();
        match self.below(8) {
            0 => body.truncate(self.below(body.len() + 1)),
            1 => {
                let at = self.below(body.len());
                body[at] = u8::try_from(self.below(256)).unwrap();
            }
            2 if self.one_in(4) => body = "[".repeat(1 + self.below(100_000)).into_bytes(),
            3 if self.one_in(4) => {
                body = (0..self.below(200)).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
            }
            _ => {}
        }
        body
    }

    fn bend(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) if !members.is_empty() && !self.one_in(4) => {
                let at = self.below(members.len());
                let name = members.keys().nth(at).unwrap().clone();
                match self.below(4) {
                    0 => drop(members.shift_remove(&name)),
                    1 => members[&name] = self.value(3),
                    _ => self.bend(&mut members[&name]),
                }
            }
            Value::Array(items) if !items.is_empty() && !self.one_in(4) => {
                let at = self.below(items.len());
                self.bend(&mut items[at]);
            }
            value => *value = self.value(3),
        }
    }

    /// What stands for a context, or anything else, in a path.
    fn segment(&mut self) -> String {
        let good = if self.one_in(2) { ADA } else { MULTI };
        let json = self.bent(good);
        let plain = if self.one_in(2) { BASE64_URL_SAFE.encode(&json) } else { BASE64_STANDARD.encode(&json) };
        match self.below(6) {
            0 => plain.trim_end_matches('=').to_owned(),
            1 => plain.replace('=', "%3D").replace('/', "%2F"),
            2 => plain[..self.below(plain.len() + 1)].to_owned(),
            3 => self.pick(&["", "%", "%zz", "%00", "..", "%2e%2e/x", "a b", "é", "*", "{}", "%ff%fe"]).to_owned(),
            _ => plain,
        }
    }

    fn query(&mut self) -> String {
        let names = ["withReasons", "h", "basis", "filter", "auth", "d", "withReasons=true", "%", "x[]"];
        let values = [
            "",
            "true",
            "(p:0123456789abcdef01234567:3:00000000000000ff)",
            "%ff",
            "%",
            "a+b",
            ID,
            MOBILE,
            "0000",
            "(((((",
        ];
        let pairs = (0..self.below(4)).map(|_| format!("{}={}", self.pick(&names), self.pick(&values)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

struct Sent {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn drawn(dice: &mut Dice) -> Sent {
    let (method, path) = PATHS[dice.below(PATHS.len())];
    let method =
        if dice.one_in(10) { dice.pick(&["GET", "POST", "REPORT", "OPTIONS", "PUT", "HEAD", "X"]) } else { method };
    let mut target = path.to_owned();
    while let Some(at) = target.find('{') {
        let end = at + target[at..].find('}').unwrap() + 1;
        let with = match &target[at..end] {
            "{env}" if dice.one_in(6) => dice.segment(),
            "{env}" => ID.to_owned(),
            "{key}" if !dice.one_in(3) => dice.pick(&["both", "phone", "s", "nothing"]).to_owned(),
            _ => dice.segment(),
        };
        // What was drawn is not filled again.
        target.replace_range(at..end, &with.replace(['{', '}'], "_"));
    }
    let query = dice.query();
    if !query.is_empty() {
        target += if target.contains('?') { "&" } else { "?" };
        target += &query;
    }
    let mut headers = Vec::new();
    if !dice.one_in(5) {
        let keys = [KEY, MOBILE, ID, "Bearer sdk-1", "api_key mob-1", "", "a b c", "sdk-nobody"];
        headers.push(("authorization", dice.pick(&keys).to_owned()));
    }
    for (name, values) in [
        ("if-none-match", ["*", "W/\"x\"", "\"", ",,,"]),
        ("content-type", ["application/json", "text/plain", "x", "application/json; charset=utf-8"]),
        ("accept-encoding", ["gzip", "gzip;q=0", "*", "br, gzip;q=zero"]),
        ("x-launchdarkly-payload-id", ["", "a", "00000000-0000-4000-8000-000000000000", "\u{7f}"]),
        ("x-launchdarkly-event-schema", ["3", "4", "x", "-1"]),
        ("x-launchdarkly-tags", ["application-id/a", "/", "application-id/a application-version/", ":::"]),
        ("origin", ["https://shop.example", "null", "x", "*"]),
    ] {
        if dice.one_in(4) {
            headers.push((name, dice.pick(&values).to_owned()));
        }
    }
    let good = match path {
        path if path.contains("ofrep") => OFREP,
        path if path.contains("bulk") || path.contains("mobile") || path.contains("diagnostic") => EVENTS,
        _ if dice.one_in(2) => ADA,
        _ => MULTI,
    };
    let mut body = if method == "GET" || method == "HEAD" { Vec::new() } else { dice.bent(good) };
    if !body.is_empty() && dice.one_in(4) {
        headers.push(("content-encoding", dice.pick(&["gzip", "gzip, gzip", "br", "identity"]).to_owned()));
        if dice.one_in(2) {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&body).unwrap();
            body = gzip.finish().unwrap();
        }
    }
    Sent { method, target, headers, body }
}

/// Sends drawn requests, and returns how many were answered well.
async fn round(seed: u64, count: usize) -> (usize, usize) {
    let server: Server = server().await;
    let mut dice = Dice(seed);
    let (mut done, mut refused) = (0, 0);
    for n in 0..count {
        let sent = drawn(&mut dice);
        let what = || format!("seed {seed}, request {n}: {} {} {:?}", sent.method, sent.target, sent.headers);
        let mut connection = Connection::open(server.address).await;
        let headers: Vec<(&str, &str)> = sent.headers.iter().map(|(name, value)| (*name, &**value)).collect();
        connection.request(sent.method, &sent.target, &headers, &sent.body).await;
        let (status, _) = connection.head().await;
        assert!(KNOWN.contains(&status), "{} is answered {status}", what());
        if status < 400 { done += 1 } else { refused += 1 }
    }
    assert_eq!(get(server.address, "/sdk/latest-all", &[]).await.status, 200, "seed {seed}: the server is well");
    server.until(|live| live.stream_count() == 0).await;
    (done, refused)
}

#[tokio::test]
async fn whatever_is_sent_something_known_is_answered() {
    let (done, refused) = round(1, 3_000).await;
    assert!(done > 300 && refused > 300, "neither all good nor all bad: {done}, {refused}");
}

#[tokio::test]
#[ignore = "goes on until something is found: scripts/fuzz sdks"]
async fn without_end() {
    for seed in std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().. {
        let (done, refused) = round(seed, 3_000).await;
        println!("seed {seed}: {done} done, {refused} refused");
    }
}
