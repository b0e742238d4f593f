//! Where events go.

use std::sync::Arc;

use bytes::Bytes;

/// A batch of events as it came, known to be JSON.
#[derive(Clone, Debug)]
pub struct EventBatch {
    /// The environment's id.
    pub env: Arc<str>,
    /// An array of events or one event, not compressed.
    pub body: Bytes,
    /// `X-LaunchDarkly-Payload-ID`: the same when a batch is sent again.
    pub payload_id: Option<Box<str>>,
    /// `X-LaunchDarkly-Event-Schema`; 1 where it is absent.
    pub schema: u8,
    /// `X-LaunchDarkly-Unsummarized`: every evaluation is an event of its own.
    pub unsummarised: bool,
    /// The application's id, or the SDK and its version; empty when neither is told.
    pub application: Box<str>,
    /// When it came, in milliseconds since 1970.
    pub received: i64,
}

/// Whether a batch was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was, or it had been before.
    Yes,
    /// There is no room: the SDK may send it again.
    Full,
}

/// Takes batches of events. It is asked on the reactor and must answer at once.
pub trait EventSink: Send + Sync {
    /// Takes a batch, or refuses it.
    fn take(&self, batch: EventBatch) -> Taken;
}

/// Takes everything and keeps nothing.
pub(crate) struct Nowhere;

impl EventSink for Nowhere {
    fn take(&self, _: EventBatch) -> Taken {
        Taken::Yes
    }
}
