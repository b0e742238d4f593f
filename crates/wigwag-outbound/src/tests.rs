#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

fn outbound(allow_private: bool, timeout: u64) -> Outbound {
    let timeout = Duration::from_millis(timeout);
    Outbound::new(OutboundConfig { allow_private, timeout, user_agent: "wigwag-test".to_owned() }).unwrap()
}

fn post(url: &str) -> Call {
    Call { method: Method::POST, url: url.to_owned(), headers: HeaderMap::new(), body: Bytes::from_static(b"{}") }
}

/// Answers one connection after the other with the same bytes; none leaves it open.
async fn receiver(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _read = socket.read(&mut buffer).await;
            if let Some(answer) = answer {
                let _written = socket.write_all(answer.as_bytes()).await;
            } else {
                open.push(socket);
            }
        }
    });
    format!("http://{address}")
}

#[test]
fn public_addresses() {
    for ip in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2002:101:101::", "::ffff:8.8.8.8"]
    {
        assert!(is_public(ip.parse().unwrap()), "{ip}");
    }
    let private = "0.0.0.0 0.1.2.3 10.0.0.1 127.0.0.1 127.9.9.9 100.64.0.1 100.100.100.200 169.254.169.254 172.16.0.1
        172.31.255.255 192.0.0.1 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1
        255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b:1::1
        2002:7f00:1:: 2002:a9fe:a9fe:: fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1 2001::1 3fff::1 100::1";
    for ip in private.split_whitespace() {
        assert!(!is_public(ip.parse().unwrap()), "{ip}");
    }
}

#[tokio::test]
async fn answers_are_read_up_to_a_bound_and_redirects_are_answers() {
    let url =
        receiver(Some("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 3\r\n\r\nabc")).await;
    let answer = outbound(true, 10_000).call(post(&url)).await.unwrap();
    assert_eq!((answer.status, &*answer.head), (302, "abc"));
    let long: &'static str =
        Box::leak(format!("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{}", "x".repeat(5000)).into_boxed_str());
    let answer = outbound(true, 10_000).call(post(&receiver(Some(long)).await)).await.unwrap();
    assert_eq!(answer.head.len(), HEAD);
}

#[tokio::test]
async fn hanging_and_broken_receivers() {
    let hanging = receiver(None).await;
    assert!(matches!(outbound(true, 100).call(post(&hanging)).await, Err(Failure::Timeout(_))));
    let rude = receiver(Some("not HTTP at all\r\n\r\n")).await;
    assert!(matches!(outbound(true, 10_000).call(post(&rude)).await, Err(Failure::Broken(_))));
}

/// By literal and by name, in every spelling of the loopback that URLs have.
#[tokio::test]
async fn private_addresses_are_not_called() {
    let url = receiver(Some("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let port = url.rsplit(':').next().unwrap();
    assert_eq!(outbound(true, 10_000).call(post(&url)).await.unwrap().status, 200);
    let closed = outbound(false, 10_000);
    for host in ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let failure = closed.call(post(&format!("http://{host}:{port}/"))).await.unwrap_err().to_string();
        assert!(failure.contains("not a public one"), "{host}: {failure}");
    }
    for wrong in ["ftp://example.com", "/hook", "http://", "file:///etc/passwd"] {
        assert!(matches!(closed.call(post(wrong)).await, Err(Failure::Refused(_))), "{wrong}");
    }
}

/// A name that answers with a public and a private address is refused: which of the two a connection takes is not
/// ours to say.
#[test]
fn mixed_answers_are_refused() {
    let of = |list: [&str; 2]| list.map(|a| a.parse::<SocketAddr>().unwrap()).into_iter();
    use std::net::SocketAddr;
    assert!(resolver::allowed(of(["1.1.1.1:0", "127.0.0.1:0"]), false).is_err());
    assert_eq!(resolver::allowed(of(["1.1.1.1:0", "8.8.8.8:0"]), false).unwrap().len(), 2);
    assert_eq!(resolver::allowed(of(["10.0.0.1:0", "8.8.8.8:0"]), true).unwrap().len(), 2);
}
