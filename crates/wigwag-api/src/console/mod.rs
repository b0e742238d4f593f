//! What pages of the console are told while they are open: that something changed, and where.
//!
//! `GET /internal/changes` is a stream of server-sent events. An event names the change's sequence, project, kind and
//! resources and nothing of what they hold: pages ask again for what they show, and are answered by their rights.

mod stream;

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use wigwag_kit::operation::{Access, Own};
use wigwag_kit::{Body, Ctx, Operations, Reply, Request, Result};

const OWN: Own =
    Own { tag: "Wigwag: console", method: "GET", path: "/internal/changes", id: "streamChanges", query: &[] };

/// The operations of the console.
#[must_use]
pub fn ops() -> Operations {
    Operations::new().with(Operations::own(OWN, Access::Caller, changes).media("text/event-stream").about(
        "A stream of server-sent events: which resources changed, as far as the caller may see them in the audit \
         log. It ends after a minute, so that a caller who may no longer see them is not told for long; browsers \
         connect again by themselves.",
    ))
}

async fn changes(ctx: Ctx, _request: Request) -> Result<Reply> {
    let mut reply = Reply::empty();
    reply.body = Some(Body::pieces(stream::hints(ctx)));
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

/// A piece of the stream.
fn event(text: &str) -> Bytes {
    Bytes::from(format!("data: {text}\n\n"))
}
