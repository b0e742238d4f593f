//! `/sdk/poll/eval` and `/sdk/stream/eval`: results as objects, for browsers and phones alike.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use wigwag_model::doc::Kind;

use crate::client::{Connection, Reply, send};
use crate::evaluation::{ADA, ID, MOBILE, b64, config_with, get, server};
use crate::server::{KEY, Options, Server, put, segment};

/// The state in a poll's answer, where there is one.
fn state(body: &Value) -> &str {
    let last = body["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["event"], "payload-transferred");
    last["data"]["state"].as_str().unwrap()
}

/// The intent, then what is put (with its value) and deleted.
fn shape(body: &Value) -> Vec<String> {
    let events = body["events"].as_array().unwrap().iter().map(|event| {
        let data = &event["data"];
        match event["event"].as_str().unwrap() {
            "server-intent" => format!("{} {}", data["payloads"][0]["intentCode"], data["payloads"][0]["reason"]),
            "payload-transferred" => "commit".to_owned(),
            name => format!("{name} {} {} {}", data["kind"], data["key"], data["object"]["value"]),
        }
    });
    events.map(|text| text.replace('"', "")).collect()
}

/// Method, path, headers, body.
type Way = (&'static str, String, Vec<(String, String)>, &'static str);

/// Every way to ask for what a credential sees.
fn ways(of: &str, credential: &str) -> Vec<Way> {
    let header = vec![("authorization".to_owned(), credential.to_owned())];
    let worded = vec![("authorization".to_owned(), format!("api_key {credential}"))];
    let (path, standard) = (format!("/sdk/{of}/eval/{}", b64(ADA)), BASE64_STANDARD.encode(ADA));
    vec![
        ("GET", path.clone(), header.clone(), ""),
        ("GET", format!("/sdk/{of}/eval/{standard}"), worded, ""),
        ("GET", format!("{path}?auth={credential}"), vec![], ""),
        ("POST", format!("/sdk/{of}/eval"), header.clone(), ADA),
        ("POST", format!("/sdk/{of}/eval?auth={credential}"), vec![], ADA),
        ("REPORT", format!("/sdk/{of}/eval"), header, ADA),
        ("REPORT", format!("/sdk/{of}/eval?x=y&auth={credential}"), vec![], ADA),
    ]
}

async fn ask(server: &Server, (method, path, headers, body): &Way) -> Reply {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    send(server.address, method, path, &headers, body.as_bytes()).await
}

async fn poll(server: &Server, basis: &str) -> Value {
    let path = format!("/sdk/poll/eval/{}?auth={ID}&withReasons=true&basis={basis}", b64(ADA));
    let reply = get(server, &path, &[]).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

/// The next group of a stream, in the form of a poll.
async fn group(stream: &mut Connection) -> Value {
    let mut events = Vec::new();
    loop {
        let text = stream.event().await.expect("the stream ended");
        for event in text.split_terminator("\n\n").filter(|event| event.starts_with("event: ")) {
            let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
            events.push(json!({ "event": name, "data": serde_json::from_str::<Value>(data).unwrap() }));
        }
        let code = events.first().map(|event| &event["data"]["payloads"][0]["intentCode"]);
        if code == Some(&json!("none")) || events.last().is_some_and(|last| last["event"] == "payload-transferred") {
            return json!({ "events": events });
        }
    }
}

#[tokio::test]
async fn every_way_of_asking_gets_the_same() {
    let server = server().await;
    for (credential, wanted) in [
        (ID, ["put-object flag-eval both {n:1}", "put-object flag-eval browser {n:1}"]),
        (MOBILE, ["put-object flag-eval both {n:1}", "put-object flag-eval phone null"]),
    ] {
        let mut bodies = Vec::new();
        for way in ways("poll", credential) {
            let reply = ask(&server, &way).await;
            assert_eq!(reply.status, 200, "{way:?}");
            assert_eq!(reply.header("content-type"), Some("application/json"));
            assert_eq!(reply.header("cache-control"), Some("no-cache"));
            assert_eq!(reply.header("x-ld-envid"), Some(ID));
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
            assert!(reply.header("vary").unwrap().contains("Authorization"));
            bodies.push(reply.json());
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]));
        let shape = shape(&bodies[0]);
        assert_eq!(
            (&*shape[0], &shape[1..3], &*shape[3]),
            ("xfer-full payload-missing", &wanted.map(String::from)[..], "commit")
        );
        for way in ways("stream", credential) {
            let (method, path, headers, body) = &way;
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            let mut stream = Connection::open(server.address).await;
            stream.request(method, path, &headers, body.as_bytes()).await;
            let (status, fields) = stream.head().await;
            assert_eq!((status, &*fields["content-type"]), (200, "text/event-stream; charset=utf-8"), "{way:?}");
            assert_eq!(group(&mut stream).await, bodies[0], "{way:?}");
        }
    }
}

#[tokio::test]
async fn objects_are_results_without_version_and_key() {
    let server = server().await;
    let body = poll(&server, "").await;
    let payload = &body["events"][0]["data"]["payloads"][0];
    assert_eq!((&payload["id"], &payload["target"]), (&json!(ID), &body["events"][3]["data"]["version"]));
    let fallthrough = json!({ "kind": "FALLTHROUGH" });
    let object = json!({
        "value": { "n": 1 }, "variation": 1, "flagVersion": 1, "reason": fallthrough, "prerequisites": ["hidden"],
    });
    let wanted = json!({ "version": 3, "kind": "flag-eval", "key": "browser", "object": object });
    assert_eq!(body["events"][2]["data"], wanted);
    assert_eq!(body["events"][1]["data"]["object"]["trackEvents"], true);
    assert_eq!(body["events"][1]["data"]["object"]["debugEventsUntilDate"], 9999);
    // Go and others read as they go: this order.
    let reply = get(&server, &format!("/sdk/poll/eval/{}?auth={ID}", b64(ADA)), &[]).await;
    let text = String::from_utf8(reply.body).unwrap();
    assert!(text.contains(r#"{"version":3,"kind":"flag-eval","key":"both","object":{"value""#), "{text}");
}

#[tokio::test]
async fn the_basis_decides_what_is_sent() {
    let server = server().await;
    let first = poll(&server, "").await;
    let older = state(&first).to_owned();
    assert_eq!(shape(&poll(&server, &older).await), ["none up-to-date"]);
    let encoded = older.replace('(', "%28").replace(':', "%3A").replace(')', "%29");
    assert_eq!(shape(&poll(&server, &encoded).await), ["none up-to-date"]);
    let stream = |basis: &str| format!("/sdk/stream/eval/{}?auth={ID}&withReasons=true&basis={basis}", b64(ADA));
    let open = async |basis: &str| {
        let mut connection = Connection::open(server.address).await;
        connection.request("GET", &stream(basis), &[], b"").await;
        assert_eq!(connection.head().await.0, 200);
        connection
    };
    let mut following = open(&older).await;
    assert_eq!(shape(&group(&mut following).await), ["none up-to-date"]);
    // A flag that only phones see, then one of ours.
    server.commit(vec![config_with("phone", json!({ "on": true }))]).await;
    server.commit(vec![config_with("both", json!({ "on": false }))]).await;
    let changed = ["xfer-changes stale", "put-object flag-eval both off", "commit"];
    assert_eq!(shape(&group(&mut following).await), changed);
    assert_eq!(shape(&poll(&server, &older).await), changed);
    assert_eq!(shape(&group(&mut open(&older).await).await), changed);
    server.commit(vec![crate::server::delete(Kind::FlagConfig, "e", "both")]).await;
    let gone = ["xfer-changes stale", "delete-object flag-eval both null", "commit"];
    assert_eq!(shape(&group(&mut following).await), gone);
    assert_eq!(shape(&poll(&server, &older).await), gone);
    for basis in ["nonsense", "%ff", "(p:0123456789abcdef01234567:3)", &older.replace("c:", "p:")] {
        assert_eq!(shape(&poll(&server, basis).await)[0], "xfer-full cant-catchup", "{basis}");
        assert_eq!(shape(&group(&mut open(basis).await).await)[0], "xfer-full cant-catchup", "{basis}");
    }
    for n in 0..130 {
        server.commit(vec![segment("s", n % 5)]).await;
    }
    assert_eq!(shape(&poll(&server, &older).await)[0], "xfer-full cant-catchup");
}

#[tokio::test]
async fn tags_are_states_of_one_client() {
    let server = server().await;
    let path = |context: &str, more: &str| format!("/sdk/poll/eval/{}?auth={ID}{more}", b64(context));
    let tag = async |path: &str| get(&server, path, &[]).await.header("etag").unwrap().to_owned();
    let ada = tag(&path(ADA, "")).await;
    assert_eq!(ada, format!("W/\"{}\"", state(&get(&server, &path(ADA, ""), &[]).await.json())));
    let known = get(&server, &path(ADA, ""), &[("if-none-match", &ada)]).await;
    assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, Some(&*ada)));
    let own = async |path: &str, headers: &[(&str, &str)]| {
        get(&server, path, &[headers, &[("if-none-match", &ada)]].concat()).await.status
    };
    assert_eq!(own(&path(r#"{"kind":"user","key":"bob"}"#, ""), &[]).await, 200);
    assert_eq!(own(&path(ADA, "&withReasons=true"), &[]).await, 200);
    assert_eq!(own(&path(ADA, ""), &[("authorization", MOBILE)]).await, 200, "the header wins");
}

#[tokio::test]
async fn refusals_are_those_of_the_protocol() {
    let server = server().await;
    for of in ["poll", "stream"] {
        for (path, headers, status) in [
            (format!("/sdk/{of}/eval/{}", b64(ADA)), &[][..], 401),
            (format!("/sdk/{of}/eval/{}?auth=", b64(ADA)), &[], 401),
            (format!("/sdk/{of}/eval/{}?auth=0123456789abcdef0123456f", b64(ADA)), &[], 401),
            (format!("/sdk/{of}/eval/{}?auth=mob-2", b64(ADA)), &[], 401),
            (format!("/sdk/{of}/eval/{}?auth={ID}", b64(ADA)), &[("authorization", "mob-2")], 401),
            (format!("/sdk/{of}/eval/{}", b64(ADA)), &[("authorization", KEY)], 401),
            (format!("/sdk/{of}/eval/{}?auth={ID}&filter=beta", b64(ADA)), &[], 404),
            (format!("/sdk/{of}/eval/a?auth={ID}"), &[], 400),
            (format!("/sdk/{of}/eval/{}?auth={ID}", b64("{}")), &[], 400),
            (format!("/sdk/{of}/eval/{}?auth={ID}", b64(r#"{"key":""}"#)), &[], 400),
        ] {
            let reply = get(&server, &path, headers).await;
            assert_eq!(reply.status, status, "{path}");
            assert!(reply.json()["message"].is_string());
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        }
        let (bare, long) = (format!("/sdk/{of}/eval?auth={ID}"), "k".repeat(2 << 20));
        assert_eq!(send(server.address, "POST", &bare, &[], b"").await.status, 400);
        assert_eq!(send(server.address, "POST", &bare, &[], long.as_bytes()).await.status, 413);
        let reply = send(server.address, "GET", &bare, &[], b"").await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("POST,REPORT,OPTIONS")));
        let ask = [("origin", "https://shop.example"), ("access-control-request-method", "POST")];
        let reply = send(server.address, "OPTIONS", &format!("/sdk/{of}/eval"), &ask, b"").await;
        assert_eq!((reply.status, reply.header("access-control-allow-methods")), (204, Some("POST,REPORT,OPTIONS")));
        assert!(reply.header("access-control-allow-headers").unwrap().contains("Authorization"));
        let reply = send(server.address, "OPTIONS", &format!("/sdk/{of}/eval/x"), &ask, b"").await;
        assert_eq!((reply.status, reply.header("access-control-allow-methods")), (204, Some("GET,OPTIONS")));
    }
    let unloaded = Server::with(Options { feed: false, ..Options::default() }, vec![]).await;
    assert_eq!(get(&unloaded, &format!("/sdk/poll/eval/{}?auth={ID}", b64(ADA)), &[]).await.status, 503);
}

#[tokio::test]
async fn secure_mode_concerns_browsers_only() {
    let server = server().await;
    let body = json!({
        "id": ID, "key": "e", "name": "e", "color": "000000", "createdAt": 0, "secureMode": true,
        "sdkKeys": [{ "value": "sdk-01234567-89ab-cdef-0123-456789abcdef" }], "mobileKeys": [{ "value": MOBILE }],
    });
    server.log.commit(vec![put(Kind::Environment, "", "e", &body)]);
    server.until(|live| live.by_client_id(ID).is_some_and(|env| env.snapshot().settings().secure_mode)).await;
    // sdk-protocol.md 5.5.
    let hash = "73df666a13f2c474e50aa34ca5a761e89abb737fb139ff65fdde7fa85c9dcacd";
    let context = b64(r#"{"kind":"user","key":"user-key-123"}"#);
    for of in ["poll", "stream"] {
        let ask = async |query: String| {
            let mut connection = Connection::open(server.address).await;
            connection.request("GET", &format!("/sdk/{of}/eval/{context}?{query}"), &[], b"").await;
            connection.head().await.0
        };
        assert_eq!(ask(format!("auth={ID}")).await, 400);
        assert_eq!(ask(format!("auth={ID}&h={}", hash.replace('7', "8"))).await, 400);
        assert_eq!(ask(format!("auth={ID}&h={hash}")).await, 200);
        assert_eq!(ask(format!("auth={MOBILE}")).await, 200);
    }
}

#[tokio::test]
async fn streams_say_goodbye() {
    let server = server().await;
    let mut stream = Connection::open(server.address).await;
    stream.request("GET", &format!("/sdk/stream/eval/{}?auth={ID}", b64(ADA)), &[], b"").await;
    assert_eq!(stream.head().await.0, 200);
    group(&mut stream).await;
    server.live.close();
    assert!(stream.event().await.unwrap().starts_with("event: goodbye\ndata: {\"reason\":"));
    assert_eq!(stream.event().await, None);
}
