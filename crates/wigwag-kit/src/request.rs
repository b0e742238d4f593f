//! A decoded request and a reply that is not rendered yet.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::body::{Body, Upload};
use crate::error::{Error, Result};
use crate::version::ApiVersion;

/// The network address that a request comes from: the transport puts it into the extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What a handler is given.
pub struct Request {
    /// The method, after any override.
    pub method: Method,
    /// The path as sent, without the query.
    pub path: String,
    /// Path parameters, decoded once.
    pub params: Vec<(&'static str, String)>,
    /// Query parameters in order, decoded by form rules.
    pub query: Vec<(String, String)>,
    /// Header fields.
    pub headers: HeaderMap,
    /// The network address it comes from, where the transport says so.
    pub peer: Option<IpAddr>,
    /// The body; empty when none was sent or it was the literal `null` (ldcli).
    pub body: Bytes,
    /// The body of an operation that is streamed; [`Request::body`] is empty then.
    pub upload: Upload,
    /// The API version in force.
    pub version: ApiVersion,
    /// Whether the client asked for beta.
    pub beta: bool,
}

impl Request {
    /// A request without header fields or body for `target`, a path with or without a query,
    /// in the newest version. For tests, and for work that is not started by a client.
    ///
    /// # Errors
    /// A query that is not UTF-8.
    pub fn new(method: Method, target: &str) -> Result<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Self {
            method,
            path: path.to_owned(),
            params: Vec::new(),
            query: crate::query::parse(query)?,
            headers: HeaderMap::new(),
            peer: None,
            body: Bytes::new(),
            upload: Upload::default(),
            version: ApiVersion::NEWEST,
            beta: false,
        })
    }

    /// A path parameter of the operation's template. Names are checked by a test over the table.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v)
    }

    /// The last value of a query parameter that is present and not empty.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// All values of a query parameter, repeated or comma-joined.
    pub fn query_list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(n, _)| n == name).flat_map(|(_, v)| v.split(',')).filter(|v| !v.is_empty())
    }

    /// A boolean query parameter: `true`, `1`, `false` or `0`.
    ///
    /// # Errors
    /// Any other text.
    pub fn query_flag(&self, name: &str) -> Result<Option<bool>> {
        match self.query(name) {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(other) => Err(Error::field(name, format_args!("must be true or false, not {other}"))),
        }
    }

    /// A whole number of a query parameter.
    ///
    /// # Errors
    /// Any other text.
    pub fn query_number(&self, name: &str) -> Result<Option<i64>> {
        self.query(name)
            .map(|text| {
                text.parse().map_err(|_| Error::field(name, format_args!("must be a whole number, not {text}")))
            })
            .transpose()
    }

    /// The body as JSON without a type.
    ///
    /// # Errors
    /// No body, malformed JSON, or an object that names a member twice.
    pub fn value(&self) -> Result<Value> {
        crate::json::parse(&self.body)
    }

    /// The body as `T`; unknown members are ignored, a wrong type is refused naming its path.
    ///
    /// # Errors
    /// As [`Request::value`], and members that are missing or of the wrong type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        crate::json::decode(self.value()?)
    }

    /// The `Content-Type` as sent.
    #[must_use]
    pub fn content_type(&self) -> &str {
        self.headers.get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    /// The media type of the body, lower case, without parameters; empty when none was sent.
    #[must_use]
    pub fn media_type(&self) -> String {
        self.content_type().split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }

    /// The `domain-model` parameter of the media type.
    #[must_use]
    pub fn domain_model(&self) -> Option<&str> {
        self.content_type().split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("domain-model").then(|| value.trim().trim_matches('"'))
        })
    }
}

/// What a handler answers.
pub struct Reply {
    /// Overrides the operation's documented status.
    pub status: Option<StatusCode>,
    /// JSON body, if any; another one with its `Content-Type`.
    pub body: Option<Body>,
    /// Further header fields.
    pub headers: HeaderMap,
}

impl Reply {
    /// A JSON body under the operation's documented status.
    ///
    /// # Errors
    /// The value cannot be written as JSON: a fault of ours.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Self { status: None, body: Some(Bytes::from(body).into()), headers: HeaderMap::new() })
    }

    /// No body, under the operation's documented status.
    #[must_use]
    pub fn empty() -> Self {
        Self { status: None, body: None, headers: HeaderMap::new() }
    }

    /// With another status than the documented one.
    #[must_use]
    pub const fn status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }
}
