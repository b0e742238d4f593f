//! Commits on their way to the writer.

use crate::members::Chore;
use crate::{Commit, Committed, Result, StoreError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

/// Commits that may wait; more have to wait outside.
pub(crate) const BOUND: usize = 1024;
/// Commits in one transaction.
pub(crate) const MAX_BATCH: usize = 256;

/// What the writer is asked for.
pub(crate) enum Task {
    Commit(Box<Job>),
    Chore(ChoreJob),
}

/// A chore and who waits for it.
pub(crate) struct ChoreJob {
    pub(crate) chore: Chore,
    reply: oneshot::Sender<Result<u64>>,
}

impl ChoreJob {
    /// Tells the one who waits, if anybody still does.
    pub(crate) fn answer(self, result: Result<u64>) {
        let _ = self.reply.send(result);
    }
}

/// What makes one transaction.
pub(crate) enum Group {
    Commits(Vec<Job>),
    Chore(ChoreJob),
}

/// A commit and who waits for it.
pub(crate) struct Job {
    pub(crate) commit: Commit,
    reply: oneshot::Sender<Result<Committed>>,
    /// Where the one who waits is run.
    runtime: Handle,
}

impl Job {
    /// Tells the one who waits, if anybody still does.
    pub(crate) fn answer(self, result: Result<Committed>) {
        let _ = self.reply.send(result);
    }
}

/// Tells all of a group, from a thread outside the runtime. From within it, waking many tasks does not
/// cost a system call for each.
pub(crate) fn answer(group: Vec<Job>, outcome: Vec<Result<Committed>>) {
    let runtime = group.first().filter(|_| group.len() > 1).map(|job| job.runtime.clone());
    let answer = move || group.into_iter().zip(outcome).for_each(|(job, result)| job.answer(result));
    match runtime {
        Some(runtime) => drop(runtime.spawn(async move { answer() })),
        None => answer(),
    }
}

/// How long to wait for commits to join a group.
const PATIENCE: Duration = Duration::from_micros(250);

/// Guesses how many commits are about to arrive: those whose forerunners were answered a moment ago
/// come back as a rule. Without waiting for them, every other transaction would hold but the first.
#[derive(Debug)]
pub(crate) struct Gathering {
    expected: usize,
    patience: Duration,
    began: Instant,
}

impl Gathering {
    pub(crate) fn new() -> Self {
        Self { expected: 0, patience: Duration::ZERO, began: Instant::now() }
    }

    /// Notes that a transaction of so many commits took so long.
    pub(crate) fn done(&mut self, commits: usize, took: Duration) {
        self.expected = commits;
        self.patience = PATIENCE.min(took / 4);
    }

    /// To be asked when the first commit of a group is there.
    pub(crate) fn start(&mut self) {
        self.began = Instant::now();
    }

    /// Whether to wait a little for more than these.
    pub(crate) fn wants_more(&self, there: usize) -> bool {
        there < self.expected.min(MAX_BATCH) && self.began.elapsed() < self.patience
    }
}

/// Hands a commit in and waits for its outcome. It goes through even if the caller stops waiting.
pub(crate) async fn submit(jobs: mpsc::Sender<Task>, commit: Commit) -> Result<Committed> {
    let (reply, outcome) = oneshot::channel();
    let runtime = Handle::current();
    let task = Task::Commit(Box::new(Job { commit, reply, runtime }));
    jobs.send(task).await.map_err(|_| StoreError::Closed)?;
    drop(jobs);
    outcome.await.map_err(|_| StoreError::InDoubt("the writer stopped".into()))?
}

/// Hands a chore in and waits for its outcome.
pub(crate) async fn submit_chore(jobs: mpsc::Sender<Task>, chore: Chore) -> Result<u64> {
    let (reply, outcome) = oneshot::channel();
    jobs.send(Task::Chore(ChoreJob { chore, reply })).await.map_err(|_| StoreError::Closed)?;
    drop(jobs);
    outcome.await.map_err(|_| StoreError::InDoubt("the writer stopped".into()))?
}

/// Splits what waits into transactions: a commit that deletes a scope goes alone, because it has to
/// see every document that those before it wrote; and so does a chore.
pub(crate) fn groups(waiting: &mut Vec<Task>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut open = false;
    for task in waiting.drain(..) {
        let job = match task {
            Task::Commit(job) => *job,
            Task::Chore(chore) => {
                groups.push(Group::Chore(chore));
                open = false;
                continue;
            }
        };
        let alone = !job.commit.deletes_under.is_empty() || !job.commit.holders.is_empty();
        match groups.last_mut() {
            Some(Group::Commits(group)) if open && !alone => group.push(job),
            _ => groups.push(Group::Commits(vec![job])),
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
