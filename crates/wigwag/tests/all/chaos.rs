//! What happens to a server and to those around it: docs/operate/failures.md says what each does.

use std::fs::File;
use std::io::Write as _;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wigwag::config::{Log, RelayConfig};
use wigwag::relay::RelayServer;
use wigwag::server::Outside;
use wigwag_outbound::testing::RedisProcess;
use wigwag_relay::{Access, EnvironmentKeys};
use wigwag_testkit::{Client, PATIENCE, flag};

use crate::process::Process;

const TOKEN: &str = "api-chaos-test-token";
const TEST: &str = "/api/v2/projects/default/environments/test";
const FLAGS: &str = "/api/v2/flags/default";

fn environment() -> [(&'static str, &'static str); 1] {
    [("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)]
}

async fn keys(client: &Client) -> (String, String) {
    let found = client.get(TEST).await.expect(200).json();
    let text = |member: &str| found[member].as_str().unwrap().to_owned();
    (text("apiKey"), text("_id"))
}

/// A request written to a connection of its own, of which the answer is read later.
async fn written(url: &str, line: &str, token: &str, body: &str) -> TcpStream {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut socket = TcpStream::connect(address).await.unwrap();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {address}\r\nauthorization: {token}\r\ncontent-type: application/json\r\n{length}\r\n"
    );
    socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    socket
}

/// The beginning of what a socket says.
async fn status(socket: &mut TcpStream) -> String {
    let mut line = [0; 12];
    let read = tokio::time::timeout(PATIENCE, socket.read_exact(&mut line)).await;
    read.expect("an answer in time").unwrap();
    String::from_utf8_lossy(&line).into_owned()
}

fn identify(who: &str) -> String {
    json!([{"kind": "identify", "context": {"kind": "user", "key": who}}]).to_string()
}

/// A server that stands still loses nothing of what was written to it, and its streams go on where they were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_server_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(&["--data-dir", dir.path().to_str().unwrap()], &environment());
    let client = server.client(TOKEN);
    let (sdk, _) = keys(&client).await;
    let mut stream = client.stream("/all", &sdk).await;
    assert_eq!(stream.next().await.name, "put");
    server.signal(Signal::STOP);
    let flag = flag("lamp");
    let mut change = written(&server.url(), &format!("POST {FLAGS}"), TOKEN, &flag.body().to_string()).await;
    let mut events = written(&server.url(), "POST /bulk", &sdk, &identify("ann")).await;
    server.signal(Signal::CONT);
    assert_eq!(status(&mut change).await, "HTTP/1.1 201");
    assert_eq!(status(&mut events).await, "HTTP/1.1 202");
    assert_eq!(stream.next().await.data["path"], "/flags/lamp");
    client.until(&format!("{TEST}/contexts/user/ann"), |found| found["totalCount"] == 1).await;
}

/// A client that says it sends no more, or that is gone, is let go at once, and the others do not notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_closed_stream_is_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(&["--data-dir", dir.path().to_str().unwrap()], &environment());
    let client = server.client(TOKEN);
    let (sdk, _) = keys(&client).await;
    let mut whole = client.stream("/all", &sdk).await;
    whole.next().await;
    let mut half = written(&server.url(), "GET /all", &sdk, "").await;
    assert_eq!(status(&mut half).await, "HTTP/1.1 200");
    let mut gone = written(&server.url(), "GET /all", &sdk, "").await;
    assert_eq!(status(&mut gone).await, "HTTP/1.1 200");
    client.until(&format!("{TEST}/streams"), |found| found["totalCount"] == 3).await;
    half.into_std().unwrap().shutdown(Shutdown::Write).unwrap();
    // With bytes unread the system answers the next ones with a reset.
    drop(gone);
    client.until(&format!("{TEST}/streams"), |found| found["totalCount"] == 1).await;
    client.post(FLAGS, flag("lamp").body()).await.expect(201);
    assert_eq!(whole.next().await.data["path"], "/flags/lamp");
}

/// Fills the file system of a server; what holds the space is freed when it is removed.
pub(crate) fn fill(path: &std::path::Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 4096] {
        while file.write_all(&vec![7; size]).is_ok() {}
    }
}

/// A full disk: changes and events are refused for as long as it lasts; flags are served, streams stay, what is stored
/// can be read. When there is room again everything goes on without a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_what_it_cannot_keep() {
    let dir = tempfile::tempdir().unwrap();
    let Some(server) = Process::in_room(dir.path(), 96, &environment()) else {
        return crate::not_tested("a full disk: no process may mount a file system of its own here");
    };
    let client = server.client(TOKEN);
    let (sdk_key, _) = keys(&client).await;
    let sdk = client.with_token(&sdk_key);
    client.post(FLAGS, flag("before").body()).await.expect(201);
    let mut stream = client.stream("/all", &sdk_key).await;
    assert_eq!(stream.next().await.name, "put");
    let filler = server.inside(dir.path()).join("filler");
    fill(&filler);
    // Room that files had already is used up first.
    let (mut kept, mut refused) = (Vec::new(), None);
    for n in 0..2000 {
        let key = format!("during-{n}");
        let body = flag(&key).with("description", json!("x".repeat(20_000)));
        let answer = client.post(FLAGS, body.body()).await;
        if answer.status != 201 {
            refused = Some(answer);
            break;
        }
        kept.push(key);
        assert_eq!(stream.next().await.name, "patch");
    }
    let refused = refused.expect("the disk is full at some time");
    assert_eq!(refused.status, 503, "{}", refused.text);
    let batch = json!([{"kind": "custom", "key": "k", "data": "x".repeat(500_000), "contextKeys": {"user": "ann"}}]);
    let post = async || sdk.send(sdk.request("POST", "/bulk").body(batch.to_string())).await;
    post().await.expect(503);
    let seen = sdk.get("/sdk/latest-all").await.expect(200).json();
    assert_eq!(seen["flags"].as_object().unwrap().len(), kept.len() + 1);
    client.get(&format!("{FLAGS}/before")).await.expect(200);
    client.get("/health/live").await.expect(200);

    std::fs::remove_file(filler).unwrap();
    let since = Instant::now();
    while client.post(FLAGS, flag("after").body()).await.status != 201 {
        assert!(since.elapsed() < PATIENCE, "changes are refused although there is room");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(stream.next().await.data["path"], "/flags/after");
    while post().await.status != 202 {
        assert!(since.elapsed() < PATIENCE, "events are refused although there is room");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for key in kept.iter().map(String::as_str).chain(["before", "after"]) {
        client.get(&format!("{FLAGS}/{key}")).await.expect(200);
    }
}

/// Redis of a persistent store dies: its status says so, and SDKs notice nothing, members of big segments included.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sdks_are_served_while_redis_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let environment = [("WIGWAG_INIT_ACCESS_TOKEN", TOKEN), ("WIGWAG_ALLOW_PRIVATE_WEBHOOKS", "true")];
    let server = Process::start(&["--data-dir", dir.path().to_str().unwrap()], &environment);
    let client = server.client(TOKEN);
    let (sdk, client_side_id) = keys(&client).await;
    let segments = "/api/v2/segments/default/test";
    client.post(segments, &json!({"key": "big", "name": "big", "unbounded": true})).await.expect(201);
    let members = async |change: serde_json::Value| {
        client.post(&format!("{segments}/big/contexts"), &json!({"included": change})).await.expect(204);
    };
    members(json!({"add": ["ann"]})).await;
    let availability = json!({"usingMobileKey": true, "usingEnvironmentId": true});
    let body = flag("vip").with("clientSideAvailability", availability);
    let vip = client.post(FLAGS, body.body()).await.expect(201).json();
    let clause =
        json!({"contextKind": "user", "attribute": "", "op": "segmentMatch", "values": ["big"], "negate": false});
    let steps = json!([
        {"kind": "turnFlagOn"},
        {"kind": "addRule", "variationId": vip["variations"][0]["_id"], "clauses": [clause]},
        {"kind": "updateFallthroughVariationOrRollout", "variationId": vip["variations"][1]["_id"]},
    ]);
    let patch = json!({"environmentKey": "test", "instructions": steps});
    client.patch(&format!("{FLAGS}/vip"), &patch).await.expect(200);

    let mut redis = RedisProcess::start("").await;
    let config = json!({"host": redis.server.host, "port": redis.server.port.to_string()});
    let stores = "/api/v2/integration-capabilities/big-segment-store/default/test/redis";
    let beta = async |request: reqwest::RequestBuilder| client.send(request.header("LD-API-Version", "beta")).await;
    let made = json!({"name": "R", "config": config, "on": true});
    let made = beta(client.request("POST", stores).json(&made)).await.expect(201).json();
    let store = format!("{stores}/{}", made["_id"].as_str().unwrap());
    let until_status = async |wanted: fn(&serde_json::Value) -> bool| {
        let since = Instant::now();
        loop {
            let found = beta(client.request("GET", &store)).await.expect(200).json();
            if wanted(&found["_status"]) {
                return;
            }
            assert!(since.elapsed() < PATIENCE, "{found}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    until_status(|status| status["available"] == true && status["potentiallyStale"] == false).await;
    redis.stop();

    // {"kind":"user","key":"ann"}
    let ann = format!("/sdk/evalx/{client_side_id}/contexts/eyJraW5kIjoidXNlciIsImtleSI6ImFubiJ9");
    assert_eq!(client.get(&ann).await.expect(200).json()["vip"]["value"], true);
    let mut stream = client.stream("/all", &sdk).await;
    assert_eq!(stream.next().await.name, "put");
    members(json!({"remove": ["ann"]})).await;
    until_status(|status| status["potentiallyStale"] == true && status["errors"][0].is_object()).await;
    client.until(&ann, |all| all["vip"]["value"] == false).await;
    client.post(FLAGS, flag("lamp").body()).await.expect(201);
    while stream.next().await.data["path"] != "/flags/lamp" {}
    client.with_token(&sdk).get("/sdk/latest-all").await.expect(200);
    client.get("/health/ready").await.expect(200);
}

/// An upstream that stands still: its relay serves what it has, keeps events, and catches up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_outlasts_a_paused_upstream() {
    let (dir, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Process::start(&["--data-dir", dir.path().to_str().unwrap()], &environment());
    let upstream = server.client(TOKEN);
    let (sdk_key, client_side_id) = keys(&upstream).await;
    upstream.post(FLAGS, flag("lamp").body()).await.expect(201);
    let keys = EnvironmentKeys { sdk_key: sdk_key.clone(), client_side_id, mobile_key: None, secure_mode: false };
    let config = RelayConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        tls: None,
        upstream: server.url().trim_end_matches('/').to_owned(),
        events: server.url().trim_end_matches('/').to_owned(),
        polls: server.url().trim_end_matches('/').to_owned(),
        access: Access::Keys(vec![keys]),
        dir: cache.path().to_owned(),
        log: Log { json: false, filter: "off".to_owned() },
    };
    let relay = RelayServer::start(config, Outside::real()).await.unwrap();
    let sdk = Client::new(&format!("http://{}", relay.address()), &sdk_key);
    sdk.until("/sdk/latest-all", |all| all["flags"]["lamp"].is_object()).await;
    let mut stream = sdk.stream("/all", &sdk_key).await;
    assert_eq!(stream.next().await.name, "put");

    server.signal(Signal::STOP);
    for n in 0..3 {
        sdk.send(sdk.request("POST", "/bulk").body(identify(&format!("ann-{n}")))).await.expect(202);
        let all = sdk.get("/sdk/latest-all").await.expect(200).json();
        assert!(all["flags"]["lamp"].is_object());
    }
    server.signal(Signal::CONT);
    upstream.post(FLAGS, flag("kettle").body()).await.expect(201);
    assert_eq!(stream.next().await.data["path"], "/flags/kettle");
    for n in 0..3 {
        upstream.until(&format!("{TEST}/contexts/user/ann-{n}"), |found| found["totalCount"] == 1).await;
    }
    relay.stop().await;
}
