//! The least that a server of events can do: read, inflate, parse, append to a file. Without a sync, and what was
//! parsed is dropped.

use std::convert::Infallible;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;

use crate::management::server::free_address;
use crate::process;

/// Serves until the process is ended.
///
/// # Errors
/// The address or the file cannot be had.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let [address, path] = arguments else { bail!("wigwag-bench ingestion-floor ADDRESS FILE") };
    let (address, file) = (address.parse().context("not an address")?, Arc::new(Mutex::new(File::create(path)?)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = wigwag_sdk::bind(address)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let file = Arc::clone(&file);
            tokio::spawn(async move {
                let answer = service_fn(|request| taken(request, &file));
                // An error is a client that left.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    })
}

async fn taken(request: Request<Incoming>, file: &Mutex<File>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let status = match request.into_body().collect().await.ok().and_then(|body| append(&body.to_bytes(), file)) {
        Some(()) => 202,
        None => 400,
    };
    Ok(Response::builder().status(status).body(Empty::new()).unwrap_or_default())
}

fn append(body: &[u8], file: &Mutex<File>) -> Option<()> {
    let mut plain = Vec::with_capacity(body.len() * 8);
    GzDecoder::new(body).read_to_end(&mut plain).ok()?;
    let events: Value = serde_json::from_slice(&plain).ok()?;
    events.as_array().filter(|events| !events.is_empty())?;
    file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&plain).ok()
}

/// The floor as a process of its own. It ends with this value.
pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Process {
    /// Starts it; what it takes goes to the file at `path`.
    pub(super) fn start(path: &Path) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["ingestion-floor", &address.to_string()]).arg(path).stdin(Stdio::null());
        let floor = Self { child: command.spawn()?, address };
        process::listens(address)?;
        Ok(floor)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
