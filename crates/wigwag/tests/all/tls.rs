//! TLS of the server itself: both kinds of HTTP, streams, another certificate while they are open.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::process::Signal;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wigwag_testkit::PATIENCE;

use crate::process::{Process, output};

struct Pair {
    pem: String,
    key: String,
    der: CertificateDer<'static>,
}

fn pair() -> Pair {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    Pair { pem: made.cert.pem(), key: made.signing_key.serialize_pem(), der: made.cert.der().clone() }
}

struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    fn new(pair: &Pair) -> Self {
        let files = Self { dir: tempfile::tempdir().unwrap() };
        files.put(pair);
        files
    }

    fn put(&self, pair: &Pair) {
        std::fs::write(self.cert(), &pair.pem).unwrap();
        std::fs::write(self.key(), &pair.key).unwrap();
    }

    fn cert(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.dir.path().join("key.pem")
    }

    fn start(&self) -> Process {
        let (data, cert, key) = (self.dir.path().join("data"), self.cert(), self.key());
        let arguments = ["--data-dir", text(&data), "--tls-cert", text(&cert), "--tls-key", text(&key)];
        Process::start(&arguments, &[])
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn port(server: &Process) -> u16 {
    server.url().rsplit_once(':').unwrap().1.parse().unwrap()
}

/// A connection that trusts these, and offers these protocols.
async fn connect(server: &Process, trusted: &[&Pair], protocols: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    trusted.iter().for_each(|pair| roots.add(pair.der.clone()).unwrap());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = versions.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let tcp = TcpStream::connect(("127.0.0.1", port(server))).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), tcp).await
}

fn client(server: &Process, pair: &Pair) -> (reqwest::Client, String) {
    let _set = rustls::crypto::ring::default_provider().install_default();
    let trusted = reqwest::Certificate::from_pem(pair.pem.as_bytes()).unwrap();
    let address = ([127, 0, 0, 1], port(server)).into();
    let builder = reqwest::Client::builder().timeout(PATIENCE).resolve("localhost", address);
    let client = builder.tls_certs_only([trusted]).build().unwrap();
    (client, format!("https://localhost:{}", port(server)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_kinds_of_http_and_streams_through_a_change_of_certificate() {
    let (first, second) = (pair(), pair());
    let files = Files::new(&first);
    let server = files.start();
    assert!(server.url().starts_with("https://"), "{}", server.url());
    let (http, at) = client(&server, &first);
    let ready = http.get(format!("{at}/health/ready")).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(ready.headers()["strict-transport-security"], "max-age=31536000");
    assert_eq!(ready.headers()["x-content-type-options"], "nosniff");

    let tls = connect(&server, &[&first], &[b"h2", b"http/1.1"]).await.unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut h2, driver) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.unwrap();
    tokio::spawn(driver);
    let asked = http::Request::get(format!("{at}/status")).body(axum::body::Body::empty()).unwrap();
    let answer = h2.send_request(asked).await.unwrap();
    assert_eq!((answer.status(), answer.version()), (http::StatusCode::OK, http::Version::HTTP_2));

    // A stream on HTTP/1.1 leaves the HTTP library: its bytes must still be TLS.
    let key = server.told("SDK key");
    let mut stream = http.get(format!("{at}/all")).header("authorization", key).send().await.unwrap();
    let mut heard = String::new();
    while !heard.contains("event: put") && !heard.contains("event:put") {
        heard.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    files.put(&second);
    server.signal(Signal::HUP);
    let until = Instant::now() + PATIENCE;
    while connect(&server, &[&second], &[]).await.is_err() {
        assert!(Instant::now() < until, "the other certificate never came");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // What was open goes on, with the certificate it began with.
    let flag = json!({"key": "lamp", "name": "Lamp"});
    let (http, at) = client(&server, &second);
    let token = server.told("access token");
    let made = http.post(format!("{at}/api/v2/flags/default")).header("authorization", token).json(&flag);
    assert_eq!(made.send().await.unwrap().status(), 201);
    while !heard.contains("lamp") {
        heard.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    assert!(connect(&server, &[&first], &[]).await.is_err(), "no new connection gets the old one");

    // What cannot be used changes nothing, and speaking in the clear harms nobody.
    std::fs::write(files.cert(), "nonsense").unwrap();
    server.signal(Signal::HUP);
    let clear = reqwest::Client::new().get(format!("http://127.0.0.1:{}/health/live", port(&server)));
    assert!(clear.send().await.is_err());
    connect(&server, &[&second], &[]).await.unwrap();
    drop(stream);
    server.signal(Signal::TERM);
    assert_eq!(server.end().0, Some(0));
}

#[test]
fn what_cannot_be_used_stops_the_start() {
    let (first, second) = (pair(), pair());
    let files = Files::new(&first);
    let data = files.dir.path().join("data");
    let start = |more: &[&str]| {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", text(&data)];
        let done = output(&[&serve[..], more].concat(), &[]);
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let (cert, key) = (files.cert(), files.key());
    let (code, told) = start(&["--tls-cert", text(&cert)]);
    assert_eq!(code, Some(2));
    assert!(told.contains("--tls-cert (flag): needs tls-key as well"), "{told}");
    std::fs::write(files.key(), &second.key).unwrap();
    let (code, told) = start(&["--tls-cert", text(&cert), "--tls-key", text(&key)]);
    assert_eq!(code, Some(1));
    assert!(told.contains("do not belong together"), "{told}");
    std::fs::write(files.cert(), "").unwrap();
    assert!(start(&["--tls-cert", text(&cert), "--tls-key", text(&key)]).1.contains("there is no certificate in it"));
    std::fs::remove_file(files.cert()).unwrap();
    assert!(start(&["--tls-cert", text(&cert), "--tls-key", text(&key)]).1.contains("tls-cert"));
    assert!(!data.join("wigwag.db").exists(), "nothing was started");
}

/// A relay speaks TLS as a server does, and without an upstream it still tells how it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_speaks_it_too() {
    let pair = pair();
    let files = Files::new(&pair);
    let config = |tls| wigwag::config::RelayConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        tls: Some(tls),
        upstream: "http://127.0.0.1:9".to_owned(),
        polls: "http://127.0.0.1:9".to_owned(),
        events: "http://127.0.0.1:9".to_owned(),
        access: wigwag_relay::Access::AutoConfig("rel-unknown".to_owned()),
        dir: files.dir.path().join("relay"),
        log: wigwag::config::Log { json: false, filter: "off".to_owned() },
    };
    let tls = || wigwag::config::TlsFiles { cert: files.cert(), key: files.key() };
    let outside = wigwag::server::Outside::real;
    let relay = wigwag::relay::RelayServer::start(config(tls()), outside()).await.unwrap();
    let trusted = reqwest::Certificate::from_pem(pair.pem.as_bytes()).unwrap();
    let builder = reqwest::Client::builder().timeout(PATIENCE).resolve("localhost", relay.address());
    let http = builder.tls_certs_only([trusted]).build().unwrap();
    let at = format!("https://localhost:{}", relay.address().port());
    assert_eq!(http.get(format!("{at}/health/live")).send().await.unwrap().status(), 200);
    let clear = format!("http://{}/health/live", relay.address());
    assert!(reqwest::Client::new().get(clear).send().await.is_err());
    relay.stop().await;

    std::fs::write(files.cert(), "").unwrap();
    let refused = wigwag::relay::RelayServer::start(config(tls()), outside()).await.err().unwrap();
    assert!(format!("{refused:#}").contains("there is no certificate in it"), "{refused:#}");
}
