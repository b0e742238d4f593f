//! What a server answers before it has its data, step by step: nothing here waits for anything.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use wigwag_kit::{Authenticator, Caller, Error, Keyring, Operations};
use wigwag_live::Mirror;

use super::*;
use crate::config::Flags;

/// Knows no credential.
struct Strangers;

impl Authenticator for Strangers {
    fn authenticate<'a>(&'a self, _: &'a ::http::HeaderMap) -> BoxFuture<'a, Result<Caller, Error>> {
        Box::pin(async { Err(Error::Unauthorized) })
    }
}

async fn rest() -> Rest {
    let app = App {
        store: Store::temporary().await.unwrap(),
        clock: Clock::frozen(0),
        ids: Ids::seeded(1),
        site: "http://127.0.0.1".to_owned(),
        account_id: "a".repeat(24),
        keyring: Arc::new(Keyring::of([7; 32])),
        extensions: ::http::Extensions::new(),
    };
    Rest::new(app, Strangers, Operations::new().complete())
}

/// A balancer sends requests where it is told "ready", and SDKs take a 401 for good: until all is there, nobody is
/// told either.
#[tokio::test]
async fn ready_is_said_once_everything_is_loaded_and_until_it_stops() {
    let config = Config::load(&Flags(BTreeMap::new()), &|_| None).unwrap();
    let live = Live::new(Clock::frozen(0));
    let mut registry = Registry::default();
    let machine = Machine::register(&mut registry, &config);
    let sdk = SdkState::new(live.clone(), SdkConfig::default(), &mut registry);
    let listener = wigwag_sdk::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let (shared, accepting, shutdown) = accept(listener, &config, &live, registry, sdk, None, machine.status());
    let _set = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let get = async |path: &str| {
        let answer = client.get(format!("{at}{path}")).header("authorization", "sdk-1").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let told = |status: u16, word: &str| (status, serde_json::json!({"status": word}).to_string());

    assert_eq!(get("/health/live").await, told(200, "live"));
    assert_eq!(get("/health/ready").await, told(503, "loading"));
    assert!(get("/metrics").await.1.contains("wigwag_ready 0"));
    assert_eq!((get("/api/v2/projects").await.0, get("/sdk/latest-all").await.0), (503, 503));

    assert!(shared.rest.set(rest().await).is_ok());
    assert_eq!(get("/health/ready").await, told(503, "loading"), "without snapshots");
    assert_eq!(get("/sdk/latest-all").await.0, 503);

    Mirror::new(live.clone(), 0).complete();
    assert_eq!(get("/health/ready").await, told(200, "ready"));
    assert!(get("/metrics").await.1.contains("wigwag_ready 1"));
    assert_eq!((get("/api/v2/projects").await.0, get("/sdk/latest-all").await.0), (401, 401));

    shared.stopping.send_replace(true);
    assert_eq!(get("/health/ready").await, told(503, "stopping"));
    assert_eq!(get("/health/live").await, told(200, "live"));
    shutdown.send(()).unwrap();
    accepting.await.unwrap();
}
