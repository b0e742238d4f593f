//! SIGKILL during a storm of writes: after the next start every acknowledged change is there, and no half one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use wigwag_store::StoreConfig;
use wigwag_store::volume::{ContextFilter, Grain, PageOf, Span};
use wigwag_testkit::{Answer, Client, flag};

use crate::process::Process;

const WRITERS: usize = 8;
/// Acknowledged flags before the kill.
const ENOUGH: usize = 120;
const TOKEN: &str = "api-crash-test-token";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    storm(&["--data-dir", dir.path().to_str().unwrap()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let database = wigwag_store::testing::database().await.unwrap();
    storm(&["--database-url", &database.url]).await;
}

async fn storm(arguments: &[&str]) {
    let environment = [("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)];
    let server = Process::start(arguments, &environment);
    let (count, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let writers: Vec<_> = (0..WRITERS)
        .map(|n| tokio::spawn(write(server.client(TOKEN), n, Arc::clone(&count), Arc::clone(&enough))))
        .collect();
    enough.notified().await;
    server.kill();
    let mut acknowledged = BTreeSet::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert!(acknowledged.len() >= ENOUGH);

    let server = Process::start(arguments, &environment);
    let client = server.client(TOKEN);
    let stored = flags(&client).await;
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(stored.len() <= acknowledged.len() + WRITERS, "at most one unanswered write a writer");

    // Whole or not at all: every flag in both environments, as SDKs see them, and in the audit log.
    let found = client.get("/api/v2/projects/default/environments").await.expect(200).json();
    for environment in found["items"].as_array().unwrap() {
        let sdk = client.with_token(environment["apiKey"].as_str().unwrap());
        let seen = sdk.get("/sdk/latest-all").await.expect(200).json();
        let seen: BTreeSet<String> = seen["flags"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(seen, stored, "in {}", environment["key"]);
    }
    assert_eq!(audited(&client).await, stored);
}

/// Creates flags until the server is gone; the keys that were acknowledged.
async fn write(client: Client, writer: usize, count: Arc<AtomicUsize>, enough: Arc<Notify>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let key = format!("flag-{writer}-{n}");
        let request = client.request("POST", "/api/v2/flags/default").json(flag(&key).body());
        match Client::try_send(request).await {
            Ok(answer) => {
                answer.expect(201);
                acknowledged.push(key);
            }
            Err(_) => break,
        }
        if count.fetch_add(1, Ordering::SeqCst) + 1 == ENOUGH {
            enough.notify_one();
        }
    }
    acknowledged
}

async fn flags(client: &Client) -> BTreeSet<String> {
    pages(client, "/api/v2/flags/default?limit=100&summary=true", "key").await
}

async fn audited(client: &Client) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut path = "/api/v2/auditlog?limit=20".to_owned();
    loop {
        let page = client.get(&path).await.expect(200).json();
        let items = page["items"].as_array().unwrap();
        for item in items.iter().filter(|i| i["kind"] == "flag") {
            names.insert(item["name"].as_str().unwrap().to_owned());
        }
        match page["_links"]["next"]["href"].as_str() {
            Some(next) => path = next.to_owned(),
            None => return names,
        }
    }
}

/// One member of every item of every page.
async fn pages(client: &Client, first: &str, member: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut path = first.to_owned();
    loop {
        let page = client.get(&path).await.expect(200).json();
        found.extend(page["items"].as_array().unwrap().iter().map(|i| i[member].as_str().unwrap().to_owned()));
        match page["_links"]["next"]["href"].as_str() {
            Some(next) => path = next.to_owned(),
            None => return found,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    event_storm(&["--data-dir", dir.path().to_str().unwrap()], StoreConfig::sqlite(dir.path())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_on_postgres() {
    let (database, dir) = (wigwag_store::testing::database().await.unwrap(), tempfile::tempdir().unwrap());
    let arguments = ["--database-url", &database.url, "--journal-dir", dir.path().to_str().unwrap()];
    event_storm(&arguments, StoreConfig::postgres(&*database.url)).await;
}

/// SIGKILL in a storm of events, several times: every acknowledged batch is counted once, though some come again.
async fn event_storm(arguments: &[&str], config: StoreConfig) {
    let environment = [("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)];
    let (mut sent, mut sdk, mut env) = (Vec::new(), String::new(), String::new());
    for round in 0..3 {
        let server = Process::start(arguments, &environment);
        if round == 0 {
            let client = server.client(TOKEN);
            client.post("/api/v2/flags/default", flag("lamp").body()).await.expect(201);
            let found = client.get("/api/v2/projects/default/environments/test").await.expect(200).json();
            sdk = found["apiKey"].as_str().unwrap().to_owned();
            env = found["_id"].as_str().unwrap().to_owned();
        }
        let (count, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let senders: Vec<_> = (0..WRITERS)
            .map(|n| {
                let name = format!("{round}-{n}");
                tokio::spawn(send_events(server.client(&sdk), name, Arc::clone(&count), Arc::clone(&enough)))
            })
            .collect();
        enough.notified().await;
        server.kill();
        for sender in senders {
            sent.push(sender.await.unwrap());
        }
    }
    let server = Process::start(arguments, &environment);
    let client = server.client(&sdk);
    for (acknowledged, unanswered) in &sent {
        // Its answer was lost: an SDK sends it again, and so it does what was answered a moment before.
        for key in acknowledged.last().into_iter().chain([unanswered]) {
            send_event(&client, key).await.unwrap().expect(202);
        }
    }
    let all: BTreeSet<String> = sent.iter().flat_map(|(acked, last)| acked.iter().chain([last])).cloned().collect();
    // A stop records what the journal has.
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.end().0, Some(0));
    let store = wigwag_store::Store::open(&config).await.unwrap();
    let (env, page) = (env.as_str(), PageOf { limit: 1, after: None, ascending: true, count: true });
    let span = Span { grain: Grain::Day, from: 0, to: i64::MAX };
    let counted = store.volume().evaluations(env, "lamp", span).await.unwrap();
    assert_eq!(counted.iter().map(|each| each.count).sum::<u64>(), all.len() as u64);
    let found = store.volume().contexts(env, &ContextFilter::every(), page).await.unwrap();
    assert_eq!(found.total, Some(all.len() as u64));
    for key in &all {
        let filter = ContextFilter::Key(vec![key.clone()]);
        assert_eq!(store.volume().contexts(env, &filter, page).await.unwrap().items.len(), 1, "{key}");
    }
    store.close().await;
}

/// Sends one evaluation of a flag and one context, under a payload id of its own. Nothing if no answer came.
async fn send_event(client: &Client, key: &str) -> Option<Answer> {
    let counters = serde_json::json!([{"value": true, "variation": 0, "version": 1, "count": 1}]);
    let events = serde_json::json!([
        {"kind": "index", "context": {"kind": "user", "key": key}},
        {"kind": "summary", "features": {"lamp": {"default": false, "counters": counters}}},
    ]);
    let request = client.request("POST", "/bulk").header("x-launchdarkly-payload-id", key);
    let request = request.header("x-launchdarkly-event-schema", "4").body(events.to_string());
    Client::try_send(request).await.ok()
}

/// Sends until the server is gone: what was acknowledged, and what was not answered.
async fn send_events(
    client: Client,
    sender: String,
    count: Arc<AtomicUsize>,
    enough: Arc<Notify>,
) -> (Vec<String>, String) {
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let key = format!("{sender}-{n}");
        match send_event(&client, &key).await {
            Some(answer) => {
                answer.expect(202);
                acknowledged.push(key);
            }
            None => return (acknowledged, key),
        }
        if count.fetch_add(1, Ordering::SeqCst) + 1 == ENOUGH {
            enough.notify_one();
        }
    }
    (acknowledged, String::new())
}
