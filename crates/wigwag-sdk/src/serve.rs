//! Accepting and serving connections, tuned for very many that mostly wait.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tower::ServiceExt as _;

use crate::config::ServeConfig;
use crate::stall::StallGuard;

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

/// Serves `app` on `listener` (HTTP/1.1, or HTTP/2 with prior knowledge) until `shutdown`; then lets
/// requests under way finish within the configured grace. End streams first ([`wigwag_live::Live::close`]).
pub async fn serve(listener: TcpListener, app: Router, config: ServeConfig, shutdown: impl Future<Output = ()>) {
    let shared = Arc::new(Shared::new(app, config));
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
    // Events are small and must go out at once.
    let _ = stream.set_nodelay(true);
    tokio::spawn(connection(place, stream, peer));
}

struct Shared {
    app: Router,
    config: ServeConfig,
    http1: hyper::server::conn::http1::Builder,
    open: AtomicUsize,
    closing: AtomicBool,
    /// Told once, when the shutdown begins.
    close: Notify,
    /// Told when the last connection ends.
    over: Notify,
}

impl Shared {
    fn new(app: Router, config: ServeConfig) -> Self {
        let mut http1 = hyper::server::conn::http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(config.head_timeout).max_buf_size(config.head_max_bytes);
        Self {
            app,
            config,
            http1,
            open: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            close: Notify::new(),
            over: Notify::new(),
        }
    }

    async fn close(&self) {
        let mut over = pin!(self.over.notified());
        over.as_mut().enable();
        self.closing.store(true, Ordering::SeqCst);
        self.close.notify_waiters();
        if self.open.load(Ordering::SeqCst) > 0 {
            over.await;
        }
    }
}

/// A connection's place in the count.
struct Place(Arc<Shared>);

impl Place {
    fn take(shared: &Arc<Shared>) -> Option<Self> {
        let place = Self(Arc::clone(shared));
        (shared.open.fetch_add(1, Ordering::SeqCst) < shared.config.connections_max).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.over.notify_waiters();
        }
    }
}

async fn connection(place: Place, stream: TcpStream, peer: SocketAddr) {
    let shared = &place.0;
    let mut close = pin!(shared.close.notified());
    close.as_mut().enable();
    if shared.closing.load(Ordering::SeqCst) {
        return;
    }
    let http2 = tokio::select! {
        http2 = speaks_http2(&stream, shared.config.head_timeout) => http2,
        () = &mut close => return,
    };
    let io = TokioIo::new(StallGuard::new(stream, shared.config.write_stall));
    let service = Dispatch { shared: Arc::clone(shared), peer };
    match http2 {
        None => {}
        Some(false) => {
            let mut conn = pin!(shared.http1.serve_connection(io, service));
            tokio::select! {
                _ = conn.as_mut() => return,
                () = close => conn.as_mut().graceful_shutdown(),
            }
            let _ = tokio::time::timeout(shared.config.grace, conn).await;
        }
        // In a box of its own: connections of the other kind should not carry its weight.
        Some(true) => {
            Box::pin(async {
                let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                let mut conn = pin!(builder.serve_connection(io, service));
                tokio::select! {
                    _ = conn.as_mut() => return,
                    () = close => conn.as_mut().graceful_shutdown(),
                }
                let _ = tokio::time::timeout(shared.config.grace, conn).await;
            })
            .await
        }
    }
}

/// Whether the client opens with HTTP/2; `None` if it says nothing in time or goes away. Looks without
/// taking, so that no buffer has to be carried along.
async fn speaks_http2(stream: &TcpStream, limit: Duration) -> Option<bool> {
    const PREFACE: &[u8] = b"PRI";
    let mut start = [0; PREFACE.len()];
    let look = async {
        loop {
            match stream.peek(&mut start).await {
                Ok(0) | Err(_) => return None,
                Ok(n) if start[..n] != PREFACE[..n] => return Some(false),
                Ok(n) if n == PREFACE.len() => return Some(true),
                // `P` could still become `POST`; peeking again before more came would spin.
                Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    tokio::time::timeout(limit, look).await.ok().flatten()
}

/// Hands requests to the router.
struct Dispatch {
    shared: Arc<Shared>,
    peer: SocketAddr,
}

impl Service<Request<Incoming>> for Dispatch {
    type Response = Response<Body>;
    type Error = Infallible;
    // Boxed, so that it is gone once the head of the response is there: streams live much longer.
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        if let Some(uri) = tidied(request.uri(), &self.shared.config.base_path) {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(ConnectInfo(self.peer));
        Box::pin(self.shared.app.clone().oneshot(request))
    }
}

/// `uri` without the base path, without doubled slashes at its start and without a slash at its end;
/// `None` if it is fine as it is (sdk-protocol.md 10).
fn tidied(uri: &Uri, base: &str) -> Option<Uri> {
    let path = uri.path();
    let based = path.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
    let trimmed = based.trim_matches('/');
    if path.len() == trimmed.len() + 1 && path.starts_with('/') {
        return None;
    }
    let target = uri.query().map_or_else(|| format!("/{trimmed}"), |query| format!("/{trimmed}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target.parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_are_tidied_at_both_ends_only() {
        let check = |uri: &str, base: &str, want: Option<&str>| {
            let tidy = tidied(&uri.parse().unwrap(), base).map(|uri| uri.to_string());
            assert_eq!(tidy.as_deref(), want, "{uri} under {base:?}");
        };
        check("/all", "", None);
        check("/", "", None);
        check("//all", "", Some("/all"));
        check("/all/?filter=a/", "", Some("/all?filter=a/"));
        check("///sdk/flags//", "", Some("/sdk/flags"));
        check("/sdk//flags", "", None);
        check("/flags/a%2Fb/", "", Some("/flags/a%2Fb"));
        check("/wigwag/all", "/wigwag", Some("/all"));
        check("/wigwag", "/wigwag", Some("/"));
        check("/wigwags/all", "/wigwag", None);
        check("/all", "/wigwag", None);
    }
}
