//! SIGKILL at random instants under a mixed load, again and again on the same data: changes by REST, events and
//! streams at once. Nothing that was acknowledged is lost, nothing is half done, the record verifies, and what SDKs
//! hold is what the log says. `make torture` asks for more rounds than the few that every run has.
#![expect(clippy::disallowed_methods, reason = "more rounds can be asked for")]

mod model;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rustix::process::Signal;
use tokio::sync::Notify;
use wigwag_store::StoreConfig;
use wigwag_store::volume::{ContextFilter, PageOf};
use wigwag_testkit::{Client, EventStream};

use crate::process::{Process, output};
use model::Held;
use writer::{Flags, Sent};

const WRITERS: usize = 4;
const SENDERS: usize = 2;
const TOKEN: &str = "api-torture-test-token";
const TEST: &str = "/api/v2/projects/default/environments/test";

/// When there were enough: `WIGWAG_TORTURE_SECONDS` asks for a time, otherwise it is a few rounds.
struct Enough {
    until: Option<Instant>,
    rounds: u64,
}

impl Enough {
    fn asked() -> Self {
        let seconds = std::env::var("WIGWAG_TORTURE_SECONDS").ok().and_then(|text| text.parse().ok());
        Self { until: seconds.map(|s| Instant::now() + Duration::from_secs(s)), rounds: 6 }
    }

    fn is_reached(&self, round: u64) -> bool {
        self.until.map_or(round >= self.rounds, |until| Instant::now() >= until)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    torture(&["--data-dir", dir.path().to_str().unwrap()], StoreConfig::sqlite(dir.path()), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let (database, dir) = (wigwag_store::testing::database().await.unwrap(), tempfile::tempdir().unwrap());
    let place = ["--database-url", &database.url, "--journal-dir", dir.path().to_str().unwrap()];
    torture(&place, StoreConfig::postgres(&*database.url), 2).await;
}

async fn torture(place: &[&str], config: StoreConfig, seed: u64) {
    let environment = [("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)];
    let (enough, mut rng) = (Enough::asked(), StdRng::seed_from_u64(seed));
    let mut writers: Vec<Flags> = (0..WRITERS).map(Flags::of).collect();
    let mut sent: Vec<Sent> = (0..SENDERS).map(Sent::by).collect();
    let mut held = Held::default();
    let mut round = 0;
    while !enough.is_reached(round) {
        round += 1;
        let server = Process::start(place, &environment);
        let client = server.client(TOKEN);
        let (sdk, env) = keys(&client).await;
        let mut stream = client.stream("/all", &sdk).await;
        converges(&client, &sdk, &mut stream, &mut held).await;
        for flags in &mut writers {
            flags.check(&client).await;
        }

        let load = Load::start(&server, &sdk, std::mem::take(&mut writers), std::mem::take(&mut sent), stream, held);
        load.until(rng.random_range(1..150)).await;
        // At once, while the last is barely acknowledged, or somewhere within the next.
        if rng.random_bool(0.5) {
            tokio::time::sleep(Duration::from_micros(rng.random_range(0..20_000))).await;
        }
        server.kill();
        (writers, sent, held) = load.end().await;
        if round.is_multiple_of(25) || enough.is_reached(round) {
            verified(place);
            settle(place, &environment, &config, &env, &mut sent).await;
        }
    }
    eprintln!("{round} rounds");
}

async fn keys(client: &Client) -> (String, String) {
    let found = client.get(TEST).await.expect(200).json();
    let text = |member: &str| found[member].as_str().unwrap().to_owned();
    (text("apiKey"), text("_id"))
}

/// What a stream begins with is what was shown before or newer, and the same as what a poll and REST answer.
async fn converges(client: &Client, sdk: &str, stream: &mut EventStream, held: &mut Held) {
    let put = stream.next().await;
    assert_eq!(put.name, "put");
    let fresh = Held::of(&put.data["data"]);
    fresh.is_no_older_than(held);
    let polled = client.with_token(sdk).get("/sdk/latest-all").await.expect(200).json();
    assert_eq!(fresh, Held::of(&polled));
    let mut path = "/api/v2/flags/default?limit=100&env=test".to_owned();
    let mut count = 0;
    loop {
        let page = client.get(&path).await.expect(200).json();
        for flag in page["items"].as_array().unwrap() {
            fresh.shows(flag["key"].as_str().unwrap(), &flag["environments"]["test"]);
            count += 1;
        }
        match page["_links"]["next"]["href"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(fresh.len(), count, "SDKs have flags that are no more");
    *held = fresh;
}

/// All that goes on at once.
struct Load {
    writers: Vec<tokio::task::JoinHandle<Flags>>,
    senders: Vec<tokio::task::JoinHandle<Sent>>,
    reader: tokio::task::JoinHandle<Held>,
    acknowledged: Arc<Progress>,
}

/// How much was acknowledged in this round.
#[derive(Default)]
pub(crate) struct Progress {
    count: AtomicUsize,
    moved: Notify,
}

impl Progress {
    pub(crate) fn more(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.moved.notify_one();
    }
}

impl Load {
    fn start(
        server: &Process,
        sdk: &str,
        writers: Vec<Flags>,
        sent: Vec<Sent>,
        mut stream: EventStream,
        mut held: Held,
    ) -> Self {
        let acknowledged = Arc::new(Progress::default());
        let (client, sender) = (server.client(TOKEN), server.client(sdk));
        let write = |flags: Flags| tokio::spawn(flags.write(client.clone(), Arc::clone(&acknowledged)));
        let send = |sent: Sent| tokio::spawn(sent.send(sender.clone(), Arc::clone(&acknowledged)));
        let (writers, senders) = (writers.into_iter().map(write).collect(), sent.into_iter().map(send).collect());
        let reader = tokio::spawn(async move {
            while let Some(event) = stream.next_or_end().await {
                held.take(&event);
            }
            held
        });
        Self { writers, senders, reader, acknowledged }
    }

    async fn until(&self, enough: usize) {
        while self.acknowledged.count.load(Ordering::SeqCst) < enough {
            self.acknowledged.moved.notified().await;
        }
    }

    async fn end(self) -> (Vec<Flags>, Vec<Sent>, Held) {
        let mut done = (Vec::new(), Vec::new(), Held::default());
        for writer in self.writers {
            done.0.push(writer.await.unwrap());
        }
        for sender in self.senders {
            done.1.push(sender.await.unwrap());
        }
        done.2 = self.reader.await.unwrap();
        done
    }
}

/// The record as the kill left it.
fn verified(place: &[&str]) {
    let told = output(&[&["audit", "verify"][..], &place[..2]].concat(), &[]);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(told.status.success() && text.starts_with("intact"), "{text}");
}

/// Has everything recorded that is in the journal, and finds every context that was acknowledged.
async fn settle(place: &[&str], environment: &[(&str, &str)], config: &StoreConfig, env: &str, sent: &mut [Sent]) {
    let server = Process::start(place, environment);
    server.signal(Signal::TERM);
    assert_eq!(server.end().0, Some(0));
    let store = wigwag_store::Store::open(config).await.unwrap();
    for key in sent.iter_mut().flat_map(Sent::forget) {
        let filter = ContextFilter::Key(vec![key.clone()]);
        let page = PageOf { limit: 1, after: None, ascending: true, count: false };
        let found = store.volume().contexts(env, &filter, page).await.unwrap();
        assert_eq!(found.items.len(), 1, "{key} was acknowledged and is lost");
    }
    assert_eq!(store.verify_documents().await.unwrap(), []);
    store.close().await;
}
