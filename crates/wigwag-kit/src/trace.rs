//! Traces: how spans of this process hang together with those of others (W3C Trace Context). Spans are those of
//! `tracing` under [`TARGET`]. Unless the process collects them none is ever made, which costs a comparison each.

use std::collections::HashMap;

use http::HeaderMap;
use opentelemetry::global::get_text_map_propagator;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use serde::Deserialize;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The target of spans that belong to traces. They are of level `TRACE`, so that logs leave them out.
pub const TARGET: &str = "wigwag::trace";
const TRACEPARENT: &str = "traceparent";

/// Makes the span part of the trace that the header fields of a request name, if they do.
pub fn continues(span: &Span, headers: &HeaderMap) {
    if !span.is_disabled() && headers.contains_key(TRACEPARENT) {
        let parent = get_text_map_propagator(|known| known.extract(&HeaderExtractor(headers)));
        let _not_begun = span.set_parent(parent);
    }
}

/// Names the span in the header fields of a call that is made in it.
pub fn carried(span: &Span, headers: &mut HeaderMap) {
    if !span.is_disabled() {
        get_text_map_propagator(|known| known.inject_context(&span.context(), &mut HeaderInjector(headers)));
    }
}

/// Names the span, also when it has begun.
pub fn named(span: &Span, name: String) {
    span.context().span().update_name(name);
}

/// The `traceparent` of what is going on, if it is collected: for what comes of it later, maybe elsewhere.
#[must_use]
pub fn current() -> Option<String> {
    let span = Span::current();
    if span.is_disabled() {
        return None;
    }
    let context = span.context();
    let mut fields = HashMap::new();
    if context.span().span_context().is_sampled() {
        get_text_map_propagator(|known| known.inject_context(&context, &mut fields));
    }
    fields.remove(TRACEPARENT)
}

/// Makes the span part of the trace in which a change was made, by the record of the change.
pub fn comes_of(span: &Span, record: &str) {
    #[derive(Deserialize)]
    struct Traced {
        trace: Option<String>,
    }
    if !span.is_disabled()
        && let Ok(Traced { trace: Some(trace) }) = serde_json::from_str(record)
    {
        let fields = HashMap::from([(TRACEPARENT.to_owned(), trace)]);
        let _not_begun = span.set_parent(get_text_map_propagator(|known| known.extract(&fields)));
    }
}
