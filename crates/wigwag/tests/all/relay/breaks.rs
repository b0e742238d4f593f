//! Relays and upstreams as processes of their own: killed, cut off, silent, without room.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use wigwag_live::Live;
use wigwag_relay::Relay;
use wigwag_testkit::{Client, Engine, Event, EventStream, PATIENCE, TestServer, flag};

use super::{SEGMENTS, until};
use crate::chaos::fill;
use crate::process::{Process, place};

const TOKEN: &str = "api-relay-test-token";
const TEST: &str = "/api/v2/projects/default/environments/test";
const FLAGS: &str = "/api/v2/flags/default";

/// A server that can be killed and comes back where it was.
struct Upstream {
    at: SocketAddr,
    dir: TempDir,
    process: Option<Process>,
}

impl Upstream {
    fn start() -> Self {
        let mut upstream = Self { at: place(), dir: tempfile::tempdir().unwrap(), process: None };
        upstream.come_back();
        upstream
    }

    fn come_back(&mut self) {
        let arguments = ["--data-dir", self.dir.path().to_str().unwrap()];
        let environment = [("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)];
        self.process = Some(Process::start_within(&[], &self.at.to_string(), &arguments, &environment));
    }

    fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    fn client(&self) -> Client {
        Client::new(&self.url(), TOKEN)
    }

    /// What a relay of the test environment is told: where, and its keys.
    async fn told(&self) -> Told {
        let found = self.client().get(TEST).await.expect(200).json();
        let text = |member: &str| found[member].as_str().unwrap().to_owned();
        Told { url: self.url(), sdk: text("apiKey"), mobile: text("mobileKey"), client_side_id: text("_id") }
    }

    /// The key of a configuration for the test environments of all projects.
    async fn auto_config_key(&self) -> String {
        let policy = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/test"]}]);
        let config = json!({"name": "edge", "policy": policy});
        let made = self.client().post("/api/v2/account/relay-auto-configs", &config).await.expect(201).json();
        made["fullKey"].as_str().unwrap().to_owned()
    }

    /// Waits until it knows a context.
    async fn knows(&self, who: &str) {
        self.client().until(&format!("{TEST}/contexts/user/{who}"), |found| found["totalCount"] == 1).await;
    }
}

struct Told {
    url: String,
    sdk: String,
    mobile: String,
    client_side_id: String,
}

impl Told {
    fn relay(&self, at: SocketAddr, dir: &TempDir, environment: &[(&str, &str)]) -> Process {
        Process::relay(at, dir.path(), &["--upstream", &self.url], environment)
    }

    fn environment(&self) -> [(&str, &str); 3] {
        [
            ("WIGWAG_RELAY_SDK_KEY", &self.sdk),
            ("WIGWAG_RELAY_CLIENT_SIDE_ID", &self.client_side_id),
            ("WIGWAG_RELAY_MOBILE_KEY", &self.mobile),
        ]
    }
}

/// Waits until somebody listens and is ready.
async fn ready(client: &Client) {
    answers(client, "/health/ready", |_| true).await;
}

/// Waits until a path is answered as wanted, whether anybody listens by now or not.
async fn answers(client: &Client, path: &str, wanted: impl Fn(&str) -> bool) {
    let since = Instant::now();
    loop {
        let answer = Client::try_send(client.request("GET", path)).await;
        if answer.as_ref().is_ok_and(|answer| answer.status == 200 && wanted(&answer.text)) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{path}: {answer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends an event about somebody, as SDKs do by this path.
async fn tell(client: &Client, path: &str, who: &str) {
    let event = json!([{"kind": "identify", "context": {"kind": "user", "key": who}}]);
    client.send(client.request("POST", path).body(event.to_string())).await.expect(202);
}

/// Reads on until an event is as wanted.
async fn heard(stream: &mut EventStream, wanted: impl Fn(&Event) -> bool) -> Event {
    loop {
        let event = stream.next().await;
        if wanted(&event) {
            return event;
        }
    }
}

/// It serves what it knows while its upstream is dead, follows again once that is back, and what it was told meanwhile
/// arrives once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_relay_outlasts_an_upstream_that_is_killed() {
    let mut upstream = Upstream::start();
    let (told, dir) = (upstream.told().await, tempfile::tempdir().unwrap());
    upstream.client().post(FLAGS, flag("lamp").body()).await.expect(201);
    let relay = told.relay(place(), &dir, &told.environment());
    let sdk = relay.client(&told.sdk);
    answers(&sdk, "/sdk/latest-all", |all| all.contains("\"lamp\"")).await;
    let mut stream = sdk.stream("/all", &told.sdk).await;
    assert_eq!(stream.next().await.name, "put");
    tell(&sdk, "/bulk", "before").await;
    upstream.knows("before").await;

    upstream.kill();
    sdk.until("/status", |status| status["status"] == "degraded").await;
    for n in 0..3 {
        tell(&sdk, "/bulk", &format!("during-{n}")).await;
        assert!(sdk.get("/sdk/latest-all").await.expect(200).json()["flags"]["lamp"].is_object());
    }
    let mut later = sdk.stream("/all", &told.sdk).await;
    assert!(later.next().await.data["data"]["flags"]["lamp"].is_object());
    sdk.get("/health/ready").await.expect(200);

    tokio::task::block_in_place(|| upstream.come_back());
    upstream.client().post(FLAGS, flag("kettle").body()).await.expect(201);
    for stream in [&mut stream, &mut later] {
        heard(stream, |event| event.data.to_string().contains("kettle")).await;
    }
    sdk.until("/status", |status| status["status"] == "healthy").await;
    for n in 0..3 {
        upstream.knows(&format!("during-{n}")).await;
    }
    // All four were taken by the upstream; the one that ended recorded the first, or has it in its journal.
    answers(&sdk, "/metrics", |text| text.contains("wigwag_events_batches_recorded_total 4")).await;
    upstream.client().get(&format!("{TEST}/contexts/user/before")).await.expect(200);
    let (recorded, repeated) = ("wigwag_events_batches_recorded_total", "wigwag_events_batches_repeated_total");
    let metrics = upstream.client().get("/metrics").await.expect(200).text;
    let count = |name: &str| -> u64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse().unwrap()
    };
    assert_eq!((count(recorded), count(repeated) <= 1), (3, true), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_relay_delivers_what_it_acknowledged() {
    let upstream = Upstream::start();
    let told = upstream.told().await;
    delivered(upstream, &told, &told.environment()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_relay_with_automatic_configuration_does_too() {
    let upstream = Upstream::start();
    let (told, key) = (upstream.told().await, upstream.auto_config_key().await);
    delivered(upstream, &told, &[("WIGWAG_RELAY_AUTO_CONFIG_KEY", &key)]).await;
}

/// What a relay acknowledged and could not deliver outlives its `kill -9`, whatever key it came with, and also where
/// nothing else of the environment was on disk yet.
async fn delivered(mut upstream: Upstream, told: &Told, environment: &[(&str, &str)]) {
    let (dir, at) = (tempfile::tempdir().unwrap(), place());
    let relay = told.relay(at, &dir, environment);
    let sdk = relay.client(&told.sdk);
    ready(&sdk).await;
    upstream.kill();
    tell(&sdk, "/bulk", "ann").await;
    tell(&sdk.with_token(&told.mobile), "/mobile", "bob").await;
    tell(&sdk.with_token(""), &format!("/events/bulk/{}", told.client_side_id), "cid").await;
    relay.kill();

    tokio::task::block_in_place(|| upstream.come_back());
    for last in ["dan", "eve"] {
        // The second one finds nothing of what was there left to send.
        let relay = told.relay(at, &dir, environment);
        for who in ["ann", "bob", "cid"] {
            upstream.knows(who).await;
        }
        let sdk = relay.client(&told.sdk);
        ready(&sdk).await;
        tell(&sdk, "/bulk", last).await;
        upstream.knows(last).await;
        answers(&sdk, "/metrics", |text| text.contains("wigwag_events_waiting_bytes 0")).await;
        relay.kill();
    }
    // Three, and one of each relay.
    answers(&upstream.client(), "/metrics", |text| text.contains("wigwag_events_batches_recorded_total 5")).await;
}

/// The upstream says which environments there are, dies, and comes back with another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn automatic_configuration_goes_on_when_the_upstream_is_back() {
    let mut upstream = Upstream::start();
    let (told, dir) = (upstream.told().await, tempfile::tempdir().unwrap());
    let key = upstream.auto_config_key().await;
    let relay = told.relay(place(), &dir, &[("WIGWAG_RELAY_AUTO_CONFIG_KEY", &key)]);
    let sdk = relay.client(&told.sdk);
    answers(&sdk, "/sdk/latest-all", |_| true).await;

    upstream.kill();
    sdk.until("/status", |status| status["status"] == "degraded").await;
    sdk.get("/sdk/latest-all").await.expect(200);
    tokio::task::block_in_place(|| upstream.come_back());
    let client = upstream.client();
    client.post("/api/v2/projects", &json!({"key": "other", "name": "other"})).await.expect(201);
    let found = client.get("/api/v2/projects/other/environments/test").await.expect(200).json();
    until(&sdk.with_token(found["apiKey"].as_str().unwrap()), "/sdk/latest-all", 200).await;
    let reset = client.post(&format!("{TEST}/apiKey"), &json!({})).await.expect(200).json();
    until(&sdk.with_token(reset["apiKey"].as_str().unwrap()), "/sdk/latest-all", 200).await;
    until(&sdk, "/sdk/latest-all", 401).await;
}

/// An upstream that accepts and says nothing (more) is given up after the time that is configured, and asked again.
#[tokio::test]
async fn a_silent_upstream_is_given_up() {
    let server = TestServer::start(Engine::Sqlite).await;
    server.post(SEGMENTS, &json!({"key": "beta", "name": "beta"})).await.expect(201);
    let (keys, dir) = (super::keys(&server).await, tempfile::tempdir().unwrap());
    let all = server.with_token(&keys.sdk).get("/sdk/latest-all").await.expect(200).text;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let live = Live::new(server.clock.clone());
    let config = wigwag_relay::RelayConfig {
        upstream: address.clone(),
        polls: address,
        access: super::access(&keys),
        dir: dir.path().to_owned(),
        user_agent: "test".to_owned(),
        retry: (Duration::from_millis(1), Duration::from_millis(1)),
        silence: Duration::from_millis(100),
    };
    let relay = Relay::start(config, live.clone()).unwrap();
    let (deaf, _) = tokio::time::timeout(PATIENCE, listener.accept()).await.expect("it is asked").unwrap();
    let told = watch::Sender::new(r#"{"flags":{},"segments":{}}"#.to_owned());
    let count = watch::Sender::new(0);
    let (answers, mut asked) = (told.subscribe(), count.subscribe());
    let answering = tokio::spawn(async move {
        // Each hears a state and then nothing.
        let mut open = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let _head = socket.read(&mut [0; 4096]).await;
            let state = answers.borrow().clone();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
            let put = format!("{head}event: put\ndata: {{\"path\":\"/\",\"data\":{state}}}\n\n");
            let _gone = socket.write_all(put.as_bytes()).await;
            open.push(socket);
            count.send_modify(|count| *count += 1);
        }
    });
    tokio::time::timeout(PATIENCE, asked.wait_for(|asked| *asked > 2)).await.expect("it asks again").unwrap();
    let knows = |segment: &str| {
        let env = live.by_sdk_key(&keys.sdk).map(|grant| grant.env.snapshot());
        env.map(|env| env.segments().get(segment).is_some())
    };
    let until = async |wanted| {
        let since = Instant::now();
        while knows("beta") != Some(wanted) {
            assert!(since.elapsed() < PATIENCE, "{wanted} never came");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // What it heard is served all the while.
    until(false).await;
    told.send_replace(all);
    until(true).await;
    drop(deaf);
    relay.stop().await;
    answering.abort();
}

/// Passes connections on to a server, and remembers what each was opened for.
async fn in_between(to: String) -> (String, Arc<Mutex<BTreeSet<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(BTreeSet::new())));
    let noted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            let (noted, to) = (Arc::clone(&noted), to.clone());
            tokio::spawn(async move {
                let mut head = vec![0; 16 << 10];
                let read = from.read(&mut head).await.unwrap_or(0);
                let line = String::from_utf8_lossy(&head[..read]).split(['?', '\r']).next().unwrap().to_owned();
                noted.lock().unwrap().insert(line.trim_end_matches(" HTTP/1.1").to_owned());
                let mut onward = TcpStream::connect(to.trim_start_matches("http://")).await?;
                onward.write_all(&head[..read]).await?;
                tokio::io::copy_bidirectional(&mut from, &mut onward).await
            });
        }
    });
    (format!("http://{address}"), seen)
}

/// Streams, polls and events each go where they are sent.
#[tokio::test]
async fn an_upstream_may_have_three_addresses() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (keys, dir) = (super::keys(&server).await, tempfile::tempdir().unwrap());
    super::with_members(&server, json!({"included": {"add": ["ann"]}})).await;
    let to = server.client().url("").trim_end_matches('/').to_owned();
    let ((upstream, streamed), (polls, polled), (events, posted)) =
        (in_between(to.clone()).await, in_between(to.clone()).await, in_between(to).await);
    let config = super::RelayConfig { polls, events, ..super::config(&upstream, super::access(&keys), dir.path()) };
    let (relay, client) = super::started(config, &server).await;
    until(&client, "/health/ready", 200).await;
    let member = super::evaluated(&keys, "ann");
    client.until(&member, |all| all["vip"]["value"] == true).await;
    super::post(&client.with_token(&keys.sdk), "/bulk", "eve", &server).await;
    let diagnostic = json!({"kind": "diagnostic", "id": {}, "creationDate": server.clock.now()});
    let sdk = client.with_token(&keys.sdk);
    // Where events go: the relay knows what it is.
    sdk.send(sdk.request("POST", "/bulk").body(diagnostic.to_string())).await.expect(202);
    super::contexts(&server, 1).await;
    answers(&client, "/metrics", |text| text.contains("wigwag_events_batches_recorded_total 2")).await;
    server.post(&format!("{SEGMENTS}/big/contexts"), &json!({"included": {"remove": ["ann"]}})).await.expect(204);
    client.until(&member, |all| all["vip"]["value"] == false).await;
    relay.stop().await;

    let lines = |seen: &Mutex<BTreeSet<String>>| seen.lock().unwrap().iter().cloned().collect::<Vec<_>>();
    assert_eq!(lines(&streamed), ["GET /all", "GET /big-segments"]);
    assert_eq!(lines(&polled), ["GET /sdk/big-segments/revisions"]);
    assert_eq!(lines(&posted)[0], "POST /bulk");
    let metrics = server.get("/metrics").await.expect(200).text;
    let diagnostics = r#"wigwag_sdk_requests_total{route="/diagnostic",status="202"} 1"#;
    assert!(metrics.contains(diagnostics), "{metrics}");
}

/// A relay that can write nothing any more serves flags and passes changes on; it takes events when there is room again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_without_room_goes_on_with_flags() {
    let upstream = Upstream::start();
    let (told, dir, at) = (upstream.told().await, tempfile::tempdir().unwrap(), place());
    let arguments = ["--upstream", &told.url];
    let Some(relay) = Process::relay_in_room(at, (dir.path(), 96), &arguments, &told.environment()) else {
        return crate::not_tested("a relay without room: no process may mount a file system of its own here");
    };
    let sdk = relay.client(&told.sdk);
    ready(&sdk).await;
    let mut stream = sdk.stream("/all", &told.sdk).await;
    assert_eq!(stream.next().await.name, "put");
    let filler = relay.inside(dir.path()).join("filler");
    fill(&filler);
    let batch: Value =
        json!([{"kind": "custom", "key": "k", "data": "x".repeat(500_000), "contextKeys": {"user": "ann"}}]);
    let post = async || sdk.send(sdk.request("POST", "/bulk").body(batch.to_string())).await.status;
    // Room that files had already is used up first.
    let mut taken = 0;
    while post().await == 202 {
        taken += 1;
        assert!(taken < 200, "there is always room");
    }
    assert_eq!(post().await, 503);
    upstream.client().post(FLAGS, flag("lamp").body()).await.expect(201);
    assert_eq!(stream.next().await.data["path"], "/flags/lamp");
    assert!(sdk.get("/sdk/latest-all").await.expect(200).json()["flags"]["lamp"].is_object());
    sdk.get("/health/ready").await.expect(200);

    std::fs::remove_file(filler).unwrap();
    let since = Instant::now();
    while post().await != 202 {
        assert!(since.elapsed() < PATIENCE, "events are refused although there is room");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    upstream.knows("ann").await;
    upstream.client().post(FLAGS, flag("kettle").body()).await.expect(201);
    assert_eq!(stream.next().await.data["path"], "/flags/kettle");
}
