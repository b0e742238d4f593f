//! A whole server in this process, SDK streams over loopback, and changes by REST.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::{millis, share};
use crate::config::{Config, Flags};
use crate::server::{Outside, Server};

const FLAGS: &str = "/api/v2/flags/default";
const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";
/// How long a change may take to be everywhere.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Figures {
    answer: Duration,
    first: Duration,
    last: Duration,
    slowest: Duration,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [answer, first, last, slowest] = [self.answer, self.first, self.last, self.slowest].map(millis);
        write!(f, "{first:>8.1} ms to the first, {last:.1} ms to the last (p99 {slowest:.1}), answered {answer:.1} ms")
    }
}

/// Turns a flag on and off for a while and takes the time until every stream has it. Medians.
pub(super) async fn measure(dir: &Path, streams: usize, time: Duration) -> anyhow::Result<Figures> {
    let server = start(dir).await?;
    let made = server.first_start().context("the server is not new")?;
    let key = &made.environments.iter().find(|env| env.key == "test").context("no environment")?.sdk_key;
    let token = made.access_token.clone();
    let rest = Rest { base: server.site().to_owned(), http: reqwest::Client::new(), token };
    rest.call(reqwest::Method::POST, FLAGS, &json!({"key": "lamp", "name": "Lamp"})).await?;
    let (told, mut heard) = mpsc::unbounded_channel();
    for _ in 0..streams {
        let stream = open(&server, key).await?;
        tokio::spawn(read(stream, told.clone()));
    }
    // Each has all flags first.
    await_all(&mut heard, streams).await?;
    let (mut answers, mut firsts, mut lasts) = (Vec::new(), Vec::new(), Vec::new());
    let until = Instant::now() + time;
    let (mut on, lamp) = (false, format!("{FLAGS}/lamp"));
    while Instant::now() < until || lasts.is_empty() {
        on = !on;
        let kind = if on { "turnFlagOn" } else { "turnFlagOff" };
        let body = json!({"environmentKey": "test", "instructions": [{"kind": kind}]});
        let began = Instant::now();
        let patch = async {
            let done = rest.call(reqwest::Method::PATCH, &lamp, &body).await;
            done.map(|()| began.elapsed())
        };
        let (answered, arrived) = tokio::join!(patch, await_all(&mut heard, streams));
        let (first, last) = arrived?;
        answers.push(answered?);
        firsts.push(first.duration_since(began));
        lasts.push(last.duration_since(began));
    }
    server.stop().await;
    [&mut answers, &mut firsts, &mut lasts].into_iter().for_each(|times| times.sort_unstable());
    let (answer, first) = (share(&answers, 0.5), share(&firsts, 0.5));
    Ok(Figures { answer, first, last: share(&lasts, 0.5), slowest: share(&lasts, 0.99) })
}

async fn start(dir: &Path) -> anyhow::Result<Server> {
    let given = [("listen", "127.0.0.1:0".to_owned()), ("data-dir", dir.display().to_string())];
    let flags = Flags(given.into_iter().collect());
    let config = Config::load(&flags, &|_| None).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    Server::start(&config, Outside::real()).await
}

struct Rest {
    base: String,
    http: reqwest::Client,
    token: String,
}

impl Rest {
    async fn call(&self, method: reqwest::Method, path: &str, body: &Value) -> anyhow::Result<()> {
        let kind = if method == reqwest::Method::PATCH { SEMANTIC } else { "application/json" };
        let request = self.http.request(method, format!("{}{path}", self.base)).header("Authorization", &self.token);
        let answer = request.header("Content-Type", kind).body(body.to_string()).send().await?;
        answer.error_for_status()?.bytes().await?;
        Ok(())
    }
}

async fn open(server: &Server, key: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(server.address()).await?;
    let request = format!("GET /all HTTP/1.1\r\nhost: bench\r\nauthorization: {key}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// Tells of every event that arrived whole.
async fn read(mut stream: TcpStream, told: mpsc::UnboundedSender<Instant>) {
    let (mut bytes, mut ending) = (vec![0; 16 << 10], [0_u8; 8]);
    while let Ok(n @ 1..) = stream.read(&mut bytes).await {
        let at = Instant::now();
        for byte in &bytes[..n] {
            ending.rotate_left(1);
            ending[7] = *byte;
            // The end of an event that has data: a brace and an empty line.
            if ending.ends_with(b"}\n\n") && told.send(at).is_err() {
                return;
            }
        }
    }
}

/// When the first and the last of so many events came.
async fn await_all(heard: &mut mpsc::UnboundedReceiver<Instant>, count: usize) -> anyhow::Result<(Instant, Instant)> {
    let all = async {
        let mut times = Vec::with_capacity(count);
        while times.len() < count {
            times.push(heard.recv().await.context("all streams ended")?);
        }
        let (first, last) = (times.iter().min().copied(), times.iter().max().copied());
        first.zip(last).context("there are no streams")
    };
    tokio::time::timeout(PATIENCE, all).await.context("a change did not reach every stream")?
}
