//! Unleash Edge beside us: a process of its own, offline, with flags that decide what ours do.
//!
//! `cargo install --locked unleash-edge --no-default-features` builds it; what it is asked is of its public API.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Result;
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::management::server::free_address;
use crate::process;

const FRONTEND: &str = "*:development.frontend";
const CLIENT: &str = "*:development.client";
/// A moment in 2026, and a minute later.
const BUCKET: [&str; 2] = ["2026-09-21T14:13:20Z", "2026-09-21T14:14:20Z"];

/// It runs as long as this value lives.
pub(crate) struct Edge {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    _features: NamedTempFile,
}

impl Edge {
    /// Starts the program with so many flags: a constraint that is missed, then a rollout.
    ///
    /// # Errors
    /// It does not start, or does not listen within ten seconds.
    pub(crate) fn start(program: &Path, flags: usize) -> Result<Self> {
        let mut features = NamedTempFile::with_suffix(".json")?;
        let all: Vec<Value> = (0..flags).map(feature).collect();
        features.write_all(json!({ "version": 2, "features": all }).to_string().as_bytes())?;
        let address = free_address()?;
        let mut command = Command::new(program);
        command.args(["--interface", "127.0.0.1", "--port", &address.port().to_string(), "--workers", "1", "offline"]);
        command.args(["--frontend-tokens", FRONTEND, "--client-tokens", CLIENT, "--bootstrap-file"]);
        command.arg(features.path()).stdin(Stdio::null()).stdout(Stdio::null()).env("RUST_LOG", "error");
        let edge = Self { child: command.spawn()?, address, _features: features };
        process::listens(address)?;
        Ok(edge)
    }

    /// Its number, by which the system tells its processor time.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A request for all flags for one user.
    pub(crate) fn evaluation(&self, user: usize) -> Vec<u8> {
        let context = format!(
            "userId=user-{user}&properties[email]={user}@example.com&properties[plan]=gold&properties[country]=NO"
        );
        format!(
            "GET /api/frontend/all?{context} HTTP/1.1\r\nhost: {}\r\nauthorization: {FRONTEND}\r\n\r\n",
            self.address
        )
        .into_bytes()
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A request that tells of evaluations of so many flags.
pub(crate) fn metrics(first: usize, flags: usize) -> Vec<u8> {
    let toggle = |n: usize| (name(n % 100), json!({ "yes": 31, "no": 7, "variants": {} }));
    let toggles: Map<String, Value> = (first..first + flags).map(toggle).collect();
    let bucket = json!({ "start": BUCKET[0], "stop": BUCKET[1], "toggles": toggles });
    let body = json!({ "appName": "shop", "instanceId": "bench", "bucket": bucket }).to_string();
    format!(
        "POST /api/client/metrics HTTP/1.1\r\nhost: bench\r\nauthorization: {CLIENT}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn feature(n: usize) -> Value {
    let rollout = |share: &str, constraints: Value| {
        json!({ "name": "flexibleRollout", "constraints": constraints,
            "parameters": { "rollout": share, "stickiness": "userId", "groupId": name(n) } })
    };
    let missed = json!([{ "contextName": "email", "operator": "STR_ENDS_WITH", "values": ["@wigwag.test"] }]);
    json!({ "name": name(n), "type": "release", "enabled": true, "stale": false, "project": "default",
        "variants": [], "strategies": [rollout("100", missed), rollout("50", json!([]))] })
}

fn name(n: usize) -> String {
    format!("flag-{n:05}")
}
