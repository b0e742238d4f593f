//! Structured logs on standard error, as text or as lines of JSON.

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::Log;
use crate::traces::Traces;

/// Starts logging for this process, and the collection of spans; a second call changes nothing.
pub fn start(log: &Log, traces: Option<&Traces>) {
    let filter = EnvFilter::new(&log.filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // Colours only for people: a terminal, and text.
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = if log.json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        lines.with_ansi(colours).boxed()
    };
    let _already_started = match traces {
        // Each with a filter of its own: what logs leave out may be collected.
        Some(traces) => tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces.layer()).try_init(),
        None => tracing_subscriber::registry().with(lines).with(filter).try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(%place, "panic: {what}");
    }));
}
