//! Structured logs on standard error, as text or as lines of JSON.

use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// Starts logging for this process; a second call changes nothing.
pub fn start(log: &Log) {
    let filter = EnvFilter::new(&log.filter);
    let logger = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Colours only for people: a terminal, and text.
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let _already_started = if log.json {
        logger.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    } else {
        logger.with_ansi(colours).try_init()
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(%place, "panic: {what}");
    }));
}
