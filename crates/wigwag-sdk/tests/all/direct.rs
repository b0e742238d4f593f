//! Requests that are answered past the HTTP library are answered as it would.

use tokio::io::AsyncWriteExt as _;

use crate::client::{Connection, Reply};
use crate::draw::{Dice, PATHS, Place, drawn};
use crate::evaluation::{ADA, ID, MOBILE, b64, server};
use crate::server::KEY;

/// A field that says what is so anyway, in a way that only the library understands.
const TO_THE_LIBRARY: (&str, &str) = ("connection", "keep-alive, keep-alive");

/// One answer of a connection that stays open. Of a stream, its head.
async fn reply(connection: &mut Connection, method: &str) -> Reply {
    let (mut status, mut headers) = connection.head().await;
    if status == 100 {
        (status, headers) = connection.head().await;
    }
    headers.remove("date");
    let length = headers.get("content-length").filter(|_| method != "HEAD").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    connection.take(&mut body).await;
    Reply { status, headers, body }
}

#[tokio::test]
async fn answers_are_the_same_either_way() {
    let server = server().await;
    let mut dice = Dice(7);
    let place =
        Place { sdk: KEY, mobile: MOBILE, id: ID, relay: "rel-nobody", keys: &["both", "phone", "s", "nothing"] };
    let mut done = 0;
    for _ in 0..1_500 {
        let sent = drawn(&mut dice, &place, PATHS);
        let mut headers: Vec<(&str, &str)> = sent.headers.iter().map(|(name, value)| (*name, &**value)).collect();
        let mut replies = Vec::new();
        for _ in 0..2 {
            let mut connection = Connection::open(server.address).await;
            connection.request(sent.method, &sent.target, &headers, &sent.body).await;
            let Reply { status, headers: told, body } = reply(&mut connection, sent.method).await;
            replies.push((status, told, String::from_utf8_lossy(&body).into_owned()));
            headers.push(TO_THE_LIBRARY);
        }
        assert_eq!(replies[0], replies[1], "{} {} {:?}", sent.method, sent.target, sent.headers);
        done += usize::from(replies[0].0 < 400);
    }
    assert!(done > 150, "{done}");
}

fn post(body: &str) -> String {
    format!("POST /bulk HTTP/1.1\r\nhost: a\r\nauthorization: {KEY}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn flags() -> String {
    format!("GET /sdk/evalx/{ID}/contexts/{} HTTP/1.1\r\nhost: a\r\n\r\n", b64(ADA))
}

#[tokio::test]
async fn requests_are_answered_in_turn_however_their_bytes_arrive() {
    let server = server().await;
    let mut connection = Connection::open(server.address).await;
    let all = [post("[]"), flags(), post("[}"), post(r#"[{"kind":"custom"}]"#), flags()].concat();
    let expected = [202, 200, 400, 202, 200];
    // In one piece, and byte for byte.
    connection.stream.write_all(all.as_bytes()).await.unwrap();
    for status in expected {
        assert_eq!(reply(&mut connection, "").await.status, status);
    }
    for byte in all.as_bytes() {
        connection.stream.write_all(std::slice::from_ref(byte)).await.unwrap();
        tokio::task::yield_now().await;
    }
    for status in expected {
        assert_eq!(reply(&mut connection, "").await.status, status);
    }
}

#[tokio::test]
async fn a_connection_goes_on_with_the_library_and_loses_nothing() {
    let server = server().await;
    let long = format!("[{{\"kind\":\"custom\",\"data\":\"{}\"}}]", "x".repeat(100_000));
    let chunked = format!(
        "POST /bulk HTTP/1.1\r\nauthorization: {KEY}\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n"
    );
    let polled = format!("GET /sdk/latest-all HTTP/1.1\r\nauthorization: {KEY}\r\n\r\n");
    let expects =
        format!("POST /bulk HTTP/1.1\r\nauthorization: {KEY}\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n[]");
    for (other, status) in [(post(&long), 202), (chunked, 202), (polled, 200), (expects, 202)] {
        let mut connection = Connection::open(server.address).await;
        let all = [post("[]"), flags(), other, post("[]"), flags()].concat();
        connection.stream.write_all(all.as_bytes()).await.unwrap();
        for expected in [202, 200, status, 202, 200] {
            assert_eq!(reply(&mut connection, "").await.status, expected);
        }
    }
    let mut connection = Connection::open(server.address).await;
    let stream = format!("GET /meval/{} HTTP/1.1\r\nauthorization: {MOBILE}\r\n\r\n", b64(ADA));
    connection.stream.write_all((flags() + &stream).as_bytes()).await.unwrap();
    assert_eq!(reply(&mut connection, "").await.status, 200);
    assert_eq!(reply(&mut connection, "").await.status, 200);
    assert!(connection.event().await.unwrap().starts_with("event: put"));
}

#[tokio::test]
async fn what_is_no_http_is_refused_or_let_go() {
    let server = server().await;
    for (text, answer) in
        [("\u{16}\u{3}\u{1}", "HTTP/1.1 400"), ("GET\r\n\r\n", "HTTP/1.1 400"), ("\r\n\r\n", ""), ("P", "")]
    {
        let mut connection = Connection::open(server.address).await;
        connection.stream.write_all(text.as_bytes()).await.unwrap();
        connection.stream.shutdown().await.unwrap();
        let told = String::from_utf8(connection.rest().await).unwrap();
        assert_eq!(told.get(..12).unwrap_or_default(), answer, "{text:?}: {told}");
    }
}
