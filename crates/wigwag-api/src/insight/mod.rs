//! Looking at what SDKs do while they do it: their open streams, how changes reach them, and their events as they come.
//!
//! What an operation here tells is what the process that answers it knows by itself; `node` says which one that is.

mod changes;
mod outside;
mod streams;
mod tail;

use wigwag_kit::operation::{Access, Own};
use wigwag_kit::{Collection, Operations};

pub use outside::{ElsewhereOpen, EventTail, OpenStream, Pieces, StreamKind, Streams};

const TAG: &str = "Wigwag: insight";
const VIEW: Access = Access::Actions(&["viewProject"]);

const STREAMS: Own = Own {
    tag: TAG,
    method: "GET",
    path: "/api/v2/projects/{projectKey}/environments/{environmentKey}/streams",
    id: "getOpenStreams",
    query: &[
        ("kind", "string"),
        ("sdk", "string"),
        ("application", "string"),
        ("behind", "boolean"),
        ("limit", "integer"),
        ("offset", "integer"),
    ],
};
const CHANGES: Own = Own {
    tag: TAG,
    method: "GET",
    path: "/api/v2/projects/{projectKey}/environments/{environmentKey}/streams/changes",
    id: "getStreamedChanges",
    query: &[("limit", "integer"), ("offset", "integer")],
};
const TAIL: Own = Own {
    tag: TAG,
    method: "GET",
    path: "/api/v2/projects/{projectKey}/environments/{environmentKey}/events/tail",
    id: "streamEvents",
    query: &[
        ("kind", "string"),
        ("flag", "string"),
        ("contextKind", "string"),
        ("contextKey", "string"),
        ("rate", "integer"),
    ],
};

/// The operations of this area.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(Operations::own(STREAMS, VIEW, streams::list).reply::<streams::StreamList>().about(
            "The streams that SDKs have open on the server that answers: who holds each, and up to which version of \
             the environment it was written.",
        ))
        .with(Operations::own(CHANGES, VIEW, changes::list).reply::<Collection<changes::ChangeRep>>().about(
            "The last changes of the environment on the server that answers: when each was published, and how long \
             it took until it was written to every stream that was open then.",
        ))
        .with(Operations::own(TAIL, VIEW, tail::tail).media("text/event-stream").about(
            "A stream of server-sent events: the events of SDKs as the server that answers takes them, at most so \
             many a second. It ends after a minute; browsers connect again by themselves.",
        ))
}
