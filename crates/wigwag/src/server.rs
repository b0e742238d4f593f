//! A running server: everything wired together, once.

#[cfg(test)]
mod tests;

use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use wigwag_api::bootstrap::{self, Bootstrap, FirstStart};
use wigwag_api::deliveries::{Bell, Deliverer, DeliveryMetrics};
use wigwag_api::due::Due;
use wigwag_api::persistent_stores::StoreKeeper;
use wigwag_api::segments::Keeper;
use wigwag_events::{EventMetrics, Intake, JournalConfig, Pipeline, Retention, Tail};
use wigwag_kit::ctx::App;
use wigwag_kit::serve::Server as Rest;
use wigwag_live::{Feeder, FeederConfig, Live};
use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;
use wigwag_outbound::{Outbound, OutboundConfig};
use wigwag_sdk::{EventSink, SdkConfig, SdkState, ServeConfig};
use wigwag_store::{Store, StoreConfig, StoreError, Turn};

use crate::acme;
use crate::config::{Acme, Config, Database, Init};
use crate::http::metrics::Metrics;
use crate::http::{self, Shared};
use crate::machine::{Machine, MachineStatus};
use crate::members::StoreMembers;
use crate::nodes::{NodeMetrics, Peers, Showing};
use crate::source::{Propagation, StoreLog, StoreSource};
use crate::tls::{self, Certificate};

/// What tests replace: the rest of the world.
#[derive(Clone)]
pub struct Outside {
    /// The time.
    pub clock: Clock,
    /// Ids and secrets.
    pub ids: Ids,
}

impl Outside {
    /// The machine's clock and the system's random numbers.
    #[must_use]
    pub fn real() -> Self {
        let entropy = |bytes: &mut [u8]| {
            #[expect(clippy::expect_used, reason = "without random numbers no secret may be made")]
            getrandom::fill(bytes).expect("the operating system gives random numbers");
        };
        Self { clock: Clock::system(), ids: Ids::new(Arc::new(entropy)) }
    }
}

/// A server that accepts connections. Dropping it without [`Server::stop`] leaves its tasks running until
/// the runtime ends.
pub struct Server {
    address: SocketAddr,
    site: String,
    shared: Arc<Shared>,
    store: Store,
    bootstrap: Bootstrap,
    accepting: JoinHandle<()>,
    feeding: JoinHandle<()>,
    due: JoinHandle<()>,
    events: Events,
    keeping: JoinHandle<()>,
    delivering: JoinHandle<()>,
    copying: JoinHandle<()>,
    activity: wigwag_auth::Activity,
    /// What nothing waits for: certificates read anew, the database looked at.
    beside: [JoinHandle<()>; 3],
    node: Box<str>,
    shutdown: oneshot::Sender<()>,
}

impl Server {
    /// Accepts connections at once, then opens the store, creates what the first start creates, and loads.
    /// Returns when requests of all kinds can be answered.
    ///
    /// # Errors
    /// The address is taken, the store cannot be opened.
    pub async fn start(config: &Config, outside: Outside) -> anyhow::Result<Self> {
        // For calls to other systems. Whoever was first has set the same.
        let _set = rustls::crypto::ring::default_provider().install_default();
        let listener =
            wigwag_sdk::bind(config.listen).with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let site = config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
        let tls = Certificate::of(config)?;
        let live = Live::new(outside.clock.clone());
        let mut registry = Registry::default();
        let intake = intake(config, &outside, EventMetrics::register(&mut registry)).await?;
        let tail = Tail::new(outside.clock.clone());
        let pipeline = Pipeline::new(&intake).shown_in(tail.clone());
        let deliveries = DeliveryMetrics::register(&mut registry);
        let sdk = SdkState::with_sink(
            live.clone(),
            SdkConfig::default(),
            &mut registry,
            Arc::clone(&intake) as Arc<dyn EventSink>,
        );
        let connections = sdk.connections().clone();
        let propagation = Propagation::register(&mut registry, outside.clock.clone());
        let machine = Machine::register(&mut registry, config);
        let node_metrics = NodeMetrics::register(&mut registry, config.database.connections());
        let speaks = tls.as_ref().map(|certificate| certificate.config()).transpose()?;
        let (shared, accepting, shutdown) = accept(listener, config, &live, registry, sdk, speaks, machine.status());
        let reloading = tokio::spawn(renewed(config.acme.clone(), tls, outside.clock.clone()));

        let store = Store::open(&store_config(&config.database)).await;
        let store = store.map_err(|error| unopened(config, error))?;
        live.follows(Arc::new(StoreLog(store.clone())));
        live.ask_members_of(Arc::new(StoreMembers::new(store.clone())));
        let watching = tokio::spawn(machine.watch(store.clone()));
        let keyring = crate::keys::configured(config, &outside.ids)?;
        if keyring.is_none() {
            tracing::warn!("secrets are sealed with a key kept in the database: set secret-key-file to keep it apart");
        }
        let bootstrap = bootstrap::run(&store, &outside.clock, &outside.ids, keyring, init(&config.init)).await?;
        let mut extensions = ::http::Extensions::new();
        extensions.insert(live.clone());
        let peers = Peers::default();
        crate::insight::extend(&mut extensions, intake.name(), &connections, &peers, tail);
        extensions.insert(usual_days(config.keep));
        extensions.insert(Bell::default());
        let activity = wigwag_auth::Activity::new(store.clone());
        extensions.insert(activity.clone());
        extensions.insert(wigwag_api::ip_allowlist::gatekeeper(&store));
        let sessions = crate::sign_in::sessions(config, &site, &store, &activity, &outside);
        extensions.insert(crate::sign_in::desk(config, &site, &store, &sessions, &outside)?);
        extensions.insert(wigwag_api::sign_in::inviter());
        let app = Arc::new(App {
            store: store.clone(),
            clock: outside.clock,
            ids: outside.ids,
            site: site.clone(),
            account_id: bootstrap.account_id.clone(),
            keyring: Arc::clone(&bootstrap.keyring),
            extensions,
        });
        let tokens = wigwag_auth::Tokens::new(store.clone(), app.clock.clone()).noting(activity.clone());
        let authenticator = wigwag_auth::Callers::new(tokens, sessions);
        let operations = wigwag_api::segments::import_limited(wigwag_api::operations(), config.import_max);
        let rest = Rest::new(Arc::clone(&app), authenticator, operations.complete());
        let _first = shared.rest.set(rest.limited(config.rate_limits));

        let node: Box<str> = intake.name().into();
        let showing = Showing {
            store: store.clone(),
            clock: app.clock.clone(),
            node: node.clone(),
            connections: connections.clone(),
            shared: Arc::clone(&shared),
            peers,
            metrics: node_metrics,
        };
        let showing = tokio::spawn(showing.run());

        let recording = tokio::spawn(pipeline.run(store.clone()));
        let counting =
            wigwag_events::count_connections(store.clone(), app.clock.clone(), connections, Arc::clone(&intake));
        let upkeep = tokio::spawn(upkeep(&store, &app.clock, &live, config.keep, store.turn("retention", &node)));
        let events = Events { intake, recording, upkeep, counting: tokio::spawn(counting) };

        let (source, loaded) = StoreSource::new(store.clone(), Arc::clone(&bootstrap.keyring));
        let source = source.telling(propagation);
        let feeder = Feeder::new(source, live, FeederConfig { heartbeat: config.heartbeat });
        let feeding = tokio::spawn(feeder.run());
        loaded.await.context("the snapshots could not be loaded")?;
        let keeping = tokio::spawn(Keeper::new(Arc::clone(&app)).run());
        let (subscribers, views) = (wigwag_api::subscriber_kinds(), wigwag_api::entry_views());
        let outbound = Outbound::new(calls(config)).context("calls to other systems cannot be set up")?;
        let stores = StoreKeeper::new(Arc::clone(&app), outbound.clone()).in_turn_of(&node);
        let copying = tokio::spawn(stores.run());
        let deliverer = Deliverer::new(Arc::clone(&app), subscribers, views, outbound, deliveries)
            .in_turn(store.turn("deliveries", &node));
        let delivering = tokio::spawn(Arc::new(deliverer).run());
        let due = Due::new(app, wigwag_api::due_kinds()).in_turn(store.turn("due", &node));
        let due = tokio::spawn(due.run());
        Ok(Self {
            address,
            site,
            shared,
            store,
            bootstrap,
            accepting,
            feeding,
            due,
            keeping,
            delivering,
            copying,
            events,
            activity,
            beside: [reloading, watching, showing],
            node,
            shutdown,
        })
    }

    /// The address bound.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for people, no trailing slash.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// What was made if the store was empty.
    #[must_use]
    pub const fn first_start(&self) -> Option<&FirstStart> {
        self.bootstrap.first.as_ref()
    }

    /// The store, for tests that look behind the API.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Ends streams, lets requests finish within the configured time, closes the store.
    pub async fn stop(self) {
        self.shared.stopping.send_replace(true);
        let _gone = self.shutdown.send(());
        self.beside.iter().for_each(JoinHandle::abort);
        // A change that it is about to make goes through or not at all.
        self.due.abort();
        self.keeping.abort();
        // What was not settled is tried again by who comes next.
        self.delivering.abort();
        // What it was about to write is written by who comes next.
        self.copying.abort();
        self.shared.live.close();
        let _panicked = self.accepting.await;
        let _panicked = self.feeding.await;
        let _aborted = self.due.await;
        self.events.stop().await;
        let _aborted = self.keeping.await;
        let _aborted = self.delivering.await;
        let _aborted = self.copying.await;
        if let Err(error) = self.activity.flush().await {
            tracing::warn!("the last use of tokens could not be written: {error}");
        }
        // Others need not wait until they miss it.
        let gone = async { self.store.end_turns(&self.node).await.and(self.store.leave(&self.node).await) };
        if let Err(error) = gone.await {
            tracing::debug!("other servers are not told: {error}");
        }
        self.store.close().await;
    }
}

/// Keeps the certificate that is in force up to date: orders it where that is wanted, and reads it again.
async fn renewed(acme: Option<Acme>, certificate: Option<Arc<Certificate>>, clock: Clock) {
    match acme.zip(certificate.clone()) {
        Some((acme, ordered)) => {
            tokio::join!(tls::reload(certificate), acme::keep(acme, ordered, clock));
        }
        None => tls::reload(certificate).await,
    }
}

/// Opens the journal of events.
async fn intake(config: &Config, outside: &Outside, metrics: EventMetrics) -> anyhow::Result<Arc<Intake>> {
    // For this user's eyes only, like the data directory that it is in by default.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&config.journal.dir);
    made.with_context(|| format!("cannot make {}", config.journal.dir.display()))?;
    let journal = JournalConfig { most: config.journal.most, ..JournalConfig::in_directory(&config.journal.dir) };
    let (ids, clock) = (outside.ids.clone(), outside.clock.clone());
    let opened = tokio::task::spawn_blocking(move || Intake::open(journal, &ids, clock, metrics)).await?;
    let context = || format!("the journal of events in {} cannot be opened", config.journal.dir.display());
    Ok(Arc::new(opened.with_context(context)?))
}

/// What becomes of events.
struct Events {
    intake: Arc<Intake>,
    recording: JoinHandle<()>,
    upkeep: JoinHandle<()>,
    counting: JoinHandle<()>,
}

impl Events {
    /// Records what was taken.
    async fn stop(self) {
        self.upkeep.abort();
        self.counting.abort();
        self.intake.close();
        let _panicked = self.recording.await;
    }
}

/// How long things are kept, as the API tells it.
fn usual_days(keep: Retention) -> wigwag_api::kept::UsualDays {
    let [contexts, counts, metric_events] = keep.in_days();
    wigwag_api::kept::UsualDays { contexts, counts, metric_events }
}

/// Forgets what is old, and environments that are not there any more.
fn upkeep(
    store: &Store,
    clock: &Clock,
    live: &Live,
    keep: Retention,
    turn: Turn,
) -> impl Future<Output = ()> + Send + use<> {
    let live = live.clone();
    // Before everything is loaded nothing can be called gone.
    let exists = move |env: &str| !live.is_loaded() || live.by_client_id(env).is_some();
    wigwag_events::upkeep(store.clone(), clock.clone(), keep, turn, exists)
}

/// Accepts connections from here on; what cannot be answered yet says so.
fn accept(
    listener: TcpListener,
    config: &Config,
    live: &Live,
    registry: Registry,
    sdk: SdkState,
    tls: Option<Arc<rustls::ServerConfig>>,
    machine: MachineStatus,
) -> (Arc<Shared>, JoinHandle<()>, oneshot::Sender<()>) {
    let shared = Arc::new(Shared {
        live: live.clone(),
        metrics: Metrics::new(registry),
        rest: OnceLock::new(),
        trusted_proxies: config.trusted_proxies.clone(),
        reference: OnceLock::new(),
        stopping: watch::Sender::new(false),
        heartbeat: config.heartbeat,
        machine,
        is_secure: tls.is_some(),
    });
    let (shutdown, stopped) = oneshot::channel();
    let serve =
        ServeConfig { grace: config.shutdown_grace, base_path: config.base_path(), tls, ..ServeConfig::default() };
    let app = http::router(Arc::clone(&shared), sdk.clone());
    let accepting = tokio::spawn(wigwag_sdk::serve(listener, app, sdk, serve, async {
        let _dropped = stopped.await;
    }));
    (shared, accepting, shutdown)
}

/// Why the store does not open, and what to do about it.
fn unopened(config: &Config, error: StoreError) -> anyhow::Error {
    let advice = advice(&error);
    let context = format!("cannot open {}", config.database.shown());
    match advice {
        Some(advice) => anyhow::anyhow!("{context}: {error}. {advice}"),
        None => anyhow::Error::from(error).context(context),
    }
}

/// What an operator can do about it.
pub(crate) const fn advice(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::Corrupt(_) => Some(
            "Nothing was changed. wigwag doctor --deep tells what is damaged; wigwag restore brings a backup back, \
             into an empty place",
        ),
        StoreError::NewerSchema { .. } => {
            Some("Nothing was changed; to go back, wigwag restore a backup from before the upgrade")
        }
        StoreError::Locked(_) => Some("Stop the other server, or give this one a data-dir of its own"),
        _ => None,
    }
}

pub(crate) fn store_config(database: &Database) -> StoreConfig {
    match database {
        Database::Sqlite(dir) => StoreConfig::Sqlite { dir: dir.clone() },
        Database::Postgres { url, connections, limits } => {
            StoreConfig::Postgres { url: url.clone(), pool: *connections, limits: limits.clone() }
        }
    }
}

/// How long a receiver of a call may take.
const CALL_WITHIN: Duration = Duration::from_secs(10);

fn calls(config: &Config) -> OutboundConfig {
    OutboundConfig {
        allow_private: config.allow_private_webhooks,
        timeout: CALL_WITHIN,
        user_agent: concat!("Wigwag/", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

fn init(given: &Init) -> bootstrap::Init {
    bootstrap::Init {
        owner_email: given.owner_email.clone(),
        owner_password: given.owner_password.clone(),
        access_token: given.access_token.clone(),
    }
}
