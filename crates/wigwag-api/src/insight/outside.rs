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

    /// What other servers on the database told of their streams of an environment, by its id.
    fn elsewhere(&self, env: &str) -> Vec<ElsewhereOpen>;
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

/// Streams that another server on the database has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElsewhereOpen {
    /// The name of that server.
    pub node: Box<str>,
    /// Its streams of the environment.
    pub streams: u64,
    /// The newest change it has, of all environments.
    pub sequence: u64,
    /// How long ago it told, in milliseconds.
    pub seen_ago: Millis,
}

/// Events as they come.
pub trait EventTail: Send + Sync {
    /// Listens to the events of an environment, by its id, from now on until the stream is dropped. None when too
    /// many listen already.
    fn listen(&self, env: &str, wanted: Wanted) -> Option<Pieces>;
}

/// What is heard, piece by piece.
pub type Pieces = BoxStream<'static, Heard>;
