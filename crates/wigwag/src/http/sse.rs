//! Streams of server-sent events that are few and follow the log.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::watch;

use super::Shared;

/// What is told of a change, to one listener.
pub(super) trait Teller: Send + 'static {
    /// The events since the last time, none of which may be left out; `None` ends the stream.
    fn more(&mut self) -> impl Future<Output = Option<String>> + Send;
}

/// An answer that begins with `first` and goes on with what `teller` has after each change of the log. A comment
/// comes when nothing else does. Ends when the server stops.
pub(super) fn answer(shared: &Arc<Shared>, log: watch::Receiver<u64>, first: String, teller: impl Teller) -> Response {
    let listener = Listener {
        teller,
        first: Some(first),
        log,
        stopping: shared.stopping.subscribe(),
        heartbeat: shared.heartbeat,
    };
    let events = stream::unfold(listener, async |mut listener| {
        let events = listener.next().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(events)), listener))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

struct Listener<T> {
    teller: T,
    first: Option<String>,
    log: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    heartbeat: Duration,
}

impl<T: Teller> Listener<T> {
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            let beat = tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                changed = self.log.changed() => {
                    // The store is closed.
                    changed.ok()?;
                    false
                }
                () = tokio::time::sleep(self.heartbeat) => true,
            };
            let mut events = tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                events = self.teller.more() => events?,
            };
            if beat && events.is_empty() {
                ":\n\n".clone_into(&mut events);
            }
            if !events.is_empty() {
                return Some(events);
            }
        }
    }
}
