//! Serves one synthetic environment, to measure delivery by itself: no store, no REST.
//!
//! `delivery [ADDRESS] [FLAGS]`; then `wigwag-bench delivery` opens streams with the key
//! `sdk-bench` and asks for changes with `POST /control/change`.

use std::net::SocketAddr;

use axum::routing::post;
use prometheus_client::registry::Registry;
use serde_json::json;
use wigwag_live::{Feeder, FeederConfig, Live, MemoryLog, MemoryWrite};
use wigwag_model::clock::Clock;
use wigwag_model::doc::Kind;
use wigwag_sdk::{SdkConfig, SdkState, ServeConfig};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().and_then(|a| a.parse().ok()).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8099)));
    let flags = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(10_usize);

    let log = MemoryLog::default();
    log.commit(environment(flags));
    let live = Live::new(Clock::system());
    let feeder = Feeder::new(log.clone(), live.clone(), FeederConfig::default());
    tokio::spawn(feeder.run());

    let state = SdkState::new(live.clone(), SdkConfig::default(), &mut Registry::default());
    let change = move || {
        let log = log.clone();
        async move { log.commit(vec![config("flag-0")]).to_string() }
    };
    let app = wigwag_sdk::router(state.clone()).route("/control/change", post(change));
    let stop = async move {
        let _ = tokio::signal::ctrl_c().await;
        live.close();
    };
    wigwag_sdk::serve(wigwag_sdk::bind(address)?, app, state, ServeConfig::default(), stop).await;
    Ok(())
}

fn environment(flags: usize) -> Vec<MemoryWrite> {
    let env = json!({
        "id": "0123456789abcdef01234567", "key": "e", "name": "e", "color": "000000",
        "sdkKeys": [{ "value": "sdk-bench" }], "mobileKeys": [], "createdAt": 0,
    });
    let keys = (0..flags).map(|n| format!("flag-{n}"));
    let flags = keys.flat_map(|key| [flag(&key), config(&key)]);
    std::iter::once(write(Kind::Environment, "", "e", &env)).chain(flags).collect()
}

fn flag(key: &str) -> MemoryWrite {
    let body = json!({
        "key": key, "name": key, "kind": "boolean", "temporary": false, "createdAt": 0,
        "variations": [{ "id": "0", "value": true }, { "id": "1", "value": false }],
        "defaults": { "onVariation": 0, "offVariation": 1 },
        "clientSideAvailability": { "usingMobileKey": true, "usingEnvironmentId": false },
    });
    write(Kind::Flag, "", key, &body)
}

fn config(key: &str) -> MemoryWrite {
    let clause =
        json!({ "id": "c", "contextKind": "user", "attribute": "email", "op": "endsWith", "values": ["@example.com"] });
    let body = json!({
        "on": true, "salt": "0123456789abcdef0123456789abcdef", "sel": "s", "lastModified": 0, "offVariation": 1,
        "rules": [{ "id": "11111111-2222-4333-8444-555555555555", "clauses": [clause], "serve": { "variation": 0 } }],
        "fallthrough": { "rollout": { "variations": [{ "variation": 0, "weight": 50000 }, { "variation": 1, "weight": 50000 }] } },
    });
    write(Kind::FlagConfig, "e", key, &body)
}

fn write(kind: Kind, env: &str, key: &str, body: &serde_json::Value) -> MemoryWrite {
    MemoryWrite { kind, project: "p".into(), env: env.into(), key: key.into(), body: Some(body.to_string()) }
}
