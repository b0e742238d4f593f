//! Streams that leave the HTTP library behind.
//!
//! An HTTP connection object costs many kilobytes; an open stream needs a socket and a cursor. So once
//! a handler has opened a stream on HTTP/1.1, the head of its response and the socket are handed to
//! [`crate::fanout`], which writes the head and the events. On HTTP/2, over TLS, in tests without sockets and behind
//! other servers the stream is an ordinary body instead.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, DATE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Response, StatusCode};
use wigwag_live::Subscription;

use crate::body::StreamBody;

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
        (response.status() == StatusCode::OK).then(|| Opened { head: head(response), subscription })
    }
}

/// A stream that was opened and the head that announces it.
pub(crate) struct Opened {
    pub(crate) head: Bytes,
    pub(crate) subscription: Subscription,
}

/// The response's status line and headers, as HTTP/1.1 for a chunked body.
fn head(response: &Response<Body>) -> Bytes {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    let mut line = |name: &HeaderName, value: &HeaderValue| {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    };
    for (name, value) in response.headers() {
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            line(name, value);
        }
    }
    line(&TRANSFER_ENCODING, &HeaderValue::from_static("chunked"));
    let now = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&jiff::Timestamp::now());
    if let Some(now) = now.ok().and_then(|now| HeaderValue::from_str(&now).ok()) {
        line(&DATE, &now);
    }
    out.extend_from_slice(b"\r\n");
    Bytes::from(out)
}
