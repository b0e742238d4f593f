//! Documents and their past.

use crate::{DocKey, StoreError};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use wigwag_model::clock::Millis;

/// The current state of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// Its name.
    pub key: DocKey,
    /// Rises by one with every write, deletion and re-creation included.
    pub version: u64,
    /// The change that wrote this state.
    pub seq: u64,
    /// The change that created it (after its last deletion, if any).
    pub created_seq: u64,
    /// When that change happened.
    pub updated_at: Millis,
    /// JSON text, byte for byte as written.
    pub body: Arc<str>,
}

impl Doc {
    /// Reads the body into its type.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the stored body is not such a document.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.body)
            .map_err(|e| StoreError::Corrupt(format!("{} version {}: {e}", self.key, self.version)))
    }
}

/// One state a document has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// The change that brought it.
    pub seq: u64,
    /// When.
    pub at: Millis,
    /// The document's version from then on.
    pub version: u64,
    /// The state, or `None` where the change deleted the document.
    pub body: Option<Arc<str>>,
}

/// A point in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// After this change and before the next.
    Seq(u64),
    /// After the last change that is dated at or before this time (milliseconds since the Unix epoch).
    Time(Millis),
}

/// What one change wrote, for those who follow the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// The change.
    pub seq: u64,
    /// When it happened.
    pub at: Millis,
    /// The documents it wrote, in the order it wrote them.
    pub docs: Vec<FeedDoc>,
}

/// One document as a change left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedDoc {
    /// Its name.
    pub key: DocKey,
    /// Its version from then on.
    pub version: u64,
    /// Its state, or `None` where the change deleted it.
    pub body: Option<Arc<str>>,
}
