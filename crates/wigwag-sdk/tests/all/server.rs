//! A server on a free port, fed by a log in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wigwag_live::{Feeder, FeederConfig, Live, MemoryLog, MemoryWrite};
use wigwag_model::clock::Clock;
use wigwag_model::doc::Kind;
use wigwag_sdk::{EventBatch, EventSink, SdkConfig, SdkState, ServeConfig, Taken};

/// Long enough for anything that happens at all.
pub(crate) const BOUND: Duration = Duration::from_secs(20);
pub(crate) const KEY: &str = "sdk-00000000-0000-0000-0000-000000000001";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) live: Live,
    pub(crate) log: MemoryLog,
    pub(crate) registry: Registry,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    feeding: JoinHandle<()>,
}

/// Takes events and forgets them.
struct Nothing;

impl EventSink for Nothing {
    fn take(&self, _: EventBatch) -> BoxFuture<'_, Taken> {
        async { Taken::Yes }.boxed()
    }
}

pub(crate) struct Options {
    pub(crate) heartbeat: Duration,
    pub(crate) serve: ServeConfig,
    pub(crate) sdk: SdkConfig,
    pub(crate) ttl: u32,
    /// Whether anything is loaded at all.
    pub(crate) feed: bool,
    pub(crate) sink: Arc<dyn EventSink>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(3600),
            serve: ServeConfig::default(),
            sdk: SdkConfig::default(),
            ttl: 0,
            feed: true,
            sink: Arc::new(Nothing),
        }
    }
}

impl Server {
    /// With one flag `f` and one segment `s`.
    pub(crate) async fn start() -> Self {
        Self::with(Options::default(), flag("f", 0)).await
    }

    pub(crate) async fn with(options: Options, writes: Vec<MemoryWrite>) -> Self {
        let log = MemoryLog::default();
        log.commit(vec![environment(options.ttl, KEY)]);
        log.commit(vec![segment("s", 1)]);
        if !writes.is_empty() {
            log.commit(writes);
        }
        Self::over(options, log).await
    }

    /// Another one over the same log, as after a restart.
    pub(crate) async fn beside(&self) -> Self {
        Self::over(Options::default(), self.log.clone()).await
    }

    async fn over(options: Options, log: MemoryLog) -> Self {
        let live = Live::new(Clock::frozen(1_700_000_000_000));
        let mut registry = Registry::default();
        let state = SdkState::with_sink(live.clone(), options.sdk, &mut registry, options.sink);
        let listener = wigwag_sdk::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let closing = live.clone();
        let shutdown = async move {
            let _ = stopped.await;
            closing.close();
        };
        let app = wigwag_sdk::router(state.clone());
        let serving = tokio::spawn(wigwag_sdk::serve(listener, app, state, options.serve, shutdown));
        let feeder = Feeder::new(log.clone(), live.clone(), FeederConfig { heartbeat: options.heartbeat });
        let feeding = tokio::spawn(async move {
            if options.feed {
                feeder.run().await;
            }
        });
        let server = Self { address, live, log, registry, stop: Some(stop), serving, feeding };
        if options.feed {
            server.until(Live::is_loaded).await;
        }
        server
    }

    pub(crate) async fn until(&self, done: impl Fn(&Live) -> bool) {
        let wait = async {
            while !done(&self.live) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(BOUND, wait).await.expect("the condition never came true");
    }

    /// Commits and waits until the environment shows it.
    pub(crate) async fn commit(&self, writes: Vec<MemoryWrite>) {
        let seq = self.log.commit(writes);
        self.until(|live| live.by_sdk_key(KEY).is_some_and(|g| g.env.snapshot().seq() >= seq)).await;
    }

    /// Begins the shutdown and waits until everything is over.
    pub(crate) async fn shut_down(mut self) {
        let _ = self.stop.take().unwrap().send(());
        tokio::time::timeout(BOUND, &mut self.serving).await.expect("still serving").unwrap();
    }

    pub(crate) fn metrics(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry).unwrap();
        text
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
        self.feeding.abort();
    }
}

pub(crate) fn put(kind: Kind, env: &str, key: &str, body: &Value) -> MemoryWrite {
    MemoryWrite { kind, project: "p".into(), env: env.into(), key: key.into(), body: Some(body.to_string()) }
}

pub(crate) fn environment(ttl: u32, key: &str) -> MemoryWrite {
    let body = json!({
        "id": "0123456789abcdef01234567", "key": "e", "name": "e", "color": "000000", "defaultTtl": ttl,
        "sdkKeys": [{ "value": key }], "mobileKeys": [{ "value": "mob-1" }], "createdAt": 0,
    });
    put(Kind::Environment, "", "e", &body)
}

/// A flag that serves a text of `size` bytes.
pub(crate) fn flag(key: &str, size: usize) -> Vec<MemoryWrite> {
    let body = json!({
        "key": key, "name": key, "kind": "multivariate", "variations": [{ "id": "0", "value": "x".repeat(size) }],
        "defaults": { "onVariation": 0, "offVariation": 0 }, "temporary": false,
        "clientSideAvailability": { "usingMobileKey": true, "usingEnvironmentId": false }, "createdAt": 0,
    });
    vec![put(Kind::Flag, "", key, &body), config(key)]
}

pub(crate) fn config(key: &str) -> MemoryWrite {
    let body = json!({
        "on": true, "salt": "s", "sel": "s", "lastModified": 0, "fallthrough": { "variation": 0 },
    });
    put(Kind::FlagConfig, "e", key, &body)
}

pub(crate) fn segment(key: &str, members: usize) -> MemoryWrite {
    let included: Vec<String> = (0..members).map(|n| n.to_string()).collect();
    let body = json!({ "key": key, "name": key, "salt": "s", "included": included, "createdAt": 0, "lastModified": 0 });
    put(Kind::Segment, "e", key, &body)
}

pub(crate) fn delete(kind: Kind, env: &str, key: &str) -> MemoryWrite {
    MemoryWrite { kind, project: "p".into(), env: env.into(), key: key.into(), body: None }
}
