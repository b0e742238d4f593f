//! Connections: reuse, limits, shutdown.

use std::time::Duration;

use crate::client::{Connection, get};
use crate::server::{BOUND, KEY, Options, Server};

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::start().await;
    let mut connection = Connection::open(server.address).await;
    for _ in 0..3 {
        connection.request("GET", "/sdk/flags/nope", &[("authorization", KEY)], b"").await;
        let (status, headers) = connection.head().await;
        assert_eq!(status, 404);
        let length: usize = headers["content-length"].parse().unwrap();
        let mut body = vec![0; length];
        connection.take(&mut body).await;
    }
}

#[tokio::test]
async fn a_shutdown_ends_streams_properly_and_lets_go_of_idle_connections() {
    let server = Server::start().await;
    let address = server.address;
    let (mut stream, ..) = Connection::stream(address, "/all").await;
    stream.event().await.unwrap();
    let mut idle = Connection::open(address).await;
    let mut silent = Connection::open(address).await;
    idle.request("GET", "/sdk/flags/f", &[("authorization", KEY)], b"").await;
    idle.head().await;
    server.shut_down().await;
    assert_eq!(stream.event().await, None);
    assert!(stream.ended, "the stream must end with its last chunk");
    idle.rest().await;
    assert!(silent.rest().await.is_empty());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed() {
    let mut options = Options::default();
    options.serve.connections_max = 2;
    let server = Server::with(options, vec![]).await;
    let (first, ..) = Connection::stream(server.address, "/all").await;
    let (_second, ..) = Connection::stream(server.address, "/all").await;
    let mut third = Connection::open(server.address).await;
    assert!(third.rest().await.is_empty());
    drop(first);
    let again = async {
        loop {
            let mut connection = Connection::open(server.address).await;
            connection
                .request_if_open("GET", "/sdk/latest-all", &[("authorization", KEY), ("connection", "close")])
                .await;
            if !connection.rest().await.is_empty() {
                break;
            }
        }
    };
    tokio::time::timeout(BOUND, again).await.expect("the place never came free");
}

#[tokio::test]
async fn a_client_that_says_nothing_is_let_go() {
    let mut options = Options::default();
    options.serve.head_timeout = Duration::from_millis(50);
    let server = Server::with(options, vec![]).await;
    let mut silent = Connection::open(server.address).await;
    assert!(silent.rest().await.is_empty());
    let mut slow = Connection::open(server.address).await;
    tokio::io::AsyncWriteExt::write_all(&mut slow.stream, b"GET /all HTTP/1.1\r\n").await.unwrap();
    slow.rest().await;
}

#[tokio::test]
async fn streams_are_counted_while_they_are_open() {
    let server = Server::start().await;
    let (mut stream, ..) = Connection::stream(server.address, "/all").await;
    stream.event().await.unwrap();
    assert!(server.metrics().contains("wigwag_sdk_streams 1"), "{}", server.metrics());
    drop(stream);
    server.until(|live| live.stream_count() == 0).await;
    assert!(server.metrics().contains("wigwag_sdk_streams 0"));
    assert_eq!(get(server.address, "/sdk/latest-all", &[]).await.status, 200);
}

#[tokio::test]
async fn http2_is_understood() {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let server = Server::start().await;
    let socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    let running = tokio::spawn(connection);
    let request = http::Request::get("http://wigwag/all").header("authorization", KEY);
    let mut reply =
        sender.send_request(request.body(http_body_util::Empty::<bytes::Bytes>::new()).unwrap()).await.unwrap();
    assert_eq!(reply.status(), 200);
    let frame = http_body_util::BodyExt::frame(reply.body_mut()).await.unwrap().unwrap();
    assert!(frame.into_data().unwrap().starts_with(b"event: put\n"));
    server.shut_down().await;
    while let Some(frame) = http_body_util::BodyExt::frame(reply.body_mut()).await {
        frame.expect("the stream must end properly");
    }
    running.abort();
}

/// By both protocols, and whether what is long is the address or a field.
#[tokio::test]
async fn heads_are_bounded() {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    const MAX: usize = 64 << 10;
    let server = Server::start().await;
    let socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    let running = tokio::spawn(connection);
    for (size, status) in [(MAX / 4, 200), (MAX - 300, 200), (MAX + 300, 431), (MAX * 3 / 2, 431)] {
        let long = "x".repeat(size);
        for (path, field) in [(format!("/sdk/latest-all?x={long}"), "short"), ("/sdk/latest-all".to_owned(), &*long)] {
            let reply = get(server.address, &path, &[("x-long", field)]).await;
            // An address alone is found too long by the HTTP library, which has a word of its own for that.
            assert!(reply.status == status || (status == 431 && reply.status == 414), "{size}: {}", reply.status);
            // Nor can the client here be made to ask for it.
            let Ok(uri) = format!("http://wigwag{path}").parse::<http::Uri>() else { continue };
            let request = http::Request::get(uri).header("authorization", KEY);
            let request = request.header("x-long", field).body(http_body_util::Empty::<bytes::Bytes>::new()).unwrap();
            // The library's own bound is not far above ours.
            let reply = sender.send_request(request).await.map(|reply| reply.status().as_u16());
            assert!(matches!(reply, Ok(found) if found == status), "{size}: {reply:?}");
        }
    }
    running.abort();
}
