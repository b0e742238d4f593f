//! Where documents come from: an initial state, then every change in order.
//!
//! The binary implements [`Source`] over the store; relay mode and offline files are other
//! implementations. Nothing in this crate knows which one feeds it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use wigwag_model::doc::Kind;

/// A stored document, or the tombstone of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is. Kinds that SDKs never see are ignored.
    pub kind: Kind,
    /// Key of its project; empty where the scope does not apply.
    pub project: Box<str>,
    /// Key of its environment; empty where the scope does not apply.
    pub env: Box<str>,
    /// Its own key.
    pub key: Box<str>,
    /// Rises with every state of this key, deletions and re-creations included.
    pub version: u64,
    /// The change that wrote it.
    pub seq: u64,
    /// The document's JSON; `None` when it was deleted.
    pub body: Option<Arc<str>>,
}

/// Everything one accepted change wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Position in the log; strictly rising.
    pub seq: u64,
    /// The documents written, in any order.
    pub docs: Vec<Document>,
}

/// Every live document as of a sequence.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The last change contained.
    pub seq: u64,
    /// Live documents of the kinds that matter here, in any order.
    pub docs: Vec<Document>,
}

/// Why a source could not answer.
#[derive(Debug)]
pub enum SourceError {
    /// It may work later; the feeder retries.
    Unavailable(String),
    /// The changes asked for are gone; the feeder loads everything anew.
    Lost(String),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "source unavailable: {why}"),
            Self::Lost(why) => write!(f, "source lost its place: {why}"),
        }
    }
}

impl std::error::Error for SourceError {}

/// An initial state and the changes after it.
pub trait Source: Send + 'static {
    /// Reads everything as of one sequence. Kinds needed: `Environment`, `Flag`, `FlagConfig`, `Segment`.
    fn load(&mut self) -> impl Future<Output = Result<State, SourceError>> + Send;

    /// Waits for changes after `seq` and returns at least one, in order and without gaps.
    /// Dropping the future loses nothing.
    fn next(&mut self, seq: u64) -> impl Future<Output = Result<Vec<Change>, SourceError>> + Send;
}
