//! The one task of this process that writes: what arrives together is committed together.

use super::connect::{Connector, is_silent};
use super::followed::Followed;
use super::known::Known;
use super::load::{self, begin};
use super::members;
use super::pools::is_read_only;
use super::save::{self, Facets, number_facets};
use super::session::Session;
use super::statistics::Statistics;
use crate::members::Chore;
use crate::plan::{Batch, FactChange};
use crate::queue::{self, Gathering, Group, Job, Task as Asked, publish};
use crate::{Commit, Committed, Result, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

/// How long to try to learn what became of a commit when the connection broke.
const RESOLVE: Duration = Duration::from_secs(10);
/// How long a transaction that failed may take to be undone. A connection that takes longer is replaced.
const UNDONE: Duration = Duration::from_secs(2);

pub(super) struct Task {
    connector: Connector,
    session: Option<Session>,
    facets: Facets,
    known: Option<Known>,
    statistics: Statistics,
    followed: Arc<Followed>,
    published: Arc<watch::Sender<u64>>,
}

/// The outcome of each commit, and the last sequence.
type Written = (Vec<Result<Committed>>, u64);

/// How a transaction can fail.
enum Failure {
    /// Nothing was written.
    Refused(StoreError),
    /// The connection broke with the commit on its way; so it was planned.
    InDoubt(StoreError, Vec<Result<Committed>>),
}

impl Task {
    /// Connects, so that a server that cannot be written to shows at once.
    pub(super) async fn start(
        connector: Connector,
        published: Arc<watch::Sender<u64>>,
    ) -> Result<(Self, Arc<Followed>)> {
        let session = Session::open(&connector).await?;
        let head = load::head(&session).await?;
        publish(&published, head.seq);
        let followed = Arc::new(Followed::new(head));
        let task = Self {
            connector,
            session: Some(session),
            facets: Facets::new(),
            known: None,
            statistics: Statistics::new(),
            followed: Arc::clone(&followed),
            published,
        };
        Ok((task, followed))
    }

    /// Runs until every sender is gone and what they sent is written.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Asked>) {
        let mut waiting = Vec::new();
        let mut gathering = Gathering::new();
        while queue.recv_many(&mut waiting, queue::MAX_BATCH).await > 0 {
            gathering.start();
            while gathering.wants_more(waiting.len()) {
                tokio::task::yield_now().await;
                while waiting.len() < queue::MAX_BATCH
                    && let Ok(next) = queue.try_recv()
                {
                    waiting.push(next);
                }
            }
            let (began, commits) = (Instant::now(), waiting.len());
            for group in queue::groups(&mut waiting) {
                match group {
                    Group::Commits(group) => self.group(group).await,
                    Group::Chore(job) => {
                        let done = self.chore(&job.chore).await;
                        job.answer(done);
                    }
                }
            }
            gathering.done(commits, began.elapsed());
        }
    }

    /// Commits a group; where the database itself refuses, each on its own, so that one cannot harm another.
    async fn group(&mut self, group: Vec<Job>) {
        let commits: Vec<&Commit> = group.iter().map(|job| &job.commit).collect();
        let outcome = match self.settled(&commits).await {
            Ok(results) => results,
            Err(e) if commits.len() == 1 || !matches!(e, StoreError::Engine(_) | StoreError::Corrupt(_)) => {
                commits.iter().map(|_| Err(e.clone())).collect()
            }
            Err(e) => {
                tracing::warn!("a group of {} commits failed, taking them one by one: {e}", commits.len());
                let mut alone = Vec::with_capacity(commits.len());
                for commit in &commits {
                    alone.push(self.settled(&[*commit]).await.and_then(|mut one| one.pop().unwrap_or(Err(e.clone()))));
                }
                alone
            }
        };
        for (job, result) in group.into_iter().zip(outcome) {
            job.answer(result);
        }
    }

    /// A transaction for a chore. Each of them may be done twice.
    async fn chore(&mut self, chore: &Chore) -> Result<u64> {
        self.session().await?;
        let Some(session) = self.session.take() else { return Err(StoreError::Closed) };
        let done = self.connector.answered(members::chore(&session, chore)).await;
        let usable = match &done {
            Ok(_) => true,
            Err(error) => is_usable(&session, error).await,
        };
        self.session = usable.then_some(session);
        done
    }

    /// One transaction, tried once more where a broken connection took it along unwritten.
    async fn settled(&mut self, commits: &[&Commit]) -> Result<Vec<Result<Committed>>> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.transaction(commits).await {
                Ok(results) => return Ok(results),
                Err(Failure::Refused(StoreError::Unavailable(reason))) if tries == 1 && self.session.is_none() => {
                    tracing::debug!("writing again: {reason}");
                }
                Err(Failure::Refused(e)) => return Err(self.why(e, commits).await),
                Err(Failure::InDoubt(e, planned)) => match self.resolve(commits, planned).await {
                    Ok(Some(results)) => return Ok(results),
                    Ok(None) if tries == 1 => {}
                    Ok(None) => return Err(e),
                    Err(reason) => return Err(StoreError::InDoubt(format!("{e}; then {reason}"))),
                },
            }
        }
    }

    async fn session(&mut self) -> Result<&Session> {
        if self.session.as_ref().is_none_or(Session::is_closed) {
            self.session = Some(Session::open(&self.connector).await?);
        }
        self.session.as_ref().ok_or(StoreError::Closed)
    }

    async fn transaction(&mut self, commits: &[&Commit]) -> Result<Vec<Result<Committed>>, Failure> {
        self.session().await.map_err(Failure::Refused)?;
        let Some(session) = self.session.take() else { return Err(Failure::Refused(StoreError::Closed)) };
        let outcome = match self.write_known(&session, commits).await {
            Some(outcome) => outcome,
            None => self.write(&session, commits).await,
        };
        if outcome.is_err() {
            // What the failed transaction numbered may be gone with it.
            self.facets.clear();
        }
        let usable = match &outcome {
            Ok(_) => true,
            Err(Failure::Refused(error) | Failure::InDoubt(error, _)) => is_usable(&session, error).await,
        };
        if usable {
            self.session = Some(session);
        }
        let (results, seq) = outcome?;
        publish(&self.published, seq);
        Ok(results)
    }

    /// Plans on what is known from the last transactions and writes, all in one round trip, and as a rule in one
    /// statement. `None` where that is not enough, or where others have written in between: nothing was written then.
    async fn write_known(&mut self, session: &Session, commits: &[&Commit]) -> Option<Result<Written, Failure>> {
        let known = self.known.take_if(|known| known.end().seq == *self.published.borrow())?;
        let Some(mut batch) = known.batch(commits) else {
            self.known = Some(known);
            return None;
        };
        let results: Vec<_> = commits.iter().map(|commit| batch.add(commit)).collect();
        let changes = batch.facts().ok().filter(|changes| save::unnumbered(changes, &self.facets).is_empty())?;
        if results.iter().any(Result::is_err) {
            return None;
        }
        let added = added(&changes);
        let saved = save::commit(session, false, known.end(), &batch, &changes, &self.facets);
        match self.connector.answered(saved).await {
            Ok(()) => Some(Ok(self.written(batch, added, Some(known), results))),
            Err(e @ StoreError::Unavailable(_)) => Some(Err(Failure::InDoubt(e, results))),
            Err(e) => {
                tracing::debug!("not written on what was known: {e}");
                None
            }
        }
    }

    /// Reads under the lock, plans, writes.
    async fn write(&mut self, session: &Session, commits: &[&Commit]) -> Result<Written, Failure> {
        let known = self.known.take();
        let (connector, facets) = (&self.connector, &mut self.facets);
        let loaded = connector.answered(begin(session, commits)).await.map_err(Failure::Refused)?;
        let sets = connector.answered(members::sets(session, commits)).await.map_err(Failure::Refused)?;
        let batch = Batch::new(loaded.head.clone(), loaded.docs, loaded.uniques).with_sets(sets);
        let mut batch = batch.with_holders(loaded.holders);
        let results: Vec<_> = commits.iter().map(|commit| batch.add(commit)).collect();
        if batch.rows.is_empty() {
            session.frame("ROLLBACK").await.map_err(Failure::Refused)?;
            // Whoever has to try again is to see what others wrote.
            return Ok((results, batch.last_seq()));
        }
        let changes = batch.facts().map_err(Failure::Refused)?;
        connector.answered(number_facets(session, &changes, facets)).await.map_err(Failure::Refused)?;
        let added = added(&changes);
        match connector.answered(save::commit(session, true, &loaded.head, &batch, &changes, facets)).await {
            Ok(()) => Ok(self.written(batch, added, known, results)),
            Err(e @ StoreError::Unavailable(_)) => Err(Failure::InDoubt(e, results)),
            Err(e) => Err(Failure::Refused(e)),
        }
    }

    /// Remembers what was written, and how many rows the index has more.
    fn written(
        &mut self,
        batch: Batch<'_>,
        added: usize,
        known: Option<Known>,
        results: Vec<Result<Committed>>,
    ) -> Written {
        self.followed.written(&batch);
        self.statistics.grown(added, &self.connector);
        let end = batch.last_seq();
        self.known = Some(Known::after(batch, known));
        (results, end)
    }

    /// Learns from the log whether a commit with an unknown outcome happened: all of it or nothing.
    async fn resolve(
        &mut self,
        commits: &[&Commit],
        planned: Vec<Result<Committed>>,
    ) -> Result<Option<Vec<Result<Committed>>>> {
        let deadline = Instant::now() + RESOLVE;
        let ids = || commits.iter().map(|commit| &*commit.change.id).collect();
        let logged = loop {
            let found = match self.session().await {
                Ok(_) => self.logged(ids()).await,
                Err(e) => Err(e),
            };
            match found {
                Ok(found) => break found,
                Err(e) if Instant::now() > deadline => return Err(e),
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        };
        let written = |done: &Committed, id: &str| logged.iter().any(|(found, seq)| found == id && *seq == done.seq);
        let mut all = planned.iter().zip(commits).filter_map(|(result, commit)| Some((result.as_ref().ok()?, commit)));
        if !all.all(|(done, commit)| written(done, &commit.change.id)) {
            return Ok(None);
        }
        if let Some(last) = planned.iter().flatten().map(|done| done.seq).max() {
            publish(&self.published, last);
        }
        Ok(Some(planned))
    }

    async fn logged(&mut self, ids: Vec<&str>) -> Result<Vec<(String, u64)>> {
        let Some(session) = self.session.take() else { return Err(StoreError::Closed) };
        let found = timeout(RESOLVE, load::logged(&session, ids)).await;
        let found = found.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer".into())));
        // Whatever failed left its transaction open.
        self.session = found.is_ok().then_some(session);
        found
    }

    /// A lone commit whose id is taken is told so; the id is not looked up unless something failed.
    async fn why(&mut self, error: StoreError, commits: &[&Commit]) -> StoreError {
        if let (StoreError::Engine(_), [commit]) = (&error, commits)
            && let Ok(session) = self.session().await
            && let Ok(found) = load::logged(session, vec![&commit.change.id]).await
            && !found.is_empty()
        {
            return StoreError::Invalid(format!("a change with the id {} is in the log already", commit.change.id));
        }
        error
    }
}

/// Rows that are added to the index.
fn added(changes: &[FactChange<'_>]) -> usize {
    changes.iter().map(|change| change.new.len()).sum()
}

/// Whether a connection on which something failed can be used again, once that is undone.
async fn is_usable(session: &Session, error: &StoreError) -> bool {
    // One that was the primary and is no more stays read-only until somebody connects anew.
    let lost = session.is_closed() || is_silent(error) || is_read_only(error);
    !lost && matches!(timeout(UNDONE, session.frame("ROLLBACK")).await, Ok(Ok(_)))
}
