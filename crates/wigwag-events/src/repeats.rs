//! Batches that come again: SDKs send one anew when its answer was lost (sdk-protocol.md 6.2).

use std::collections::HashSet;
use std::sync::Arc;

use wigwag_model::clock::Millis;

/// How long a batch is remembered at least, in milliseconds.
pub(crate) const REMEMBERED: Millis = 5 * 60_000;
/// Batches remembered in each of the two halves.
const MOST: usize = 50_000;

/// The ids of the latest batches, in two halves: the older is dropped when the younger is full or old.
#[derive(Default)]
pub(crate) struct Repeats {
    young: HashSet<(Arc<str>, Box<str>)>,
    old: HashSet<(Arc<str>, Box<str>)>,
    since: Millis,
}

impl Repeats {
    /// Whether a batch has come before.
    pub(crate) fn knows(&self, batch: &(Arc<str>, Box<str>)) -> bool {
        self.young.contains(batch) || self.old.contains(batch)
    }

    /// Forgets a batch that was not kept after all.
    pub(crate) fn forget(&mut self, batch: &(Arc<str>, Box<str>)) {
        self.young.remove(batch);
        self.old.remove(batch);
    }

    /// Remembers a batch that comes at `now`.
    pub(crate) fn note(&mut self, batch: (Arc<str>, Box<str>), now: Millis) {
        if self.young.len() >= MOST || now - self.since >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
            self.since = now;
        }
        self.young.insert(batch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_remembered_for_a_while() {
        let id = |n: &str| (Arc::from("env"), Box::from(n));
        let mut repeats = Repeats::default();
        repeats.note(id("a"), 1_000_000);
        assert!(repeats.knows(&id("a")) && !repeats.knows(&id("b")));
        assert!(!repeats.knows(&(Arc::from("other"), Box::from("a"))));
        repeats.note(id("b"), 1_000_000 + REMEMBERED);
        assert!(repeats.knows(&id("a")) && repeats.knows(&id("b")));
        repeats.note(id("c"), 1_000_000 + 2 * REMEMBERED);
        assert!(!repeats.knows(&id("a")) && repeats.knows(&id("b")));
    }
}
