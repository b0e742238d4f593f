//! Servers of others that answer the same question, each a process of its own on one processor.
//!
//! LaunchDarkly's Relay Proxy follows our server and answers SDKs of browsers, GO Feature Flag's relay reads its flags
//! from a file and answers OpenFeature's protocol (OFREP). What they are asked and told is of their public interfaces.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::flags::ENVIRONMENT_ID;
use crate::management::client::Client;
use crate::management::server::free_address;
use crate::process;

/// It runs as long as this value lives.
pub(super) struct Peer {
    child: Child,
    pub(super) address: SocketAddr,
    _files: TempDir,
}

impl Peer {
    /// The Relay Proxy before the server at `upstream`.
    pub(super) fn relay(program: &Path, upstream: SocketAddr) -> Result<Self> {
        let (files, address) = (tempfile::tempdir()?, free_address()?);
        let mut command = Command::new(program);
        command.arg("--from-env").env("PORT", address.port().to_string()).env("LOG_LEVEL", "error");
        for uri in ["STREAM_URI", "BASE_URI", "CLIENT_SIDE_BASE_URI", "EVENTS_HOST"] {
            command.env(uri, format!("http://{upstream}"));
        }
        command.env("LD_ENV_bench", "sdk-bench").env("LD_CLIENT_SIDE_ID_bench", ENVIRONMENT_ID);
        Self::start(command, address, files)
    }

    /// GO Feature Flag's relay, with so many flags: a rule that is missed, then a rollout.
    pub(super) fn go_feature_flag(program: &Path, flags: usize) -> Result<Self> {
        let (files, address) = (tempfile::tempdir()?, free_address()?);
        let flag = |n: usize| {
            let rule = json!({ "name": "rule", "query": "email ew \"@wigwag.test\"", "variation": "on" });
            let rollout = json!({ "name": "rollout", "percentage": { "on": 50, "off": 50 } });
            let flag = json!({ "variations": { "on": true, "off": false }, "targeting": [rule], "defaultRule": rollout,
                               "trackEvents": false });
            (format!("flag-{n:05}"), flag)
        };
        let all: Map<String, Value> = (0..flags).map(flag).collect();
        let [flags, config] = ["flags.json", "config.json"].map(|name| files.path().join(name));
        std::fs::File::create(&flags)?.write_all(Value::from(all).to_string().as_bytes())?;
        let settings = json!({
            "listen": address.port(), "hideBanner": true, "logLevel": "ERROR", "pollingInterval": 3_600_000,
            "fileFormat": "json", "retrievers": [{ "kind": "file", "path": flags }],
        });
        std::fs::File::create(&config)?.write_all(settings.to_string().as_bytes())?;
        let mut command = Command::new(program);
        command.arg("--config").arg(&config);
        Self::start(command, address, files)
    }

    fn start(mut command: Command, address: SocketAddr, files: TempDir) -> Result<Self> {
        command.env("GOMAXPROCS", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let peer = Self { child: command.spawn()?, address, _files: files };
        process::listens(address)?;
        Ok(peer)
    }

    /// Its number, by which the system tells its processor time.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it answers a request.
    pub(super) async fn answers(&self, request: &[u8]) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(30);
        while Client::connect(self.address).await?.succeed(request).await.is_err() {
            ensure!(Instant::now() < until, "it does not answer within half a minute");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A request for all flags for one user by OpenFeature's protocol.
pub(super) fn ofrep(address: SocketAddr, user: usize) -> Vec<u8> {
    let context = json!({ "targetingKey": format!("user-{user}"), "email": format!("{user}@example.com"),
                          "name": format!("User {user}"), "plan": "gold", "country": "NO" });
    let body = json!({ "context": context }).to_string();
    format!(
        "POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nhost: {address}\r\nauthorization: {ENVIRONMENT_ID}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
