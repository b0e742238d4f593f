//! Where events go.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};

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
    /// Who sent it.
    pub origin: Origin,
    /// When it came, in milliseconds since 1970.
    pub received: i64,
}

/// Who sends, as far as header fields tell (sdk-protocol.md 2.7). What is not told is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The kind of credential.
    pub credential: Credential,
    /// The SDK as it calls itself, such as `GoClient`.
    pub sdk: Box<str>,
    /// Its version.
    pub sdk_version: Box<str>,
    /// The application's id.
    pub application_id: Box<str>,
    /// Its version.
    pub application_version: Box<str>,
}

/// The kinds of credential that SDKs have (sdk-protocol.md 1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An SDK key.
    #[default]
    Server,
    /// A mobile key.
    Mobile,
    /// A client-side id.
    Client,
}

/// Whether a batch was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was, or it had been before.
    Yes,
    /// There is no room: the SDK may send it again.
    Full,
}

/// Takes batches of events. It is asked on the reactor and must not block it.
pub trait EventSink: Send + Sync {
    /// Takes a batch, or refuses it. A batch that was taken survives a crash.
    fn take(&self, batch: EventBatch) -> BoxFuture<'_, Taken>;
}

/// Takes everything and keeps nothing.
pub(crate) struct Nowhere;

impl EventSink for Nowhere {
    fn take(&self, _: EventBatch) -> BoxFuture<'_, Taken> {
        async { Taken::Yes }.boxed()
    }
}
