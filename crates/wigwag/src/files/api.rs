//! A client of the REST API, as small as it can be.

use std::time::Duration;

use anyhow::{Context as _, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(60);
/// Items asked for at once.
const PAGE: usize = 50;
/// How often a request that was refused for now is sent again.
const TRIES: u32 = 5;

pub(super) struct Api {
    base: String,
    token: String,
    client: reqwest::Client,
}

/// What stands for itself in a step of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A path under `/api/v2`, from parts that may hold anything.
pub(super) fn path(parts: &[&str]) -> String {
    parts.iter().map(|part| utf8_percent_encode(part, PLAIN).to_string()).collect::<Vec<_>>().join("/")
}

impl Api {
    pub(super) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        let _set = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(WITHIN).user_agent("Wigwag").build()?;
        Ok(Self { base: format!("{}/api/v2/", url.trim_end_matches('/')), token: token.to_owned(), client })
    }

    /// What is there; none where the server says that nothing is.
    pub(super) async fn find(&self, path: &str) -> anyhow::Result<Option<Value>> {
        let (status, value) = self.send(Method::GET, path, None).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            _ => Ok(Some(accepted(path, status, value)?)),
        }
    }

    /// All items of a list, page by page; `filter` is empty, or begins with `&`.
    pub(super) async fn all(&self, path: &str, filter: &str) -> anyhow::Result<Vec<Value>> {
        let mut all = Vec::new();
        loop {
            let asked = format!("{path}?limit={PAGE}&offset={}{filter}", all.len());
            let (status, mut page) = self.send(Method::GET, &asked, None).await?;
            page = accepted(&asked, status, page)?;
            let items = page["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
            let count = items.len();
            all.extend(items);
            // Lists that are not paged answer everything, whatever was asked for.
            let total = page["totalCount"].as_u64().and_then(|total| usize::try_from(total).ok());
            if count < PAGE || total.is_some_and(|total| all.len() >= total) {
                return Ok(all);
            }
        }
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let (status, value) = self.send(Method::POST, path, Some(body)).await?;
        accepted(path, status, value).map(drop)
    }

    /// A JSON patch, with a comment where the kind takes one.
    pub(super) async fn patch(&self, path: &str, ops: &[Value], comment: Option<&str>) -> anyhow::Result<()> {
        let body = match comment {
            Some(comment) => json!({"patch": ops, "comment": comment}),
            None => json!(ops),
        };
        let (status, value) = self.send(Method::PATCH, path, Some(&body)).await?;
        accepted(path, status, value).map(drop)
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<(StatusCode, Value)> {
        let mut tries = 0;
        loop {
            tries += 1;
            let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
            request = request.header("authorization", &self.token);
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await.with_context(|| format!("{method} {path}"))?;
            let status = answer.status();
            let later = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
            if later && tries < TRIES {
                tokio::time::sleep(Duration::from_secs(u64::from(tries))).await;
                continue;
            }
            let text = answer.text().await.with_context(|| format!("{method} {path}"))?;
            return Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)));
        }
    }
}

fn accepted(path: &str, status: StatusCode, value: Value) -> anyhow::Result<Value> {
    if status.is_success() {
        return Ok(value);
    }
    let said = value["message"].as_str().unwrap_or("no message");
    match status {
        StatusCode::UNAUTHORIZED => bail!("{path}: {said}: look at WIGWAG_ACCESS_TOKEN"),
        _ => bail!("{path}: {} {said}", status.as_u16()),
    }
}
