//! Requests on kept connections, one after the other, at a rate or as fast as they are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::times::Times;
use crate::management::client::Client;

/// One kind of request.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) name: &'static str,
    pub(super) connections: usize,
    /// Of one connection; as fast as they are answered without.
    every: Option<Duration>,
    make: Arc<dyn Fn(usize, usize) -> Vec<u8> + Send + Sync>,
}

impl Work {
    /// `rate` is of all connections together, a second. `make` gets the connection's and the request's number.
    pub(super) fn new(
        name: &'static str,
        connections: usize,
        rate: Option<f64>,
        make: impl Fn(usize, usize) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let every = rate.map(|rate| Duration::from_secs_f64(connections as f64 / rate));
        Self { name, connections, every, make: Arc::new(make) }
    }
}

/// Works on one connection until the time is over.
///
/// # Errors
/// At the first reply that is not a success.
pub(super) async fn keep(address: SocketAddr, work: &Work, connection: usize, until: Instant) -> Result<Times> {
    let (mut client, mut times) = (Client::connect(address).await?, Times::default());
    let mut due = Instant::now();
    for n in 0.. {
        match work.every {
            // Times count from when a request was due: one that waits for a slow one before it is slow too.
            Some(every) => {
                due += every;
                tokio::time::sleep_until(due.into()).await;
            }
            None => due = Instant::now(),
        }
        if due >= until {
            break;
        }
        client.succeed(&(work.make)(connection, n)).await?;
        times.add(due.elapsed());
    }
    Ok(times)
}
