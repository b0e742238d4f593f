//! Commits on their way to the writer.

use crate::{Commit, Committed, Result, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

/// Commits that may wait; more have to wait outside.
pub(crate) const BOUND: usize = 1024;
/// Commits in one transaction.
pub(crate) const MAX_BATCH: usize = 256;

/// A commit and who waits for it.
pub(crate) struct Job {
    pub(crate) commit: Commit,
    reply: oneshot::Sender<Result<Committed>>,
}

impl Job {
    /// Tells the one who waits, if anybody still does.
    pub(crate) fn answer(self, result: Result<Committed>) {
        let _ = self.reply.send(result);
    }
}

/// Hands a commit in and waits for its outcome. It goes through even if the caller stops waiting.
pub(crate) async fn submit(jobs: mpsc::Sender<Job>, commit: Commit) -> Result<Committed> {
    let (reply, outcome) = oneshot::channel();
    jobs.send(Job { commit, reply }).await.map_err(|_| StoreError::Closed)?;
    drop(jobs);
    outcome.await.map_err(|_| StoreError::InDoubt("the writer stopped".into()))?
}

/// Splits what waits into transactions: a commit that deletes a scope goes alone, because it has to
/// see every document that those before it wrote.
pub(crate) fn groups(waiting: &mut Vec<Job>) -> Vec<Vec<Job>> {
    let mut groups: Vec<Vec<Job>> = Vec::new();
    let mut open = false;
    for job in waiting.drain(..) {
        let alone = !job.commit.deletes_under.is_empty();
        match groups.last_mut() {
            Some(group) if open && !alone => group.push(job),
            _ => groups.push(vec![job]),
        }
        open = !alone;
    }
    groups
}

/// Lets followers know of a committed sequence; what they know only rises.
pub(crate) fn publish(known: &watch::Sender<u64>, seq: u64) {
    known.send_if_modified(|known| {
        let newer = seq > *known;
        *known = seq.max(*known);
        newer
    });
}
