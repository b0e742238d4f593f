//! What this process keeps of the log and of the documents: as far as it has followed it.
//!
//! Others write to the database as well. So what is kept is told from only while the newest change that is known of
//! has been taken in, and the log was seen when it was last looked for, with all that was taken in still being in it:
//! a server that took over from one that died may lack changes.

use crate::plan::{Batch, Head};
use crate::read::feed::Link;
use crate::recent::Recent;
use crate::{Doc, DocKey, FeedRow};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::watch;
use wigwag_model::doc::Kind;

/// The log as far as it was taken in, and what is kept of it. Shared by the writer, the listener and those who read.
pub(super) struct Followed {
    recent: Recent,
    at: Mutex<At>,
    /// Whether changes were found missing.
    lost: watch::Sender<bool>,
}

struct At {
    /// The newest change that was taken in.
    end: Head,
    /// Rises whenever all is forgotten.
    epoch: u64,
    /// Looks at the log that failed.
    failed: u64,
    /// Whether one succeeded that began after those.
    seen: bool,
}

/// How far the log had been followed.
#[derive(Clone)]
pub(super) struct Position {
    pub(super) end: Head,
    epoch: u64,
    failed: u64,
}

impl Followed {
    /// Begins at the end of the log.
    pub(super) fn new(end: Head) -> Self {
        Self {
            recent: Recent::default(),
            at: Mutex::new(At { end, epoch: 0, failed: 0, seen: true }),
            lost: watch::Sender::new(false),
        }
    }

    pub(super) fn position(&self) -> Position {
        let at = self.at.lock();
        Position { end: at.end.clone(), epoch: at.epoch, failed: at.failed }
    }

    /// Takes in what this process has written, if it comes right after what was taken in.
    pub(super) fn written(&self, batch: &Batch<'_>) {
        let mut at = self.at.lock();
        if batch.rows.first().is_some_and(|row| row.seq == at.end.seq + 1 && row.prev_hash == at.end.hash) {
            self.recent.written(batch);
            at.end = batch.end().clone();
        }
    }

    /// Takes in what was read behind a position.
    pub(super) fn read(&self, from: &Position, mut rows: Vec<(FeedRow, Link)>) {
        let mut at = self.at.lock();
        rows.retain(|(row, _)| row.seq > at.end.seq);
        let (Some((_, first)), Some((last, link))) = (rows.first(), rows.last()) else { return };
        if at.epoch != from.epoch {
            return;
        }
        let end = Head { seq: last.seq, hash: link.hash.to_string() };
        if *first.prev == *at.end.hash {
            at.end = end;
            self.recent.take(rows.into_iter().map(|(row, _)| row).collect());
        } else {
            self.lost(&mut at, end);
        }
    }

    /// Notes that the log was looked for: whether all was in it that had been taken in then, and its end.
    pub(super) fn looked(&self, from: &Position, is_in_it: bool, newest: Head) {
        let mut at = self.at.lock();
        // What others wrote before a look that failed, one that began earlier need not have seen.
        at.seen |= at.failed == from.failed;
        if at.epoch == from.epoch && !is_in_it {
            self.lost(&mut at, newest);
        }
    }

    fn lost(&self, at: &mut At, newest: Head) {
        tracing::error!(
            known = at.end.seq,
            "the log lacks changes that were in it: another server took over that does not have them"
        );
        self.forget(at, newest);
        self.lost.send_replace(true);
    }

    /// Whether changes were ever found missing.
    pub(super) fn losses(&self) -> watch::Receiver<bool> {
        self.lost.subscribe()
    }

    /// Notes that the log could not be looked for: others may have written to it.
    pub(super) fn not_seen(&self) {
        let mut at = self.at.lock();
        at.failed += 1;
        at.seen = false;
    }

    /// Goes on from a place further on, without what is between.
    pub(super) fn skip_to(&self, newest: Head) {
        let mut at = self.at.lock();
        if newest.seq > at.end.seq {
            self.forget(&mut at, newest);
        }
    }

    fn forget(&self, at: &mut At, newest: Head) {
        self.recent.clear();
        at.end = newest;
        at.epoch += 1;
    }

    /// What is kept, if all changes up to `head` are taken in and the log was seen.
    pub(super) fn recent(&self, head: u64) -> Option<&Recent> {
        let at = self.at.lock();
        (at.seen && at.end.seq >= head).then_some(&self.recent)
    }

    /// Keeps documents that were read after a position was taken.
    pub(super) fn keep(&self, from: &Position, keys: &[DocKey], found: &[Option<Doc>]) {
        let at = self.at.lock();
        // Newer than what is taken in, one would be told of beside others that are not.
        let is_in = found.iter().flatten().all(|doc| doc.seq <= at.end.seq);
        if at.epoch == from.epoch && is_in {
            self.recent.read(from.end.seq, keys, found);
        }
    }

    /// Keeps a list that was read after a position was taken.
    pub(super) fn keep_list(&self, from: &Position, kind: Kind, project: &str, found: &Arc<[Doc]>) {
        let at = self.at.lock();
        let is_in = found.iter().all(|doc| doc.seq <= at.end.seq);
        if at.epoch == from.epoch && is_in {
            self.recent.read_list(from.end.seq, kind, project, found);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Commit, Expect, FeedDoc, IndexFacts, NewChange, Write, WriteOp};

    fn key() -> DocKey {
        DocKey::in_project(Kind::Environment, "p", "a")
    }

    /// A change on top of another.
    fn row(prev: &Head) -> (FeedRow, Link) {
        let seq = prev.seq + 1;
        let doc = FeedDoc { key: key(), version: seq, created_seq: 1, body: Some("{}".into()) };
        let link = Link { prev: prev.hash.as_str().into(), hash: head(seq).hash.into() };
        (FeedRow { seq, at: 0, docs: vec![doc] }, link)
    }

    fn at(seq: u64) -> Followed {
        Followed::new(head(seq))
    }

    fn head(seq: u64) -> Head {
        Head { seq, hash: format!("hash {seq}") }
    }

    /// The state that is told, where all changes up to `known` are known of.
    fn told(followed: &Followed, known: u64) -> Option<u64> {
        followed.recent(known)?.get(&[key()])?[0].as_ref().map(|doc| doc.seq)
    }

    /// Writes one change after `end`, as this process does.
    fn write(followed: &Followed, end: Head) -> Head {
        let op = WriteOp::Put { body: "{}".into(), index: IndexFacts::new() };
        let write = Write { key: key(), expect: Expect::Any, op };
        let commit = Commit::new(vec![write], NewChange { id: "c".into(), ..NewChange::default() });
        let mut batch = Batch::new(end, [], []);
        batch.add(&commit).unwrap();
        followed.written(&batch);
        batch.end().clone()
    }

    #[test]
    fn what_comes_after_a_gap_waits_until_the_gap_is_read() {
        let followed = at(4);
        let end = write(&followed, head(4));
        assert_eq!((end.seq, told(&followed, 5)), (5, Some(5)));
        let from = followed.position();
        write(&followed, head(6));
        assert_eq!((told(&followed, 5), told(&followed, 7)), (Some(5), None), "change 6 is another's");
        followed.read(&from, vec![row(&end), row(&head(6))]);
        assert_eq!(told(&followed, 7), Some(7));
        followed.read(&from, vec![row(&end)]);
        assert_eq!((told(&followed, 7), followed.position().end), (Some(7), head(7)), "read too late");
        assert!(!*followed.losses().borrow());
    }

    #[test]
    fn a_gap_that_another_log_fills_is_a_loss() {
        let followed = at(4);
        write(&followed, head(4));
        let from = followed.position();
        followed.read(&from, vec![row(&head(5))]);
        assert_eq!((followed.position().end, told(&followed, 6)), (head(6), None), "on another change 5");
        assert!(*followed.losses().borrow());
    }

    #[test]
    fn a_change_of_another_log_is_not_taken_in() {
        let followed = at(4);
        let mut other = head(4);
        other.hash = "another".into();
        write(&followed, other);
        assert_eq!((followed.position().end, told(&followed, 5)), (head(4), None));
    }

    #[test]
    fn nothing_is_told_until_the_log_is_seen() {
        let followed = at(4);
        write(&followed, head(4));
        let before = followed.position();
        followed.not_seen();
        assert_eq!(told(&followed, 5), None);
        followed.looked(&before, true, before.end.clone());
        assert_eq!(told(&followed, 5), None, "that look began earlier");
        let from = followed.position();
        followed.looked(&from, true, from.end.clone());
        assert_eq!(told(&followed, 5), Some(5));
    }

    #[test]
    fn a_log_that_lacks_what_was_taken_in_makes_all_forgotten() {
        let followed = at(4);
        write(&followed, head(4));
        let before = followed.position();
        followed.looked(&before, false, head(9));
        assert_eq!((followed.position().end, told(&followed, 5)), (head(9), None));
        assert!(*followed.losses().borrow());
        // Neither what was read of the other log, nor what else was learnt of it, counts.
        followed.read(&before, vec![row(&head(9))]);
        followed.keep(&before, &[key()], &[None]);
        followed.looked(&before, false, head(3));
        assert_eq!((followed.position().end, told(&followed, 9)), (head(9), None));
    }

    #[test]
    fn what_was_read_is_kept_unless_it_is_newer_than_what_was_taken_in() {
        let followed = at(4);
        let doc = |seq| {
            let (key, decoded) = (key(), crate::doc::Decoded::default());
            Doc { key, version: seq, seq, created_seq: 1, updated_at: 0, body: "{}".into(), decoded }
        };
        let from = followed.position();
        let list = |seq: u64| -> Arc<[Doc]> { [doc(seq)].into() };
        followed.keep(&from, &[key()], &[Some(doc(5))]);
        followed.keep_list(&from, Kind::Environment, "p", &list(5));
        let listed = |known| followed.recent(known).unwrap().list(Kind::Environment, "p").map(|list| list[0].seq);
        assert_eq!((told(&followed, 4), listed(4)), (None, None));
        followed.keep(&from, &[key()], &[Some(doc(3))]);
        followed.keep_list(&from, Kind::Environment, "p", &list(3));
        assert_eq!((told(&followed, 4), listed(4)), (Some(3), Some(3)));
        followed.skip_to(head(4));
        assert_eq!(told(&followed, 4), Some(3), "it was there");
        followed.skip_to(head(6));
        assert_eq!((told(&followed, 6), listed(6)), (None, None), "what is between is not known");
    }
}
