//! A relay answers as its server does: every path of SDKs, compared as bytes and with all header fields.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use wigwag_testkit::{Client, Engine, PATIENCE, TestServer};

use super::{Keys, NOWHERE, SEGMENTS, b64, evaluated, keys, relay, until, with_members};

/// A request, and how much of its answer is the same everywhere.
struct Ask {
    method: &'static str,
    path: String,
    token: String,
    body: String,
    told: Told,
}

/// What may differ between a relay and its server.
#[derive(Clone, Copy, PartialEq)]
enum Told {
    /// Nothing.
    Bytes,
    /// What counts the changes that one process made of what it heard: versions of client-side results and the sequence
    /// in a state, each process its own (docs/operate/relay.md). Entity tags cover these versions.
    Counts,
    /// The same, of a stream that is read up to an event of this name.
    Until(&'static str),
}

/// One of each: every path, every way to ask, good and bad credentials.
fn asks(keys: &Keys) -> Vec<Ask> {
    let mut asks = Vec::new();
    let mut ask = |method, path: &str, token: &str, body: &str, told| {
        asks.push(Ask { method, path: path.to_owned(), token: token.to_owned(), body: body.to_owned(), told });
    };
    let (sdk, mobile, id) = (&*keys.sdk, &*keys.mobile, &*keys.client_side_id);
    for path in [
        "/sdk/latest-all",
        "/sdk/latest-flags",
        "/sdk/latest-flags/vip",
        "/sdk/latest-flags/none",
        "/sdk/latest-segments/big",
        "/sdk/flags",
        "/sdk/flags/vip",
        "/sdk/flags/none",
        "/sdk/segments",
        "/sdk/segments/big",
        "/sdk/latest-all?filter=x",
    ] {
        ask("GET", path, sdk, "", Told::Bytes);
        ask("GET", path, "sdk-wrong", "", Told::Bytes);
        ask("POST", path, sdk, "", Told::Bytes);
    }
    ask("GET", "/sdk/poll", sdk, "", Told::Counts);
    ask("GET", "/sdk/poll?basis=nonsense", sdk, "", Told::Counts);
    ask("GET", "/all", sdk, "", Told::Until("put"));
    ask("GET", "/flags", sdk, "", Told::Until("put"));
    ask("GET", "/sdk/stream", sdk, "", Told::Until("payload-transferred"));
    for path in ["/all", "/flags", "/sdk/stream", "/sdk/poll", "/mping", "/meval/e30"] {
        ask("GET", path, "mob-wrong", "", Told::Bytes);
    }
    ask("GET", &format!("/ping/{id}"), "", "", Told::Until("ping"));
    ask("GET", "/mping", mobile, "", Told::Until("ping"));
    ask("GET", "/ping/somebody", "", "", Told::Bytes);
    ask("GET", &format!("/ofrep/v1/changes/{id}"), "", "", Told::Until(""));
    ask("GET", &format!("/sdk/goals/{id}"), "", "", Told::Bytes);
    ask("GET", &format!("/a/{id}.gif?d=W10="), "", "", Told::Bytes);
    ask("POST", "/handshake", mobile, "{}", Told::Bytes);
    ask("GET", "/mevalalternate", mobile, "", Told::Bytes);
    ask("OPTIONS", &format!("/sdk/evalx/{id}/context"), "", "", Told::Bytes);
    for key in ["ann", "bob", "eve"] {
        let (context, user) = (b64(key), json!({"kind": "user", "key": key}).to_string());
        for (path, token) in [
            (format!("/sdk/evalx/{id}/contexts/{context}?withReasons=true"), ""),
            (format!("/sdk/evalx/{id}/users/{context}"), ""),
            (format!("/sdk/eval/{id}/users/{context}"), ""),
            (format!("/msdk/evalx/contexts/{context}?withReasons=true"), mobile),
            (format!("/msdk/evalx/users/{context}"), mobile),
            (format!("/msdk/eval/users/{context}"), mobile),
            (format!("/sdk/evalx/contexts/{context}?withReasons=true"), sdk),
            (format!("/sdk/eval/users/{context}"), sdk),
            (format!("/sdk/poll/eval/{context}?auth={id}&withReasons=true"), ""),
            (format!("/sdk/poll/eval/{context}"), mobile),
            (format!("/sdk/bootstrap/{id}/contexts/{context}?withReasons=true"), ""),
            (format!("/sdk/bootstrap/contexts/{context}"), sdk),
            (format!("/sdk/evalx/{id}/contexts/nothing"), ""),
            (format!("/sdk/evalx/somebody/contexts/{context}"), ""),
            (format!("/msdk/evalx/contexts/{context}"), "mob-wrong"),
            (format!("/sdk/poll/eval/{context}?auth=wrong"), ""),
        ] {
            ask("GET", &path, token, "", Told::Counts);
        }
        for (path, token) in [
            (format!("/sdk/evalx/{id}/context?withReasons=true"), ""),
            (format!("/sdk/evalx/{id}/user"), ""),
            (format!("/sdk/eval/{id}/user"), ""),
            ("/msdk/evalx/context".to_owned(), mobile),
            ("/msdk/eval/user".to_owned(), mobile),
            ("/sdk/evalx/context".to_owned(), sdk),
            (format!("/sdk/poll/eval?auth={id}"), ""),
            (format!("/sdk/bootstrap/{id}/context"), ""),
        ] {
            ask("REPORT", &path, token, &user, Told::Counts);
            ask("REPORT", &path, token, "nothing", Told::Counts);
        }
        for (path, token) in [(format!("/eval/{id}"), ""), ("/meval".to_owned(), mobile)] {
            ask("GET", &format!("{path}/{context}?withReasons=true"), token, "", Told::Until("put"));
            ask("REPORT", &path, token, &user, Told::Until("put"));
        }
        let objects = Told::Until("payload-transferred");
        ask("GET", &format!("/sdk/stream/eval/{context}?auth={id}"), "", "", objects);
        ask("REPORT", &format!("/sdk/stream/eval?auth={id}"), "", &user, objects);
        ask("GET", &format!("/sdk/stream/eval/{context}"), mobile, "", objects);
        let asked = json!({"context": {"targetingKey": key}}).to_string();
        for token in [sdk, mobile, id, "wrong"] {
            for path in ["flags", "flags/vip", "flags/none"] {
                ask("POST", &format!("/ofrep/v1/evaluate/{path}"), &format!("Bearer {token}"), &asked, Told::Counts);
            }
        }
    }
    asks
}

/// What is compared of an answer.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    headers: BTreeMap<String, String>,
    text: String,
    /// The status of the same request with the entity tag of its answer, where it has one.
    again: Option<u16>,
}

async fn seen(client: &Client, ask: &Ask) -> Seen {
    let request = || {
        let request = client.with_token(&ask.token).request(ask.method, &ask.path);
        let request = request.header("origin", "https://shop.example");
        if ask.body.is_empty() {
            request
        } else {
            request.header("content-type", "application/json").body(ask.body.clone())
        }
    };
    let mut answer = request().send().await.unwrap();
    let field =
        |(name, value): (&http::HeaderName, &http::HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
    let mut headers: BTreeMap<_, _> = answer.headers().iter().map(field).collect();
    let (status, tag) = (answer.status().as_u16(), headers.get("etag").cloned());
    // The time of the answer.
    headers.remove("date");
    let mut text = String::new();
    while let Some(more) = tokio::time::timeout(PATIENCE, answer.chunk()).await.expect("more in time").unwrap() {
        text.push_str(&String::from_utf8_lossy(&more));
        if matches!(ask.told, Told::Until(event) if is_told(&text, event)) {
            break;
        }
    }
    let again = match tag {
        Some(tag) => Some(request().header("if-none-match", tag).send().await.unwrap().status().as_u16()),
        None => None,
    };
    if ask.told != Told::Bytes {
        text = uncounted(&text);
        for name in ["etag", "content-length"] {
            headers.entry(name.to_owned()).and_modify(String::clear);
        }
    }
    Seen { status, headers, text, again }
}

/// Whether a stream has come to the end of an event; of a comment, where it has no name.
fn is_told(text: &str, event: &str) -> bool {
    text.ends_with("\n\n") && (event.is_empty() || text.contains(&format!("event: {event}\n")))
}

/// Without the numbers that count changes where they are served.
fn uncounted(text: &str) -> String {
    let mut text = text.to_owned();
    for (before, after) in [("\"version\":", ','), ("\"target\":", ','), ("\"state\":\"", '"')] {
        let mut parts = text.split(before);
        let mut left = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find([after, '}']).unwrap_or(part.len());
            left.push_str(before);
            left.push_str(&part[end..]);
        }
        text = left;
    }
    text
}

async fn differences(there: &Client, here: &Client, keys: &Keys) -> Vec<String> {
    let (mut found, mut good, asks) = (Vec::new(), 0, asks(keys));
    for ask in &asks {
        let (theirs, ours) = (seen(there, ask).await, seen(here, ask).await);
        good += usize::from(ours.status < 300);
        if theirs != ours {
            found.push(format!("{} {} {}\n{theirs:?}\n{ours:?}", ask.method, ask.path, ask.body));
        } else {
            assert!(ours.again.is_none_or(|status| status == 304), "{} {} {ours:?}", ask.method, ask.path);
        }
    }
    assert!(good > asks.len() / 2, "{good} of {} are answered well", asks.len());
    found
}

async fn until_same(there: &Client, here: &Client, keys: &Keys) {
    let since = Instant::now();
    loop {
        let found = differences(there, here, keys).await;
        if found.is_empty() {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{}", found.join("\n\n"));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_relay_answers_as_its_server_does_members_included() {
    let mut server = TestServer::start(Engine::Sqlite).await;
    let (keys, dir) = (keys(&server).await, tempfile::tempdir().unwrap());
    with_members(&server, json!({"included": {"add": ["ann"]}, "excluded": {"add": ["eve"]}})).await;
    let upstream = server.client().url("").trim_end_matches('/').to_owned();
    let (first, client) = relay(&upstream, &keys, dir.path(), &server).await;
    until(&client, "/health/ready", 200).await;
    until_same(server.client(), &client, &keys).await;

    let mut bob = client.stream(&format!("/eval/{}/{}?withReasons=true", keys.client_side_id, b64("bob")), "").await;
    let put = bob.next().await;
    assert_eq!(
        (&put.data["vip"]["value"], &put.data["vip"]["reason"]["bigSegmentsStatus"]),
        (&json!(false), &json!("HEALTHY"))
    );
    let changes = json!({"included": {"add": ["bob"], "remove": ["ann"]}});
    server.post(&format!("{SEGMENTS}/big/contexts"), &changes).await.expect(204);
    assert_eq!(bob.next().await.data["value"], true);
    until_same(server.client(), &client, &keys).await;
    // A relay below the relay is as good.
    let below_dir = tempfile::tempdir().unwrap();
    let address = client.url("").trim_end_matches('/').to_owned();
    let (below, below_client) = relay(&address, &keys, below_dir.path(), &server).await;
    until(&below_client, "/health/ready", 200).await;
    until_same(server.client(), &below_client, &keys).await;
    server.post(&format!("{SEGMENTS}/big/contexts"), &json!({"included": {"add": ["eve"]}})).await.expect(204);
    until_same(server.client(), &below_client, &keys).await;
    below.stop().await;

    // Without the server it goes on, and starts, with what it knows, and says how good that is.
    first.stop().await;
    server.stop().await;
    let (second, client) = relay(NOWHERE, &keys, dir.path(), &server).await;
    until(&client, "/health/ready", 200).await;
    for (key, member) in [("ann", false), ("bob", true), ("eve", true)] {
        let vip = client.get(&evaluated(&keys, key)).await.expect(200).json()["vip"].clone();
        assert_eq!((&vip["value"], &vip["reason"]["bigSegmentsStatus"]), (&json!(member), &json!("STALE")), "{key}");
    }
    second.stop().await;
}
