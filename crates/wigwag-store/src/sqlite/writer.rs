//! Who writes: a commit that comes alone is made where it is, those that come together are taken as a group
//! by a thread.

use super::pen::Pen;
use crate::members::Chore;
use crate::queue::{self, Gathering, Group, Task};
use crate::{Commit, Committed, Result, StoreError, WriteOp};
use parking_lot::Mutex;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long transactions may take, lately and on average, to be made on a thread that serves others.
const QUICK: Duration = Duration::from_millis(1);
/// So many commits that came alone, one after the other, let the next ones be made there. Where several keep
/// arriving together, a lone one in between says nothing.
const ALONE: u32 = 16;
/// Documents, and bytes of bodies, of a commit that may be made there.
const SMALL: (usize, usize) = (8, 64 << 10);

/// The writer's end that commits are handed to.
pub(crate) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Task>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    desk: Arc<Desk>,
}

/// Where the pen lies that the thread and those who commit share.
struct Desk {
    /// None once the thread has ended.
    pen: Mutex<Option<Pen>>,
    /// Whether whoever comes may take the pen: the thread has nothing to do, and the last transactions were quick
    /// and of one commit each. Otherwise commits go to the thread, which makes groups of them.
    free: AtomicBool,
    pace: Pace,
}

/// How long transactions take lately, in microseconds: a slow one in between weighs an eighth. Noted by who holds
/// the pen.
#[derive(Default)]
struct Pace(AtomicU64);

impl Pace {
    fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX / 8);
        let average = self.0.load(Ordering::Relaxed);
        self.0.store((average * 7 + took) / 8, Ordering::Relaxed);
    }

    fn is_quick(&self) -> bool {
        Duration::from_micros(self.0.load(Ordering::Relaxed)) <= QUICK
    }
}

impl Writer {
    /// Starts the thread; the directory's lock goes when it ends.
    pub(super) fn start(pen: Pen, lock: File) -> Result<Self> {
        let (jobs, queue) = mpsc::channel(queue::BOUND);
        let desk = Arc::new(Desk { pen: Mutex::new(Some(pen)), free: AtomicBool::new(false), pace: Pace::default() });
        let shared = Arc::clone(&desk);
        let run = move || {
            shared.serve(queue);
            if let Some(pen) = shared.pen.lock().take() {
                pen.put_away();
            }
            drop(lock);
        };
        let thread = std::thread::Builder::new().name("wigwag-writer".into()).spawn(run);
        let thread = thread.map_err(|e| StoreError::Unavailable(format!("cannot start the writer: {e}")))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)), desk })
    }

    /// With nobody else writing, a commit costs a sync; to hand it to the thread and to be woken again would cost
    /// as much once more.
    pub(super) async fn commit(&self, commit: Commit) -> Result<Committed> {
        let jobs = self.jobs.lock().clone().ok_or(StoreError::Closed)?;
        match self.desk.commit(&commit) {
            Some(outcome) => outcome,
            None => queue::submit(jobs, commit).await,
        }
    }

    pub(super) async fn chore(&self, chore: Chore) -> Result<u64> {
        let jobs = self.jobs.lock().clone().ok_or(StoreError::Closed)?;
        queue::submit_chore(jobs, chore).await
    }

    /// Ends the thread once it has written what was handed in.
    pub(super) fn close(&self) {
        self.jobs.lock().take();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread ended in a panic");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

impl Desk {
    /// Makes a small commit at once if nobody else writes.
    fn commit(&self, commit: &Commit) -> Option<Result<Committed>> {
        if !self.free.load(Ordering::Acquire) || !is_small(commit) {
            return None;
        }
        let Some(mut pen) = self.pen.try_lock() else {
            self.free.store(false, Ordering::Release);
            return None;
        };
        let pen = pen.as_mut()?;
        let began = Instant::now();
        let outcome = pen.outcome(&[commit]).pop();
        self.pace.note(began.elapsed());
        if !self.pace.is_quick() || pen.is_full() {
            self.free.store(false, Ordering::Release);
        }
        outcome
    }

    /// Writes what comes through the queue until every sender is gone.
    fn serve(&self, mut queue: mpsc::Receiver<Task>) {
        let mut gathering = Gathering::new();
        let mut alone = 0;
        while let Some(first) = queue.blocking_recv() {
            self.free.store(false, Ordering::Release);
            let mut pen = self.pen.lock();
            let Some(pen) = pen.as_mut() else { return };
            let (began, commits) = (Instant::now(), write(pen, gather(first, &mut queue, &mut gathering)));
            let took = began.elapsed();
            gathering.done(commits, took);
            self.pace.note(took);
            if pen.is_full() {
                pen.carry_over();
            }
            alone = if commits == 1 && queue.is_empty() { alone + 1 } else { 0 };
            if alone >= ALONE && self.pace.is_quick() {
                self.free.store(true, Ordering::Release);
            }
        }
    }
}

/// The first task with those that are there, or about to come.
fn gather(first: Task, queue: &mut mpsc::Receiver<Task>, gathering: &mut Gathering) -> Vec<Task> {
    gathering.start();
    while gathering.wants_more(queue.len() + 1) {
        std::thread::yield_now();
    }
    let mut waiting = vec![first];
    while waiting.len() < queue::MAX_BATCH
        && let Ok(next) = queue.try_recv()
    {
        waiting.push(next);
    }
    waiting
}

/// Writes what has gathered and tells those who wait. Returns how much it was.
fn write(pen: &mut Pen, mut waiting: Vec<Task>) -> usize {
    let count = waiting.len();
    for group in queue::groups(&mut waiting) {
        match group {
            Group::Commits(group) => {
                let outcome = pen.outcome(&group.iter().map(|job| &job.commit).collect::<Vec<_>>());
                queue::answer(group, outcome);
            }
            Group::Chore(job) => {
                let done = pen.chore(&job.chore);
                job.answer(done);
            }
        }
    }
    count
}

fn is_small(commit: &Commit) -> bool {
    let body = |op: &WriteOp| match op {
        WriteOp::Put { body, .. } => body.len(),
        WriteOp::Delete => 0,
    };
    commit.writes.len() <= SMALL.0
        && commit.deletes_under.is_empty()
        && commit.members.is_empty()
        && commit.writes.iter().map(|write| body(&write.op)).sum::<usize>() <= SMALL.1
}
