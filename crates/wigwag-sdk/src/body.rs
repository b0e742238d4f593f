//! Response bodies that hold shared bytes and nothing else, and request bodies within bounds.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use wigwag_live::{Payload, Subscription};

use crate::refusal::Refusal;
use crate::room::Hold;

/// The whole body of a request, if it is no longer than `max` bytes and arrives within `limit`.
pub(crate) async fn collect(
    headers: &HeaderMap,
    body: axum::body::Body,
    max: usize,
    limit: Duration,
) -> Result<Bytes, Refusal> {
    if announced(headers).is_some_and(|length| length > max) {
        return Err(Refusal::TooLarge);
    }
    let collected = tokio::time::timeout(limit, Limited::new(body, max).collect()).await;
    let body = collected.map_err(|_| Refusal::TooSlow)?.map_err(|error| broken(&*error))?;
    Ok(body.to_bytes())
}

/// The same, of a body that takes room only as it arrives.
pub(crate) async fn collect_within(
    headers: &HeaderMap,
    body: axum::body::Body,
    max: usize,
    limit: Duration,
    hold: &mut Hold,
) -> Result<Bytes, Refusal> {
    if announced(headers).is_some_and(|length| length > max) {
        return Err(Refusal::TooLarge);
    }
    let mut body = Limited::new(body, max);
    let mut pieces: Vec<Bytes> = Vec::new();
    let arriving = async {
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|error| broken(&*error))?.into_data() else { continue };
            hold.grow(data.len())?;
            pieces.push(data);
        }
        Ok(())
    };
    tokio::time::timeout(limit, arriving).await.map_err(|_| Refusal::TooSlow)??;
    Ok(match pieces.len() {
        0 => Bytes::new(),
        1 => pieces.remove(0),
        _ => pieces.concat().into(),
    })
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok())
}

fn broken(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Refusal {
    if error.is::<LengthLimitError>() { Refusal::TooLarge } else { Refusal::UnreadableBody }
}

/// A stream of server-sent events.
pub(crate) struct StreamBody(pub(crate) Subscription);

impl Body for StreamBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut().0.poll_next(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// A payload of known length.
pub(crate) struct PayloadBody {
    payload: Payload,
    next: usize,
    left: u64,
}

impl PayloadBody {
    pub(crate) const fn new(payload: Payload) -> Self {
        let left = payload.len();
        Self { payload, next: 0, left }
    }
}

impl Body for PayloadBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let piece = this.payload.piece(this.next).cloned();
        this.next += 1;
        this.left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
