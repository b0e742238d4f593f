//! Clients that write and read at all servers in turn, and a stream on each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wigwag_model::doc::Kind;
use wigwag_testkit::{Answer, Client, flag};

use super::history::{Call, History, Seen};
use super::nodes::{Cluster, NODES};

/// Flags, each with a writer of its own.
const WRITERS: usize = 3;
/// How long a client waits for an answer.
const WAIT: Duration = Duration::from_secs(6);
/// How long a client waits for a connection.
const CONNECTED_WITHIN: Duration = Duration::from_secs(2);
/// How long the cluster may take to be itself again.
const WITHIN: Duration = Duration::from_secs(240);
const FLAGS: &str = "/api/v2/flags/default";

/// A load under way.
pub(super) struct Load {
    cluster: Arc<Cluster>,
    history: Arc<History>,
    over: Arc<AtomicBool>,
    /// Acknowledged by each node.
    done: Arc<[AtomicUsize; NODES]>,
    writers: Vec<JoinHandle<()>>,
    watchers: Vec<JoinHandle<()>>,
}

fn client(cluster: &Cluster, node: usize) -> Client {
    cluster.client(node).connecting_within(CONNECTED_WITHIN)
}

fn name(writer: usize) -> String {
    format!("lamp-{writer}")
}

/// Waits until it is so.
pub(super) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !is_so().await {
        assert!(since.elapsed() < WITHIN, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Load {
    pub(super) async fn begin(cluster: &Arc<Cluster>) -> Self {
        let client = cluster.client(0);
        let found = client.get("/api/v2/projects/default/environments/test").await.expect(200).json();
        let key = found["apiKey"].as_str().unwrap().to_owned();
        for writer in 0..WRITERS {
            let flag = flag(&name(writer)).variations(&[json!(0), json!(-1)]);
            // Each is made at another server than it is then read at.
            cluster.client(writer % NODES).post(FLAGS, flag.body()).await.expect(201);
        }
        let (history, over) = (Arc::new(History::default()), Arc::new(AtomicBool::new(false)));
        let done: Arc<[AtomicUsize; NODES]> = Arc::new([const { AtomicUsize::new(0) }; NODES]);
        let load = |writer| {
            let writing = Writer {
                cluster: Arc::clone(cluster),
                history: Arc::clone(&history),
                over: Arc::clone(&over),
                done: Arc::clone(&done),
                flag: name(writer),
                turn: writer,
            };
            tokio::spawn(writing.run())
        };
        let watch = |node| tokio::spawn(watch(Arc::clone(cluster), Arc::clone(&history), node, key.clone()));
        Self {
            writers: (0..WRITERS).map(load).collect(),
            watchers: (0..NODES).map(watch).collect(),
            cluster: Arc::clone(cluster),
            history,
            over,
            done,
        }
    }

    /// Waits until each of these servers has taken so many more writes.
    pub(super) async fn goes_on(&self, nodes: &[usize], more: usize) {
        let count = |node: usize| self.done[node].load(Ordering::SeqCst);
        let wanted: Vec<_> = nodes.iter().map(|node| (*node, count(*node) + more)).collect();
        until("each server takes writes", async || wanted.iter().all(|(node, n)| count(*node) >= *n)).await;
    }

    /// Ends it, waits until all streams have everything, and checks what was recorded.
    pub(super) async fn check(self) {
        self.over.store(true, Ordering::SeqCst);
        for writer in self.writers {
            writer.await.unwrap();
        }
        let log = log(&self.cluster).await;
        for (flag, values) in &log {
            let last = values.last().copied();
            for node in 0..NODES {
                until("each stream has the last state", async || self.history.last_seen(node, flag) == last).await;
                let read = self.cluster.client(node).get(&format!("{FLAGS}/{flag}")).await.expect(200).json();
                assert_eq!(value(&read), last, "{flag} at {node}");
            }
        }
        self.watchers.iter().for_each(JoinHandle::abort);
        let faults = self.history.faults(&log);
        assert!(faults.is_empty(), "{faults:#?}");
        let count = |calls: &Mutex<Vec<Call>>| calls.lock().unwrap().len();
        let recorded = [count(&self.history.acknowledged), count(&self.history.reads)];
        assert!(recorded.iter().all(|n| *n > 3 * NODES), "there was something to check: {recorded:?}");
    }
}

/// The values of each flag in the order of the log.
async fn log(cluster: &Cluster) -> BTreeMap<String, Vec<u64>> {
    let mut log: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (flag, body) in cluster.seat().await.versions(Kind::Flag, "lamp-").await.unwrap() {
        let body: Value = serde_json::from_str(&body).unwrap();
        log.entry(flag).or_default().push(value(&body).expect("a value"));
    }
    log
}

fn value(flag: &Value) -> Option<u64> {
    flag["variations"][0]["value"].as_u64()
}

/// Whether this answers a change that was made, but could not be read back.
pub(super) fn is_lost(answer: &Answer) -> bool {
    answer.status == 500 && answer.json()["code"] == "answer_lost"
}

struct Writer {
    cluster: Arc<Cluster>,
    history: Arc<History>,
    over: Arc<AtomicBool>,
    done: Arc<[AtomicUsize; NODES]>,
    flag: String,
    turn: usize,
}

impl Writer {
    async fn run(mut self) {
        let mut known = 0;
        for next in 1.. {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            known = if self.write(known, next).await { next } else { self.read().await };
            if known == next {
                // At another server: what was acknowledged is there.
                self.read().await;
            }
        }
    }

    fn next_node(&mut self) -> usize {
        // In no pattern that the order of writes and reads could fall in with.
        self.turn = self.turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.turn >> 33) % NODES
    }

    /// Whether it is known to be done. What is not may yet be done, for as long as nothing else was.
    async fn write(&mut self, known: u64, next: u64) -> bool {
        let (node, path) = (self.next_node(), format!("{FLAGS}/{}", self.flag));
        let place = "/variations/0/value";
        let patch = json!([
            {"op": "test", "path": place, "value": known},
            {"op": "replace", "path": place, "value": next},
        ]);
        let request = client(&self.cluster, node).request("PATCH", &path).json(&patch).timeout(WAIT);
        let began = Instant::now();
        self.history.sent.lock().unwrap().push((self.flag.clone(), next, began));
        let answer = Client::try_send(request).await;
        let ended = Instant::now();
        match answer.map(|answer| (answer.status, answer)) {
            // Made, also where the answer to it could not be read.
            Ok((status, answer)) if status == 200 || is_lost(&answer) => {
                let call = Call { flag: self.flag.clone(), node, value: next, began, ended };
                self.history.acknowledged.lock().unwrap().push(call);
                self.done[node].fetch_add(1, Ordering::SeqCst);
                true
            }
            Ok((503, answer)) => {
                assert!(answer.headers.contains_key("retry-after"), "503 says when to come back");
                false
            }
            // The value is another: an earlier write got through after all. Or it lost too many races.
            Ok((409 | 422, _)) | Err(_) => false,
            Ok((status, answer)) => panic!("{status}: {}", answer.text),
        }
    }

    /// The value, from whichever server answers.
    async fn read(&mut self) -> u64 {
        let (since, path) = (Instant::now(), format!("{FLAGS}/{}", self.flag));
        loop {
            let (node, began) = (self.next_node(), Instant::now());
            let request = client(&self.cluster, node).request("GET", &path).timeout(WAIT);
            match Client::try_send(request).await {
                Ok(answer) if answer.status == 200 => {
                    let (ended, value) = (Instant::now(), value(&answer.json()).expect("a value"));
                    let call = Call { flag: self.flag.clone(), node, value, began, ended };
                    self.history.reads.lock().unwrap().push(call);
                    return value;
                }
                Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text),
                Err(_) => {}
            }
            assert!(since.elapsed() < WITHIN, "nobody answers");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Holds a stream to a server, as an SDK does: connects again whenever it ends, or nothing came for long.
async fn watch(cluster: Arc<Cluster>, history: Arc<History>, node: usize, key: String) {
    for stream in 0.. {
        let request = client(&cluster, node).with_token(&key).request("GET", "/all");
        if let Ok(Ok(mut response)) = timeout(WAIT, request.send()).await {
            assert!([200, 503].contains(&response.status().as_u16()), "a key is refused: {}", response.status());
            let mut text = String::new();
            while let Ok(Ok(Some(bytes))) = timeout(WAIT, response.chunk()).await {
                text.push_str(std::str::from_utf8(&bytes).unwrap());
                while let Some(end) = text.find("\n\n") {
                    let block: String = text.drain(..end + 2).collect();
                    note(&history, node, stream, &block);
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn note(history: &History, node: usize, stream: usize, block: &str) {
    let Some(data) = block.lines().find_map(|line| line.strip_prefix("data:")) else { return };
    let Ok(data) = serde_json::from_str::<Value>(data) else { return };
    let at = Instant::now();
    let seen = |flag: &str, item: &Value| {
        if flag.starts_with("lamp-") {
            let (version, value) = (item["version"].as_u64().unwrap(), item["variations"][0].as_u64().unwrap());
            history.seen.lock().unwrap().push(Seen { node, stream, flag: flag.to_owned(), version, value, at });
        }
    };
    if let Some(flags) = data["data"]["flags"].as_object() {
        flags.iter().for_each(|(flag, item)| seen(flag, item));
    } else if let Some(flag) = data["path"].as_str().and_then(|path| path.strip_prefix("/flags/")) {
        seen(flag, &data["data"]);
    }
}
