//! Requests of SDKs as they may never have been meant: a path, a method, header fields and a body that were good.
//!
//! Without anything of a server, so that whoever has one can include it.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

/// Methods and paths. `{env}` is a client-side ID, `{b64}` a context, `{events}` events,
/// `{key}` a flag or segment.
pub(crate) const PATHS: &[(&str, &str)] = &[
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
    ("GET", "/a/{env}.gif?d={events}"),
    ("GET", "/a/{env}?d={events}"),
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

/// Statuses that SDKs know what to make of (sdk-protocol.md 1.5), and those of the HTTP library for what is no request.
pub(crate) const KNOWN: &[u16] = &[200, 202, 204, 304, 400, 401, 404, 405, 413, 414, 415, 431];

/// Who may ask, and what there is.
pub(crate) struct Place<'p> {
    pub(crate) sdk: &'p str,
    pub(crate) mobile: &'p str,
    pub(crate) id: &'p str,
    /// The key of a Relay Proxy.
    pub(crate) relay: &'p str,
    /// Flags and segments.
    pub(crate) keys: &'p [&'p str],
}

const ADA: &str = r#"{"kind":"user","key":"ada","plan":"gold"}"#;
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
     {"key":"consistent","value":true,"samplingRatio":2}]},
    {"kind":"identify","key":"a","creationDate":1,"user":{"key":"a","email":"e","custom":{"x":1},"privateAttributeNames":["x"],
     "privateAttrs":["ip"]}},
    {"kind":"custom","key":"k","creationDate":1,"userKey":"a","contextKind":"anonymousUser"},
    {"kind":"alias","key":"a","contextKind":"user","previousKey":"b","previousContextKind":"anonymousUser","creationDate":1}
]"#;
/// What SDKs tell of themselves, one object a request.
const DIAGNOSTICS: [&str; 2] = [
    r#"{"kind":"diagnostic-init","id":{"diagnosticId":"0","sdkKeySuffix":"000000"},"creationDate":1,"sdk":{"name":"go"},
        "configuration":{"eventsCapacity":1000},"platform":{"name":"Go"}}"#,
    r#"{"kind":"diagnostic","id":{"diagnosticId":"0"},"creationDate":1,"dataSinceDate":0,"droppedEvents":0,
        "streamInits":[{"timestamp":1,"failed":false,"durationMillis":1}]}"#,
];
const MULTI: &str = r#"{"kind":"multi","user":{"key":"0","_meta":{"privateAttributes":["/a/b"]}},"org":{"key":"o","n":[1,{"x":null}]}}"#;
const OFREP: &str = r#"{"context":{"targetingKey":"ann","kind":"user","plan":"gold"}}"#;

/// Random numbers, the same for the same seed.
pub(crate) struct Dice(pub(crate) u64);

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

    /// Events, or what an SDK tells of itself, which some send where events go.
    fn events(&mut self) -> &'static str {
        if self.one_in(5) { self.pick(&DIAGNOSTICS) } else { EVENTS }
    }

    /// What stands for a context, or anything else, in a path.
    fn context(&mut self) -> String {
        let good = if self.one_in(2) { ADA } else { MULTI };
        self.segment(good)
    }

    /// Something that was good, as paths and queries have it.
    fn segment(&mut self, good: &str) -> String {
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

    fn query(&mut self, place: &Place<'_>) -> String {
        let names = ["withReasons", "h", "basis", "filter", "auth", "d", "after", "withReasons=true", "%", "x[]"];
        let values = [
            "",
            "true",
            "(p:0123456789abcdef01234567:3:00000000000000ff)",
            "%ff",
            "%",
            "a+b",
            place.id,
            place.mobile,
            "0000",
            "(((((",
        ];
        let pairs = (0..self.below(4)).map(|_| format!("{}={}", self.pick(&names), self.pick(&values)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// A request.
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// A request to one of these paths.
pub(crate) fn drawn(dice: &mut Dice, place: &Place<'_>, paths: &[(&'static str, &'static str)]) -> Sent {
    let (method, path) = paths[dice.below(paths.len())];
    let method =
        if dice.one_in(10) { dice.pick(&["GET", "POST", "REPORT", "OPTIONS", "PUT", "HEAD", "X"]) } else { method };
    let mut target = path.to_owned();
    while let Some(at) = target.find('{') {
        let end = at + target[at..].find('}').unwrap() + 1;
        let with = match &target[at..end] {
            "{env}" if !dice.one_in(6) => place.id.to_owned(),
            "{key}" if !dice.one_in(3) => dice.pick(place.keys).to_owned(),
            "{events}" => {
                let events = dice.events();
                // As a query has it: a plus would be a space.
                dice.segment(events).replace('+', "%2B")
            }
            _ => dice.context(),
        };
        // What was drawn is not filled again.
        target.replace_range(at..end, &with.replace(['{', '}'], "_"));
    }
    let query = dice.query(place);
    if !query.is_empty() {
        target += if target.contains('?') { "&" } else { "?" };
        target += &query;
    }
    let mut headers = Vec::new();
    let fit = match path {
        "/relay_auto_config" => place.relay,
        path if path.starts_with("/m") => place.mobile,
        _ => place.sdk,
    };
    if dice.one_in(2) {
        headers.push(("authorization", fit.to_owned()));
    } else if !dice.one_in(5) {
        let keys = [place.sdk, place.mobile, place.id, "Bearer sdk-1", "api_key mob-1", "", "a b c", "sdk-nobody"];
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
        path if path.contains("bulk") || path.contains("mobile") || path.contains("diagnostic") => dice.events(),
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
