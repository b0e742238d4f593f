//! A plain HTTP/1.1 client on one kept connection. It does little more than write a request and count
//! the bytes of the reply, since it shares the processors with the server that it measures.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The access token that servers under measurement are started with.
pub(crate) const TOKEN: &str = "api-bench-token";

/// One connection, kept between requests.
pub(crate) struct Client {
    stream: TcpStream,
    reply: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, reply: Vec::with_capacity(64 * 1024) })
    }

    /// Sends `request` and reads the whole reply: its status and its body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.reply.clear();
        let (status, from, length) = loop {
            self.read().await?;
            if let Some(head) = head(&self.reply)? {
                break head;
            }
        };
        let Some(length) = length else {
            while !self.reply.ends_with(b"\r\n0\r\n\r\n") {
                self.read().await?;
            }
            join_chunks(&mut self.reply, from)?;
            return Ok((status, &self.reply[from..]));
        };
        while self.reply.len() < from + length {
            self.read().await?;
        }
        Ok((status, &self.reply[from..from + length]))
    }

    /// As [`Client::exchange`], where anything but success is an error.
    pub(crate) async fn succeed(&mut self, request: &[u8]) -> Result<&[u8]> {
        let (status, body) = self.exchange(request).await?;
        if status >= 300 {
            bail!("{status} for {}: {}", String::from_utf8_lossy(request), String::from_utf8_lossy(body));
        }
        Ok(body)
    }

    /// A header field of the last reply.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let head = String::from_utf8_lossy(&self.reply);
        let fields = head.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    }

    async fn read(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.reply).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

/// Status, where the body begins and how long it is (none for one in chunks), once the head is complete.
fn head(reply: &[u8]) -> Result<Option<(u16, usize, Option<usize>)>> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(end) = reply.windows(END.len()).position(|w| w == END) else { return Ok(None) };
    let head = std::str::from_utf8(&reply[..end])?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?.parse()?;
    let from = end + END.len();
    if status == 204 {
        return Ok(Some((status, from, Some(0))));
    }
    let fields: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let field = |name: &str| fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
    if field("transfer-encoding") == Some("chunked") {
        return Ok(Some((status, from, None)));
    }
    let length = field("content-length").context("a reply without length")?.parse()?;
    Ok(Some((status, from, Some(length))))
}

/// Makes one body of the chunks that begin at `from`.
fn join_chunks(reply: &mut Vec<u8>, from: usize) -> Result<()> {
    let chunks = reply.split_off(from);
    let mut rest = &chunks[..];
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n").context("a chunk without length")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end])?, 16)?;
        if length == 0 {
            return Ok(());
        }
        let chunk = rest.get(end + 2..end + 2 + length).context("a chunk is cut")?;
        reply.extend_from_slice(chunk);
        rest = rest.get(end + 2 + length + 2..).context("a chunk is cut")?;
    }
}

/// The bytes of a request.
pub(crate) fn request(method: &str, target: &str, content_type: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {target} HTTP/1.1\r\nhost: bench\r\nauthorization: {TOKEN}\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The bytes of a GET.
pub(crate) fn get(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nhost: bench\r\nauthorization: {TOKEN}\r\n\r\n").into_bytes()
}

/// Times of replies, the shortest first.
#[derive(Default)]
pub(crate) struct Tally {
    times: Vec<Duration>,
    /// Replies a second of the best round.
    pub(crate) rate: f64,
}

impl Tally {
    /// The time that the `share` of replies does not exceed, in milliseconds, over all rounds.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let index = ((self.times.len() as f64 * share) as usize).min(self.times.len().saturating_sub(1));
        self.times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    pub(crate) fn replies(&self) -> usize {
        self.times.len()
    }

    /// A further round: as many connections as asked for, each sending its next request when the last one
    /// is answered, until the time is over. `make` gets the connection's and the request's number.
    pub(crate) async fn round<F>(&mut self, address: SocketAddr, load: (usize, Duration), make: F) -> Result<()>
    where
        F: Fn(usize, usize) -> Vec<u8> + Clone + Send + 'static,
    {
        let (connections, each) = load;
        let mut clients = Vec::new();
        for _ in 0..connections {
            clients.push(Client::connect(address).await?);
        }
        let began = Instant::now();
        let mut tasks: tokio::task::JoinSet<Result<Vec<Duration>>> = tokio::task::JoinSet::new();
        for (connection, mut client) in clients.into_iter().enumerate() {
            let make = make.clone();
            tasks.spawn(async move {
                let mut times = Vec::new();
                while began.elapsed() < each {
                    let request = make(connection, times.len());
                    let sent = Instant::now();
                    client.succeed(&request).await?;
                    times.push(sent.elapsed());
                }
                Ok(times)
            });
        }
        let before = self.times.len();
        while let Some(task) = tasks.join_next().await {
            self.times.extend(task??);
        }
        let rate = (self.times.len() - before) as f64 / began.elapsed().as_secs_f64();
        self.rate = self.rate.max(rate);
        self.times.sort_unstable();
        Ok(())
    }
}
