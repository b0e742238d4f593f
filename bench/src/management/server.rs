//! The `wigwag` program as a process of its own, on a folder or a database of its own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::client::{Client, TOKEN, get};

/// How a server is started, any number of times.
pub(crate) struct Program {
    path: PathBuf,
    arguments: Vec<String>,
}

/// A server that was ready. It ends with this value.
pub(crate) struct Running {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From before the process was made to the first 200 of `/health/ready`.
    pub(crate) ready_after: Duration,
}

impl Program {
    /// On SQLite in `dir`.
    pub(crate) fn sqlite(path: &Path, dir: &Path) -> Self {
        Self { path: path.into(), arguments: vec!["--data-dir".into(), dir.display().to_string()] }
    }

    /// On PostgreSQL at `url`.
    pub(crate) fn postgres(path: &Path, url: &str) -> Self {
        Self { path: path.into(), arguments: vec!["--database-url".into(), url.into()] }
    }

    /// With its journal of events in `dir`.
    pub(crate) fn journal(mut self, dir: &Path) -> Self {
        self.arguments.extend(["--journal-dir".to_owned(), dir.display().to_string()]);
        self
    }

    pub(crate) async fn start(&self) -> Result<Running> {
        self.start_on(free_address()?).await
    }

    pub(crate) async fn start_on(&self, address: SocketAddr) -> Result<Running> {
        let began = Instant::now();
        let child = Command::new(&self.path)
            .args(["serve", "--log-level", "warn", "--listen", &address.to_string()])
            .envs(["GLOBAL", "ROUTE", "ADDRESS"].map(|of| (format!("WIGWAG_RATE_LIMIT_{of}"), "0")))
            .args(&self.arguments)
            .env("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", self.path.display()))?;
        let mut running = Running { child, address, ready_after: Duration::ZERO };
        while !is_ready(address).await {
            if let Some(status) = running.child.try_wait()? {
                bail!("the server ended before it was ready: {status}");
            }
            if began.elapsed() > Duration::from_secs(60) {
                bail!("the server is not ready after a minute");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        running.ready_after = began.elapsed();
        Ok(running)
    }
}

/// An address that was free a moment ago. Below the ports that connections get by themselves: who asks a port among
/// those again and again whether somebody listens may be connected to itself, and keep the server from it.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000)?;
    let mut addresses = (first..first + 2_000).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    addresses.find(|address| TcpListener::bind(address).is_ok()).context("no port is free")
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut client) = Client::connect(address).await else { return false };
    matches!(client.exchange(&get("/health/ready")).await, Ok((200, _)))
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as a service manager does, and waits.
    pub(crate) fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").arg(self.pid().to_string()).status().context("no program kill")?;
        if !asked.success() {
            bail!("the server had ended");
        }
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the server ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
