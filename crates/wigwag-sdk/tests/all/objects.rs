//! `/sdk/stream` and `/sdk/poll`.

use std::io::Read as _;

use serde_json::{Value, json};
use wigwag_model::doc::Kind;

use crate::client::{Connection, get, send};
use crate::server::{Options, Server, config, delete, environment, flag, segment};

/// The events of a poll as (name, data).
async fn poll(server: &Server, basis: &str) -> Vec<(String, Value)> {
    let target = if basis.is_empty() { "/sdk/poll".to_owned() } else { format!("/sdk/poll?basis={basis}") };
    let reply = get(server.address, &target, &[]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let body = reply.json();
    let events = body["events"].as_array().unwrap();
    events.iter().map(|e| (e["event"].as_str().unwrap().to_owned(), e["data"].clone())).collect()
}

/// The next group of a stream: up to the commit, or the intent alone if there is nothing to come.
async fn group(stream: &mut Connection) -> Vec<(String, Value)> {
    let (mut text, mut events) = (String::new(), Vec::new());
    loop {
        text += &stream.event().await.unwrap();
        while let Some((event, rest)) = text.split_once("\n\n") {
            if let Some(event) = event.strip_prefix("event: ") {
                let (name, data) = event.split_once("\ndata: ").unwrap();
                events.push((name.to_owned(), serde_json::from_str::<Value>(data).unwrap()));
            }
            text = rest.to_owned();
        }
        let none = events.first().is_some_and(|(_, data)| intent(data) == "none");
        if none || events.last().is_some_and(|(name, _)| name == "payload-transferred") {
            assert_eq!(text, "");
            return events;
        }
    }
}

fn intent(data: &Value) -> &str {
    data["payloads"][0]["intentCode"].as_str().unwrap()
}

fn shape(events: &[(String, Value)]) -> Vec<String> {
    let told = events.iter().map(|(name, data)| match name.as_str() {
        "server-intent" => format!("{} {}", intent(data), data["payloads"][0]["reason"].as_str().unwrap()),
        "payload-transferred" => "commit".to_owned(),
        "put-object" => {
            assert_eq!(data["object"]["key"], data["key"]);
            format!("put {} {} {}", data["kind"].as_str().unwrap(), data["key"].as_str().unwrap(), data["version"])
        }
        _ => format!("{name} {} {} {}", data["kind"].as_str().unwrap(), data["key"].as_str().unwrap(), data["version"]),
    });
    told.collect()
}

fn state(events: &[(String, Value)]) -> String {
    let (name, data) = events.last().unwrap();
    assert_eq!(name, "payload-transferred");
    data["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_a_basis_everything_is_sent() {
    let server = Server::start().await;
    let polled = poll(&server, "").await;
    assert_eq!(shape(&polled), ["xfer-full payload-missing", "put segment s 1", "put flag f 1", "commit"]);
    let payload = &polled[0].1["payloads"][0];
    assert_eq!(payload["id"], "0123456789abcdef01234567");
    assert_eq!(payload["target"], polled[3].1["version"]);
    let state = state(&polled);
    assert!(state.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:()".contains(&b)), "{state}");

    let (mut stream, status, headers) = Connection::stream(server.address, "/sdk/stream").await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(headers["x-ld-envid"], "0123456789abcdef01234567");
    assert_eq!(group(&mut stream).await, polled);
}

#[tokio::test]
async fn the_newest_state_as_basis_gets_nothing_and_then_each_change() {
    let server = Server::start().await;
    let state = state(&poll(&server, "").await);
    assert_eq!(shape(&poll(&server, &state).await), ["none up-to-date"]);
    let encoded = state.replace('(', "%28").replace(':', "%3A").replace(')', "%29");
    assert_eq!(shape(&poll(&server, &encoded).await), ["none up-to-date"]);

    let (mut stream, ..) = Connection::stream(server.address, &format!("/sdk/stream?basis={state}")).await;
    assert_eq!(shape(&group(&mut stream).await), ["none up-to-date"]);
    server.commit(vec![config("f"), delete(Kind::Segment, "e", "s")]).await;
    let told = group(&mut stream).await;
    assert_eq!(shape(&told), ["xfer-changes stale", "put flag f 2", "delete-object segment s 2", "commit"]);
    assert_eq!(shape(&poll(&server, &self::state(&told)).await), ["none up-to-date"]);
}

#[tokio::test]
async fn an_older_state_gets_each_change_once() {
    let server = Server::start().await;
    let older = state(&poll(&server, "").await);
    server.commit(vec![config("f")]).await;
    server.commit(vec![segment("s", 2)]).await;
    server.commit(vec![config("f")]).await;
    let wanted = ["xfer-changes stale", "put segment s 2", "put flag f 3", "commit"];
    let polled = poll(&server, &older).await;
    assert_eq!(shape(&polled), wanted);
    let (mut stream, ..) = Connection::stream(server.address, &format!("/sdk/stream?basis={older}")).await;
    assert_eq!(group(&mut stream).await, polled);
    assert_eq!(state(&polled), state(&poll(&server, "").await));
}

#[tokio::test]
async fn a_state_nobody_knows_gets_everything() {
    let server = Server::start().await;
    let older = state(&poll(&server, "").await);
    let other_env = older.replace("(p:0123456789abcdef01234567:", "(p:0123456789abcdef01234568:");
    assert_ne!(other_env, older);
    server.commit(vec![config("f")]).await;
    let (head, _) = older.rsplit_once(':').unwrap();
    let other_past = format!("{head}:0000000000000000)");
    for basis in ["(p:0123456789abcdef01234567:3)", "nonsense", "%ff%00", &other_env, &other_past] {
        assert_eq!(
            shape(&poll(&server, basis).await),
            ["xfer-full cant-catchup", "put segment s 1", "put flag f 2", "commit"],
            "{basis}"
        );
        let (mut stream, ..) = Connection::stream(server.address, &format!("/sdk/stream?basis={basis}")).await;
        assert_eq!(shape(&group(&mut stream).await)[0], "xfer-full cant-catchup", "{basis}");
    }
    // More changes than are kept.
    for _ in 0..130 {
        server.commit(vec![config("f")]).await;
    }
    assert_eq!(shape(&poll(&server, &older).await)[0], "xfer-full cant-catchup");
}

#[tokio::test]
async fn a_restart_does_not_make_states_unknown() {
    let server = Server::start().await;
    let before = state(&poll(&server, "").await);
    server.commit(vec![config("f")]).await;
    let newest = state(&poll(&server, "").await);
    // Changes elsewhere move the log on meanwhile.
    server.log.commit(vec![delete(Kind::Segment, "elsewhere", "s")]);
    // Another process over the same log, which knows nothing of what was sent by the first.
    let again = server.beside().await;
    assert_eq!(shape(&poll(&again, &newest).await), ["none up-to-date"]);
    assert_eq!(shape(&poll(&again, &before).await)[0], "xfer-full cant-catchup");
    let (mut stream, ..) = Connection::stream(again.address, &format!("/sdk/stream?basis={newest}")).await;
    assert_eq!(shape(&group(&mut stream).await), ["none up-to-date"]);
    again.commit(vec![config("f")]).await;
    assert_eq!(shape(&group(&mut stream).await), ["xfer-changes stale", "put flag f 3", "commit"]);
    assert_eq!(shape(&poll(&again, &newest).await), ["xfer-changes stale", "put flag f 3", "commit"]);
}

#[tokio::test]
async fn what_comes_back_to_an_earlier_state_is_that_state() {
    let server = Server::start().await;
    let before = state(&poll(&server, "").await);
    server.commit(flag("g", 0)).await;
    assert_eq!(shape(&poll(&server, &before).await), ["xfer-changes stale", "put flag g 1", "commit"]);
    server.commit(vec![delete(Kind::FlagConfig, "e", "g"), delete(Kind::Flag, "", "g")]).await;
    assert_eq!(shape(&poll(&server, &before).await), ["none up-to-date"]);
}

#[tokio::test]
async fn polls_have_tags() {
    let server = Server::start().await;
    let reply = get(server.address, "/sdk/poll", &[]).await;
    let tag = reply.header("etag").unwrap().to_owned();
    assert_eq!(tag, format!("W/\"{}\"", state(&poll(&server, "").await)));
    let again = get(server.address, "/sdk/poll", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    server.commit(vec![config("f")]).await;
    assert_eq!(get(server.address, "/sdk/poll", &[("if-none-match", &tag)]).await.status, 200);
}

#[tokio::test]
async fn compressed_polls_hold_the_same() {
    let many: Vec<_> = (0..200).flat_map(|n| flag(&format!("f{n:03}"), 100)).collect();
    let server = Server::with(Options::default(), many).await;
    let older = state(&poll(&server, "").await);
    let check = async |target: &str| {
        let plain = get(server.address, target, &[]).await;
        let gzip = get(server.address, target, &[("accept-encoding", "gzip")]).await;
        assert_eq!(gzip.header("content-encoding"), Some("gzip"), "{target}");
        assert!(gzip.body.len() < plain.body.len());
        let mut out = Vec::new();
        flate2::read::GzDecoder::new(&*gzip.body).read_to_end(&mut out).unwrap();
        assert_eq!(out, plain.body, "{target}");
    };
    check("/sdk/poll").await;
    check("/sdk/poll?basis=unknown").await;
    server.commit(flag("g", 10_000)).await;
    check("/sdk/poll").await;
    check(&format!("/sdk/poll?basis={older}")).await;
}

#[tokio::test]
async fn a_server_that_goes_away_says_goodbye() {
    let server = Server::start().await;
    let (mut stream, ..) = Connection::stream(server.address, "/sdk/stream").await;
    group(&mut stream).await;
    let (mut old, ..) = Connection::stream(server.address, "/all").await;
    old.event().await.unwrap();
    server.shut_down().await;
    let goodbye = stream.event().await.unwrap();
    let data = goodbye.strip_prefix("event: goodbye\ndata: ").unwrap();
    assert!(serde_json::from_str::<Value>(data).unwrap()["reason"].is_string());
    assert_eq!(stream.event().await, None);
    assert!(stream.ended);
    assert_eq!(old.event().await, None, "older SDKs are not told");
}

#[tokio::test]
async fn a_key_taken_away_ends_the_stream() {
    let server = Server::start().await;
    let (mut stream, ..) = Connection::stream(server.address, "/sdk/stream").await;
    group(&mut stream).await;
    server.log.commit(vec![environment(0, "sdk-new")]);
    assert_eq!(stream.event().await, None);
    assert_eq!(get(server.address, "/sdk/stream", &[]).await.status, 401);
}

#[tokio::test]
async fn keys_filters_and_methods_are_checked() {
    let server = Server::start().await;
    for path in ["/sdk/stream", "/sdk/poll"] {
        assert_eq!(send(server.address, "GET", path, &[("authorization", "sdk-wrong")], b"").await.status, 401);
        assert_eq!(send(server.address, "GET", path, &[("authorization", "mob-1")], b"").await.status, 401);
        assert_eq!(get(server.address, &format!("{path}?filter=beta"), &[]).await.status, 404);
        assert_eq!(send(server.address, "POST", path, &[("authorization", "mob-1")], b"").await.status, 405);
    }
    let empty = Server::with(Options { feed: false, ..Options::default() }, vec![]).await;
    assert_eq!(get(empty.address, "/sdk/poll", &[]).await.status, 503);
    assert_eq!(get(empty.address, "/sdk/stream", &[]).await.status, 503);
}

#[tokio::test]
async fn an_empty_environment_is_transferred_too() {
    let server = Server::with(Options::default(), vec![delete(Kind::Segment, "e", "s")]).await;
    let polled = poll(&server, "").await;
    assert_eq!(shape(&polled), ["xfer-full payload-missing", "commit"]);
    assert_eq!(polled[0].1["payloads"].as_array().unwrap().len(), 1);
    assert_ne!(polled[1].1["state"], json!(""));
}
