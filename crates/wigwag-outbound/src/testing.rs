//! A real Redis server of a test's own. Everything here panics when it fails: that is how a test learns.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests use this module")]

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{Outbound, OutboundConfig, Redis, RedisReply, RedisServer};

/// Long enough for a server to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server. It ends with this value.
pub struct RedisProcess {
    child: Child,
    /// How it is reached.
    pub server: RedisServer,
}

/// Calls to wherever.
#[must_use]
pub fn outbound(allow_private: bool) -> Outbound {
    let (timeout, user_agent) = (Duration::from_secs(5), "wigwag-test".to_owned());
    Outbound::new(OutboundConfig { allow_private, timeout, user_agent }).unwrap()
}

impl RedisProcess {
    /// On a free port, with this password if it is not empty.
    pub async fn start(password: &str) -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST.into(), password).await
    }

    /// The same at another address of this machine.
    pub async fn start_at(address: IpAddr, password: &str) -> Self {
        let free = TcpListener::bind((address, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut process = Self::spawn(address.to_string(), port, password);
        process.ready().await;
        process
    }

    fn spawn(host: String, port: u16, password: &str) -> Self {
        let mut command = Command::new("redis-server");
        // Whoever is on this machine may ask it.
        command.args(["--port", &port.to_string(), "--bind", &host, "--protected-mode", "no"]);
        command.args(["--save", "", "--appendonly", "no"]);
        if !password.is_empty() {
            command.args(["--requirepass", password]);
        }
        let child = command.stdout(Stdio::null()).spawn().expect("redis-server is installed (scripts/needs)");
        let password = password.to_owned();
        Self { child, server: RedisServer { host, port, username: String::new(), password, tls: false } }
    }

    async fn ready(&mut self) {
        let until = std::time::Instant::now() + PATIENCE;
        while outbound(true).redis(&self.server, PATIENCE).await.is_err() {
            assert!(self.child.try_wait().unwrap().is_none(), "redis-server ended");
            assert!(std::time::Instant::now() < until, "redis-server does not get ready");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it and starts an empty one in its place.
    pub async fn lose_everything(&mut self) {
        self.stop();
        let password = self.server.password.clone();
        *self = Self::spawn(self.server.host.clone(), self.server.port, &password);
        self.ready().await;
    }

    /// Ends it.
    pub fn stop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }

    /// A connection of the test's own.
    pub async fn connect(&self) -> Redis {
        outbound(true).redis(&self.server, PATIENCE).await.unwrap()
    }

    /// The texts of a set, in order.
    pub async fn set(&self, key: &str) -> Vec<String> {
        let command = vec!["SMEMBERS".to_owned(), key.to_owned()];
        let Some(RedisReply::List(list)) = self.connect().await.accepted(vec![command]).await.unwrap().pop() else {
            panic!("not a set")
        };
        let text = |reply| if let RedisReply::Text(text) = reply { text } else { panic!("not a text: {reply:?}") };
        let mut all: Vec<String> = list.into_iter().map(text).collect();
        all.sort();
        all
    }

    /// What a key holds.
    pub async fn text(&self, key: &str) -> RedisReply {
        let command = vec!["GET".to_owned(), key.to_owned()];
        self.connect().await.accepted(vec![command]).await.unwrap().remove(0)
    }
}

impl Drop for RedisProcess {
    fn drop(&mut self) {
        self.stop();
    }
}
