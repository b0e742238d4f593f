//! The least that a server of streams can do, as a yardstick for `delivery`: it takes connections, answers each
//! with the same bytes, keeps nothing but the sockets and writes each change to all of them. It knows no HTTP
//! beyond the end of a head, no keys, no time, and no clients that read slowly. With a certificate it puts TLS on the
//! sockets by rustls, and does nothing more.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::tls;

/// Bytes of the first event, as Wigwag sends with 100 flags.
const PUT: usize = 78_700;
/// Bytes of a change to one of them.
const PATCH: usize = 830;

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";

type Streams = Arc<Mutex<Vec<Socket>>>;

enum Socket {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Socket {
    fn new(stream: TcpStream, tls: Option<&Arc<ServerConfig>>) -> Result<Self> {
        let Some(config) = tls else { return Ok(Self::Plain(stream)) };
        Ok(Self::Tls(Box::new(StreamOwned::new(ServerConnection::new(Arc::clone(config))?, stream))))
    }

    const fn stream(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes),
            Self::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

/// Serves until the process is ended.
///
/// # Errors
/// The address cannot be had.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (address, tls) = match arguments {
        [address] => (address, None),
        [address, dir] => (address, Some(tls::server(Path::new(dir))?)),
        _ => anyhow::bail!("wigwag-bench floor ADDRESS [DIRECTORY OF CERTIFICATE]"),
    };
    let address: SocketAddr = address.parse().context("not an address")?;
    let listener = listener(address)?;
    let put = event("put", PUT);
    let streams = Streams::default();
    for stream in listener.incoming() {
        let stream = stream?;
        stream.set_nodelay(true)?;
        let mut stream = Socket::new(stream, tls.as_ref())?;
        let head = head(&mut stream)?;
        if head.starts_with(b"GET ") {
            stream.write(HEAD)?;
            stream.write(&put)?;
            stream.stream().set_nonblocking(true)?;
            streams.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
        } else {
            let streams = Arc::clone(&streams);
            std::thread::spawn(move || changes(stream, &streams));
        }
    }
    Ok(())
}

/// With as long a queue of connections as Wigwag's.
fn listener(address: SocketAddr) -> Result<std::net::TcpListener> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(async { wigwag_sdk::bind(address)?.into_std() })?;
    listener.set_nonblocking(false)?;
    Ok(listener)
}

/// Answers each request of a connection, the first of which was read, once its change is written to all streams.
fn changes(mut control: Socket, streams: &Streams) -> Result<()> {
    let patch = event("patch", PATCH);
    loop {
        for stream in streams.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            match stream.write(&patch) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error.into()),
                _ => {}
            }
        }
        control.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
        head(&mut control)?;
    }
}

/// One event as a chunk with about `size` bytes of data.
fn event(name: &str, size: usize) -> Vec<u8> {
    let data = format!("event: {name}\ndata: {{\"path\":\"/\",\"data\":\"{}\"}}\n\n", "x".repeat(size));
    format!("{:x}\r\n{data}\r\n", data.len()).into_bytes()
}

/// Reads up to the end of a head, and a body that came with it.
fn head(stream: &mut Socket) -> Result<Vec<u8>> {
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        let n = stream.read(&mut buffer)?;
        anyhow::ensure!(n > 0, "the client went away");
        seen.extend_from_slice(&buffer[..n]);
    }
    Ok(seen)
}
