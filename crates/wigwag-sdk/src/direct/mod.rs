//! Requests that come by the thousand, answered past the HTTP library and its router: events, and all flags for a context.
//!
//! A connection begins here and stays for as long as its requests are of that kind and there is nothing unusual about
//! them. The first one that is not goes to the HTTP library, as it came, and the connection with it. What becomes of a
//! request is the same either way: the handlers are.

mod reader;
mod request;
mod routes;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use bytes::{Buf as _, Bytes};
use futures_util::future::{Fuse, FusedFuture as _};
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use smallvec::SmallVec;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::connection::tidied;
use crate::head;
use crate::serve::Shared;
use reader::{Came, Reader};
pub(crate) use routes::Routes;

/// What is left of a connection.
pub(crate) enum Left {
    /// Nothing: it is over.
    Nothing,
    /// A request for the HTTP library, of which this much has been read.
    Request(Bytes),
}

/// Answers the requests of a connection for as long as they can be answered here, and until `closing`: then what has begun
/// to arrive is answered yet.
pub(crate) async fn run<T: AsyncRead + AsyncWrite + Unpin>(
    shared: &Shared,
    io: &mut T,
    mut closing: Pin<&mut Fuse<impl Future<Output = ()>>>,
) -> Left {
    let mut reader = Reader::new(shared.config.head_timeout, shared.direct.body_timeout());
    let mut out = Vec::new();
    loop {
        let came = tokio::select! {
            biased;
            () = closing.as_mut(), if !closing.is_terminated() => {
                if reader.is_between() {
                    break;
                }
                continue;
            }
            came = reader.next(io) => came,
        };
        let mut request = match came {
            Came::Request(request) => request,
            Came::Other(read) => return Left::Request(read),
            Came::Nothing => return Left::Nothing,
        };
        if let Some(uri) = tidied(request.uri(), &shared.config.base_path) {
            *request.uri_mut() = uri;
        }
        let Some(answer) = shared.direct.answer(request) else { return Left::Request(reader.back()) };
        reader.taken();
        let is_last = closing.is_terminated();
        if write(io, answer.await, is_last, &mut out).await.is_none() {
            return Left::Nothing;
        }
        if is_last {
            break;
        }
    }
    let _gone = io.shutdown().await;
    Left::Nothing
}

/// Writes an answer; nothing if it cannot be.
async fn write<T: AsyncWrite + Unpin>(
    io: &mut T,
    response: Response<Body>,
    is_last: bool,
    out: &mut Vec<u8>,
) -> Option<()> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    let mut framing: SmallVec<[u8; 64]> = SmallVec::new();
    if !matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        framing.extend_from_slice(b"content-length: ");
        framing.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
        framing.extend_from_slice(b"\r\n");
    }
    if is_last {
        framing.extend_from_slice(b"connection: close\r\n");
    }
    out.clear();
    head::write(out, parts.status, &parts.headers, &framing);
    io.write_all_buf(&mut out.chain(&*body)).await.ok()?;
    io.flush().await.ok()
}
