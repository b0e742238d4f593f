//! What the API may know of the SDKs that this process serves.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::unfold;
use http::Extensions;
use wigwag_api::insight::{ElsewhereOpen, EventTail, OpenStream, Pieces, StreamKind, Streams};
use wigwag_events::Tail;
use wigwag_model::tail::Wanted;
use wigwag_sdk::{Connections, Credential};

use crate::nodes::Peers;

/// Leaves it where operations find it. `node` is the name of this process.
pub(crate) fn extend(extensions: &mut Extensions, node: &str, connections: &Connections, peers: &Peers, tail: Tail) {
    let streams = Open { node: node.into(), connections: connections.clone(), peers: peers.clone() };
    extensions.insert(Arc::new(streams) as Arc<dyn Streams>);
    extensions.insert(Arc::new(Events(tail)) as Arc<dyn EventTail>);
}

struct Open {
    node: Box<str>,
    connections: Connections,
    peers: Peers,
}

impl Streams for Open {
    fn node(&self) -> &str {
        &self.node
    }

    fn elsewhere(&self, env: &str) -> Vec<ElsewhereOpen> {
        self.peers.streams(env)
    }

    fn of(&self, env: &str) -> Vec<OpenStream> {
        let shown = |stream: wigwag_sdk::OpenStream| OpenStream {
            id: stream.id,
            kind: match stream.origin.credential {
                Credential::Server => StreamKind::Server,
                Credential::Mobile => StreamKind::Mobile,
                Credential::Client => StreamKind::Client,
            },
            sdk: stream.origin.sdk.clone(),
            sdk_version: stream.origin.sdk_version.clone(),
            application: stream.origin.application_id.clone(),
            application_version: stream.origin.application_version.clone(),
            instance: stream.instance,
            opened: stream.since,
            sent: stream.sent,
            sent_at: stream.sent_at,
        };
        self.connections.of(env).into_iter().map(shown).collect()
    }
}

struct Events(Tail);

impl EventTail for Events {
    fn listen(&self, env: &str, wanted: Wanted) -> Option<Pieces> {
        let pieces = unfold(self.0.listen(env, wanted)?, async |mut listener| Some((listener.next().await, listener)));
        Some(pieces.boxed())
    }
}
