//! The flags of the project under measurement.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::client::{Client, get, request};

/// Connections that create flags.
const CREATORS: usize = 16;

/// Flags `flag-0`, `flag-1` and so on of project `default`, each with its targeting in `test` as this
/// program left it: every patch turns it over, so none is without effect.
#[derive(Default)]
pub(crate) struct Flags {
    on: Vec<AtomicBool>,
}

impl Flags {
    pub(super) fn len(&self) -> usize {
        self.on.len()
    }

    /// Creates what is missing to `size` flags. Returns how many were created a second.
    pub(crate) async fn grow(&mut self, address: SocketAddr, size: usize) -> Result<f64> {
        let (from, began) = (self.len(), Instant::now());
        let next = Arc::new(AtomicUsize::new(from));
        let mut tasks: tokio::task::JoinSet<Result<()>> = tokio::task::JoinSet::new();
        for _ in 0..CREATORS {
            let next = Arc::clone(&next);
            tasks.spawn(async move {
                let mut client = Client::connect(address).await?;
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= size {
                        return Ok(());
                    }
                    let body = body(n).to_string();
                    client.succeed(&request("POST", "/api/v2/flags/default", "application/json", &body)).await?;
                }
            });
        }
        while let Some(task) = tasks.join_next().await {
            task??;
        }
        self.on.resize_with(size, AtomicBool::default);
        Ok((size - from) as f64 / began.elapsed().as_secs_f64())
    }

    /// The next flag for request `n` of one of so many connections, which share no flag, and its new state.
    pub(crate) fn flip(&self, connections: usize, connection: usize, n: usize) -> (usize, bool) {
        let mine = (self.len() - connection).div_ceil(connections);
        let flag = connection + connections * (n % mine);
        (flag, !self.on[flag].fetch_xor(true, Ordering::Relaxed))
    }

    pub(super) fn json_patch(&self, connections: usize, connection: usize, n: usize) -> Vec<u8> {
        let (flag, on) = self.flip(connections, connection, n);
        Self::json_patch_of(flag, on)
    }

    pub(crate) fn json_patch_of(flag: usize, on: bool) -> Vec<u8> {
        let body = format!(r#"[{{"op":"replace","path":"/environments/test/on","value":{on}}}]"#);
        request("PATCH", &path(flag), "application/json", &body)
    }

    pub(super) fn semantic_patch(&self, connections: usize, connection: usize, n: usize) -> Vec<u8> {
        let (flag, on) = self.flip(connections, connection, n);
        let kind = if on { "turnFlagOn" } else { "turnFlagOff" };
        let body = format!(r#"{{"environmentKey":"test","instructions":[{{"kind":"{kind}"}}]}}"#);
        request("PATCH", &path(flag), "application/json; domain-model=launchdarkly.semanticpatch", &body)
    }

    /// That the first 100 flags are as they were left: patches did what they were counted for.
    pub(crate) async fn check(&self, address: SocketAddr) -> Result<()> {
        let mut client = Client::connect(address).await?;
        for (flag, on) in self.on.iter().enumerate().take(100) {
            let found: Value = serde_json::from_slice(client.succeed(&get(&path(flag))).await?)?;
            if found["environments"]["test"]["on"] != json!(on.load(Ordering::Relaxed)) {
                bail!("flag-{flag} is not as its last patch left it");
            }
        }
        Ok(())
    }
}

fn path(flag: usize) -> String {
    format!("/api/v2/flags/default/flag-{flag}")
}

fn body(n: usize) -> Value {
    let mut tags = vec![format!("team-{}", n % 100), format!("area-{}", n % 10)];
    tags.extend(n.is_multiple_of(2).then(|| "half".to_owned()));
    json!({ "key": format!("flag-{n}"), "name": format!("The Flag {n}"), "tags": tags,
        "temporary": n.is_multiple_of(5), "description": "Measured by a benchmark." })
}
