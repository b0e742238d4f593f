//! A small REST client that keeps what tests look at.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use crate::stream::EventStream;

/// Sends requests to one server with one access token.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: String,
    http: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null when it is empty.
    #[must_use]
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.text))
    }

    /// Itself, when the status is this one.
    ///
    /// # Panics
    /// Another status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl Client {
    /// Of the server at `base`, with `token` in `Authorization`.
    ///
    /// # Panics
    /// Never in practice: the client has no settings that could be wrong.
    #[must_use]
    pub fn new(base: &str, token: &str) -> Self {
        // The client asks for one even where it only speaks plain HTTP; whoever comes second finds it set.
        let _set = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(crate::PATIENCE).build().unwrap();
        Self { base: base.to_owned(), token: token.to_owned(), http }
    }

    /// The same server with another token; an empty one sends no `Authorization`.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The same, which soon gives up a server that cannot be reached.
    ///
    /// # Panics
    /// Never in practice, as [`Client::new`].
    #[must_use]
    pub fn connecting_within(&self, limit: std::time::Duration) -> Self {
        let http = reqwest::Client::builder().timeout(crate::PATIENCE).connect_timeout(limit).build().unwrap();
        Self { http, ..self.clone() }
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A request in the making, with the token.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), self.url(path));
        if self.token.is_empty() { request } else { request.header("Authorization", &self.token) }
    }

    /// Sends, or says why it could not.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn try_send(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    /// Sends.
    ///
    /// # Panics
    /// The connection failed.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Self::try_send(request).await.unwrap()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// GET again and again, until it is answered with JSON that is as wanted.
    ///
    /// # Panics
    /// It never is.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let since = std::time::Instant::now();
        loop {
            let answer = self.get(path).await;
            if answer.status == 200 && wanted(&answer.json()) {
                return answer.json();
            }
            assert!(since.elapsed() < crate::PATIENCE, "{path} never came: {} {}", answer.status, answer.text);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).json(body)).await
    }

    /// PATCH with a JSON body: JSON patch when it is a list or has one beside a comment, instructions when it has any,
    /// else merge patch.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        let kind = match body {
            Value::Array(_) => "application/json",
            Value::Object(map) if map.contains_key("patch") || map.contains_key("merge") => "application/json",
            _ if body.get("instructions").is_some() => "application/json; domain-model=launchdarkly.semanticpatch",
            _ => "application/merge-patch+json",
        };
        self.send(self.request("PATCH", path).header(CONTENT_TYPE, kind).body(body.to_string())).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await
    }

    /// Opens a stream of server-sent events with an SDK key.
    ///
    /// # Panics
    /// The stream is refused.
    pub async fn stream(&self, path: &str, key: &str) -> EventStream {
        // Without the time-out of ordinary requests.
        let http = reqwest::Client::new();
        let response = http.get(self.url(path)).header("Authorization", key).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path} is refused");
        EventStream::new(response)
    }
}
