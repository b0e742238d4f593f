//! What the writer knows without asking the database: documents as its own last transactions left them.

use crate::plan::{Batch, Head, Stored, claimed, named_docs};
use crate::{Commit, DocKey, IndexFacts, WriteOp};
use std::collections::HashMap;

/// Bytes of facts up to which documents are remembered.
const BYTES: usize = 8 << 20;
/// What a document costs beside its facts, roughly.
const OVERHEAD: usize = 256;

/// Documents, which are so for as long as the log ends where it does here.
pub(super) struct Known {
    end: Head,
    docs: HashMap<DocKey, Stored>,
    bytes: usize,
}

impl Known {
    /// What is known once a batch is written: also what was known before, if nobody wrote in between.
    pub(super) fn after(batch: Batch<'_>, before: Option<Self>) -> Self {
        let first = batch.rows.first().map(|row| row.prev_hash.clone());
        let before = before.filter(|before| first.is_some_and(|first| first == before.end.hash));
        let (mut docs, mut bytes) = before.map_or_else(Default::default, |before| (before.docs, before.bytes));
        let (end, states) = batch.into_states();
        for (key, state) in states {
            if bytes > BYTES {
                (docs, bytes) = (HashMap::new(), 0);
            }
            bytes += OVERHEAD + state.facts.len();
            if let Some(old) = docs.insert(key, state) {
                bytes -= OVERHEAD + old.facts.len();
            }
        }
        Self { end, docs, bytes }
    }

    /// The end of the log that it depends on.
    pub(super) const fn end(&self) -> &Head {
        &self.end
    }

    /// A batch to plan these commits on, if they need nothing else: they only put documents that are remembered, and
    /// none of these has to do with unique values or members.
    pub(super) fn batch<'c>(&self, commits: &[&'c Commit]) -> Option<Batch<'c>> {
        let plain = commits.iter().all(|commit| {
            commit.holders.is_empty()
                && commit.deletes_under.is_empty()
                && commit.members.is_empty()
                && commit.writes.iter().all(|write| matches!(write.op, WriteOp::Put { .. }))
        });
        if !plain || !claimed(commits).is_empty() {
            return None;
        }
        let docs = named_docs(commits).into_iter().map(|key| {
            let known = self.docs.get(key).filter(|stored| !IndexFacts::may_claim(&stored.facts))?;
            Some((key.clone(), known.clone()))
        });
        let docs: Vec<_> = docs.collect::<Option<_>>()?;
        Some(Batch::new(self.end.clone(), docs, []))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Expect, IndexFacts, NewChange, Write};
    use wigwag_model::doc::Kind;

    fn put(name: &str, index: IndexFacts) -> Commit {
        let (key, op) = (DocKey::in_project(Kind::Flag, "p", name), WriteOp::Put { body: "{}".into(), index });
        let write = Write { key, expect: Expect::Any, op };
        Commit::new(vec![write], NewChange { id: "c".into(), ..NewChange::default() })
    }

    /// What is known after this commit on that end of the log.
    fn written(end: Head, before: Option<Known>, commit: &Commit) -> Known {
        let mut batch = Batch::new(end, [], []);
        batch.add(commit).unwrap();
        Known::after(batch, before)
    }

    fn knows(known: &Known, commit: &Commit) -> bool {
        known.batch(&[commit]).is_some()
    }

    #[test]
    fn what_was_written_one_after_the_other_is_remembered() {
        let (a, b) = (put("a", IndexFacts::new()), put("b", IndexFacts::new()));
        let first = written(Head::genesis(), None, &a);
        assert!(knows(&first, &a) && !knows(&first, &b));
        let mut batch = first.batch(&[&a]).unwrap();
        assert_eq!(batch.add(&a).unwrap().versions, [2], "on the version that was written");
        let second = written(first.end.clone(), Some(first), &b);
        assert!(knows(&second, &a) && knows(&second, &b));
        let elsewhere = Head { seq: 9, hash: "another".into() };
        let third = written(elsewhere, Some(second), &b);
        assert!(!knows(&third, &a) && knows(&third, &b), "others wrote in between");
    }

    #[test]
    fn what_needs_more_than_documents_is_left_to_the_database() {
        let plain = put("a", IndexFacts::new());
        let known = written(Head::genesis(), None, &plain);
        assert!(knows(&known, &plain));
        assert!(!knows(&known, &put("a", IndexFacts::new().unique("id", "1"))), "claims");
        let mut deletes = plain.clone();
        deletes.writes[0].op = WriteOp::Delete;
        assert!(!knows(&known, &deletes));
        let mut requires = plain.clone();
        requires.requires.push((DocKey::in_project(Kind::Flag, "p", "b"), Expect::Absent));
        assert!(!knows(&known, &requires), "of what is not remembered");
        let holds = written(Head::genesis(), None, &put("a", IndexFacts::new().unique("id", "1")));
        assert!(!knows(&holds, &plain), "lets go of a unique value");
    }

    #[test]
    fn memory_is_bounded() {
        let facts = IndexFacts::new().text("name", "x".repeat(crate::MAX_FACT));
        let mut known = written(Head::genesis(), None, &put("0", facts.clone()));
        for n in 1..=2 * BYTES / crate::MAX_FACT {
            known = written(known.end.clone(), Some(known), &put(&n.to_string(), facts.clone()));
            let held: usize = known.docs.values().map(|stored| OVERHEAD + stored.facts.len()).sum();
            assert!(held == known.bytes && held <= BYTES + 2 * (OVERHEAD + crate::MAX_FACT));
        }
    }
}
