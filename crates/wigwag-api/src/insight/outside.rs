//! What the process that serves SDKs tells this area. It is left among the extensions of the application.

use futures_util::stream::BoxStream;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_model::clock::Millis;
use wigwag_model::tail::{Heard, Wanted};

/// The streams that SDKs have open.
pub trait Streams: Send + Sync {
    /// The name of this process, by which several are told apart.
    fn node(&self) -> &str;

    /// Those of an environment, by its id; oldest first.
    fn of(&self, env: &str) -> Vec<OpenStream>;
}

/// With what kind of key a stream was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StreamKind {
    /// An SDK key.
    Server,
    /// A mobile key.
    Mobile,
    /// A client-side ID.
    Client,
}

/// An open stream. What its SDK did not tell is empty.
#[derive(Clone, Debug)]
pub struct OpenStream {
    /// Its number in this process.
    pub id: u64,
    /// The kind of its key.
    pub kind: StreamKind,
    /// The SDK as it calls itself.
    pub sdk: Box<str>,
    /// Its version.
    pub sdk_version: Box<str>,
    /// The application's id.
    pub application: Box<str>,
    /// Its version.
    pub application_version: Box<str>,
    /// The id of the SDK's instance; several streams may share one.
    pub instance: Box<str>,
    /// When it was opened.
    pub opened: Millis,
    /// The sequence up to which everything was written to it; 0 before the first time.
    pub sent: u64,
    /// When that was.
    pub sent_at: Millis,
}

/// Events as they come.
pub trait EventTail: Send + Sync {
    /// Listens to the events of an environment, by its id, from now on until the stream is dropped. None when too
    /// many listen already.
    fn listen(&self, env: &str, wanted: Wanted) -> Option<Pieces>;
}

/// What is heard, piece by piece.
pub type Pieces = BoxStream<'static, Heard>;
