//! Clients that mean harm, against the running binary: they get refusals, the others do not notice, and nothing of
//! them stays.

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use wigwag_testkit::{Client, PATIENCE, flag};

use crate::process::Process;

struct Server {
    process: Process,
    client: Client,
    sdk: String,
    _dir: tempfile::TempDir,
}

fn start() -> Server {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(&["--data-dir", dir.path().to_str().unwrap()], &[]);
    let client = process.client(&process.told("access token"));
    let sdk = process.told("SDK key");
    Server { process, client, sdk, _dir: dir }
}

impl Server {
    fn address(&self) -> std::net::SocketAddr {
        self.process.url().trim_start_matches("http://").parse().unwrap()
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.unwrap()
    }

    /// What somebody who means no harm does: a change, and an SDK that sees it.
    async fn serves(&self, key: &str) {
        let mut stream = self.client.stream("/all", &self.sdk).await;
        assert_eq!(stream.next().await.name, "put");
        self.client.post("/api/v2/flags/default", flag(key).body()).await.expect(201);
        assert_eq!(stream.next().await.data["path"], format!("/flags/{key}"));
    }

    /// Waits until connections are gone.
    async fn has_open(&self, at_most: usize) {
        let since = std::time::Instant::now();
        while self.process.files() > at_most {
            assert!(since.elapsed() < PATIENCE, "{} files are open, not {at_most}", self.process.files());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// All that a socket says until it is closed.
async fn rest(socket: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // An end by a reset is an end: the server does not wait for the rest of what it refused.
    let _end = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut all)).await.expect("an end in time");
    String::from_utf8_lossy(&all).into_owned()
}

/// Many connections that send a byte now and then keep nobody else out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_never_finish_a_request_keep_nobody_out() {
    let server = start();
    server.serves("before").await;
    let before = server.process.files();
    let beginnings = [
        "GET /api/v2/flags/default HTTP/1.1\r\nhost: x\r\nx-slow: ",
        "POST /api/v2/flags/default HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{",
        "POST /bulk HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\n",
        "",
    ];
    let mut sockets = Vec::new();
    for n in 0..400 {
        let mut socket = server.connect().await;
        socket.write_all(beginnings[n % beginnings.len()].as_bytes()).await.unwrap();
        sockets.push(socket);
    }
    for round in 0..3 {
        server.serves(&format!("meanwhile-{round}")).await;
        for socket in &mut sockets {
            // Some are refused already: who has no credential is not waited for.
            let _closed = socket.write_all(b"x").await;
        }
    }
    drop(sockets);
    server.has_open(before + 10).await;
}

/// Heads and bodies beyond all bounds are refused without being kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused() {
    let server = start();
    let token = server.process.told("access token");
    let memory = server.process.memory();

    let mut socket = server.connect().await;
    let head = format!("GET /api/v2/flags/default HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n", "x".repeat(1_000_000));
    let _refused = socket.write_all(head.as_bytes()).await;
    let answer = rest(&mut socket).await;
    // A reset may overtake the answer.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");

    let mut socket = server.connect().await;
    let many: String = (0..1_000).map(|n| format!("x-{n}: x\r\n")).collect();
    let _refused = socket.write_all(format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes()).await;
    assert!(rest(&mut socket).await.starts_with("HTTP/1.1 431 "));

    // A body that claims to be huge, and one that never ends.
    let post = format!("POST /api/v2/flags/default HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\n");
    for framing in ["content-length: 1000000000000", "transfer-encoding: chunked"] {
        let mut socket = server.connect().await;
        socket.write_all(format!("{post}{framing}\r\n\r\n").as_bytes()).await.unwrap();
        let piece = if framing.starts_with("content") { " ".repeat(1 << 20) } else { chunk(1 << 20) };
        let (mut read, mut write) = socket.split();
        let sending = async {
            // Until it is told to stop, or has sent what no server should take.
            for _ in 0..200 {
                if write.write_all(piece.as_bytes()).await.is_err() {
                    break;
                }
            }
        };
        let mut answer = [0; 12];
        let (_, read) = tokio::time::timeout(PATIENCE, async { tokio::join!(sending, read.read_exact(&mut answer)) })
            .await
            .expect("an answer in time");
        // A reset may overtake the answer.
        if read.is_ok() {
            assert_eq!(&answer, b"HTTP/1.1 413", "{framing}");
        }
    }

    // A kilobyte that unpacks to a megabyte, a thousand times.
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..200 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let sdk = server.client.with_token(&server.sdk);
    for (client, path) in [(&server.client, "/api/v2/flags/default"), (&sdk, "/bulk"), (&sdk, "/diagnostic")] {
        let request = client.request("POST", path).header("content-encoding", "gzip");
        let request = request.header("content-type", "application/json");
        let answer = client.send(request.body(bomb.clone())).await;
        assert!([400, 413, 202].contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
        assert!(path == "/diagnostic" || answer.status == 413, "{path}: {} {}", answer.status, answer.text);
    }
    let grown = server.process.memory().saturating_sub(memory);
    assert!(grown < 150 << 20, "{grown} bytes were kept of what was refused");
    assert_eq!(server.client.get("/api/v2/flags/default").await.expect(200).json()["totalCount"], json!(0));
    server.serves("after").await;
}

fn chunk(size: usize) -> String {
    format!("{size:x}\r\n{}\r\n", " ".repeat(size))
}

/// Tens of thousands of connections that come and go leave no file, no task and no memory behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_come_and_go_leave_nothing() {
    let server = start();
    server.serves("before").await;
    let files = server.process.files();
    churn(&server, 2_000, 0).await;
    server.has_open(files + 5).await;
    let memory = server.process.memory();
    churn(&server, 20_000, 1).await;
    server.has_open(files + 5).await;
    let grown = server.process.memory().saturating_sub(memory);
    assert!(grown < 40 << 20, "{grown} bytes stay");
    server.serves("after").await;
}

/// Connects so often from addresses of its own, so that ports do not run out, and goes in several ways.
async fn churn(server: &Server, times: u32, part: u8) {
    let (at_once, address) = (50, server.address());
    let mut connected = 0;
    for round in 0..times / at_once {
        let from = Ipv4Addr::new(127, 1 + part, u8::try_from(round % 250).unwrap(), 1);
        let one = async |n: u32| {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind((from, 0).into()).unwrap();
            let Ok(mut stream) = socket.connect(address).await else { return 0 };
            match n % 4 {
                0 => {}
                1 => drop(stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await),
                2 => drop(stream.write_all(b"\x16\x03\x01\x00\xa5\x01\x00\x00 garbage \r\n\r\n").await),
                _ => drop(stream.write_all(b"GET /all HTTP/1.1\r\nhost: x\r\nauthori").await),
            }
            1
        };
        connected += join_all((0..at_once).map(one)).await.iter().sum::<u32>();
    }
    assert!(connected > times / 10 * 9, "only {connected} of {times} connections came about");
}
