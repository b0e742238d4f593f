//! SIGKILL during a storm of writes: after the next start every acknowledged change is there, and no half one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use wigwag_testkit::{Client, flag};

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
