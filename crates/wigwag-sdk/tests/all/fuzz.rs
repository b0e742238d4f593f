//! Whatever is sent to any path of SDKs, something is answered that SDKs know, and the next one is served as well.
//!
//! `scripts/fuzz sdks` goes on with new seeds for as long as you like; a seed that found something is told with it.

use crate::client::{Connection, get};
use crate::draw::{Dice, KNOWN, PATHS, Place, drawn};
use crate::evaluation::{ID, MOBILE, server};
use crate::server::{KEY, Server};

/// Where paths are stated.
const SOURCES: &[&str] = &[
    include_str!("../../src/client/routes.rs"),
    include_str!("../../src/events/mod.rs"),
    include_str!("../../src/router.rs"),
    include_str!("../../src/ofrep/mod.rs"),
];

#[test]
fn every_path_is_drawn() {
    let named = |path: &str| path.replace("{*context}", "{b64}").replace("{id}", "{env}");
    let stated = SOURCES.iter().flat_map(|source| source.split('"')).filter(|text| text.starts_with('/'));
    let stated: Vec<String> = stated.filter(|text| !text.contains(char::is_whitespace)).map(named).collect();
    let drawn = |path: &str| PATHS.iter().any(|(_, drawn)| drawn.split('?').next() == Some(path));
    assert!(stated.len() > 60, "{stated:?}");
    assert_eq!(stated.iter().filter(|path| !drawn(path)).collect::<Vec<_>>(), [""; 0], "paths without a fuzz target");
}

/// Sends drawn requests, and returns how many were answered well.
async fn round(seed: u64, count: usize) -> (usize, usize) {
    let server: Server = server().await;
    let mut dice = Dice(seed);
    let place =
        Place { sdk: KEY, mobile: MOBILE, id: ID, relay: "rel-nobody", keys: &["both", "phone", "s", "nothing"] };
    let (mut done, mut refused) = (0, 0);
    for n in 0..count {
        let sent = drawn(&mut dice, &place, PATHS);
        let what = || format!("seed {seed}, request {n}: {} {} {:?}", sent.method, sent.target, sent.headers);
        let mut connection = Connection::open(server.address).await;
        let headers: Vec<(&str, &str)> = sent.headers.iter().map(|(name, value)| (*name, &**value)).collect();
        connection.request(sent.method, &sent.target, &headers, &sent.body).await;
        let (status, _) = connection.head().await;
        assert!(KNOWN.contains(&status), "{} is answered {status}", what());
        if status < 400 { done += 1 } else { refused += 1 }
    }
    assert_eq!(get(server.address, "/sdk/latest-all", &[]).await.status, 200, "seed {seed}: the server is well");
    server.until(|live| live.stream_count() == 0).await;
    (done, refused)
}

#[tokio::test]
async fn whatever_is_sent_something_known_is_answered() {
    let (done, refused) = round(1, 3_000).await;
    assert!(done > 300 && refused > 300, "neither all good nor all bad: {done}, {refused}");
}

#[tokio::test]
#[ignore = "goes on until something is found: scripts/fuzz sdks"]
async fn without_end() {
    for seed in std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().. {
        let (done, refused) = round(seed, 3_000).await;
        println!("seed {seed}: {done} done, {refused} refused");
    }
}
