//! The whole server under requests of SDKs that were never meant: what its events tell is read, recorded and shown as well,
//! and the paths of Relay Proxies are drawn too.
//!
//! `scripts/fuzz events` goes on with new seeds for as long as you like; a seed that found something is told with it.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wigwag_testkit::{Engine, PATIENCE, TestServer, flag};

use crate::draw::{Dice, KNOWN, PATHS, Place, Sent, drawn};

const ENV: &str = "/api/v2/projects/default/environments/test";
/// What the server has for SDKs and Relay Proxies besides what `wigwag-sdk` has.
const OURS: &[(&str, &str)] = &[
    ("GET", "/relay_auto_config"),
    ("GET", "/sdk/big-segments/revisions"),
    ("GET", "/sdk/big-segments/revisions?after={b64}"),
    ("GET", "/sdk/big-segments/revisions?after={key}"),
    ("GET", "/big-segments"),
];
/// What takes no SDK: people, the REST API, operators.
const OTHERS: &[&str] = &[
    "/health/",
    "/metrics",
    "/status",
    "/docs/",
    "/webhook/",
    "/trust/",
    "/login",
    "/account",
    "/accept-invitation",
    "/reset-password",
    "/device",
    "/internal/",
    "/scim/",
    "/api/",
];

#[test]
fn every_path_is_drawn() {
    let source = include_str!("../../src/http/mod.rs");
    let stated = source.split("route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let for_sdks = stated.filter(|path| !OTHERS.iter().any(|other| path.starts_with(other)));
    let drawn = |path: &&str| OURS.iter().any(|(_, drawn)| drawn.split('?').next() == Some(path));
    let (drawn, missing): (Vec<_>, Vec<_>) = for_sdks.partition(drawn);
    assert_eq!((drawn.len(), missing), (3, vec![]), "paths without a fuzz target");
}

/// Sends a request on a connection of its own; the status of the answer.
async fn status(address: SocketAddr, sent: &Sent) -> Option<u16> {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let mut head = format!("{} {} HTTP/1.1\r\nhost: wigwag\r\n", sent.method, sent.target);
    if !sent.body.is_empty() {
        head += &format!("content-length: {}\r\n", sent.body.len());
    }
    sent.headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    // What is refused may not be read to its end.
    let _refused = socket.write_all((head + "\r\n").as_bytes()).await;
    let _refused = socket.write_all(&sent.body).await;
    let mut line = [0; 12];
    tokio::time::timeout(PATIENCE, socket.read_exact(&mut line)).await.expect("an answer in time").ok()?;
    std::str::from_utf8(&line[9..]).ok()?.parse().ok()
}

/// Sends drawn requests: how many batches of events were recorded.
async fn round(seed: u64, count: usize) -> u64 {
    let server = TestServer::start(Engine::Sqlite).await;
    server.create_flag("default", flag("lamp")).await;
    let segment = json!({"key": "big", "name": "big", "unbounded": true});
    server.post("/api/v2/segments/default/test", &segment).await.expect(201);
    let members = json!({"included": {"add": ["ada"]}});
    server.post("/api/v2/segments/default/test/big/contexts", &members).await.expect(204);
    let policy = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*"]}]);
    let configured = json!({"name": "edge", "policy": policy});
    let made = server.post("/api/v2/account/relay-auto-configs", &configured).await.expect(201).json();
    let environment = server.get(ENV).await.expect(200).json();
    let text = |member: &str| environment[member].as_str().unwrap();
    let place = Place {
        sdk: text("apiKey"),
        mobile: text("mobileKey"),
        id: text("_id"),
        relay: made["fullKey"].as_str().unwrap(),
        keys: &["lamp", "big", "nothing"],
    };
    let url = server.url(&format!("{ENV}/events/tail?rate=100"));
    let listening = tokio::spawn(async move {
        loop {
            let tail =
                reqwest::Client::new().get(&url).header("authorization", wigwag_testkit::TOKEN).send().await.unwrap();
            assert_eq!(tail.status(), 200);
            // It lasts a minute; whoever listens comes back.
            let mut tail = tail.bytes_stream();
            while tail.next().await.is_some_and(|more| more.is_ok()) {}
        }
    });

    let address = server.server().address();
    let events =
        |(_, path): &&(&str, &str)| ["bulk", "diagnostic", "mobile", "gif"].iter().any(|part| path.contains(part));
    let events: Vec<_> = PATHS.iter().filter(events).copied().collect();
    let all: Vec<_> = PATHS.iter().chain(OURS).chain(OURS).chain(OURS).copied().collect();
    let mut dice = Dice(seed);
    for n in 0..count {
        let sent = drawn(&mut dice, &place, if n % 2 == 0 { &events } else { &all });
        let status = status(address, &sent).await;
        let is_known = status.is_some_and(|status| KNOWN.contains(&status));
        assert!(is_known, "seed {seed}, request {n}: {} {} {:?}: {status:?}", sent.method, sent.target, sent.headers);
    }

    let metrics = async || server.get("/metrics").await.expect(200).text;
    let since = std::time::Instant::now();
    let mut told = metrics().await;
    while !told.contains("wigwag_events_waiting_bytes 0\n") {
        assert!(since.elapsed() < PATIENCE, "seed {seed}: events are not recorded\n{told}");
        tokio::time::sleep(Duration::from_millis(20)).await;
        told = metrics().await;
    }
    let count = |name: &str| -> u64 {
        let line = told.lines().find_map(|line| line.strip_prefix(&format!("wigwag_events_{name}_total "))).unwrap();
        line.parse().unwrap()
    };
    assert_eq!(
        (count("batches_lost"), count("batches_shed")),
        (0, 0),
        "seed {seed}: batches that were taken are recorded"
    );
    assert!(!listening.is_finished(), "seed {seed}: the tail goes on");
    // What was recorded can be looked at.
    for path in ["contexts/search", "context-instances/search"] {
        server.post(&format!("{ENV}/{path}"), &json!({})).await.expect(200);
    }
    server.get(&format!("{ENV}/context-attributes")).await.expect(200);
    server.get("/api/v2/flag-statuses/default/test").await.expect(200);
    server.with_token(place.sdk).get("/sdk/latest-all").await.expect(200);
    listening.abort();
    count("batches_recorded")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_it_is_recorded_or_refused() {
    let recorded = round(1, 1_000).await;
    assert!(recorded > 100, "{recorded}");
}

/// `scripts/fuzz events`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "does not end"]
async fn without_end() {
    for seed in std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().. {
        eprintln!("seed {seed}: {} batches recorded", Box::pin(round(seed, 3_000)).await);
    }
}
