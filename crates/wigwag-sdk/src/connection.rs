//! One connection: which HTTP it speaks, its requests, and what becomes of it when it streams.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use futures_util::future::{FusedFuture as _, FutureExt as _};
use http::{Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tower::ServiceExt as _;

use crate::direct::{self, Left};
use crate::fanout::Line;
use crate::rewound::Rewound;
use crate::serve::{Place, Shared};
use crate::stall::StallGuard;
use crate::takeover::{Opened, Takeover};
use crate::wire::Wire;

type Io = TokioIo<Rewound<StallGuard<Wire>>>;

/// What HTTP/2 counts beside the bytes of a hundred fields, which is as many as HTTP/1.1 takes here.
const FIELDS_MAX: usize = 100 * 32;
/// How long a client may take to agree on TLS.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(15);
/// How clients begin that speak HTTP/2 without asking.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";

/// Serves a connection until it ends, or until it has become a stream that is written elsewhere.
pub(crate) async fn run(place: Place, stream: TcpStream, peer: SocketAddr) {
    let shared = Arc::clone(place.shared());
    let mut closing = pin!(shared.closing().fuse());
    let begun = tokio::select! {
        begun = begin(&shared, stream) => begun,
        () = &mut closing => None,
    };
    let Some((wire, agreed)) = begun else { return };
    let mut io = StallGuard::new(wire, shared.config.write_stall);
    let read = match agreed {
        true => Bytes::new(),
        false => match direct::run(&shared, &mut io, closing.as_mut()).await {
            Left::Nothing => return,
            Left::Request(read) => read,
        },
    };
    let closing = async move {
        if !closing.is_terminated() {
            closing.await;
        }
    };
    let http2 = agreed || read.starts_with(PREFACE);
    let io = TokioIo::new(Rewound::new(read, io));
    if http2 {
        let dispatch = Dispatch { shared: Arc::clone(&shared), peer, opened: None };
        return run_http2(&shared, io, dispatch, closing).await;
    }
    let opened = Arc::new(Mutex::new(None));
    let dispatch = Dispatch { shared: Arc::clone(&shared), peer, opened: Some(Arc::clone(&opened)) };
    let Some(io) = run_http1(&shared, io, dispatch, closing).await else { return };
    let opened = opened.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(opened) = opened {
        let line = Line::new(io.into_inner().into_inner().into_inner(), opened, place);
        if let Err(error) = line.and_then(|line| shared.fanout.take(line, shared.config.write_stall)) {
            tracing::warn!(%peer, %error, "a stream was not taken on");
        }
    }
}

/// Gives the socket back if the connection ended early.
async fn run_http1(shared: &Shared, io: Io, dispatch: Dispatch, closing: impl Future<Output = ()>) -> Option<Io> {
    let mut conn: http1::Connection<Io, Dispatch> = shared.http1.serve_connection(io, dispatch);
    let ended = tokio::select! {
        ended = std::future::poll_fn(|cx| conn.poll_without_shutdown(cx)) => Some(ended),
        () = closing => None,
    };
    match ended {
        // The service refuses exactly those requests whose connection it takes over.
        Some(Err(error)) if error.is_user() => return Some(conn.into_parts().io),
        Some(Err(_)) => {}
        Some(Ok(())) => {
            let _ = tokio::io::AsyncWriteExt::shutdown(&mut conn.into_parts().io.into_inner()).await;
        }
        None => {
            Pin::new(&mut conn).graceful_shutdown();
            let _ = tokio::time::timeout(shared.config.grace, conn).await;
        }
    }
    None
}

/// In a box: connections of the other kind should not carry its weight.
fn run_http2<'a>(
    shared: &'a Shared,
    io: Io,
    dispatch: Dispatch,
    closing: impl Future<Output = ()> + Send + 'a,
) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
    Box::pin(async move {
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        // What is too much is told by us, as with HTTP/1.1; each field counts for more here.
        http2.max_header_list_size(u32::try_from(shared.config.head_max_bytes + FIELDS_MAX).unwrap_or(u32::MAX));
        let mut conn = pin!(http2.serve_connection(io, dispatch));
        tokio::select! {
            _ = conn.as_mut() => return,
            () = closing => conn.as_mut().graceful_shutdown(),
        }
        let _ = tokio::time::timeout(shared.config.grace, conn).await;
    })
}

/// Shakes hands where TLS is configured; tells whether HTTP/2 was agreed on. `None` if the client does not in time, or does not
/// speak TLS.
async fn begin(shared: &Shared, stream: TcpStream) -> Option<(Wire, bool)> {
    let Some(tls) = &shared.tls else { return Some((Wire::Plain(stream), false)) };
    let limit = shared.config.head_timeout.min(HANDSHAKE_WITHIN);
    match tokio::time::timeout(limit, tls.accept(stream)).await.ok()? {
        Ok(stream) => {
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2".as_slice());
            Some((Wire::Tls(Box::new(stream)), http2))
        }
        Err(error) => {
            tracing::debug!(%error, "no TLS was agreed on");
            None
        }
    }
}

/// Hands requests to the router.
struct Dispatch {
    shared: Arc<Shared>,
    peer: SocketAddr,
    /// Where a stream that takes the connection over is left; `None` if none can.
    opened: Option<Arc<Mutex<Option<Opened>>>>,
}

/// The connection now belongs to a stream.
#[derive(Debug)]
struct TakenOver;

impl std::fmt::Display for TakenOver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("connection taken over by a stream")
    }
}

impl std::error::Error for TakenOver {}

impl Service<Request<Incoming>> for Dispatch {
    type Response = Response<Body>;
    type Error = TakenOver;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, TakenOver>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        if head_bytes(&request) > self.shared.config.head_max_bytes {
            let mut refused = Response::new(Body::empty());
            *refused.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return Box::pin(std::future::ready(Ok(refused)));
        }
        let mut request = request.map(Body::new);
        if let Some(uri) = tidied(request.uri(), &self.shared.config.base_path) {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(ConnectInfo(self.peer));
        // Streams are opened with GET, or with REPORT once its body has been read to the end.
        let opens = request.method() == Method::GET || request.method().as_str() == "REPORT";
        let can_stream = opens && request.version() == Version::HTTP_11;
        let takeover = self.opened.clone().filter(|_| can_stream).map(|slot| (slot, Takeover::default()));
        if let Some((_, takeover)) = &takeover {
            request.extensions_mut().insert(takeover.clone());
        }
        let answered = self.shared.app.clone().oneshot(request);
        Box::pin(async move {
            let Ok(response) = answered.await;
            let Some((slot, takeover)) = takeover else { return Ok(response) };
            let Some(opened) = takeover.opened(&response) else { return Ok(response) };
            // Lets the connection write out what it still holds of earlier responses.
            tokio::task::yield_now().await;
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
            Err(TakenOver)
        })
    }
}

/// The bytes of a head, as HTTP/1.1 writes it. The HTTP library bounds what it keeps of one, but lets through what it
/// happened to read at once.
fn head_bytes<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    request.method().as_str().len() + target + fields.sum::<usize>()
}

/// `uri` without the base path, without doubled slashes at its start and without a slash at its end;
/// `None` if it is fine as it is (sdk-protocol.md 10).
pub(crate) fn tidied(uri: &Uri, base: &str) -> Option<Uri> {
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
