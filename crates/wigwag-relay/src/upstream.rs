//! Streams of the server that is followed.

use std::time::Duration;

use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION};

use crate::sse::{Event, Parser};

/// The server that is followed.
#[derive(Clone)]
pub(crate) struct Upstream {
    client: reqwest::Client,
    base: String,
    /// Where what is no stream is asked for.
    polls: String,
    /// A stream on which nothing arrives for so long, no heartbeat either, is dead.
    silence: Duration,
}

/// Why a stream is over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    /// Not opened: the server answered with this status.
    #[error("the server answered {0}")]
    Refused(StatusCode),
    /// Nobody there, or it broke off.
    #[error("{0}")]
    Broken(String),
    /// Something arrived that cannot be read.
    #[error("cannot be read: {0}")]
    Malformed(String),
    /// The server wants us to come back at once.
    #[error("the server asked to reconnect")]
    Asked,
}

impl Ended {
    /// Whether the server does not know the key, or not any more.
    pub(crate) fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Refused(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
    }
}

impl Upstream {
    /// A client of the server with streams at `base` and polls at `polls`, which have no slash at their ends.
    pub(crate) fn new(base: String, polls: String, silence: Duration, user_agent: &str) -> Result<Self, String> {
        Ok(Self { client: client(user_agent).build().map_err(|e| e.to_string())?, base, polls, silence })
    }

    /// Opens the stream at `path` and hands over its events until it ends.
    pub(crate) async fn follow(&self, path: &str, key: &str, mut on: impl FnMut(&Event) -> Result<(), Ended>) -> Ended {
        let mut stream = match self.open(path, key).await {
            Ok(stream) => stream,
            Err(ended) => return ended,
        };
        loop {
            let told = stream.next().await.and_then(|events| events.iter().try_for_each(&mut on));
            if let Err(ended) = told {
                return ended;
            }
        }
    }

    /// Opens the stream at `path`.
    pub(crate) async fn open(&self, path: &str, key: &str) -> Result<Stream, Ended> {
        let request = self.client.get(format!("{}{path}", self.base)).header(AUTHORIZATION, key);
        let response = self.send(request.header(ACCEPT, "text/event-stream"), self.silence).await?;
        Ok(Stream { response, parser: Parser::default(), silence: self.silence })
    }

    /// What is at `path` of the server of polls, now.
    pub(crate) async fn poll(&self, path: &str, key: &str) -> Result<Vec<u8>, Ended> {
        let request = self.client.get(format!("{}{path}", self.polls)).header(AUTHORIZATION, key);
        let response = self.send(request, WITHIN).await?;
        let body = tokio::time::timeout(WITHIN, response.bytes()).await;
        let body = body.map_err(|_| Ended::Broken("no end of the answer".to_owned()))?;
        Ok(body.map_err(broken)?.to_vec())
    }

    /// The answer to a request that is passed on.
    pub(crate) async fn pass(&self, path: &str, query: &str, key: &str) -> Result<reqwest::Response, Ended> {
        let base = if path == crate::members::STREAM { &self.base } else { &self.polls };
        self.send(self.client.get(format!("{base}{path}{query}")).header(AUTHORIZATION, key), WITHIN).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, within: Duration) -> Result<reqwest::Response, Ended> {
        let sent = tokio::time::timeout(within, request.send()).await;
        let response = sent.map_err(|_| Ended::Broken("no answer".to_owned()))?.map_err(broken)?;
        if response.status() == StatusCode::OK { Ok(response) } else { Err(Ended::Refused(response.status())) }
    }
}

/// How long an answer that is no stream may take.
const WITHIN: Duration = Duration::from_secs(30);

/// A stream that is open.
pub(crate) struct Stream {
    response: reqwest::Response,
    parser: Parser,
    silence: Duration,
}

impl Stream {
    /// The events that the next bytes end; none for a heartbeat.
    pub(crate) async fn next(&mut self) -> Result<Vec<Event>, Ended> {
        let piece = match tokio::time::timeout(self.silence, self.response.chunk()).await {
            Err(_) => return Err(Ended::Broken(format!("silent for {} s", self.silence.as_secs()))),
            Ok(Err(e)) => return Err(broken(e)),
            Ok(Ok(None)) => return Err(Ended::Broken("the server ended the stream".to_owned())),
            Ok(Ok(Some(piece))) => piece,
        };
        self.parser.push(&piece).map_err(|_| Ended::Malformed("an event without end".to_owned()))
    }
}

fn broken(error: reqwest::Error) -> Ended {
    Ended::Broken(causes(&error.without_url()))
}

/// What all calls to the upstream have in common.
pub(crate) fn client(user_agent: &str) -> reqwest::ClientBuilder {
    // Somebody else in the process may have chosen the same one already.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .tcp_keepalive(Duration::from_secs(30))
        .user_agent(user_agent)
}

/// An error with its causes, which say what happened.
fn causes(error: &dyn std::error::Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
