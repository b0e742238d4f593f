//! Which version of a document brought each of its parts: pure.

use std::collections::BTreeMap;

use super::parts::Parts;

/// Walks back over the versions of a document, newest first, until every part has been another.
#[derive(Debug, Default)]
pub(super) struct Attribution {
    /// The parts as they are now, whose beginning is still looked for.
    open: Parts,
    /// The oldest version seen so far in which each part is what it is.
    since: BTreeMap<String, u64>,
    started: bool,
}

impl Attribution {
    /// Goes on to the next older version; none where the document was not there.
    pub(super) fn see(&mut self, seq: u64, parts: Option<Parts>) {
        let Some(parts) = parts else {
            self.open.clear();
            return;
        };
        if !self.started {
            self.started = true;
            self.since = parts.keys().map(|name| (name.clone(), seq)).collect();
            self.open = parts;
            return;
        }
        let since = &mut self.since;
        self.open.retain(|name, value| {
            let same = parts.get(name) == Some(value);
            if same {
                since.insert(name.clone(), seq);
            }
            same
        });
    }

    /// Whether nothing is left to look for.
    pub(super) fn is_settled(&self) -> bool {
        self.started && self.open.is_empty()
    }

    /// The sequence of the change that brought each part.
    pub(super) fn finish(self) -> BTreeMap<String, u64> {
        self.since
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parts(on: bool, name: &str) -> Option<Parts> {
        Some(Parts::from([("on".to_owned(), json!(on)), ("name".to_owned(), json!(name))]))
    }

    #[test]
    fn a_part_belongs_to_the_change_after_which_it_never_was_another() {
        let mut walk = Attribution::default();
        assert!(!walk.is_settled());
        for (seq, version) in
            [(9, parts(true, "a")), (8, parts(true, "a")), (7, parts(false, "a")), (6, parts(true, "b"))]
        {
            walk.see(seq, version);
        }
        assert!(walk.is_settled());
        assert_eq!(walk.finish(), BTreeMap::from([("on".to_owned(), 8), ("name".to_owned(), 7)]));
    }

    #[test]
    fn a_document_made_anew_owes_nothing_to_what_it_was_before() {
        let mut walk = Attribution::default();
        walk.see(9, parts(true, "a"));
        walk.see(8, None);
        walk.see(7, parts(true, "a"));
        assert_eq!(walk.finish(), BTreeMap::from([("on".to_owned(), 9), ("name".to_owned(), 9)]));
    }
}
