//! Durability: a process in a storm of writes is killed at random moments; what it said is done is done,
//! and nothing is half done.
#![expect(clippy::disallowed_methods, reason = "the kill is to come at any moment, and more rounds can be asked for")]

use crate::storm;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use wigwag_store::testing::Server;
use wigwag_store::{Chain, Store, StoreConfig};

/// Kills on each engine; `WIGWAG_KILL_ROUNDS` asks for more.
fn rounds() -> u64 {
    std::env::var("WIGWAG_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().display().to_string();
    let mut rng = StdRng::seed_from_u64(1);
    let mut acknowledged = Vec::new();
    for round in 0..rounds() {
        let storm = Storm::start(if round % 2 == 0 { "sqlite" } else { "sqlite-alone" }, &place);
        let kill = |mut child: Child| {
            child.kill().unwrap();
            child.wait().unwrap();
        };
        acknowledged.extend(storm.until(rng.random_range(1..150), kill));
        let store = Store::open(&StoreConfig::sqlite(dir.path())).await.unwrap();
        check(&store, &acknowledged, round).await;
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_what_it_acknowledged() {
    // With the disk waited for, as in production; in every third round the server itself is ended.
    let mut server = Server::start(true).unwrap();
    let url = server.url("postgres");
    let mut rng = StdRng::seed_from_u64(2);
    let mut acknowledged = Vec::new();
    for round in 0..rounds() {
        let storm = Storm::start("postgres", &url);
        let end_server = round % 3 == 2;
        let kill = |mut child: Child| {
            if end_server {
                server.crash().unwrap();
            }
            child.kill().unwrap();
            child.wait().unwrap();
        };
        acknowledged.extend(storm.until(rng.random_range(1..150), kill));
        if end_server {
            server.resume().unwrap();
        }
        let store = Store::open(&StoreConfig::postgres(&url)).await.unwrap();
        check(&store, &acknowledged, round).await;
        store.close().await;
    }
}

/// A storm under way, in a process of its own.
struct Storm(Child);

impl Storm {
    fn start(engine: &str, place: &str) -> Self {
        // This very program, told to run one test only.
        let mut storm = Command::new(std::env::current_exe().unwrap());
        storm.args(["--exact", storm::TEST, "--nocapture"]).env(storm::PLACE, format!("{engine} {place}"));
        Self(storm.stdout(Stdio::piped()).spawn().expect("the storm does not start"))
    }

    /// Lets it go on until it has acknowledged so many commits and then a moment more, kills it, and
    /// returns all that it acknowledged.
    fn until(mut self, enough: usize, kill: impl FnOnce(Child)) -> Vec<String> {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let mut lines = lines.filter_map(|line| line.unwrap().strip_prefix("ack ").map(str::to_owned));
        let mut seen: Vec<String> = Vec::new();
        while seen.len() < enough {
            seen.push(lines.next().expect("the storm ended by itself"));
        }
        // At once, while the newest commit is barely acknowledged, or somewhere within the next ones.
        if enough.is_multiple_of(2) {
            std::thread::sleep(Duration::from_micros(enough as u64 * 37 % 5000));
        }
        kill(self.0);
        seen.extend(lines);
        seen
    }
}

async fn check(store: &Store, acknowledged: &[String], round: u64) {
    for line in acknowledged {
        let parts: Vec<&str> = line.split(' ').collect();
        let [seq, id, key, version, body] = parts[..] else { panic!("half a line: {line}") };
        let row = store.change(id).await.unwrap().unwrap_or_else(|| panic!("round {round}: lost {line}"));
        assert_eq!(row.seq.to_string(), seq);
        let feed = store.feed(row.seq - 1, 1).await.unwrap();
        let doc = &feed[0].docs[1];
        assert_eq!((&*doc.key.key, &*doc.version.to_string(), doc.body.as_deref()), (key, version, Some(body)));
    }
    let head = store.head().await.unwrap();
    assert!(head >= acknowledged.len() as u64);
    match store.verify_chain().await.unwrap() {
        Chain::Intact { seq, .. } => assert_eq!(seq, head),
        broken => panic!("round {round}: {broken:?}"),
    }
    assert_eq!(store.verify_documents().await.unwrap(), [], "round {round}");
}
