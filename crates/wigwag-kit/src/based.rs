//! Changes that say what they are based on.
//!
//! An answer that shows things as they are tells the sequence of the last change before it, in [`SEQUENCE`]. Whoever
//! sends that number back with a change, in [`BASED_ON`], has the change refused where a document that it would write
//! was changed since: nothing is overwritten that its maker has not seen, whatever the resource and the form of the
//! patch. It holds when the change is committed, not only when it is looked at: [`Change::commit`] asks here, and a
//! race that is lost after that leads to another attempt, which asks again.
//!
//! [`Change::commit`]: crate::Change::commit

use http::{HeaderMap, HeaderName, Method};
use wigwag_store::{DocKey, Store};

use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// The header field of answers.
pub const SEQUENCE: HeaderName = HeaderName::from_static("wigwag-sequence");
/// The header field of changes.
pub const BASED_ON: HeaderName = HeaderName::from_static("wigwag-based-on");

/// What an answer can tell, noted before anything is read for it: whatever it shows is as new as that.
pub(crate) struct Seen {
    sequence: u64,
    reads_of_replicas: u64,
}

impl Seen {
    /// Of a request by `method`. Answers to changes tell nothing: what they show may be older than changes that others
    /// made meanwhile.
    pub(crate) fn now(store: &Store, method: &Method, as_of: Option<u64>) -> Option<Self> {
        let looks = matches!(*method, Method::GET | Method::HEAD) && as_of.is_none();
        looks.then(|| Self { sequence: *store.watch().borrow(), reads_of_replicas: store.reads_of_replicas() })
    }

    /// Tells it, unless a replica was read from meanwhile: that may be behind.
    pub(crate) fn tell(self, store: &Store, headers: &mut HeaderMap) {
        if store.reads_of_replicas() == self.reads_of_replicas {
            headers.insert(SEQUENCE, self.sequence.into());
        }
    }
}

/// The sequence that a request is based on, if it says so.
///
/// # Errors
/// 400 for anything but a number.
pub(crate) fn asked(headers: &HeaderMap) -> Result<Option<u64>> {
    let Some(value) = headers.get(&BASED_ON) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    let wrong = || Error::field("Wigwag-Based-On", "must be the number that an answer told as Wigwag-Sequence");
    number.map(Some).ok_or_else(wrong)
}

impl Ctx {
    /// Refuses to write documents that were changed after what the request is based on.
    ///
    /// # Errors
    /// [`Error::Outdated`]; the store cannot be read.
    pub(crate) async fn refuse_outdated(&self, keys: &[DocKey]) -> Result<()> {
        let Some(seen) = self.based_on else { return Ok(()) };
        let docs = self.store().get_many(keys).await?;
        if docs.iter().flatten().any(|doc| doc.seq > seen) { Err(Error::Outdated) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_number_or_nothing() {
        let with = |value: &'static str| HeaderMap::from_iter([(BASED_ON, HeaderValue::from_static(value))]);
        assert_eq!(asked(&HeaderMap::new()).unwrap(), None);
        assert_eq!(asked(&with(" 12")).unwrap(), Some(12));
        for wrong in ["", "-1", "*", "\"12\"", "18446744073709551616"] {
            let told = asked(&with(wrong)).unwrap_err().to_string();
            assert!(told.contains("Wigwag-Based-On"), "{wrong}: {told}");
        }
    }
}
