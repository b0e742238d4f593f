//! A server that is cut off from the database, or from its clients, without a word to anybody: half-open connections
//! on all sides.

use std::process::Command;
use std::time::Duration;

use prometheus_client::registry::Registry;
use wigwag_live::Live;
use wigwag_relay::{Access, EnvironmentKeys, Relay, RelayConfig};
use wigwag_sdk::{SdkConfig, SdkState, ServeConfig};
use wigwag_testkit::{Client, Engine, TestServer, flag};

use super::load::{Load, until};
use super::nodes::Cluster;
use super::wires;
use super::{ALL, SOME, WORKS};

/// One is cut off from the database, then reaches it slowly.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_to_the_database_is_cut() {
    let cluster = Cluster::start().await;
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;
    let found = cluster.client(1).get("/api/v2/projects/default/environments/test").await.expect(200).json();
    let sdk = cluster.client(1).with_token(found["apiKey"].as_str().unwrap());
    cluster.cut_from_database(1);
    load.goes_on(&[0, 2], SOME).await;
    let post = cluster.client(1).request("POST", "/api/v2/flags/default").json(flag("refused").body());
    let refused = Client::try_send(post.timeout(Duration::from_secs(40))).await.unwrap().expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    sdk.get("/sdk/latest-all").await.expect(200);
    cluster.mend(1);
    load.goes_on(&ALL, SOME).await;
    cluster.slow_to_database(2);
    load.goes_on(&ALL, SOME).await;
    cluster.mend(2);
    load.check().await;
}

/// One is cut off from its clients, while it goes on with the database and its work: streams of the others move on, and
/// its own have everything once it can be reached.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_to_clients_is_cut() {
    let cluster = Cluster::start().await;
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;
    let holders = async || {
        let leases = cluster.leases().await;
        leases.into_iter().map(|lease| (lease.work, lease.holder)).collect::<Vec<_>>()
    };
    until("all turns are taken", async || holders().await.len() == WORKS.len()).await;
    let turns = holders().await;
    if !cluster.cut_from_clients(1) {
        crate::not_tested("a server that is cut off from its clients: no network namespaces here");
        return load.check().await;
    }
    load.goes_on(&[0, 2], SOME).await;
    let head = cluster.client(1).request("GET", "/health/live").timeout(Duration::from_secs(1));
    assert!(Client::try_send(head).await.is_err(), "it cannot be reached");
    assert_eq!(holders().await, turns, "whoever has a turn keeps it");
    cluster.mend(1);
    load.goes_on(&ALL, SOME).await;
    load.check().await;
}

/// A client vanishes without a word: its stream is given up once what was written to it is not acknowledged for as long
/// as is configured, and its place is free for another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_whose_client_vanished_is_given_up() {
    let namespaces = match wires::lay(1) {
        Ok(namespaces) => namespaces,
        Err(why) => return crate::not_tested(&why),
    };
    let (wire, inside) = (&namespaces[0].to_clients, namespaces[0].enter());
    // What is served comes from a server; what serves it is ours, to say how long and how many.
    let server = TestServer::start(Engine::Sqlite).await;
    let (key, dir) = (server.sdk_key("test").await, tempfile::tempdir().unwrap());
    let upstream = server.url("");
    let keys =
        EnvironmentKeys { sdk_key: key.clone(), client_side_id: "e".into(), mobile_key: None, secure_mode: false };
    let config = RelayConfig {
        upstream: upstream.clone(),
        polls: upstream,
        access: Access::Keys(vec![keys]),
        dir: dir.path().to_owned(),
        user_agent: "test".to_owned(),
        retry: (Duration::from_millis(1), Duration::from_millis(20)),
        silence: Duration::from_secs(300),
    };
    let live = Live::new(server.clock.clone());
    let relay = Relay::start(config, live.clone()).unwrap();
    let listener = wigwag_sdk::bind((wire.ours(), 0).into()).unwrap();
    let address = listener.local_addr().unwrap();
    let limits = ServeConfig { connections_max: 2, write_stall: Duration::from_millis(500), ..ServeConfig::default() };
    let state = SdkState::new(live.clone(), SdkConfig::default(), &mut Registry::default());
    let app = wigwag_sdk::router(state.clone());
    let serving = tokio::spawn(wigwag_sdk::serve(listener, app, state, limits, std::future::pending()));
    until("there is something to serve", async || live.by_sdk_key(&key).is_some()).await;

    let ask = format!(r"GET /all HTTP/1.1\r\nhost: x\r\nauthorization: {key}\r\n\r\n");
    let script = format!("exec 3<>/dev/tcp/{}/{}; printf '{ask}' >&3; exec cat <&3", address.ip(), address.port());
    let mut far = Command::new(&inside[0]);
    let mut far =
        far.args(&inside[1..]).args(["bash", "-c", &script]).stdout(std::process::Stdio::null()).spawn().unwrap();
    until("the far one has a stream", async || live.stream_count() == 1).await;
    let client = Client::new(&format!("http://{address}"), "");
    let mut near = client.stream("/all", &key).await;
    assert_eq!(near.next().await.name, "put");
    let other = || client.with_token(&key).request("GET", "/sdk/latest-all");
    assert!(Client::try_send(other()).await.is_err(), "two places, both taken");

    wire.cut();
    server.create_flag("default", flag("lamp")).await;
    assert_eq!(near.next().await.data["path"], "/flags/lamp", "nobody waits for it");
    until("the far one is given up", async || live.stream_count() == 1).await;
    until("its place is free", async || Client::try_send(other()).await.is_ok()).await;
    server.create_flag("default", flag("kettle")).await;
    assert_eq!(near.next().await.data["path"], "/flags/kettle");
    far.kill().unwrap();
    far.wait().unwrap();
    relay.stop().await;
    serving.abort();
}
