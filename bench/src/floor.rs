//! The least that a server of streams can do, as a yardstick for `delivery`: it takes connections, answers each
//! with the same bytes, keeps nothing but the sockets and writes each change to all of them. It knows no HTTP
//! beyond the end of a head, no keys, no time, and no clients that read slowly.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};

/// Bytes of the first event, as Wigwag sends with 100 flags.
const PUT: usize = 78_700;
/// Bytes of a change to one of them.
const PATCH: usize = 830;

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";

type Streams = Arc<Mutex<Vec<TcpStream>>>;

/// Serves until the process is ended.
///
/// # Errors
/// The address cannot be had.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let [address] = arguments else { anyhow::bail!("wigwag-bench floor ADDRESS") };
    let address: SocketAddr = address.parse().context("not an address")?;
    let listener = TcpListener::bind(address)?;
    let put = event("put", PUT);
    let streams = Streams::default();
    for stream in listener.incoming() {
        let mut stream = stream?;
        stream.set_nodelay(true)?;
        let head = head(&mut stream)?;
        if head.starts_with(b"GET ") {
            stream.write_all(HEAD)?;
            stream.write_all(&put)?;
            stream.set_nonblocking(true)?;
            streams.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
        } else {
            let streams = Arc::clone(&streams);
            std::thread::spawn(move || changes(stream, &streams));
        }
    }
    Ok(())
}

/// Answers each request of a connection, the first of which was read, once its change is written to all streams.
fn changes(mut control: TcpStream, streams: &Streams) -> Result<()> {
    let patch = event("patch", PATCH);
    loop {
        for stream in streams.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            match stream.write(&patch) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error.into()),
                _ => {}
            }
        }
        control.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
        head(&mut control)?;
    }
}

/// One event as a chunk with about `size` bytes of data.
fn event(name: &str, size: usize) -> Vec<u8> {
    let data = format!("event: {name}\ndata: {{\"path\":\"/\",\"data\":\"{}\"}}\n\n", "x".repeat(size));
    format!("{:x}\r\n{data}\r\n", data.len()).into_bytes()
}

/// Reads up to the end of a head, and a body that came with it.
fn head(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        let n = stream.read(&mut buffer)?;
        anyhow::ensure!(n > 0, "the client went away");
        seen.extend_from_slice(&buffer[..n]);
    }
    Ok(seen)
}
