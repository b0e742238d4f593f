//! Accepting connections, tuned for very many that mostly wait.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use crate::config::ServeConfig;
use crate::fanout::Fanout;
use crate::router::SdkState;
use crate::{connection, direct};

/// Connections that may wait to be accepted: after a restart all SDKs come back within a second or two.
const BACKLOG: u32 = 4096;
/// Pause after a failed accept, so that running out of file descriptors does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Listens on `address`, also while sockets of a predecessor linger.
///
/// # Errors
/// What the system says when the address is taken or not ours.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `app` on `listener` (HTTP/1.1, or HTTP/2 by prior knowledge or, with TLS, by agreement) until `shutdown`; then lets
/// requests under way finish within the configured grace. `sdk` is the state of the SDK routes in `app`. `shutdown` should
/// end the streams ([`wigwag_live::Live::close`]) as its last step.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    sdk: SdkState,
    config: ServeConfig,
    shutdown: impl Future<Output = ()>,
) {
    let shared = Arc::new(Shared::new(app, sdk, config));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => admit(&shared, stream, peer),
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    shared.close().await;
}

fn admit(shared: &Arc<Shared>, stream: TcpStream, peer: SocketAddr) {
    let Some(place) = Place::take(shared) else {
        tracing::warn!(%peer, "too many connections");
        return;
    };
    tune(&stream, shared.config.write_stall);
    tokio::spawn(connection::run(place, stream, peer));
}

/// Events are small and must go out at once; and a peer that vanished without a word shall not be written to for the
/// quarter of an hour that systems try: what it does not acknowledge for as long as a write may be stuck ends it.
fn tune(stream: &TcpStream, stall: Duration) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(stall));
    #[cfg(not(target_os = "linux"))]
    let _ = stall;
}

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) app: Router,
    pub(crate) config: ServeConfig,
    pub(crate) direct: direct::Routes,
    pub(crate) http1: http1::Builder,
    pub(crate) fanout: Fanout,
    pub(crate) tls: Option<tokio_rustls::TlsAcceptor>,
    open: AtomicUsize,
    closing: watch::Sender<bool>,
    /// Told when the last connection ends.
    over: tokio::sync::Notify,
}

impl Shared {
    pub(crate) fn new(app: Router, sdk: SdkState, config: ServeConfig) -> Self {
        let mut http1 = http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(config.head_timeout).max_buf_size(config.head_max_bytes);
        Self {
            app,
            direct: direct::Routes::new(sdk),
            tls: config.tls.clone().map(Into::into),
            config,
            http1,
            fanout: Fanout::default(),
            open: AtomicUsize::new(0),
            closing: watch::Sender::new(false),
            over: tokio::sync::Notify::new(),
        }
    }

    /// Comes when a shutdown has begun.
    pub(crate) fn closing(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut closing = self.closing.subscribe();
        async move {
            // An error means that the sender is gone, and with it the server.
            let _ = closing.wait_for(|closing| *closing).await;
        }
    }

    /// Waits for connections to end, but not much longer than the grace they are given.
    async fn close(&self) {
        self.closing.send_replace(true);
        let over = async {
            let mut over = pin!(self.over.notified());
            while {
                over.as_mut().enable();
                self.open.load(Ordering::SeqCst) > 0
            } {
                over.as_mut().await;
                over.set(self.over.notified());
            }
        };
        let limit = self.config.grace + Duration::from_secs(1);
        if tokio::time::timeout(limit, over).await.is_err() {
            tracing::warn!(open = self.open.load(Ordering::SeqCst), "connections were cut off");
        }
    }
}

/// A connection's place in the count.
pub(crate) struct Place(Arc<Shared>);

impl Place {
    fn take(shared: &Arc<Shared>) -> Option<Self> {
        let place = Self(Arc::clone(shared));
        (shared.open.fetch_add(1, Ordering::SeqCst) < shared.config.connections_max).then_some(place)
    }

    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.over.notify_waiters();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn peers_that_vanish_are_given_up_in_time() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        tune(&server, Duration::from_secs(30));
        assert!(server.nodelay().unwrap());
        assert_eq!(socket2::SockRef::from(&server).tcp_user_timeout().unwrap(), Some(Duration::from_secs(30)));
        drop(client);
    }
}
