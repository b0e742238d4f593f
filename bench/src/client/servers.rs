//! Servers under measurement, each on one thread.

use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use wigwag_live::{Feeder, FeederConfig, Live, MemoryLog, MemoryWrite};
use wigwag_model::clock::Clock;
use wigwag_sdk::{SdkConfig, SdkState, ServeConfig};

/// A server that runs until the program ends.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What the system keeps of its thread.
    thread: PathBuf,
}

impl Server {
    /// Wigwag's SDK endpoints over flags in memory.
    pub(crate) fn wigwag(flags: Vec<MemoryWrite>) -> Result<Self> {
        Self::start(move |listener| async move {
            let log = MemoryLog::default();
            log.commit(flags);
            let live = Live::new(Clock::system());
            tokio::spawn(Feeder::new(log, live.clone(), FeederConfig::default()).run());
            let state = SdkState::new(live.clone(), SdkConfig::default(), &mut Registry::default());
            live.reached(1).await;
            let app = wigwag_sdk::router(state.clone());
            wigwag_sdk::serve(listener, app, state, ServeConfig::default(), std::future::pending()).await;
        })
    }

    /// hyper, which answers every request with the same bytes and does nothing else.
    pub(crate) fn floor(body: Vec<u8>) -> Result<Self> {
        let body = Bytes::from(body);
        Self::start(move |listener| async move {
            while let Ok((stream, _)) = listener.accept().await {
                let body = body.clone();
                let _ = stream.set_nodelay(true);
                tokio::spawn(async move {
                    let answer = service_fn(|_| async {
                        let response = Response::builder().header("content-type", "application/json");
                        Ok::<_, Infallible>(response.body(Full::new(body.clone())).unwrap_or_default())
                    });
                    // An error is a client that left.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        })
    }

    fn start<F: Future<Output = ()>>(serve: impl FnOnce(TcpListener) -> F + Send + 'static) -> Result<Self> {
        let (told, ready) = mpsc::channel();
        std::thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let listener = wigwag_sdk::bind((Ipv4Addr::LOCALHOST, 0).into())?;
                let thread = std::fs::read_link("/proc/thread-self")?;
                told.send((listener.local_addr()?, PathBuf::from("/proc").join(thread)))?;
                serve(listener).await;
                Ok(())
            })
        });
        let (address, thread) = ready.recv().context("the server did not start")?;
        Ok(Self { address, thread })
    }

    /// Processor time that the server's thread has used.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(self.thread.join("schedstat"))?;
        let nanoseconds = stat.split(' ').next().context("an empty schedstat")?.parse()?;
        Ok(Duration::from_nanos(nanoseconds))
    }
}
