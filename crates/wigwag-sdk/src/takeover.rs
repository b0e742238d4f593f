//! Streams that leave the HTTP library behind.
//!
//! An HTTP connection object costs many kilobytes; an open stream needs a socket and a cursor. So once
//! a handler has opened a stream on HTTP/1.1, the head of its response and the socket are handed to
//! [`crate::fanout`], which writes the head and the events. On HTTP/2, over TLS, in tests without sockets and behind
//! other servers the stream is an ordinary body instead.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use bytes::Bytes;
use http::{Response, StatusCode};
use wigwag_live::Subscription;

use crate::body::StreamBody;
use crate::head;

/// Where a handler may leave the stream that it opened. An extension of requests whose connection can
/// be taken over.
#[derive(Clone, Default)]
pub(crate) struct Takeover(Arc<Mutex<Option<Subscription>>>);

impl Takeover {
    /// The body of a response that streams `subscription`: none if the connection is taken over.
    pub(crate) fn body(offered: Option<&Self>, subscription: Subscription) -> Body {
        match offered {
            None => Body::new(StreamBody(subscription)),
            Some(Self(slot)) => {
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(subscription);
                Body::empty()
            }
        }
    }

    /// What was left, if the response is one to a stream after all.
    pub(crate) fn opened(&self, response: &Response<Body>) -> Option<Opened> {
        let subscription = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        (response.status() == StatusCode::OK).then(|| Opened { head: announced(response), subscription })
    }
}

/// A stream that was opened and the head that announces it.
pub(crate) struct Opened {
    pub(crate) head: Bytes,
    pub(crate) subscription: Subscription,
}

/// The response's status line and headers, as HTTP/1.1 for a chunked body.
fn announced(response: &Response<Body>) -> Bytes {
    let mut out = Vec::with_capacity(512);
    head::write(&mut out, response.status(), response.headers(), b"transfer-encoding: chunked\r\n");
    Bytes::from(out)
}
