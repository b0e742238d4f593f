//! Several servers on one database: each shows itself once a second, and learns who else is there, how many streams
//! they have, what they have taken of the limits that all share, and how far its clock is from the database's.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use parking_lot::Mutex;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use serde::{Deserialize, Serialize};
use wigwag_api::insight::ElsewhereOpen;
use wigwag_kit::serve::Taken;
use wigwag_model::clock::{Clock, Millis};
use wigwag_sdk::Connections;
use wigwag_store::{Beat, Node, Store};

use crate::http::Shared;

/// How often a server shows itself.
const EVERY: Duration = Duration::from_secs(1);
/// One that did not for so long is gone.
const GONE: Duration = Duration::from_secs(10);
/// A clock this far from the database's is told of in the log, in milliseconds.
const APART: Millis = 2_000;

/// What this server knows of the others. Clones are one.
#[derive(Clone, Default)]
pub(crate) struct Peers(Arc<Mutex<Vec<Peer>>>);

struct Peer {
    node: Box<str>,
    seen_ago: Millis,
    told: Told,
}

/// What a server tells of itself.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Told {
    version: String,
    sequence: u64,
    /// Open streams by environment.
    streams: HashMap<Box<str>, u64>,
    taken: Taken,
}

impl Peers {
    /// What they told of their streams of an environment.
    pub(crate) fn streams(&self, env: &str) -> Vec<ElsewhereOpen> {
        let of = |peer: &Peer| ElsewhereOpen {
            node: peer.node.clone(),
            streams: peer.told.streams.get(env).copied().unwrap_or(0),
            sequence: peer.told.sequence,
            seen_ago: peer.seen_ago,
        };
        self.0.lock().iter().map(of).collect()
    }

    /// What was taken by those of the same version, whose tables are the same.
    fn taken(&self) -> Vec<Taken> {
        let peers = self.0.lock();
        let same = peers.iter().filter(|peer| peer.told.version == env!("CARGO_PKG_VERSION"));
        same.map(|peer| peer.told.taken.clone()).collect()
    }

    fn note(&self, others: Vec<Node>) {
        let read = |node: Node| Peer {
            told: serde_json::from_str(&node.state).unwrap_or_default(),
            node: node.id.into(),
            seen_ago: node.seen_ago,
        };
        *self.0.lock() = others.into_iter().map(read).collect();
    }
}

/// Numbers about servers and connections.
pub(crate) struct NodeMetrics {
    nodes: Gauge,
    turns: Gauge,
    skew: Gauge<f64, AtomicU64>,
    behind: Gauge,
    open: Gauge,
    used: Gauge,
    replica: Gauge,
}

impl NodeMetrics {
    pub(crate) fn register(registry: &mut Registry, most: usize) -> Self {
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::<i64, AtomicI64>::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let nodes = gauge("wigwag_nodes", "Servers on the database, this one included");
        let turns = gauge("wigwag_leases_held", "Work that this server does for all");
        let behind = gauge("wigwag_feed_lag_changes", "Changes committed that streams of this server have not got");
        let open = gauge("wigwag_database_connections", "Connections that read, open");
        let used = gauge("wigwag_database_connections_used", "Connections that read, in use");
        let limit = gauge("wigwag_database_connections_max", "Connections that read, at most");
        let replica = gauge("wigwag_database_on_replica", "1 while a replica is read from");
        limit.set(i64::try_from(most).unwrap_or(i64::MAX));
        let skew = Gauge::default();
        registry.register("wigwag_clock_skew_seconds", "This clock, less that of the database", skew.clone());
        Self { nodes, turns, skew, behind, open, used, replica }
    }
}

/// Shows a server to the others for as long as it runs.
pub(crate) struct Showing {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) node: Box<str>,
    pub(crate) connections: Connections,
    pub(crate) shared: Arc<Shared>,
    pub(crate) peers: Peers,
    pub(crate) metrics: NodeMetrics,
}

impl Showing {
    pub(crate) async fn run(self) {
        let mut turns = tokio::time::interval(EVERY);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut was_apart = false;
        loop {
            turns.tick().await;
            self.measure();
            let state = serde_json::to_string(&self.told()).unwrap_or_default();
            let asked = self.clock.now();
            match self.store.beat(&self.node, &state, GONE).await {
                Ok(beat) => {
                    let apart = self.apart(&beat, asked).abs() > APART;
                    if apart && !was_apart {
                        tracing::error!("this machine's clock and the database's are apart: run NTP on both");
                    }
                    was_apart = apart;
                    self.learn(beat);
                }
                Err(error) => tracing::debug!("not shown to other servers: {error}"),
            }
        }
    }

    fn told(&self) -> Told {
        Told {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sequence: self.shared.live.sequence(),
            streams: self.connections.counts(),
            taken: self.shared.rest.get().map(|rest| rest.taken()).unwrap_or_default(),
        }
    }

    fn learn(&self, beat: Beat) {
        let gauged = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.metrics.nodes.set(gauged(beat.others.len() + 1));
        self.metrics.turns.set(i64::try_from(beat.turns).unwrap_or(i64::MAX));
        self.peers.note(beat.others);
        if let Some(rest) = self.shared.rest.get() {
            rest.others_took(self.peers.taken());
        }
    }

    /// How far this clock is ahead, as of the middle of the question.
    fn apart(&self, beat: &Beat, asked: Millis) -> Millis {
        let Some(at) = beat.at else { return 0 };
        let apart = asked.midpoint(self.clock.now()) - at;
        self.metrics.skew.set(apart as f64 / 1_000.0);
        apart
    }

    fn measure(&self) {
        let gauged = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let (open, used) = self.store.connections().unwrap_or((0, 0));
        self.metrics.open.set(gauged(open));
        self.metrics.used.set(gauged(used));
        self.metrics.replica.set(i64::from(self.store.is_on_replica()));
        let behind = self.store.watch().borrow().saturating_sub(self.shared.live.sequence());
        self.metrics.behind.set(i64::try_from(behind).unwrap_or(i64::MAX));
    }
}
