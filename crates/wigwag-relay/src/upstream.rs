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
    /// A client of the server at `base`, which has no slash at its end.
    pub(crate) fn new(base: String, silence: Duration, user_agent: &str) -> Result<Self, String> {
        Ok(Self { client: client(user_agent).build().map_err(|e| e.to_string())?, base, silence })
    }

    /// Opens the stream at `path` and hands over its events until it ends.
    pub(crate) async fn follow(&self, path: &str, key: &str, mut on: impl FnMut(&Event) -> Result<(), Ended>) -> Ended {
        let broken = |e: reqwest::Error| Ended::Broken(causes(&e.without_url()));
        let request = self.client.get(format!("{}{path}", self.base)).header(AUTHORIZATION, key);
        let sent = tokio::time::timeout(self.silence, request.header(ACCEPT, "text/event-stream").send()).await;
        let mut response = match sent {
            Err(_) => return Ended::Broken("no answer".to_owned()),
            Ok(Err(e)) => return broken(e),
            Ok(Ok(response)) if response.status() != StatusCode::OK => return Ended::Refused(response.status()),
            Ok(Ok(response)) => response,
        };
        let mut parser = Parser::default();
        loop {
            let piece = match tokio::time::timeout(self.silence, response.chunk()).await {
                Err(_) => return Ended::Broken(format!("silent for {} s", self.silence.as_secs())),
                Ok(Err(e)) => return broken(e),
                Ok(Ok(None)) => return Ended::Broken("the server ended the stream".to_owned()),
                Ok(Ok(Some(piece))) => piece,
            };
            let Ok(events) = parser.push(&piece) else { return Ended::Malformed("an event without end".to_owned()) };
            for event in events {
                if let Err(ended) = on(&event) {
                    return ended;
                }
            }
        }
    }
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
