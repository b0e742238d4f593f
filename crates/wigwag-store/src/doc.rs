//! Documents and their past.

use crate::{DocKey, StoreError};
use serde::de::DeserializeOwned;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
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
    pub(crate) decoded: Decoded,
}

/// A body as it was decoded first, for all clones of a document. It says nothing that the body does not.
#[derive(Clone, Default)]
pub(crate) struct Decoded(Arc<OnceLock<Arc<dyn Any + Send + Sync>>>);

impl PartialEq for Decoded {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Decoded {}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() { "known" } else { "not yet" })
    }
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

    /// As [`Doc::decode`], but decoded once for all who hold this state of the document: for what every request
    /// reads. The store keeps such documents in memory, and what was decoded with them.
    ///
    /// # Errors
    /// As [`Doc::decode`].
    pub fn shared<T: DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Arc<T>, StoreError> {
        if let Some(Ok(known)) = self.decoded.0.get().map(|known| Arc::clone(known).downcast()) {
            return Ok(known);
        }
        let value = Arc::new(self.decode::<T>()?);
        // Of several that decode at once, or as several types, the first is kept.
        let _kept = self.decoded.0.set(value.clone());
        Ok(value)
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
    /// The change that created it (after its last deletion, if any).
    pub created_seq: u64,
    /// Its state, or `None` where the change deleted it.
    pub body: Option<Arc<str>>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use wigwag_model::doc::Kind;

    #[test]
    fn a_state_is_decoded_once_for_all_who_hold_it() {
        let (key, decoded) = (DocKey::in_project(Kind::Flag, "p", "f"), Decoded::default());
        let doc = Doc { key, version: 1, seq: 1, created_seq: 1, updated_at: 0, body: "[1]".into(), decoded };
        let first = doc.clone().shared::<Vec<u8>>().unwrap();
        assert!(Arc::ptr_eq(&first, &doc.shared().unwrap()));
        assert_eq!(*doc.shared::<(u32,)>().unwrap(), (1,), "as another type");
        assert!(Arc::ptr_eq(&first, &doc.shared().unwrap()));
        assert!(doc.shared::<String>().is_err());
    }
}
