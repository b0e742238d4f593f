//! `wigwag serve`: starts, tells people what they need, waits for a signal, stops.

use std::io::Write;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Config, RelayConfig};
use crate::relay::RelayServer;
use crate::server::{Outside, Server};
use crate::welcome;

/// Between attempts to begin anew.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Runs until SIGTERM or SIGINT. Begins anew where the database lacks changes that it had.
///
/// # Errors
/// What kept the server from starting.
pub fn run(config: Config) -> anyhow::Result<()> {
    on_runtime(serve(config))
}

/// Relays until SIGTERM or SIGINT.
///
/// # Errors
/// What kept the relay from starting.
pub fn run_relay(config: RelayConfig) -> anyhow::Result<()> {
    on_runtime(relay(config))
}

fn on_runtime(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(work);
    // Blocking work that is still under way at a forced stop does not keep the process.
    runtime.shutdown_background();
    outcome
}

async fn serve(mut config: Config) -> anyhow::Result<()> {
    let mut stop = Stop::new()?;
    let mut server = tokio::select! {
        server = Server::start(&config, Outside::real()) => server?,
        () = stop.asked() => return Ok(()),
    };
    tracing::info!(address = %server.address(), database = %config.database.shown(), "ready");
    say(&welcome::text(&server, &config));
    loop {
        tokio::select! {
            () = stop.asked() => {
                stop.ending(server.stop()).await;
                return Ok(());
            }
            () = server.store().changes_lost() => {}
        }
        // Snapshots, rights and whatever else was worked out from those changes are wrong.
        tracing::error!("beginning anew with the changes that there are");
        config.listen = server.address();
        server = tokio::select! {
            server = anew(server, &config) => server,
            () = stop.asked() => {
                tracing::warn!("stopped at once");
                return Ok(());
            }
        };
    }
}

/// Stops a server and starts it once more, however often that takes.
async fn anew(server: Server, config: &Config) -> Server {
    server.stop().await;
    loop {
        match Server::start(config, Outside::real()).await {
            Ok(server) => {
                tracing::info!(address = %server.address(), "ready");
                return server;
            }
            Err(error) => tracing::error!("not started: {error:#}"),
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn relay(config: RelayConfig) -> anyhow::Result<()> {
    let mut stop = Stop::new()?;
    let upstream = config.upstream.clone();
    let server = tokio::select! {
        server = RelayServer::start(config, Outside::real()) => server?,
        () = stop.asked() => return Ok(()),
    };
    tracing::info!(address = %server.address(), upstream, "ready");
    stop.asked().await;
    stop.ending(server.stop()).await;
    Ok(())
}

/// The signals that mean stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for `end`, which was asked for; a second signal does not.
    async fn ending(&mut self, end: impl Future<Output = ()>) {
        tracing::info!("stopping; a second signal stops at once");
        tokio::select! {
            () = end => tracing::info!("stopped"),
            () = self.asked() => tracing::warn!("stopped at once"),
        }
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Every stream is an open file, and many systems allow 1,024 unless a process asks for more.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

/// To standard output; that nobody listens is no reason not to serve.
fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    let _closed = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}
