//! What the protocol answers: results and failures.

use std::io::Write as _;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;
use wigwag_eval::ReasonKind;
use wigwag_live::{Audience, FlagItem, Outcome, Seen};
use wigwag_model::context::{Context, ContextError};

use crate::refusal::Refusal;

/// `{"flags":[…]}`, and for pages where to hear of changes.
pub(super) fn all(out: &mut Vec<u8>, seen: Seen<'_>, audience: Audience, context: &Context) {
    let snapshot = seen.snapshot();
    out.extend_from_slice(b"{\"flags\":[");
    for (n, (item, version)) in snapshot.clients(audience).iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        let outcome = Outcome::of(&seen, item, context);
        if outcome.evaluation().is_error() {
            out.extend_from_slice(Failure::malformed_flag().of(item.key()).body().to_string().as_bytes());
        } else {
            flag(out, item, &outcome, version);
        }
    }
    out.push(b']');
    if audience == Audience::EnvironmentId {
        let place = format!("/ofrep/v1/changes/{}", snapshot.settings().id);
        out.extend_from_slice(b",\"eventStreams\":[{\"type\":\"sse\",\"endpoint\":{\"requestUri\":");
        let _ = serde_json::to_writer(&mut *out, &place);
        out.extend_from_slice(b"}}]");
    }
    out.push(b'}');
}

/// One result. The variant is the index of the variation; a flag that serves none of its variations has the
/// value null, for which providers serve the code's default.
pub(super) fn flag(out: &mut Vec<u8>, flag: &FlagItem, outcome: &Outcome<'_>, version: u64) {
    let evaluation = outcome.evaluation();
    let kind = evaluation.reason.kind;
    // Writing into memory does not fail.
    out.extend_from_slice(b"{\"key\":");
    let _ = serde_json::to_writer(&mut *out, flag.key());
    out.extend_from_slice(b",\"value\":");
    out.extend_from_slice(outcome.value());
    if let Some(variation) = evaluation.variation {
        let _ = write!(out, ",\"variant\":\"{variation}\"");
    }
    let _ = write!(out, ",\"reason\":\"{}\",\"metadata\":{{\"version\":{version}", reason(kind));
    let _ = write!(out, ",\"flagVersion\":{},\"reasonKind\":\"{}\"", flag.version(), kind.as_str());
    match kind {
        ReasonKind::RuleMatch { index, id, .. } => {
            let _ = write!(out, ",\"ruleIndex\":{index},\"ruleId\":");
            let _ = serde_json::to_writer(&mut *out, id);
        }
        ReasonKind::PrerequisiteFailed { key } => {
            out.extend_from_slice(b",\"prerequisiteKey\":");
            let _ = serde_json::to_writer(&mut *out, key);
        }
        _ => {}
    }
    if evaluation.reason.in_experiment() {
        out.extend_from_slice(b",\"inExperiment\":true");
    }
    out.extend_from_slice(b"}}");
}

/// The reason in OpenFeature's words; the metadata has ours.
const fn reason(kind: ReasonKind<'_>) -> &'static str {
    match kind {
        ReasonKind::Off => "DISABLED",
        ReasonKind::TargetMatch | ReasonKind::RuleMatch { .. } => "TARGETING_MATCH",
        ReasonKind::Fallthrough { .. } | ReasonKind::PrerequisiteFailed { .. } => "DEFAULT",
        ReasonKind::Error(_) => "ERROR",
    }
}

/// Why there is no result.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    /// The flag asked for, if it was one.
    key: Option<String>,
    /// In OpenFeature's words; statuses that speak for themselves have none.
    code: Option<&'static str>,
    details: String,
    retry: bool,
}

impl Failure {
    fn new(status: StatusCode, code: &'static str, details: String) -> Self {
        Self { status, key: None, code: Some(code), details, retry: false }
    }

    pub(super) fn unreadable(error: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PARSE_ERROR", format!("The body is not an evaluation request: {error}"))
    }

    pub(super) fn context(error: &ContextError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_CONTEXT", error.to_string())
    }

    pub(super) fn no_targeting_key() -> Self {
        let details = "The context needs a targetingKey, a text that is not empty".to_owned();
        Self::new(StatusCode::BAD_REQUEST, "TARGETING_KEY_MISSING", details)
    }

    pub(super) fn unknown_flag(key: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "FLAG_NOT_FOUND", format!("There is no flag {key}"))
    }

    pub(super) fn malformed_flag() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PARSE_ERROR", "The flag cannot be evaluated as it is".to_owned())
    }

    /// The same about one flag.
    pub(super) fn of(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    fn body(&self) -> serde_json::Value {
        let mut body = json!({ "errorDetails": self.details });
        if let Some(code) = self.code {
            body["errorCode"] = code.into();
        }
        if let Some(key) = &self.key {
            body["key"] = key.as_str().into();
        }
        body
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (status, _, details) = refusal.parts();
        let code = match refusal {
            Refusal::Context(_) | Refusal::NotVouched => Some("INVALID_CONTEXT"),
            Refusal::UnreadableBody => Some("PARSE_ERROR"),
            _ if status.is_server_error() || status == StatusCode::PAYLOAD_TOO_LARGE => Some("GENERAL"),
            _ => None,
        };
        Self { status, key: None, code, details: details.into_owned(), retry: refusal == Refusal::NotReady }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        let mut response = (self.status, [(CONTENT_TYPE, "application/json")], body).into_response();
        if self.retry {
            response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
        }
        response
    }
}
