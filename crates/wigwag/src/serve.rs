//! `wigwag serve`: starts, tells people what they need, waits for a signal, stops.

use std::io::Write;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::Config;
use crate::server::{Outside, Server};
use crate::welcome;

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// What kept the server from starting.
pub fn run(config: Config) -> anyhow::Result<()> {
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(serve(config));
    // Blocking work that is still under way at a forced stop does not keep the process.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let mut stop = Stop::new()?;
    let server = tokio::select! {
        server = Server::start(&config, Outside::real()) => server?,
        () = stop.asked() => return Ok(()),
    };
    tracing::info!(address = %server.address(), database = %config.database.shown(), "ready");
    say(&welcome::text(&server, &config));

    stop.asked().await;
    tracing::info!("stopping; a second signal stops at once");
    tokio::select! {
        () = server.stop() => tracing::info!("stopped"),
        () = stop.asked() => tracing::warn!("stopped at once"),
    }
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
