//! `wigwag relay`: an edge that follows another server and serves its SDKs.

mod http;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use prometheus_client::registry::Registry;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wigwag_events::{EventMetrics, Intake, JournalConfig, Onward};
use wigwag_live::{FeederConfig, Live};
use wigwag_relay::{Forwarder, Relay};
use wigwag_sdk::{EventSink, SdkConfig, SdkState, ServeConfig};

use crate::config::RelayConfig;
use crate::http::metrics::Metrics;
use crate::server::Outside;
use crate::tls::{self, Certificate};
use http::Shared;

const USER_AGENT: &str = concat!("WigwagRelay/", env!("CARGO_PKG_VERSION"));
/// A stream of the upstream that is silent for so long is dead.
const SILENCE: Duration = Duration::from_secs(300);
/// Waits before the upstream is tried again: the first and the longest.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// A relay that accepts connections.
pub struct RelayServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    intake: Arc<Intake>,
    tending: JoinHandle<()>,
    forwarding: JoinHandle<()>,
    accepting: JoinHandle<()>,
    reloading: JoinHandle<()>,
    shutdown: oneshot::Sender<()>,
}

impl RelayServer {
    /// Serves what was last known and begins to follow the upstream, whether that is there or not.
    ///
    /// # Errors
    /// The address is taken, the directory cannot be used.
    pub async fn start(config: RelayConfig, outside: Outside) -> anyhow::Result<Self> {
        let listener =
            wigwag_sdk::bind(config.listen).with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let certificate = config.tls.as_ref().map(Certificate::load).transpose()?;
        let tls = certificate.as_ref().map(|certificate| certificate.config()).transpose()?;
        let live = Live::new(outside.clock.clone());
        let mut registry = Registry::default();
        let metrics = EventMetrics::register(&mut registry);
        let journal = JournalConfig::in_directory(config.dir.join("events"));
        let (ids, clock) = (outside.ids.clone(), outside.clock.clone());
        let opened = tokio::task::spawn_blocking(move || Intake::open(journal, &ids, clock, metrics)).await?;
        let intake = Arc::new(opened.context("cannot open the journal of events")?);
        let sink = Arc::clone(&intake) as Arc<dyn EventSink>;
        let sdk = SdkState::with_sink(live.clone(), SdkConfig::default(), &mut registry, sink);

        let relay = Relay::start(followed(&config), live.clone()).context("cannot follow the upstream")?;
        let forwarder = Forwarder::new(config.events, live.clone(), USER_AGENT).map_err(anyhow::Error::msg)?;
        let forwarding = tokio::spawn(Onward::new(&intake, forwarder).run());
        let tending = tokio::spawn(wigwag_live::tend(live.clone(), FeederConfig::default()));

        let shared =
            Arc::new(Shared { live, metrics: Metrics::new(registry), relay, stopping: AtomicBool::new(false) });
        let (shutdown, stopped) = oneshot::channel();
        let app = http::router(Arc::clone(&shared), sdk.clone());
        let accepting =
            tokio::spawn(wigwag_sdk::serve(listener, app, sdk, ServeConfig { tls, ..ServeConfig::default() }, async {
                let _dropped = stopped.await;
            }));
        let reloading = tokio::spawn(tls::reload(certificate));
        Ok(Self { address, shared, intake, tending, forwarding, accepting, reloading, shutdown })
    }

    /// The address bound.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends streams, lets requests finish, keeps what is known on disk.
    pub async fn stop(self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _gone = self.shutdown.send(());
        self.shared.live.close();
        let _panicked = self.accepting.await;
        self.shared.relay.stop().await;
        self.intake.close();
        let _panicked = self.forwarding.await;
        self.tending.abort();
        self.reloading.abort();
    }
}

fn followed(config: &RelayConfig) -> wigwag_relay::RelayConfig {
    wigwag_relay::RelayConfig {
        upstream: config.upstream.clone(),
        polls: config.polls.clone(),
        access: config.access.clone(),
        dir: config.dir.join("snapshots"),
        user_agent: USER_AGENT.to_owned(),
        retry: RETRY,
        silence: SILENCE,
    }
}
