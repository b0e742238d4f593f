//! A very small HTTP/1.1 client that hides nothing.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::server::{BOUND, KEY};

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A request with the good key.
pub(crate) async fn get(address: SocketAddr, target: &str, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("authorization", KEY)];
    all.extend_from_slice(headers);
    send(address, "GET", target, &all, b"").await
}

/// A request on a connection of its own.
pub(crate) async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut stream = Connection::open(address).await;
    let mut all = vec![("connection", "close")];
    all.extend_from_slice(headers);
    stream.request(method, target, &all, body).await;
    let (status, headers) = stream.head().await;
    let chunked = headers.get("transfer-encoding").is_some_and(|v| v == "chunked");
    let body = if chunked { stream.chunks_to_end().await } else { stream.rest().await };
    Reply { status, headers, body }
}

/// A connection and what was read but not used.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
    /// The chunked body has ended properly.
    pub(crate) ended: bool,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), buffer: Vec::new(), ended: false }
    }

    /// A stream on a connection that holds little of what it does not read.
    pub(crate) async fn slow_stream(address: SocketAddr, target: &str, key: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(64 << 10).unwrap();
        let stream = socket.connect(address).await.unwrap();
        let mut connection = Self { stream, buffer: Vec::new(), ended: false };
        connection.request("GET", target, &[("authorization", key)], b"").await;
        assert_eq!(connection.head().await.0, 200);
        connection
    }

    /// Opens a stream and reads its head.
    pub(crate) async fn stream(address: SocketAddr, target: &str) -> (Self, u16, BTreeMap<String, String>) {
        let mut connection = Self::open(address).await;
        connection.request("GET", target, &[("authorization", KEY)], b"").await;
        let (status, headers) = connection.head().await;
        (connection, status, headers)
    }

    pub(crate) async fn request(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut text = format!("{method} {target} HTTP/1.1\r\nhost: wigwag\r\n");
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "transfer-encoding") {
            text += &format!("content-length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += "\r\n";
        // A head or a body that is refused may not be read to its end.
        let _ = self.stream.write_all(text.as_bytes()).await;
        let _ = self.stream.write_all(body).await;
    }

    /// The same on a connection that the server may have closed already.
    pub(crate) async fn request_if_open(&mut self, method: &str, target: &str, headers: &[(&str, &str)]) {
        let mut text = format!("{method} {target} HTTP/1.1\r\nhost: wigwag\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        let _ = self.stream.write_all((text + "\r\n").as_bytes()).await;
    }

    /// Exactly as many bytes as `body` has room for.
    pub(crate) async fn take(&mut self, body: &mut [u8]) {
        while self.buffer.len() < body.len() {
            assert!(self.fill().await, "the connection ended");
        }
        body.copy_from_slice(&self.buffer[..body.len()]);
        self.buffer.drain(..body.len());
    }

    pub(crate) async fn head(&mut self) -> (u16, BTreeMap<String, String>) {
        let head = self.until(b"\r\n\r\n").await.expect("no head");
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        (status, headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect())
    }

    /// The next event (or comment) of a stream; `None` at its end.
    pub(crate) async fn event(&mut self) -> Option<String> {
        let mut event = Vec::new();
        while !event.ends_with(b"\n\n") {
            // Events end where chunks end: each is flushed as a whole.
            event.extend(self.chunk().await?);
        }
        Some(String::from_utf8(event).unwrap())
    }

    /// The next chunk; `None` at the end of the body or of the connection.
    pub(crate) async fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = self.until(b"\r\n").await?;
        let size = usize::from_str_radix(String::from_utf8(size).unwrap().trim(), 16).unwrap();
        while self.buffer.len() < size + 2 {
            if !self.fill().await {
                return None;
            }
        }
        let rest = self.buffer.split_off(size + 2);
        let mut chunk = std::mem::replace(&mut self.buffer, rest);
        chunk.truncate(size);
        if size == 0 {
            self.ended = true;
            return None;
        }
        Some(chunk)
    }

    async fn chunks_to_end(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await {
            body.extend(chunk);
        }
        body
    }

    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.fill().await {}
        std::mem::take(&mut self.buffer)
    }

    async fn until(&mut self, mark: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.buffer.windows(mark.len()).position(|window| window == mark) {
                return Some(self.buffer.drain(..at + mark.len()).collect());
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    /// Reads more; `false` at the end of the connection.
    async fn fill(&mut self) -> bool {
        let read = self.stream.read_buf(&mut self.buffer);
        timeout(BOUND, read).await.expect("nothing came").is_ok_and(|n| n > 0)
    }
}
