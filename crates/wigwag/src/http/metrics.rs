//! `/metrics` in the OpenMetrics text format. Every name is explained in docs/operate/metrics.md.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::Shared;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds in seconds.
const BUCKETS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// What this crate counts, and the registry in which others have theirs.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RestLabels, Counter>,
    seconds: Family<MethodLabels, Histogram, fn() -> Histogram>,
    ready: Gauge,
    sequence: Gauge,
    resident: Gauge,
    files: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RestLabels {
    method: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct MethodLabels {
    method: String,
}

impl Metrics {
    /// Registers what this crate counts in `registry`, to which others may have added theirs.
    pub(crate) fn new(mut registry: Registry) -> Self {
        let r = &mut registry;
        r.register("wigwag_build", "Version of this server", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
        let (requests, ready, sequence) = (Family::default(), Gauge::default(), Gauge::default());
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let (resident, files) = (Gauge::default(), Gauge::default());
        r.register("wigwag_ready", "1 once everything is loaded", ready.clone());
        r.register("wigwag_change_sequence", "Newest change committed", sequence.clone());
        r.register("wigwag_rest_requests", "REST requests answered", requests.clone());
        r.register("wigwag_rest_request_seconds", "Time to answer a REST request", seconds.clone());
        r.register("process_resident_memory_bytes", "Resident memory", resident.clone());
        r.register("process_open_fds", "Open file descriptors", files.clone());
        Self { registry, requests, seconds, ready, sequence, resident, files }
    }

    /// Counts one answered REST request. Methods nobody has heard of are counted together, so that
    /// clients cannot make up series.
    pub(crate) fn rest(&self, method: &str, status: StatusCode, took: Duration) {
        let known = ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD", "REPORT"].contains(&method);
        let method = if known { method } else { "other" }.to_owned();
        self.requests.get_or_create(&RestLabels { method: method.clone(), status: status.as_u16() }).inc();
        self.seconds.get_or_create(&MethodLabels { method }).observe(took.as_secs_f64());
    }

    /// Everything as it is now.
    pub(crate) fn answer(&self, ready: bool, sequence: u64) -> Response {
        match self.text(ready, sequence) {
            Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    fn text(&self, ready: bool, sequence: u64) -> Result<String, std::fmt::Error> {
        self.ready.set(i64::from(ready));
        self.sequence.set(i64::try_from(sequence).unwrap_or(i64::MAX));
        self.resident.set(resident_bytes().unwrap_or(0));
        self.files.set(open_files().unwrap_or(0));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Where the system tells (Linux).
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Where the system tells (Linux).
fn open_files() -> Option<i64> {
    i64::try_from(std::fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}

pub(super) async fn page(State(shared): State<Arc<Shared>>) -> Response {
    shared.metrics.answer(shared.ready(), shared.sequence())
}
