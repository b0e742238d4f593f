//! Calls to other systems over HTTP, in one place: bounded in time and size, without redirects, and not to the
//! inside of the network that this server stands in.
//!
//! Whoever may enter an address for a webhook could otherwise use the server to reach what only it can reach: a
//! database on the same machine, the metadata service of a cloud. The check is on the addresses that a connection
//! is made to, not on the name: a name that answers differently the second time gains nothing.

mod address;
mod aws;
mod redis;
mod resolver;
#[cfg(feature = "testing")]
pub mod testing;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use reqwest::Url;

pub use address::is_public;
pub use aws::{AwsAnswer, AwsService};
pub use redis::{Redis, RedisReply, RedisServer};

/// How much of an answer is read, in bytes.
pub const HEAD: usize = 1024;

/// What calls are bound by.
#[derive(Clone, Debug)]
pub struct OutboundConfig {
    /// Whether addresses inside private networks may be called.
    pub allow_private: bool,
    /// How long a call may take from the connection to the end of what is read.
    pub timeout: Duration,
    /// What this server calls itself.
    pub user_agent: String,
}

/// Makes calls. Cheap to clone; connections are kept for a while.
#[derive(Clone)]
pub struct Outbound {
    client: reqwest::Client,
    allow_private: bool,
}

/// A call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Usually POST.
    pub method: Method,
    /// An absolute http or https address.
    pub url: String,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Its status; a redirect is one like any other.
    pub status: u16,
    /// The first [`HEAD`] bytes of its body, as text.
    pub head: String,
    /// How long it took.
    pub took: Duration,
}

/// Why no answer came. The text tells nothing of the address but its host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address cannot be called at all.
    #[error("{0}")]
    Refused(String),
    /// No answer within the time.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// Nobody there, or the conversation broke off.
    #[error("{0}")]
    Broken(String),
}

impl Outbound {
    /// A client.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(config: OutboundConfig) -> Result<Self, Failure> {
        // Somebody else in the process may have chosen the same one already.
        let _chosen = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // A proxy of the environment would make the connection in our place, unchecked.
            .no_proxy()
            .dns_resolver(Arc::new(resolver::Resolver { allow_private: config.allow_private }))
            .timeout(config.timeout)
            .connect_timeout(config.timeout)
            .pool_max_idle_per_host(2)
            .user_agent(config.user_agent)
            .build();
        let client = client.map_err(|e| Failure::Broken(told(&e)))?;
        Ok(Self { client, allow_private: config.allow_private })
    }

    /// Makes a call and reads the beginning of the answer.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn call(&self, call: Call) -> Result<Answered, Failure> {
        let began = Instant::now();
        let (status, head) = self.exchange(call, HEAD).await?;
        Ok(Answered { status, head: String::from_utf8_lossy(&head).into_owned(), took: began.elapsed() })
    }

    /// Makes a call and reads as many bytes of the answer.
    async fn exchange(&self, call: Call, most: usize) -> Result<(u16, Vec<u8>), Failure> {
        let url = self.checked(&call.url)?;
        let began = Instant::now();
        let failed = |e: reqwest::Error| {
            if e.is_timeout() { Failure::Timeout(began.elapsed()) } else { Failure::Broken(told(&e.without_url())) }
        };
        let request = self.client.request(call.method, url).headers(call.headers).body(call.body);
        let mut response = request.send().await.map_err(failed)?;
        let (status, mut head) = (response.status().as_u16(), Vec::new());
        while head.len() < most
            && let Some(part) = response.chunk().await.map_err(failed)?
        {
            head.extend_from_slice(&part[..part.len().min(most - head.len())]);
        }
        Ok((status, head))
    }

    /// An address that may be called, as far as that shows before its name is looked up.
    fn checked(&self, text: &str) -> Result<Url, Failure> {
        let refused = |why: &str| Err(Failure::Refused(why.to_owned()));
        let Ok(url) = Url::parse(text) else { return refused("the address cannot be read") };
        if !matches!(url.scheme(), "http" | "https") {
            return refused("the address is neither http nor https");
        }
        // A literal address is never looked up, so the resolver does not see it.
        let literal = url.host_str().map(|host| host.trim_start_matches('[').trim_end_matches(']'));
        match literal.map(str::parse::<IpAddr>) {
            None => refused("the address has no host"),
            Some(Ok(ip)) if !self.allow_private && !is_public(ip) => refused(resolver::PRIVATE),
            Some(_) => Ok(url),
        }
    }
}

/// An error with its causes, which say what happened.
fn told(error: &dyn std::error::Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests;
