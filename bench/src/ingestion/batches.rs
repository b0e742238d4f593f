//! What is posted: events as server SDKs send them, compressed, prepared before anything is measured.

use std::io::Write as _;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::edge;

/// Requests that are sent in turn.
const DISTINCT: usize = 512;
/// Contexts that the events are about: those of a busy site within one interval.
const CONTEXTS: usize = 2_000;
/// A moment in 2026; servers take what is too old for now.
const AT: u64 = 1_790_000_000_000;

/// Prepared requests.
pub(crate) struct Batches {
    requests: Vec<Vec<u8>>,
    bytes_an_event: f64,
    /// Events of each.
    pub(super) size: usize,
}

impl Batches {
    /// Of so many events each, with an SDK key.
    pub(crate) fn new(key: &str, size: usize) -> Result<Self> {
        let (mut requests, mut bytes) = (Vec::with_capacity(DISTINCT), 0);
        for n in 0..DISTINCT {
            let events: Vec<Value> = (0..size).map(|event| one(n * size + event)).collect();
            let plain = serde_json::to_vec(&events)?;
            bytes += plain.len();
            requests.push(request(key, &plain)?);
        }
        Ok(Self { requests, bytes_an_event: bytes as f64 / (DISTINCT * size) as f64, size })
    }

    /// What Unleash Edge takes in their place, plain: a flag's counts are one event.
    pub(super) fn of_edge(size: usize) -> Self {
        let requests: Vec<_> = (0..DISTINCT).map(|n| edge::metrics(n * size, size)).collect();
        let bytes = requests.iter().map(Vec::len).sum::<usize>();
        Self { requests, bytes_an_event: bytes as f64 / (DISTINCT * size) as f64, size }
    }

    pub(crate) fn request(&self, n: usize) -> &[u8] {
        &self.requests[n % self.requests.len()]
    }

    /// Before compression.
    pub(super) const fn bytes_an_event(&self) -> f64 {
        self.bytes_an_event
    }
}

/// Without the name by which batches that come again are known: each counts.
fn request(key: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let mut body = GzEncoder::new(Vec::new(), Compression::default());
    body.write_all(plain)?;
    let body = body.finish()?;
    let mut out = format!(
        "POST /bulk HTTP/1.1\r\nhost: bench\r\nauthorization: {key}\r\ncontent-type: application/json\r\n\
         content-encoding: gzip\r\nuser-agent: GoClient/7.14.6\r\nx-launchdarkly-event-schema: 4\r\n\
         x-launchdarkly-tags: application-id/shop application-version/1.2\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    out.extend_from_slice(&body);
    Ok(out)
}

/// Of every ten events four are of metrics, three evaluations that are tracked, two contexts, one a summary.
fn one(n: usize) -> Value {
    let user = format!("user-{:05}", n * 7919 % CONTEXTS);
    let at = AT + n as u64;
    match n % 10 {
        0..=3 => json!({"kind": "custom", "creationDate": at, "key": format!("metric-{}", n % 20),
            "contextKeys": {"user": user, "organization": "org-1"}, "metricValue": n % 100, "data": {"page": "/cart"}}),
        4..=6 => json!({"kind": "feature", "creationDate": at, "key": format!("flag-{}", n % 100),
            "version": 17, "variation": n % 2, "value": n.is_multiple_of(2), "default": false,
            "context": {"kind": "user", "key": user},
            "reason": {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "11111111-2222-4333-8444-555555555555"}}),
        7 | 8 => json!({"kind": "index", "creationDate": at, "context": {"kind": "user", "key": user,
            "email": format!("{user}@example.com"), "name": "A User", "country": "NO", "plan": "gold"}}),
        _ => json!({"kind": "summary", "startDate": at, "endDate": at + 5_000, "features": {
            format!("flag-{}", n % 100): {"default": false, "contextKinds": ["user"], "counters": [
                {"variation": 0, "version": 17, "value": true, "count": 31},
                {"variation": 1, "version": 17, "value": false, "count": 7}]}}}),
    }
}
